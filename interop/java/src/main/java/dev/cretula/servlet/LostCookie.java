package dev.cretula.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;

/** Finds out, once, that browsers drop a Secure cookie because the site is on plain http. */
final class LostCookie {
    private final String name;
    private String waiting;
    private boolean known;

    LostCookie(String name, boolean secure) {
        this.name = name;
        this.known = !secure;
    }

    /** A browser was given the cookie. */
    synchronized void sent(HttpServletRequest request) {
        if (!known && waiting == null && isPlain(request)) {
            waiting = who(request);
        }
    }

    /** Whether the same browser is back without it; true once at most, and never after a cookie came back. */
    synchronized boolean isLost(HttpServletRequest request, List<String> fields) {
        if (known || waiting == null || !isPlain(request)) {
            return false;
        }
        boolean back = fields.stream().anyMatch(field -> field.contains(name + "="));
        boolean lost = !back && waiting.equals(who(request));
        known = back || lost;
        return lost;
    }

    /** Plain http as the browser sees it; a proxy that says otherwise is believed, for a warning only. */
    private static boolean isPlain(HttpServletRequest request) {
        String host = request.getServerName();
        boolean local = host == null || host.equals("localhost") || host.endsWith(".localhost") || host.startsWith("127.")
                || host.equals("[::1]") || host.equals("::1") || host.equals("[0:0:0:0:0:0:0:1]");
        return !local && request.getScheme().equals("http") && !"https".equals(request.getHeader("X-Forwarded-Proto"))
                && request.getHeader("Forwarded") == null;
    }

    private static String who(HttpServletRequest request) {
        return request.getRemoteAddr() + " " + request.getHeader("X-Forwarded-For") + " " + request.getHeader("User-Agent");
    }
}
