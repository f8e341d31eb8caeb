package dev.cretula.servlet;

import dev.cretula.SessionCookie;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Keeps the beginning of the body back, so that the session's headers are added before any header leaves: at the first
 * write over the buffer, at a flush, a redirect, an error, or the end of the chain. Servers differ in when they send.
 */
final class CommittingResponse extends HttpServletResponseWrapper {
    private final RequestSession session;
    private final Consumer<SessionCookie.Response> committed;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private Body body;
    private PrintWriter writer;
    private boolean usesStream;
    private boolean open;
    private boolean oldCacheControl;
    private int bufferSize;

    CommittingResponse(HttpServletResponse response, RequestSession session, Consumer<SessionCookie.Response> committed) {
        super(response);
        this.session = session;
        this.committed = committed;
        this.bufferSize = Math.max(response.getBufferSize(), 1_024);
    }

    /** Commits the session, if it was not, and adds those of its headers that are not there (COOK-10). */
    private void addHeaders() {
        if (super.isCommitted()) {
            return;
        }
        SessionCookie.Response r = session.toSend();
        boolean vary = getHeaders("Vary").stream().flatMap(v -> java.util.Arrays.stream(v.split(",")))
                .anyMatch(v -> v.strip().toLowerCase(Locale.ROOT).equals("cookie"));
        if (!vary) {
            super.addHeader("Vary", SessionCookie.Response.VARY);
        }
        if (r != null && !r.setCookies().isEmpty()) {
            r.setCookies().stream().filter(line -> !getHeaders("Set-Cookie").contains(line))
                    .forEach(line -> super.addHeader("Set-Cookie", line));
            super.setHeader("Cache-Control", "no-store");
        } else if (oldCacheControl || !containsHeader("Cache-Control")) {
            setHeader("Cache-Control", "private");
        }
        if (r != null && session.tell()) {
            committed.accept(r);
        }
    }

    /** Lets what was held back go, and the rest after it. */
    private void open() throws IOException {
        addHeaders();
        if (!open) {
            open = true;
            if (held.size() > 0) {
                held.writeTo(super.getOutputStream());
                held.reset();
            }
        }
    }

    /** At the end of the chain. */
    void finish() throws IOException {
        open();
    }

    /** After a commit that failed: the Cache-Control of the response that is dropped goes with it (COOK-10). */
    void dropCacheControl() {
        oldCacheControl = true;
    }

    /** There is no call to remove a field in every server, so the first new value takes the place of the old ones. */
    private boolean replacesOld(String name) {
        boolean replaces = oldCacheControl && name.equalsIgnoreCase("Cache-Control");
        oldCacheControl &= !replaces;
        return replaces;
    }

    @Override
    public void setHeader(String name, String value) {
        replacesOld(name);
        super.setHeader(name, value);
    }

    @Override
    public void addHeader(String name, String value) {
        if (replacesOld(name)) {
            super.setHeader(name, value);
        } else {
            super.addHeader(name, value);
        }
    }

    /** Drops what was held back and sends the rest without the session. */
    void giveUp() {
        session.giveUp();
        resetBuffer();
        if (!open) {
            body = null;
            writer = null;
            usesStream = false;
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        addHeaders();
        held.reset();
        super.sendError(status, message);
    }

    @Override
    public void sendError(int status) throws IOException {
        addHeaders();
        held.reset();
        super.sendError(status);
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        addHeaders();
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
        oldCacheControl = false;
        body = null;
        writer = null;
        usesStream = false;
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
            if (!open && (long) held.size() + length > bufferSize) {
                open();
            }
            if (open) {
                CommittingResponse.super.getOutputStream().write(bytes, from, length);
            } else {
                held.write(bytes, from, length);
            }
        }

        @Override
        public void flush() throws IOException {
            open();
            CommittingResponse.super.getOutputStream().flush();
        }

        @Override
        public void close() throws IOException {
            open();
            CommittingResponse.super.getOutputStream().close();
        }

        @Override
        public boolean isReady() {
            try {
                return CommittingResponse.super.getOutputStream().isReady();
            } catch (IOException e) {
                return true;
            }
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            try {
                open();
                CommittingResponse.super.getOutputStream().setWriteListener(listener);
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
