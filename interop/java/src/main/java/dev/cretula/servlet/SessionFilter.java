package dev.cretula.servlet;

import dev.cretula.Commit;
import dev.cretula.CretulaException;
import dev.cretula.DeviceAnswer;
import dev.cretula.DeviceBinding;
import dev.cretula.Event;
import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import dev.cretula.internal.Access;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Opens the session when the handler first asks for it, and commits it before the headers of the response leave (§20).
 * Handlers find it by {@link RequestSession#of(ServletRequest)}. Headers of other cookies are never changed. Map it to
 * {@code REQUEST}, {@code ASYNC} and {@code ERROR}, and let it support asynchronous requests: then the session is
 * committed when the handler writes more than the buffer holds, flushes or completes, in whichever thread. Some servers
 * take headers away before they dispatch to an error page, and the filter puts them back.
 */
public final class SessionFilter implements Filter {
    /** The holders of a request, one for each cookie. */
    private static final String HOLDERS = "dev.cretula.servlet.holders";

    private final SessionCookie cookie;
    private final String attribute;
    private final SessionCheck check;
    private final LostCookie lost;
    private final NotNow notNow;
    private final boolean sameSitePosts;
    private final CommitListener committed;
    private final CommitFailure failure;

    private SessionFilter(Builder b) {
        cookie = b.cookie;
        attribute = b.attribute;
        check = b.check != null ? b.check : cookie.check().orElse(null);
        lost = new LostCookie(cookie.settings().name(), cookie.settings().isSecure());
        notNow = b.notNow;
        sameSitePosts = b.sameSitePosts;
        committed = b.committed;
        failure = b.failure;
        if (cookie.deviceBinding().isPresent() && check == null) {
            // A proof counts as an answered check (SESS-30): it is not made without one.
            throw new IllegalStateException("device binding asks the application's check: give the sessions one by check(…)");
        }
    }

    /** Hears of a commit. */
    @FunctionalInterface
    public interface CommitListener {
        /**
         * Is told before the response leaves, also if the client has gone.
         *
         * @param request  the request
         * @param response what was decided
         * @throws Exception for which the response fails with 500, without a session
         */
        void committed(HttpServletRequest request, SessionCookie.Response response) throws Exception;
    }

    /** Answers a request whose session cannot be written. */
    @FunctionalInterface
    public interface CommitFailure {
        /**
         * Writes the response. What the handler had set and written is dropped, if it has not left yet, and the status
         * is 500, or 503 if the session cannot be judged now.
         *
         * @param request  the request
         * @param response the response; it carries no session
         * @param error    what happened; {@link dev.cretula.CookieTooLargeException} tells by how much
         * @throws IOException      of the response
         * @throws ServletException of the answer
         */
        void answer(HttpServletRequest request, HttpServletResponse response, RuntimeException error)
                throws IOException, ServletException;
    }

    /**
     * Makes the filter, with the defaults and the check of the set-up.
     *
     * @param cookie the session's cookie
     * @throws IllegalStateException with device binding and without a check
     */
    public SessionFilter(SessionCookie cookie) {
        this(builder(cookie));
    }

    /**
     * Sets the filter up.
     *
     * @param cookie the session's cookie
     * @return a builder
     */
    public static Builder builder(SessionCookie cookie) {
        return new Builder(cookie);
    }

    /** Settings of the filter. */
    public static final class Builder {
        private final SessionCookie cookie;
        private String attribute = RequestSession.ATTRIBUTE;
        private SessionCheck check;
        private NotNow notNow = NotNow.REFUSE_WRITES;
        private boolean sameSitePosts;
        private CommitListener committed = (request, response) -> { };
        private CommitFailure failure = SessionFilter::shortPage;

        private Builder(SessionCookie cookie) {
            this.cookie = Objects.requireNonNull(cookie);
        }

        /**
         * The request attribute, for a second session beside the first.
         *
         * @param attribute its name
         * @return this
         */
        public Builder attribute(String attribute) {
            this.attribute = Objects.requireNonNull(attribute);
            return this;
        }

        /**
         * The check that {@link RequestSession#session} asks, instead of the one that the sessions were made with. Without
         * either, each handler calls {@link RequestSession#check}.
         *
         * @param check the application's check
         * @return this
         */
        public Builder check(SessionCheck check) {
            this.check = Objects.requireNonNull(check);
            return this;
        }

        /**
         * What happens when a session cannot be judged now.
         *
         * @param notNow {@link NotNow#REFUSE_WRITES} where not set
         * @return this
         */
        public Builder notNow(NotNow notNow) {
            this.notNow = Objects.requireNonNull(notNow);
            return this;
        }

        /**
         * Refuses unsafe requests (all but GET, HEAD, OPTIONS and TRACE) that a browser sends from a page of another
         * origin with 403, by {@code Sec-Fetch-Site}, or by {@code Origin} where a browser does not send that.
         *
         * @param only true to refuse them; false where not set
         * @return this
         */
        public Builder sameSitePosts(boolean only) {
            sameSitePosts = only;
            return this;
        }

        /**
         * Hears of every commit, before the response leaves: for the deny-list, which gets each session of
         * {@link dev.cretula.Commit#ended} (SESS-17), and for responses that some proxies refuse (COOK-12). If it
         * throws, the response is 500 without the session.
         *
         * @param committed gets the request and what was decided
         * @return this
         */
        public Builder onCommit(CommitListener committed) {
            this.committed = Objects.requireNonNull(committed);
            return this;
        }

        /**
         * Answers requests whose session cannot be written. Without it the answer is a short page, 500 or 503.
         *
         * @param failure the answer
         * @return this
         */
        public Builder onCommitFailure(CommitFailure failure) {
            this.failure = Objects.requireNonNull(failure);
            return this;
        }

        /**
         * Makes the filter.
         *
         * @return the filter
         * @throws IllegalStateException with device binding and without a check
         */
        public SessionFilter build() {
            return new SessionFilter(this);
        }
    }

    private static void shortPage(HttpServletRequest request, HttpServletResponse response, RuntimeException error)
            throws IOException {
        boolean wait = response.getStatus() == HttpServletResponse.SC_SERVICE_UNAVAILABLE;
        response.setContentType("text/plain;charset=utf-8");
        response.getWriter().println(wait ? "Not now. Try again in a moment." : "The session could not be saved.");
    }

    /**
     * Looks whether requests to the endpoints of device binding can arrive.
     *
     * @throws ServletException if their path is outside the context
     */
    @Override
    public void init(FilterConfig config) throws ServletException {
        String context = config.getServletContext().getContextPath();
        if (cookie.deviceBinding().map(DeviceBinding::path).filter(path -> !path.startsWith(context + "/")).isPresent()) {
            throw new ServletException("the path of device binding does not begin with the context path " + context + "/");
        }
    }

    /**
     * Runs the chain and commits the session. With device binding it answers {@code POST <path>/start} and
     * {@code POST <path>/refresh} itself. Without a clock the session is a new guest's, and the commit fails with
     * {@code no_clock} (SESS-27). Mounted a second time with the same session cookie, it uses the first one's session.
     *
     * @throws IllegalStateException if another session has the request attribute or the cookie's name
     */
    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain chain)
            throws IOException, ServletException {
        if (!(anyRequest instanceof HttpServletRequest request) || !(anyResponse instanceof HttpServletResponse response)) {
            chain.doFilter(anyRequest, anyResponse);
            return;
        }
        RequestSession holder = find(request);
        if (holder == null) {
            if (answersDevice(request, response)) {
                return;
            }
            if (sameSitePosts && isCrossSite(request)) {
                tell(new Event(Event.Kind.CROSS_SITE_REFUSED, Optional.empty(), Optional.empty()));
                response.setStatus(HttpServletResponse.SC_FORBIDDEN);
                response.setContentType("text/plain;charset=utf-8");
                response.getWriter().println("This did not come from a page of this site.");
                return;
            }
            begin(request, response, open(request), chain);
            return;
        }
        holder.offer(check);
        CommittingResponse ours = CommittingResponse.of(response, holder);
        SessionRequest first = ours == null ? null : SessionRequest.of(request, ours);
        if (ours == null) {
            if (request.getDispatcherType() == DispatcherType.ERROR && holder.isUncommitted()) {
                // A handler that threw, or that timed out and may still run: half a change is not sent.
                holder.giveUp();
            }
            begin(request, response, holder, chain);
        } else if (request.getDispatcherType() == DispatcherType.ASYNC && first != null && first.isPending()) {
            first.dispatched();
            run(first, ours, request, response, chain);
        } else {
            // A forward or an include, or mounted twice: the response is ours already.
            chain.doFilter(request, response);
        }
    }

    /**
     * Answers a request to an endpoint of device binding. The browser itself makes it, and its signature shows that: so it
     * is not asked where it comes from.
     */
    private boolean answersDevice(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        String path = cookie.deviceBinding().map(DeviceBinding::path).orElse(null);
        if (path == null || !request.getMethod().equals("POST") || request.getDispatcherType() != DispatcherType.REQUEST) {
            return false;
        }
        boolean start = request.getRequestURI().equals(path + "/start");
        if (!start && !request.getRequestURI().equals(path + "/refresh")) {
            return false;
        }
        DeviceAnswer answer;
        try {
            List<String> fields = values(request, "Cookie");
            List<String> responses = values(request, "Secure-Session-Response");
            answer = start ? cookie.register(fields, responses, check)
                    : cookie.refresh(fields, values(request, "Sec-Secure-Session-Id"), responses, check);
            if (answer.written().isPresent()) {
                committed.committed(request, answer.written().get());
            }
        } catch (Exception e) {
            RuntimeException error = e instanceof RuntimeException r ? r : new IllegalStateException("onCommit failed", e);
            tell(new Event(Event.Kind.NOT_WRITTEN, error));
            response.addHeader("Vary", SessionCookie.Response.VARY);
            response.setHeader("Cache-Control", "private");
            response.setStatus(isWait(error) ? HttpServletResponse.SC_SERVICE_UNAVAILABLE
                    : HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            failure.answer(request, response, error);
            return true;
        }
        response.setStatus(answer.status());
        for (Map.Entry<String, String> header : answer.headers()) {
            if (header.getKey().equals("Cache-Control")) {
                response.setHeader(header.getKey(), header.getValue());
            } else {
                response.addHeader(header.getKey(), header.getValue());
            }
        }
        byte[] body = answer.body().getBytes(StandardCharsets.US_ASCII);
        response.setContentLength(body.length);
        if (body.length > 0) {
            response.getOutputStream().write(body);
        }
        return true;
    }

    private static boolean isWait(RuntimeException error) {
        return error instanceof CretulaException refused && refused.code().notNow();
    }

    private static List<String> values(HttpServletRequest request, String name) {
        Enumeration<String> values = request.getHeaders(name);
        return values == null ? List.of() : Collections.list(values);
    }

    /** The holder that this request has for the cookie, or null. */
    private RequestSession find(HttpServletRequest request) {
        RequestSession found = null;
        if (request.getAttribute(HOLDERS) instanceof List<?> all) {
            for (Object each : all) {
                RequestSession holder = (RequestSession) each;
                if (holder.cookie() == cookie) {
                    found = holder;
                } else if (holder.cookie().settings().name().equals(cookie.settings().name())) {
                    throw new IllegalStateException("two session filters with different sessions have the cookie "
                            + cookie.settings().name() + ": make one SessionCookie and give it to both");
                }
            }
        }
        Object there = request.getAttribute(attribute);
        if (there != null && there != found) {
            throw new IllegalStateException("two session filters have the request attribute " + attribute
                    + ": give the second one another by attribute(…)");
        }
        if (found != null) {
            request.setAttribute(attribute, found);
        }
        return found;
    }

    private RequestSession open(HttpServletRequest request) {
        List<String> fields = values(request, "Cookie");
        if (lost.isLost(request, fields)) {
            tell(new Event(Event.Kind.SECURE_COOKIE_LOST, Optional.empty(), Optional.empty()));
        }
        RequestSession holder = new RequestSession(cookie, fields, check, notNow, result -> {
            committed.committed(request, result);
            if (result.commit().wrote() == Commit.Wrote.SEAL) {
                lost.sent(request);
            }
        });
        List<Object> all = new ArrayList<>(List.of(holder));
        if (request.getAttribute(HOLDERS) instanceof List<?> others) {
            all.addAll(others);
        }
        request.setAttribute(HOLDERS, all);
        request.setAttribute(attribute, holder);
        return holder;
    }

    private void begin(HttpServletRequest request, HttpServletResponse response, RequestSession holder, FilterChain chain)
            throws IOException, ServletException {
        CommittingResponse wrapped = new CommittingResponse(response, holder);
        SessionRequest first = new SessionRequest(request, wrapped, this::end, () -> tell(new Event(Event.Kind.NOT_WRITTEN,
                new IllegalStateException("an asynchronous request ended without its session: it timed out or failed, "
                        + "or the filter is not mapped to ASYNC"))));
        run(first, wrapped, first, wrapped, chain);
    }

    private void run(SessionRequest first, CommittingResponse ours, HttpServletRequest request,
            HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
        try {
            chain.doFilter(request, response);
            if (!first.isPending()) {
                ours.finish();
            }
        } catch (IOException | ServletException | RuntimeException | Error e) {
            RuntimeException refused = ours.session().failureIn(e);
            if (refused != null && !ours.isCommitted()) {
                answer(first, ours, refused);
                return;
            }
            if (ours.isCommitted()) {
                ours.session().giveUp();
            } else {
                // The handler's own error: no session, but the headers that tell caches.
                ours.giveUp();
                if (!first.isPending()) {
                    ours.finish();
                }
            }
            throw e;
        }
    }

    /** At {@code complete()} of an asynchronous request. */
    private void end(SessionRequest request, CommittingResponse response) throws IOException {
        try {
            response.finish();
        } catch (RuntimeException e) {
            if (response.session().failureIn(e) == null || response.isCommitted()) {
                tell(new Event(Event.Kind.NOT_WRITTEN, e));
                return;
            }
            try {
                answer(request, response, e);
            } catch (ServletException | RuntimeException second) {
                tell(new Event(Event.Kind.NOT_WRITTEN, second));
            }
        }
    }

    private void answer(SessionRequest request, CommittingResponse response, RuntimeException error)
            throws IOException, ServletException {
        tell(new Event(Event.Kind.NOT_WRITTEN, error));
        response.startAgain();
        response.setStatus(isWait(error) ? HttpServletResponse.SC_SERVICE_UNAVAILABLE : HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        failure.answer(request, response, error);
        response.finish();
    }

    private void tell(Event event) {
        Access.get().tell(cookie, event);
    }

    /** Whether a browser says that another origin's page sends an unsafe request, as Go's CrossOriginProtection judges. */
    private static boolean isCrossSite(HttpServletRequest request) {
        if (List.of("GET", "HEAD", "OPTIONS", "TRACE").contains(request.getMethod())) {
            return false;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.isEmpty()) {
            return !site.equals("same-origin") && !site.equals("none");
        }
        String origin = request.getHeader("Origin");
        if (origin == null || origin.isEmpty()) {
            return false;
        }
        int scheme = origin.indexOf("://");
        return scheme < 0 || !origin.substring(scheme + 3).equalsIgnoreCase(request.getHeader("Host"));
    }
}
