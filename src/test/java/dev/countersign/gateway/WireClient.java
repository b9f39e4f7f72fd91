package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A client that shows every byte: what it sends is what the test wrote.
public final class WireClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final SocketChannel channel;
    private final InputStream in;
    private final Map<String, String> headers = new HashMap<>();
    private int status;
    private boolean chunked;

    public WireClient(SocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        in = Channels.newInputStream(channel);
    }

    public static String post(String path, String body) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length
                + "\r\n\r\n"
                + body;
    }

    public WireClient send(String raw) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(raw.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return this;
    }

    public WireClient ask(String body) throws IOException {
        return send(post("/v1/messages", body));
    }

    /// Reads status and headers.
    public int status() throws IOException {
        String[] line = line().split(" ", 3);
        status = Integer.parseInt(line[1]);
        headers.clear();
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).trim());
        }
        chunked = "chunked".equals(headers.get("transfer-encoding"));
        return status;
    }

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    /// Reads the body to its proper end.
    public String body() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (chunked) {
            for (byte[] part = part(); part.length > 0; part = part()) {
                body.write(part);
            }
        } else {
            body.write(in.readNBytes(Integer.parseInt(header("content-length"))));
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    public JsonNode json() throws IOException {
        return JSON.readTree(body());
    }

    /// The next chunk; empty at the proper end.
    public byte[] part() throws IOException {
        int size = Integer.parseInt(line(), 16);
        byte[] part = in.readNBytes(size);
        if (part.length < size || !line().isEmpty()) {
            throw new EOFException("cut inside a chunk");
        }
        return part;
    }

    /// The next event; a chunk holds exactly one.
    public JsonNode event() throws IOException {
        String text = new String(part(), StandardCharsets.UTF_8);
        return JSON.readTree(text.substring(text.indexOf("data: ") + 6));
    }

    /// All events to the proper end, pings left out.
    public List<JsonNode> events() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String frame : body().split("\n\n")) {
            JsonNode event = JSON.readTree(frame.substring(frame.indexOf("data: ") + 6));
            if (!event.path("type").asText().equals("ping")) {
                events.add(event);
            }
        }
        return events;
    }

    /// Whether the connection has ended.
    public boolean atEnd() throws IOException {
        return in.read() < 0;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("the server closed after: " + line);
            }
            if (c == '\n') {
                return line.substring(0, line.length() - 1);
            }
            line.append((char) c);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
