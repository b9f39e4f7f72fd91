package dev.countersign.egress;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The head of one request, read strictly (RFC 9112): what two readers could understand in two ways
/// is refused, not repaired.
///
/// @param version `HTTP/1.1` or `HTTP/1.0`
/// @param bodyLength of the body; -1 if it is chunked
record RequestHead(
        String method, String target, String version, List<Field> fields, long bodyLength) {
    /// A header line.
    record Field(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /// A request that is not as it should be.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final Reason reason;

        Refused(Reason reason) {
            super(reason.code());
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    private static final int MOST_FIELDS = 100;
    private static final int SHOWN = 60;
    private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

    /// Reads up to the empty line and not a byte further.
    ///
    /// @return null if the connection ended before the first byte
    static @Nullable RequestHead read(InputStream in, int mostBytes) throws IOException, Refused {
        Lines lines = new Lines(in, mostBytes);
        String first = lines.next();
        if (first == null) {
            return null;
        }
        String[] parts = first.split(" ", -1);
        if (parts.length != 3
                || !token(parts[0])
                || !parts[1].chars().allMatch(c -> c > ' ' && c < 0x7f)
                || parts[1].isEmpty()
                || !(parts[2].equals("HTTP/1.1") || parts[2].equals("HTTP/1.0"))) {
            throw new Refused(Reason.REQUEST_MALFORMED);
        }
        List<Field> fields = new ArrayList<>();
        for (String line = lines.must(); !line.isEmpty(); line = lines.must()) {
            if (fields.size() == MOST_FIELDS) {
                throw new Refused(Reason.REQUEST_TOO_LARGE);
            }
            fields.add(field(line));
        }
        return new RequestHead(
                parts[0], parts[1], parts[2], List.copyOf(fields), bodyLength(parts[2], fields));
    }

    private static Field field(String line) throws Refused {
        int colon = line.indexOf(':');
        if (colon <= 0 || !token(line.substring(0, colon))) {
            throw new Refused(Reason.SMUGGLING);
        }
        String value = line.substring(colon + 1).strip();
        if (!value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f))) {
            throw new Refused(Reason.REQUEST_MALFORMED);
        }
        return new Field(line.substring(0, colon), value);
    }

    private static long bodyLength(String version, List<Field> fields) throws Refused {
        Set<String> once = new HashSet<>();
        long length = 0;
        boolean chunked = false;
        for (Field field : fields) {
            String name = field.name().toLowerCase(Locale.ROOT);
            switch (name) {
                case "content-length" -> {
                    if (!once.add(name) || !field.value().matches("[0-9]{1,15}")) {
                        throw new Refused(Reason.SMUGGLING);
                    }
                    length = Long.parseLong(field.value());
                }
                case "transfer-encoding" -> {
                    boolean plain = field.value().equalsIgnoreCase("chunked");
                    if (!once.add(name) || !plain || version.equals("HTTP/1.0")) {
                        throw new Refused(Reason.SMUGGLING);
                    }
                    chunked = true;
                }
                case "host" -> {
                    if (!once.add(name)) {
                        throw new Refused(Reason.HOST_MISMATCH);
                    }
                }
                default -> {
                    // Names that some servers read as one of the above: `Content_Length`.
                    String plain = name.replace('_', '-');
                    if (plain.equals("content-length") || plain.equals("transfer-encoding")) {
                        throw new Refused(Reason.SMUGGLING);
                    }
                }
            }
        }
        if (once.contains("content-length") && chunked) {
            throw new Refused(Reason.SMUGGLING);
        }
        return chunked ? -1 : length;
    }

    private static boolean token(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c ->
                                c < 128
                                        && (Character.isLetterOrDigit(c)
                                                || TOKEN_SIGNS.indexOf(c) >= 0));
    }

    /// All of it that the client wrote.
    String text() {
        StringBuilder all = new StringBuilder(target);
        fields.forEach(
                field -> all.append('\n').append(field.name()).append(": ").append(field.value()));
        return all.toString();
    }

    /// The target's first part, for people.
    String shownTarget() {
        return target.substring(0, Math.min(SHOWN, target.length()));
    }

    @Nullable String value(String name) {
        return fields.stream().filter(f -> f.is(name)).map(Field::value).findFirst().orElse(null);
    }

    /// Lines that end in CR LF; either alone is refused.
    static final class Lines {
        private final InputStream in;
        private int left;

        Lines(InputStream in, int most) {
            this.in = in;
            this.left = most;
        }

        @Nullable String next() throws IOException, Refused {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); ; c = in.read()) {
                if (c < 0) {
                    if (line.isEmpty()) {
                        return null;
                    }
                    throw new Refused(Reason.REQUEST_MALFORMED);
                }
                if (--left < 0) {
                    throw new Refused(Reason.REQUEST_TOO_LARGE);
                }
                if (c == '\r') {
                    if (in.read() != '\n') {
                        throw new Refused(Reason.SMUGGLING);
                    }
                    return line.toString();
                }
                if (c == '\n') {
                    throw new Refused(Reason.SMUGGLING);
                }
                if (c == 0) {
                    throw new Refused(Reason.REQUEST_MALFORMED);
                }
                line.append((char) c);
            }
        }

        String must() throws IOException, Refused {
            String line = next();
            if (line == null) {
                throw new Refused(Reason.REQUEST_MALFORMED);
            }
            return line;
        }
    }

    byte[] bytes(String target, String host) {
        Set<String> hop = hopByHop();
        StringBuilder head = new StringBuilder();
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: ").append(host);
        head.append("\r\n");
        for (Field field : fields) {
            if (!hop.contains(field.name().toLowerCase(Locale.ROOT))) {
                head.append(field.name()).append(": ").append(field.value()).append("\r\n");
            }
        }
        head.append("Connection: close\r\n\r\n");
        return head.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /// What is meant for the proxy alone (RFC 9110 §7.6.1); framing stays, it was checked.
    private Set<String> hopByHop() {
        Set<String> names =
                new HashSet<>(
                        Set.of(
                                "host",
                                "connection",
                                "proxy-connection",
                                "keep-alive",
                                "te",
                                "trailer",
                                "upgrade",
                                "proxy-authorization",
                                "proxy-authenticate",
                                "http2-settings"));
        for (Field field : fields) {
            if (field.is("connection") || field.is("proxy-connection")) {
                for (String name : field.value().split(",")) {
                    names.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }
        names.remove("content-length");
        names.remove("transfer-encoding");
        return names;
    }
}
