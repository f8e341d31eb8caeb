package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cretula.Key;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Runs the smallest server of the README, with its key in a variable. */
class VisitsTest {
    private static Process start(int port, String keys) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), "example.Visits", Integer.toString(port)).redirectErrorStream(true);
        builder.environment().remove("CRETULA_KEYS");
        if (keys != null) {
            builder.environment().put("CRETULA_KEYS", keys);
        }
        return builder.start();
    }

    private static HttpResponse<String> get(int port, String cookie) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).header("Cookie", cookie).build();
        for (int i = 0; ; i++) {
            try {
                return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                if (i == 200) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    @Test
    void itCounts() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process server = start(port, Key.generate().secretText());
        try {
            String cookie = "none=1";
            for (int i = 1; i <= 3; i++) {
                HttpResponse<String> response = get(port, cookie);
                assertEquals("visit " + i, response.body().strip());
                cookie = response.headers().firstValue("Set-Cookie").get().split(";")[0];
            }
        } finally {
            server.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void withoutTheVariableItSaysSo() throws Exception {
        Process server = start(0, null);
        String text = new String(server.getInputStream().readAllBytes());
        assertTrue(text.contains("the environment variable CRETULA_KEYS is not set"), text);
    }

    /** At most 20 lines of code. */
    @Test
    void itIsSmall() throws Exception {
        Path file = Path.of(System.getProperty("cretula.basedir", "."), "src/test/java/example/Visits.java");
        long lines = Files.readAllLines(file).stream().map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("//") && !line.startsWith("import ")
                        && !line.startsWith("package ")).count();
        assertTrue(lines <= 20, lines + " lines");
    }
}
