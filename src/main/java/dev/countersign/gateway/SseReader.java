package dev.countersign.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Server-sent events (HTML standard, 9.2.6), from a provider that may be hostile: bounded, strict
/// UTF-8. An event that is cut off by the end of the stream is dropped, as the standard says.
final class SseReader {
    private final InputStream in;
    private final byte[] buffer = new byte[8192];
    private int at;
    private int end;
    private long left;
    private byte[] line = new byte[1024];
    private boolean afterReturn;
    private boolean first = true;

    /// @param limit bytes of the whole stream
    SseReader(InputStream in, long limit) {
        this.in = in;
        this.left = limit;
    }

    /// One event.
    ///
    /// @param name `message` without an `event:` line
    record Event(String name, String data) {}

    /// The next event, or null at the end.
    @Nullable Event next() throws IOException, ProviderFault {
        String name = "";
        StringBuilder data = null;
        while (true) {
            String text = line();
            if (text == null) {
                return null;
            }
            if (text.isEmpty()) {
                if (data != null) {
                    return new Event(name.isEmpty() ? "message" : name, data.toString());
                }
                name = "";
                continue;
            }
            int colon = text.indexOf(':');
            String field = colon < 0 ? text : text.substring(0, colon);
            String value = colon < 0 ? "" : text.substring(colon + 1);
            if (value.startsWith(" ")) {
                value = value.substring(1);
            }
            switch (field) {
                case "event" -> name = value;
                case "data" -> {
                    if (data == null) {
                        data = new StringBuilder(value);
                    } else {
                        data.append('\n').append(value);
                    }
                }
                default -> {}
            }
        }
    }

    private @Nullable String line() throws IOException, ProviderFault {
        int length = 0;
        while (true) {
            if (at == end) {
                end = in.read(buffer);
                at = 0;
                if (end < 0) {
                    end = 0;
                    return null;
                }
                left -= end;
                if (left < 0) {
                    throw ProviderFault.notUnderstood("it is longer than Countersign reads");
                }
                continue;
            }
            byte b = buffer[at++];
            if (b == '\n' && afterReturn) {
                afterReturn = false;
                continue;
            }
            afterReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                return decoded(length);
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = b;
        }
    }

    private String decoded(int length) throws ProviderFault {
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(line, 0, length))
                            .toString();
            boolean mark = first && text.startsWith("\uFEFF");
            first = false;
            return mark ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw ProviderFault.notUnderstood("it is not UTF-8");
        }
    }
}
