package dev.countersign.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Reads one request after another (RFC 9112), refusing whatever two readers could understand
/// differently: both lengths, folded or repeated framing headers, bare line feeds, chunk
/// extensions, trailers.
final class RequestReader {
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final List<String> ONCE =
            List.of(
                    "host",
                    "content-length",
                    "transfer-encoding",
                    "content-type",
                    "content-encoding",
                    "expect",
                    "connection");
    private static final int LONGEST_CHUNK_LINE = 8;

    private final HttpInput input;
    private final HttpLimits limits;
    private final Continue goOn;

    /// Tells a client that waits for it to send its body.
    @FunctionalInterface
    interface Continue {
        void send() throws HttpFault;
    }

    RequestReader(HttpInput input, HttpLimits limits, Continue goOn) {
        this.input = input;
        this.limits = limits;
        this.goOn = goOn;
    }

    /// The next request; empty if the client ended between two requests or was idle for too long.
    Optional<HttpRequest> next() throws HttpFault, InterruptedException {
        int first = input.read(System.nanoTime() + limits.idle().toNanos());
        if (first < 0) {
            return Optional.empty();
        }
        Head head = new Head(first, System.nanoTime() + limits.head().toNanos());
        String[] line = requestLine(head.line());
        Map<String, List<String>> headers = headers(head);
        if (!headers.containsKey("host")) {
            throw new HttpFault(400, "The request has no Host header.");
        }
        Optional<String> encoding = only(headers, "content-encoding");
        if (encoding.isPresent() && !encoding.get().equalsIgnoreCase("identity")) {
            throw new HttpFault(
                    415, "The body is compressed (Content-Encoding); send it as plain JSON.");
        }
        byte[] body = body(headers);
        int mark = line[1].indexOf('?');
        return Optional.of(
                new HttpRequest(
                        line[0],
                        mark < 0 ? line[1] : line[1].substring(0, mark),
                        mark < 0 ? "" : line[1].substring(mark + 1),
                        headers,
                        body,
                        only(headers, "connection")
                                .map(value -> !value.equalsIgnoreCase("close"))
                                .orElse(true)));
    }

