package example;

// snippet:begin
import static jakarta.servlet.DispatcherType.*;

import dev.cretula.*;
import dev.cretula.servlet.*;
import jakarta.servlet.http.*;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;

public class Visits extends HttpServlet {
    record Counter(long visits) {}

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Session session = RequestSession.of(request).unchecked();
        Counter counter = session.update(Counter.class, old -> new Counter(old.visits() + 1));
        response.getWriter().println("visit " + counter.visits());
    }

    public static void main(String[] args) throws Exception {
        Site site = Site.of(Keyring.fromEnv("CRETULA_KEYS"), "shop.example");
        ServletContextHandler app = new ServletContextHandler();
        app.addFilter(new SessionFilter(site.sessions().build()), "/*", EnumSet.of(REQUEST, ASYNC, ERROR));
        app.addServlet(Visits.class, "/");
        Server server = new Server(args.length > 0 ? Integer.parseInt(args[0]) : 8080);
        server.setHandler(app);
        server.start();
    }
}
// snippet:end
