package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.Key;
import dev.cretula.Keyring;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;

/** Runs the server of the README. */
class ShopServerTest {
    private String cookie = "";
    private int status;

    private String call(int port, String method, String path, String form) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Cookie", cookie).header("Content-Type", "application/x-www-form-urlencoded")
                .method(method, HttpRequest.BodyPublishers.ofString(form)).build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        status = response.statusCode();
        // The line of the cookie's own name is the last (COOK-09).
        response.headers().allValues("Set-Cookie").forEach(line -> cookie = line.split(";")[0]);
        return response.body().trim();
    }

    @Test
    void aVisit() throws Exception {
        Server server = ShopServer.start(Keyring.parse(Key.generate().secretText()), 0);
        try {
            int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
            assertEquals("guest {}", call(port, "GET", "/", ""));
            assertEquals("", cookie);
            call(port, "POST", "/basket", "item=tea");
            assertEquals("guest {\"basket\":\"tea\"}", call(port, "GET", "/", ""));
            call(port, "POST", "/sign-on", "");
            assertEquals("ada {\"basket\":\"tea\"}", call(port, "GET", "/", ""));
            String before = cookie;
            String tooLarge = call(port, "POST", "/basket", "item=" + "x".repeat(5_000));
            assertEquals(413, status);
            assertEquals("basket: 3177 octets too many", tooLarge.replaceAll("[0-9]+", "3177"));
            assertEquals(before, cookie);
            ShopServer.GENERATIONS.put("ada", 8L);
            assertEquals("guest {}", call(port, "GET", "/", ""));
            call(port, "POST", "/sign-off", "");
            assertEquals(2, ShopServer.DENIED.size(), "the guest's that signed on, and the user's");
            assertTrue(cookie.equals("__Host-Http-session="), cookie);
            call(port, "POST", "/nothing", "");
            assertEquals(404, status);
        } finally {
            server.stop();
        }
    }
}
