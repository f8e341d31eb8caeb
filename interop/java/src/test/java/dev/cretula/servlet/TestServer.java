package dev.cretula.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;

/** Jetty or Tomcat on a port of its own, with filters in front of handlers. */
final class TestServer implements AutoCloseable {
    /** The two servers. */
    enum Kind { JETTY, TOMCAT }

    /** What answers at a path. */
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
    }

    static final EnumSet<DispatcherType> MAPPED = EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);

    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final AutoCloseable stop;
    final int port;

    TestServer(Kind kind, EnumSet<DispatcherType> mapped, boolean compressed, Filter... filters) throws Exception {
        HttpServlet servlet = new HttpServlet() {
            private static final long serialVersionUID = 1;

            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                try {
                    Object included = request.getAttribute("jakarta.servlet.include.path_info");
                    handlers.get(included != null ? included : request.getPathInfo()).handle(request, response);
                } catch (IOException | RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        if (kind == Kind.JETTY) {
            ServletContextHandler context = new ServletContextHandler();
            for (Filter filter : filters) {
                FilterHolder holder = new FilterHolder(filter);
                holder.setAsyncSupported(true);
                context.addFilter(holder, "/*", mapped);
            }
            ServletHolder holder = new ServletHolder(servlet);
            holder.setAsyncSupported(true);
            context.addServlet(holder, "/*");
            Server server = new Server(new InetSocketAddress("127.0.0.1", 0));
            if (compressed) {
                GzipHandler gzip = new GzipHandler();
                gzip.setMinGzipSize(1);
                gzip.setHandler(context);
                server.setHandler(gzip);
            } else {
                server.setHandler(context);
            }
            server.start();
            stop = server::stop;
            port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        } else {
            java.util.logging.Logger.getLogger("org.apache").setLevel(java.util.logging.Level.OFF);
            String folder = Files.createTempDirectory("tomcat").toString();
            Tomcat tomcat = new Tomcat();
            tomcat.setBaseDir(folder);
            Connector connector = new Connector();
            connector.setPort(0);
            connector.setProperty("address", "127.0.0.1");
            if (compressed) {
                connector.setProperty("compression", "force");
            }
            tomcat.setConnector(connector);
            org.apache.catalina.Context context = tomcat.addContext("", folder);
            for (int i = 0; i < filters.length; i++) {
                FilterDef def = new FilterDef();
                def.setFilterName("f" + i);
                def.setFilter(filters[i]);
                def.setAsyncSupported("true");
                context.addFilterDef(def);
                FilterMap map = new FilterMap();
                map.setFilterName("f" + i);
                map.addURLPatternDecoded("/*");
                mapped.forEach(type -> map.setDispatcher(type.name()));
                context.addFilterMap(map);
            }
            Tomcat.addServlet(context, "s", servlet).setAsyncSupported(true);
            context.addServletMappingDecoded("/*", "s");
            tomcat.start();
            stop = () -> {
                tomcat.stop();
                tomcat.destroy();
            };
            port = connector.getLocalPort();
        }
    }

    void on(String path, Handler handler) {
        handlers.put(path, handler);
    }

    HttpResponse<String> call(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder b = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        for (int i = 0; i < headers.length; i += 2) {
            b.header(headers[i], headers[i + 1]);
        }
        return client.send(b.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> handle(Handler handler, String... headers) throws Exception {
        on("/", handler);
        return call("GET", "/", headers);
    }

    static List<String> cookies(HttpResponse<?> r) {
        return r.headers().allValues("Set-Cookie");
    }

    @Override
    public void close() throws Exception {
        stop.close();
    }
}
