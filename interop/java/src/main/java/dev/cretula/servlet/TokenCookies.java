package dev.cretula.servlet;

import dev.cretula.Opened;
import dev.cretula.TokenCookie;
import dev.cretula.TokenException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** Cookies that hold a token and no session (§20.6), in servlets. */
public final class TokenCookies {
    private TokenCookies() {
    }

    /**
     * Reads the token of a request.
     *
     * @param request the request
     * @param cookie  the cookie
     * @return payload and times
     * @throws TokenException with the code, {@code absent} among them
     */
    public static Opened read(HttpServletRequest request, TokenCookie cookie) throws TokenException {
        Enumeration<String> fields = request.getHeaders("Cookie");
        return cookie.read(fields == null ? List.of() : Collections.list(fields));
    }

    /**
     * Sets the cookie, and {@code Cache-Control: no-store} (COOK-18).
     *
     * @param response the response, whose head is still to be sent
     * @param cookie   the cookie
     * @param payload  any bytes
     * @throws dev.cretula.CookieTooLargeException if they do not fit
     */
    public static void set(HttpServletResponse response, TokenCookie cookie, byte[] payload) {
        add(response, cookie.line(payload));
    }

    /**
     * Takes the cookie away, with {@code Cache-Control: no-store} (COOK-18).
     *
     * @param response the response, whose head is still to be sent
     * @param cookie   the cookie
     */
    public static void expire(HttpServletResponse response, TokenCookie cookie) {
        add(response, cookie.expire());
    }

    private static void add(HttpServletResponse response, String line) {
        if (response.isCommitted()) {
            throw new IllegalStateException("the head of the response is sent");
        }
        response.addHeader("Set-Cookie", line);
        response.setHeader("Cache-Control", "no-store");
    }
}
