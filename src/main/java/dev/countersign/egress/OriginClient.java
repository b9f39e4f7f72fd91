package dev.countersign.egress;

import dev.countersign.egress.RequestHead.Field;
import dev.countersign.egress.RequestHead.Refused;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Asks servers on the guest's behalf, from the host: a plain HTTP/1.1 client that dials the
/// address that was checked and no other, verifies TLS with what the host trusts, and believes no
/// length that is not kept. Follows nothing by itself.
final class OriginClient implements AutoCloseable {
    private static final int LONGEST_HEAD = 64 << 10;
    private static final int MOST_FIELDS = 200;
    private static final int MOST_IDLE = 8;
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(20);

    private final SSLSocketFactory tls;
    private final Duration dialTime;
    private final Duration answerTime;
    private final Map<String, Deque<Idle>> idle = new HashMap<>();
    private boolean closed;

    private record Idle(Connection connection, long since) {}

    /// One connection to a server.
    private record Connection(Socket socket, InputStream in, String key) {
        /// Nothing came that nobody asked for: it would be taken for the next answer.
        boolean quiet() {
            try {
                return in.available() == 0;
            } catch (IOException e) {
                return false;
            }
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    /// @param tls trusts what the host trusts
    /// @param dialTime until a server is connected, and again until TLS is up
    /// @param answerTime that a server may be silent
    OriginClient(SSLSocketFactory tls, Duration dialTime, Duration answerTime) {
        this.tls = tls;
        this.dialTime = dialTime;
        this.answerTime = answerTime;
    }

    /// What is asked.
    ///
    /// @param address that was checked
    /// @param head all of the request up to the empty line
    /// @param body after it; empty if none
    record Call(URI url, InetAddress address, String method, byte[] head, byte[] body) {
        String key() {
            return url.getScheme()
                    + "://"
                    + url.getHost()
                    + ":"
                    + Origin.port(url)
                    + "@"
                    + address.getHostAddress();
        }
    }

    /// Told of the socket before anything is waited for, so that it can be cut.
    interface Holder {
        void holds(AutoCloseable socket);
    }

    /// A server's answer. Its body ends where the answer said that it ends, or fails.
    final class Reply implements AutoCloseable {
        private final Connection connection;
        private final URI url;
        private final int status;
        private final List<Field> fields;
        private final Body body;

        private Reply(Connection connection, URI url, int status, List<Field> fields, Body body) {
            this.connection = connection;
            this.url = url;
            this.status = status;
            this.fields = List.copyOf(fields);
            this.body = body;
        }

        /// Where it is from.
        URI url() {
            return url;
        }

        int status() {
            return status;
        }

        Optional<String> value(String name) {
            return fields.stream().filter(field -> field.is(name)).map(Field::value).findFirst();
        }

        /// -1: not said.
        long length() {
            return body.left;
        }

        InputStream body() {
            return body;
        }

        /// Gives the connection back if all of the answer was read, else ends it.
        @Override
        public void close() {
            boolean stays =
                    body.done
                            && body.reusable
                            && !value("connection").orElse("").equalsIgnoreCase("close");
            if (!stays || !keep(connection)) {
                connection.close();
            }
        }
    }

    /// Asks once; a connection that was open and is dead by now is dialled anew.
    ///
    /// @throws Refused `UPSTREAM_FAILED` or `UPSTREAM_SLOW`
    Reply ask(Call call, Holder holder) throws Refused {
        Connection open = taken(call.key());
        if (open != null) {
            holder.holds(open.socket());
            try {
                return exchange(open, call);
            } catch (SocketTimeoutException e) {
                open.close();
                throw new Refused(Reason.UPSTREAM_SLOW);
            } catch (IOException e) {
                open.close();
            }
        }
        Connection fresh = null;
        try {
            fresh = dialled(call, holder);
            return exchange(fresh, call);
        } catch (SocketTimeoutException e) {
            end(fresh);
            throw new Refused(Reason.UPSTREAM_SLOW);
        } catch (IOException e) {
            end(fresh);
            throw new Refused(Reason.UPSTREAM_FAILED);
        }
    }

    private static void end(@Nullable Connection connection) {
        if (connection != null) {
            connection.close();
        }
    }

    private Connection dialled(Call call, Holder holder) throws IOException {
        Socket plain = new Socket();
        holder.holds(plain);
        boolean done = false;
        try {
            plain.setTcpNoDelay(true);
            plain.connect(
                    new InetSocketAddress(call.address(), Origin.port(call.url())),
                    (int) dialTime.toMillis());
            Socket socket = plain;
            if (call.url().getScheme().equals("https")) {
                plain.setSoTimeout((int) dialTime.toMillis());
                String host = call.url().getHost();
                SSLSocket secured =
                        (SSLSocket) tls.createSocket(plain, host, Origin.port(call.url()), true);
                SSLParameters parameters = secured.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secured.setSSLParameters(parameters);
                secured.startHandshake();
                socket = secured;
            }
            socket.setSoTimeout((int) answerTime.toMillis());
            done = true;
            return new Connection(
                    socket, new BufferedInputStream(socket.getInputStream(), 32 << 10), call.key());
        } finally {
            if (!done) {
                plain.close();
            }
        }
    }

    private Reply exchange(Connection connection, Call call) throws IOException, Refused {
        connection.socket().getOutputStream().write(call.head());
        connection.socket().getOutputStream().write(call.body());
        connection.socket().getOutputStream().flush();
        while (true) {
            List<String> lines = head(connection.in());
            String status = lines.getFirst();
            if (!status.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?")) {
                throw new IOException("not an answer of HTTP/1.1");
            }
            int code = Integer.parseInt(status.substring(9, 12));
            if (code >= 200) {
                return reply(connection, call, code, status.startsWith("HTTP/1.1"), lines);
            }
            if (code == 101) {
                throw new IOException("the server wants another protocol");
            }
        }
    }

    private Reply reply(
            Connection connection, Call call, int code, boolean modern, List<String> lines)
            throws IOException, Refused {
        List<Field> fields = new ArrayList<>();
        long length = -1;
        boolean chunked = false;
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IOException("a line of the answer's head is none");
            }
            Field field = new Field(line.substring(0, colon), line.substring(colon + 1).strip());
            fields.add(field);
            if (field.is("content-length")) {
                if (!field.value().matches("[0-9]{1,15}")
                        || (length >= 0 && length != Long.parseLong(field.value()))) {
                    throw new IOException("the answer's length is none");
                }
                length = Long.parseLong(field.value());
            } else if (field.is("transfer-encoding")) {
                if (!field.value().equalsIgnoreCase("chunked")) {
                    throw new IOException("the answer's coding is unknown");
                }
                chunked = true;
            }
        }
        if (chunked && length >= 0) {
            throw new IOException("the answer has two lengths");
        }
        boolean empty = call.method().equals("HEAD") || code == 204 || code == 304;
        Body body = new Body(connection.in(), empty ? 0 : length, chunked && !empty, modern);
        return new Reply(connection, call.url(), code, fields, body);
    }

    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (int left = LONGEST_HEAD; left > 0; left--) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException();
            }
            if (c == '\n') {
                String text = line.toString().stripTrailing();
                if (text.isEmpty() && !lines.isEmpty()) {
                    return lines;
                }
                if (lines.size() >= MOST_FIELDS) {
                    break;
                }
                lines.add(text);
                line.setLength(0);
            } else if (c == 0) {
                throw new IOException("the answer's head holds a NUL");
            } else if (c != '\r') {
                line.append((char) c);
            }
        }
        throw new IOException("the answer's head is too large");
    }

    private synchronized @Nullable Connection taken(String key) {
        Deque<Idle> free = idle.get(key);
        long now = System.nanoTime();
        while (free != null && !free.isEmpty()) {
            Idle last = free.removeLast();
            if (now - last.since() < LONGEST_IDLE.toNanos() && last.connection().quiet()) {
                return last.connection();
            }
            last.connection().close();
        }
        return null;
    }

    private synchronized boolean keep(Connection connection) {
        if (closed || connection.socket().isClosed() || !connection.quiet()) {
            return false;
        }
        Deque<Idle> free = idle.computeIfAbsent(connection.key(), _ -> new ArrayDeque<>());
        long now = System.nanoTime();
        while (!free.isEmpty()
                && (free.size() >= MOST_IDLE
                        || now - free.getFirst().since() > LONGEST_IDLE.toNanos())) {
            free.removeFirst().connection().close();
        }
        free.addLast(new Idle(connection, now));
        return true;
    }

    @Override
    public synchronized void close() {
        closed = true;
        idle.values().forEach(all -> all.forEach(one -> one.connection().close()));
        idle.clear();
    }

    /// A body in its framing. What ends early fails; what comes too much is never read.
    private static final class Body extends InputStream {
        private final InputStream in;
        private final boolean chunked;
        private final boolean reusable;

        /// Of the body, or of its chunk; -1: until the connection ends.
        private long left;

        private boolean done;
        private boolean first = true;

        Body(InputStream in, long length, boolean chunked, boolean modern) {
            this.in = in;
            this.chunked = chunked;
            this.left = chunked ? -1 : length;
            this.done = !chunked && length == 0;
            this.reusable = modern && (chunked || length >= 0);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (!done && chunked && left <= 0) {
                nextChunk();
            }
            if (done) {
                return -1;
            }
            int wanted = left < 0 ? count : (int) Math.min(count, left);
            int had = in.read(bytes, from, wanted);
            if (had < 0) {
                if (left >= 0) {
                    throw new EOFException("the server ended before its answer did");
                }
                done = true;
                return -1;
            }
            if (left > 0) {
                left -= had;
                done = left == 0 && !chunked;
            }
            return had;
        }

        private void nextChunk() throws IOException {
            if (!first && !line().isEmpty()) {
                throw new IOException("a chunk is longer than it says");
            }
            first = false;
            String size = line().replaceFirst(";.*", "").strip();
            if (!size.matches("[0-9a-fA-F]{1,12}")) {
                throw new IOException("a chunk has no size");
            }
            left = Long.parseLong(size, 16);
            if (left == 0) {
                for (int trailers = 0; !line().isEmpty(); trailers++) {
                    if (trailers > 50) {
                        throw new IOException("the answer has too many trailers");
                    }
                }
                done = true;
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            while (line.length() < 4096) {
                int c = in.read();
                if (c < 0) {
                    throw new EOFException("the server ended before its answer did");
                }
                if (c == '\n') {
                    return line.toString().strip();
                }
                line.append((char) c);
            }
            throw new IOException("a line of the answer is too long");
        }
    }

    /// A request's head.
    static byte[] head(String method, URI url, List<Field> fields) {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        StringBuilder head = new StringBuilder(method).append(' ').append(path);
        if (url.getRawQuery() != null) {
            head.append('?').append(url.getRawQuery());
        }
        head.append(" HTTP/1.1\r\nHost: ").append(url.getHost());
        if (url.getPort() > 0) {
            head.append(':').append(url.getPort());
        }
        head.append("\r\n");
        fields.forEach(field ->
                head.append(field.name()).append(": ").append(field.value()).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
