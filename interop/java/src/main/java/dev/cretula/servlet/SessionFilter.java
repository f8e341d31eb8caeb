package dev.cretula.servlet;

import dev.cretula.SessionCheck;
import dev.cretula.SessionCookie;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Opens the session when a request begins, and commits it before the headers of the response leave (§20). Handlers find
 * it by {@link RequestSession#of(ServletRequest)}. Headers of other cookies are never changed. In an asynchronous
 * request the session is committed when the chain returns. Map it to {@code REQUEST} and {@code ERROR}: some servers
 * take headers away before they dispatch to an error page, and the filter puts them back.
 */
public final class SessionFilter implements Filter {
    private final SessionCookie cookie;
    private final String attribute;
    private final SessionCheck check;
    private final BiConsumer<HttpServletRequest, SessionCookie.Response> committed;
    private final CommitFailure failure;

    private SessionFilter(Builder b) {
        cookie = b.cookie;
        attribute = b.attribute;
        check = b.check;
        committed = b.committed;
        failure = b.failure;
    }

    /** Answers a request whose session cannot be committed. */
    @FunctionalInterface
    public interface CommitFailure {
        /**
         * Writes the response; what the handler had written is dropped, where it has not left yet.
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
        private BiConsumer<HttpServletRequest, SessionCookie.Response> committed = (request, response) -> { };
        private CommitFailure failure = (request, response, error) -> {
            request.getServletContext().log("the session was not committed", error);
            response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        };

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
         * A check that every request gets when it begins. Without it each handler calls {@link RequestSession#check}.
         *
         * @param check the application's check
         * @return this
         */
        public Builder check(SessionCheck check) {
            this.check = Objects.requireNonNull(check);
            return this;
        }

        /**
         * Hears of every commit, before the response leaves: for the deny-list, which gets each session of
         * {@link dev.cretula.Commit#ended} (SESS-17), and for responses that some proxies refuse (COOK-12).
         *
         * @param committed gets the request and what was decided
         * @return this
         */
        public Builder onCommit(BiConsumer<HttpServletRequest, SessionCookie.Response> committed) {
            this.committed = Objects.requireNonNull(committed);
            return this;
        }

        /**
         * Answers requests whose session cannot be committed. Without it the error is logged, and the answer is 500 without a body.
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
         */
        public SessionFilter build() {
            return new SessionFilter(this);
        }
    }

    /**
     * Opens the session, runs the chain, commits the session. Without a clock the session is a new guest's, and the
     * commit fails with {@code no_clock} (SESS-27).
     */
    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain chain)
            throws IOException, ServletException {
        if (!(anyRequest instanceof HttpServletRequest request) || !(anyResponse instanceof HttpServletResponse response)) {
            chain.doFilter(anyRequest, anyResponse);
        } else if (!(request.getAttribute(attribute) instanceof RequestSession before)) {
            run(request, response, open(request), chain);
        } else if (request.getDispatcherType() == DispatcherType.ERROR) {
            run(request, response, before, chain);
        } else {
            // A forward or an include, whose response is ours already.
            chain.doFilter(request, response);
        }
    }

    private RequestSession open(HttpServletRequest request) {
        Enumeration<String> fields = request.getHeaders("Cookie");
        RequestSession holder =
                new RequestSession(cookie, cookie.open(fields == null ? List.of() : Collections.list(fields)));
        if (check != null) {
            holder.check(check);
        }
        request.setAttribute(attribute, holder);
        return holder;
    }

    private void run(HttpServletRequest request, HttpServletResponse response, RequestSession holder, FilterChain chain)
            throws IOException, ServletException {
        CommittingResponse wrapped = new CommittingResponse(response, holder, r -> committed.accept(request, r));
        try {
            chain.doFilter(request, wrapped);
            wrapped.finish();
        } catch (IOException | ServletException | RuntimeException | Error e) {
            RuntimeException refused = holder.failureIn(e);
            if (response.isCommitted()) {
                throw e;
            }
            wrapped.giveUp();
            if (refused == null) {
                // The handler's own error: no session, but the headers that tell caches.
                wrapped.finish();
                throw e;
            }
            wrapped.dropCacheControl();
            failure.answer(request, wrapped, refused);
            wrapped.finish();
        }
    }
}
