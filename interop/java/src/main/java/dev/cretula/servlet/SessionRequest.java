package dev.cretula.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import java.io.IOException;

/**
 * Keeps an asynchronous handler on the filter's response: {@code startAsync()} would hand out the server's own, and
 * {@code complete()} would end it before the session's headers are in it.
 */
final class SessionRequest extends HttpServletRequestWrapper {
    private final CommittingResponse response;
    private final End end;
    private volatile Async async;

    /** Ends an asynchronous response with its session. */
    @FunctionalInterface
    interface End {
        void end(SessionRequest request, CommittingResponse response) throws IOException;
    }

    /** Hears what a response left behind that the server ended without the filter. */
    private final Runnable lost;

    SessionRequest(HttpServletRequest request, CommittingResponse response, End end, Runnable lost) {
        super(request);
        this.response = response;
        this.end = end;
        this.lost = lost;
    }

    static SessionRequest of(ServletRequest request, CommittingResponse response) {
        ServletRequest r = request;
        while (r instanceof HttpServletRequestWrapper wrapper) {
            if (r instanceof SessionRequest found && found.response == response) {
                return found;
            }
            r = wrapper.getRequest();
        }
        return null;
    }

    /** Whether an asynchronous cycle began in this pass of the chain, which then ends the response. */
    boolean isPending() {
        return async != null;
    }

    /** A dispatch comes through the filter. */
    void dispatched() {
        async = null;
        response.setDirect(false);
    }

    @Override
    public AsyncContext startAsync() {
        return begin(super.startAsync(this, response));
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse given) {
        return begin(super.startAsync(request, given));
    }

    private Async begin(AsyncContext context) {
        async = new Async(context);
        context.addListener(new AsyncListener() {
            @Override
            public void onComplete(AsyncEvent event) {
                if (response.end()) {
                    lost.run();
                }
            }

            @Override
            public void onTimeout(AsyncEvent event) {
                // The application's listeners may still answer.
            }

            @Override
            public void onError(AsyncEvent event) {
                // As after a time-out.
            }

            @Override
            public void onStartAsync(AsyncEvent event) {
                // The new cycle has a listener of its own.
            }
        });
        return async;
    }

    @Override
    public AsyncContext getAsyncContext() {
        return async != null ? async : super.getAsyncContext();
    }

    /** The answer 101 is sent after the handler, or in this call. */
    @Override
    public <T extends HttpUpgradeHandler> T upgrade(Class<T> handler) throws IOException, ServletException {
        response.upgrade();
        return super.upgrade(handler);
    }

    /** The server's context, but for the end. */
    private final class Async implements AsyncContext {
        private final AsyncContext server;

        Async(AsyncContext server) {
            this.server = server;
        }

        @Override
        public void complete() {
            try {
                end.end(SessionRequest.this, response);
            } catch (IOException e) {
                // The client has gone; the server learns it as well.
            } finally {
                server.complete();
            }
        }

        @Override
        public void dispatch() {
            response.setDirect(true);
            server.dispatch();
        }

        @Override
        public void dispatch(String path) {
            response.setDirect(true);
            server.dispatch(path);
        }

        @Override
        public void dispatch(ServletContext context, String path) {
            response.setDirect(true);
            server.dispatch(context, path);
        }

        @Override
        public void addListener(AsyncListener listener) {
            server.addListener(new Listener(listener));
        }

        @Override
        public void addListener(AsyncListener listener, ServletRequest request, ServletResponse given) {
            server.addListener(new Listener(listener), request, given);
        }

        @Override
        public ServletRequest getRequest() {
            return server.getRequest();
        }

        @Override
        public ServletResponse getResponse() {
            return server.getResponse();
        }

        @Override
        public boolean hasOriginalRequestAndResponse() {
            return server.hasOriginalRequestAndResponse();
        }

        @Override
        public void start(Runnable run) {
            server.start(run);
        }

        @Override
        public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
            return server.createListener(type);
        }

        @Override
        public void setTimeout(long milliseconds) {
            server.setTimeout(milliseconds);
        }

        @Override
        public long getTimeout() {
            return server.getTimeout();
        }

        /** A listener whose events lead to this context, so that its {@code complete()} ends with the session, too. */
        private final class Listener implements AsyncListener {
            private final AsyncListener to;

            Listener(AsyncListener to) {
                this.to = to;
            }

            private AsyncEvent ours(AsyncEvent e) {
                return new AsyncEvent(Async.this, e.getSuppliedRequest(), e.getSuppliedResponse(), e.getThrowable());
            }

            @Override
            public void onComplete(AsyncEvent event) throws IOException {
                to.onComplete(ours(event));
            }

            @Override
            public void onTimeout(AsyncEvent event) throws IOException {
                to.onTimeout(ours(event));
            }

            @Override
            public void onError(AsyncEvent event) throws IOException {
                to.onError(ours(event));
            }

            @Override
            public void onStartAsync(AsyncEvent event) throws IOException {
                to.onStartAsync(event);
            }
        }
    }
}
