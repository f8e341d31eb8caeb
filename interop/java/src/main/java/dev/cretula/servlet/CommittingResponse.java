package dev.cretula.servlet;

import dev.cretula.SessionCookie;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Keeps the beginning of the body back, so that the session's headers are added before any header leaves: at the first
 * write over the buffer, at a flush, a redirect, an error, or the end of the chain. Servers differ in when they send.
 */
final class CommittingResponse extends HttpServletResponseWrapper {
    /** The response below. A server may put wrappers between, for an include or a forward; headers go past them. */
    private final HttpServletResponse raw;
    private final RequestSession session;
    private final Map<String, List<String>> before = new LinkedHashMap<>();
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private Body body;
    private PrintWriter writer;
    private boolean usesStream;
    private boolean open;
    private volatile boolean direct;
    private volatile boolean dead;
    private int bufferSize;

    CommittingResponse(HttpServletResponse response, RequestSession session) {
        super(response);
        this.raw = response;
        this.session = session;
        this.bufferSize = Math.max(response.getBufferSize(), 1_024);
        for (String name : response.getHeaderNames()) {
            before.put(name, List.copyOf(response.getHeaders(name)));
        }
    }

    /** The one of a session among the wrappers of a response, or null. */
    static CommittingResponse of(ServletResponse response, RequestSession session) {
        ServletResponse r = response;
        while (r instanceof ServletResponseWrapper wrapper) {
            if (r instanceof CommittingResponse found && found.session == session) {
                return found;
            }
            r = wrapper.getResponse();
        }
        return null;
    }

    RequestSession session() {
        return session;
    }

    /** Commits the session, if it was not, and adds those of its headers that are not there (COOK-10). */
    private void addHeaders() {
        if (!session.asked()) {
            return;
        }
        // Also for a client that has gone: the deny-list hears of what ended.
        SessionCookie.Response r = session.toSend();
        boolean lines = r != null && !r.setCookies().isEmpty();
        if (raw.isCommitted()) {
            if (lines && !session.markSent()) {
                throw new IllegalStateException("the head of the response left before the session's headers");
            }
            return;
        }
        boolean vary = raw.getHeaders("Vary").stream().flatMap(v -> Arrays.stream(v.split(",")))
                .anyMatch(v -> v.strip().toLowerCase(Locale.ROOT).equals("cookie"));
        if (!vary) {
            raw.addHeader("Vary", SessionCookie.Response.VARY);
        }
        if (lines) {
            r.setCookies().stream().filter(line -> !raw.getHeaders("Set-Cookie").contains(line))
                    .forEach(line -> raw.addHeader("Set-Cookie", line));
            r.registration().filter(offer -> !raw.getHeaders(SessionCookie.Response.REGISTRATION).contains(offer))
                    .ifPresent(offer -> raw.addHeader(SessionCookie.Response.REGISTRATION, offer));
            raw.setHeader("Cache-Control", "no-store");
            session.markSent();
        } else if (!raw.containsHeader("Cache-Control")) {
            raw.setHeader("Cache-Control", "private");
        }
    }

    /** Lets what was held back go, and the rest after it. */
    private void open() throws IOException {
        if (dead) {
            throw new IOException("the response is over");
        }
        addHeaders();
        session.headIsSent();
        if (!open) {
            open = true;
            if (held.size() > 0) {
                held.writeTo(raw.getOutputStream());
                held.reset();
            }
        }
    }

    /** At the end of the chain, or of an asynchronous request. */
    void finish() throws IOException {
        if (!dead) {
            open();
        }
    }

    /** Before the connection is another protocol's. */
    void upgrade() {
        addHeaders();
        session.headIsSent();
    }

    /** Nobody will tell when a dispatch ends, if the filter is not mapped to it: what is written goes out at once. */
    void setDirect(boolean direct) {
        this.direct = direct;
    }