    private static String[] requestLine(String line) throws HttpFault {
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || parts[0].isEmpty() || !token(parts[0])) {
            throw new HttpFault(400, "The request line is not METHOD TARGET VERSION.");
        }
        if (!parts[2].equals("HTTP/1.1")) {
            throw parts[2].startsWith("HTTP/")
                    ? new HttpFault(505, "Only HTTP/1.1 is spoken here.")
                    : new HttpFault(400, "The request line is not METHOD TARGET VERSION.");
        }
        if (!parts[1].startsWith("/")
                || parts[1].chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '#')) {
            throw new HttpFault(400, "The request's target is not an absolute path.");
        }
        return parts;
    }

    private Map<String, List<String>> headers(Head head) throws HttpFault, InterruptedException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        int count = 0;
        for (String line = head.line(); !line.isEmpty(); line = head.line()) {
            if (++count > limits.headers()) {
                throw new HttpFault(431, "More than " + limits.headers() + " headers.");
            }
            int colon = line.indexOf(':');
            if (colon <= 0 || !token(line.substring(0, colon))) {
                throw new HttpFault(400, "A header line is folded or has no proper name.");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = trimmed(line.substring(colon + 1));
            if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
                throw new HttpFault(400, "The header " + name + " has a control character.");
            }
            List<String> values = headers.computeIfAbsent(name, _ -> new ArrayList<>(1));
            values.add(value);
            if (values.size() > 1 && ONCE.contains(name)) {
                throw new HttpFault(400, "The header " + name + " comes twice.");
            }
        }
        return headers;
    }

    private byte[] body(Map<String, List<String>> headers) throws HttpFault, InterruptedException {
        Optional<String> length = only(headers, "content-length");
        Optional<String> transfer = only(headers, "transfer-encoding");
        if (length.isPresent() && transfer.isPresent()) {
            throw new HttpFault(400, "Content-Length and Transfer-Encoding come together.");
        }
        if (transfer.isPresent()) {
            if (!transfer.get().equalsIgnoreCase("chunked")) {
                throw new HttpFault(501, "The only Transfer-Encoding taken is chunked.");
            }
            awaitedBody(headers);
            return chunked();
        }
        if (length.isEmpty()) {
            return new byte[0];
        }
        String digits = length.get();
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new HttpFault(400, "Content-Length is not a number.");
        }
        if (digits.length() > 10 || Long.parseLong(digits) > limits.bodyBytes()) {
            throw tooLong();
        }
        awaitedBody(headers);
        return exactly(Integer.parseInt(digits));
    }

    private void awaitedBody(Map<String, List<String>> headers) throws HttpFault {
        Optional<String> expect = only(headers, "expect");
        if (expect.isPresent()) {
            if (!expect.get().equalsIgnoreCase("100-continue")) {
                throw new HttpFault(417, "The only expectation taken is 100-continue.");
            }
            goOn.send();
        }
    }

    private byte[] chunked() throws HttpFault, InterruptedException {
        byte[] body = new byte[0];
        int used = 0;
        while (true) {
            int size = chunkSize();
            if (size == 0) {
                if (read() != '\r' || read() != '\n') {
                    throw new HttpFault(400, "Trailers are not taken.");
                }
                return Arrays.copyOf(body, used);
            }
            if (size > limits.bodyBytes() - used) {
                throw tooLong();
            }
            if (body.length < used + size) {
                body = Arrays.copyOf(body, Math.max(used + size, body.length * 2));
            }
            fill(body, used, size);
            used += size;
            if (read() != '\r' || read() != '\n') {
                throw new HttpFault(400, "A chunk is longer than its size says.");
            }
        }
    }

    private int chunkSize() throws HttpFault, InterruptedException {
        long size = 0;
        for (int digits = 0; ; digits++) {
            int c = read();
            if (c == '\r' && digits > 0) {
                if (read() != '\n') {
                    throw new HttpFault(400, "A chunk's size line has no line end.");
                }
                return (int) Math.min(size, Integer.MAX_VALUE);
            }
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0 || digits >= LONGEST_CHUNK_LINE) {
                throw new HttpFault(400, "A chunk's size is not a plain hexadecimal number.");
            }
            size = size * 16 + digit;
        }
    }

    private byte[] exactly(int size) throws HttpFault, InterruptedException {
        byte[] body = new byte[size];
        fill(body, 0, size);
        return body;
    }

    private void fill(byte[] into, int offset, int size) throws HttpFault, InterruptedException {
        for (int done = 0; done < size; ) {
            int count = input.read(into, offset + done, size - done, limits.body());
            if (count < 0) {
                throw cut(count);
            }
            done += count;
        }
    }

    private int read() throws HttpFault, InterruptedException {
        int c = input.read(System.nanoTime() + limits.body().toNanos());
        if (c < 0) {
            throw cut(c);
        }
        return c;
    }

    private static HttpFault cut(int code) {
        return code == -2
                ? new HttpFault(408, "The request did not come in time.")
                : new HttpFault(400, "The request was cut off.");
    }

    private HttpFault tooLong() {
        return new HttpFault(413, "The body is longer than " + limits.bodyBytes() + " bytes.");
    }

    private static Optional<String> only(Map<String, List<String>> headers, String name) {
        return Optional.ofNullable(headers.get(name)).map(List::getFirst);
    }

    private static String trimmed(String value) {
        int from = 0;
        int to = value.length();
        while (from < to && (value.charAt(from) == ' ' || value.charAt(from) == '\t')) {
            from++;
        }
        while (to > from && (value.charAt(to - 1) == ' ' || value.charAt(to - 1) == '\t')) {
            to--;
        }
        return value.substring(from, to);
    }

    private static boolean token(String text) {
        return text.chars()
                .allMatch(c ->
                        (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || TOKEN_MARKS.indexOf(c) >= 0);
    }

    /// The lines before the body, within one budget of bytes and time.
    private final class Head {
        private final long deadline;
        private int held;
        private int left = limits.headBytes();

        Head(int first, long deadline) {
            this.held = first;
            this.deadline = deadline;
        }

        String line() throws HttpFault, InterruptedException {
            byte[] line = new byte[256];
            int length = 0;
            while (true) {
                int c = byteOf();
                if (c == '\n') {
                    throw new HttpFault(400, "A line ends with a bare line feed.");
                }
                if (c == '\r') {
                    if (byteOf() != '\n') {
                        throw new HttpFault(400, "A carriage return stands inside a line.");
                    }
                    return new String(line, 0, length, StandardCharsets.ISO_8859_1);
                }
                if (length == line.length) {
                    line = Arrays.copyOf(line, length * 2);
                }
                line[length++] = (byte) c;
            }
        }

        private int byteOf() throws HttpFault, InterruptedException {
            if (--left < 0) {
                throw new HttpFault(
                        431, "The headers are longer than " + limits.headBytes() + " bytes.");
            }
            int c = held;
            held = -1;
            if (c < 0) {
                c = input.read(deadline);
            }
            if (c < 0) {
                throw cut(c);
            }
            return c;
        }
    }
}
