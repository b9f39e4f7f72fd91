package dev.countersign.gateway.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The answer to one request: whole, or as a stream whose parts leave at once.
public final class HttpResponse {
    private static final byte[] LINE = {'\r', '\n'};

    private final SocketChannel channel;
    private final HttpInput input;
    private final boolean keepAlive;
    private volatile long writingSince;
    private boolean begun;
    private boolean complete;

    HttpResponse(SocketChannel channel, HttpInput input, boolean keepAlive) {
        this.channel = channel;
        this.input = input;
        this.keepAlive = keepAlive;
    }

    /// Sends a whole answer.
    public void send(int status, String contentType, Map<String, String> headers, byte[] body)
            throws IOException {
        begin(status, contentType, headers, "Content-Length: " + body.length);
        write(ByteBuffer.wrap(body));
        complete = true;
    }

    /// Opens a stream. Its parts follow by [#part], its end by [#end].
    public void stream(int status, String contentType, Map<String, String> headers)
            throws IOException {
        begin(status, contentType, headers, "Transfer-Encoding: chunked");
    }

    /// Sends a part of the stream now; empty parts are left out.
    public void part(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        byte[] size =
                (HexFormat.of().toHexDigits(bytes.length) + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer chunk = ByteBuffer.allocate(size.length + bytes.length + 2);
        write(chunk.put(size).put(bytes).put(LINE).flip());
    }

    /// Ends the stream properly. A stream that is not ended is cut, and the client knows.
    public void end() throws IOException {
        write(ByteBuffer.wrap("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        complete = true;
    }

    /// Whether the first byte of the answer has left.
    public boolean begun() {
        return begun;
    }

    /// Whether the client has closed the connection: nobody reads the answer.
    public boolean clientGone() {
        return input.ended();
    }

    /// Calls back once the client is gone, at once if it already is; null takes it back.
    public void onClientGone(@Nullable Runnable listener) {
        input.onEnd(listener);
    }

    boolean reusable() {
        return complete && keepAlive;
    }

    /// Since when a write waits for the client, in the time of `System.nanoTime`; 0: none does.
    long writingSince() {
        return writingSince;
    }

    private void begin(int status, String contentType, Map<String, String> headers, String framing)
            throws IOException {
        if (begun) {
            throw new IllegalStateException("a second answer to one request");
        }
        begun = true;
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(status).append(' ').append(reason(status)).append("\r\n");
        head.append("Content-Type: ").append(contentType).append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append(framing).append("\r\n");
        head.append("Cache-Control: no-store\r\n");
        head.append(keepAlive ? "\r\n" : "Connection: close\r\n\r\n");
        write(ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.ISO_8859_1)));
    }

    private void write(ByteBuffer bytes) throws IOException {
        writingSince = Math.max(1, System.nanoTime());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        writingSince = 0;
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 415 -> "Unsupported Media Type";
            case 417 -> "Expectation Failed";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            case 529 -> "Overloaded";
            default -> "Status";
        };
    }
}