    /** The server has ended the response. Gives whether something was left in here. */
    boolean end() {
        dead = true;
        boolean left = !open && held.size() > 0 || session.isUncommitted();
        session.giveUp();
        return left;
    }

    /** Drops what was held back and sends the rest without the session. */
    void giveUp() {
        session.giveUp();
        resetBuffer();
        forgetBody();
    }

    /** Drops the handler's whole response (COOK-10): what was set before the filter stays. */
    void startAgain() {
        session.giveUp();
        reset();
        before.forEach((name, values) -> {
            if (!raw.containsHeader(name)) {
                values.forEach(value -> raw.addHeader(name, value));
            }
        });
    }

    private void forgetBody() {
        if (!open) {
            body = null;
            writer = null;
            usesStream = false;
        }
    }

    /** An informational answer, which some servers send by this call, carries nothing (COOK-16). */
    private void beforeError(int status) {
        if (status < 100 || status > 199) {
            addHeaders();
            held.reset();
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        beforeError(status);
        super.sendError(status, message);
    }

    @Override
    public void sendError(int status) throws IOException {
        beforeError(status);
        super.sendError(status);
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        addHeaders();
        session.headIsSent();
        held.reset();
        super.sendRedirect(location);
    }

    @Override
    public void flushBuffer() throws IOException {
        open();
        super.flushBuffer();
    }

    @Override
    public void setBufferSize(int size) {
        super.setBufferSize(size);
        bufferSize = Math.max(size, 1);
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        held.reset();
    }

    @Override
    public void reset() {
        super.reset();
        held.reset();
        open = false;
        forgetBody();
    }

    @Override
    public void setCharacterEncoding(String charset) {
        if (writer == null) {
            super.setCharacterEncoding(charset);
        }
    }

    @Override
    public void setContentType(String type) {
        String charset = getCharacterEncoding();
        super.setContentType(type);
        if (writer != null) {
            super.setCharacterEncoding(charset);
        }
    }

    @Override
    public ServletOutputStream getOutputStream() {
        if (writer != null) {
            throw new IllegalStateException("getWriter() was called");
        }
        usesStream = true;
        return body();
    }

    private Body body() {
        if (body == null) {
            body = new Body();
        }
        return body;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (usesStream) {
            throw new IllegalStateException("getOutputStream() was called");
        }
        if (writer == null) {
            String charset = getCharacterEncoding();
            Writer text = new Text(new OutputStreamWriter(new Unflushed(body()), charset));
            super.setCharacterEncoding(charset);
            writer = new PrintWriter(text);
        }
        return writer;
    }

    /** The body's octets: held back until the response opens. */
    private final class Body extends ServletOutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (dead || !open && (direct || (long) held.size() + length > bufferSize)) {
                open();
            }
            if (open) {
                raw.getOutputStream().write(bytes, from, length);
            } else {
                held.write(bytes, from, length);
            }
        }

        @Override
        public void flush() throws IOException {
            open();
            raw.getOutputStream().flush();
        }

        @Override
        public void close() throws IOException {
            open();
            raw.getOutputStream().close();
        }

        @Override
        public boolean isReady() {
            try {
                return raw.getOutputStream().isReady();
            } catch (IOException e) {
                return true;
            }
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            try {
                open();
                raw.getOutputStream().setWriteListener(listener);
            } catch (IOException e) {
                listener.onError(e);
            }
        }
    }

    /** Takes characters to octets at once, without a flush of the response. */
    private final class Text extends Writer {
        private final OutputStreamWriter encoder;

        Text(OutputStreamWriter encoder) {
            this.encoder = encoder;
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            encoder.write(text, from, length);
            encoder.flush();
        }

        @Override
        public void flush() throws IOException {
            body().flush();
        }

        @Override
        public void close() throws IOException {
            encoder.close();
            body().close();
        }
    }

    /** Passes octets on, and no flush and no close. */
    private static final class Unflushed extends OutputStream {
        private final OutputStream to;

        Unflushed(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            to.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            to.write(bytes, from, length);
        }
    }
}
