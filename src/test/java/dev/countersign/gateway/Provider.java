package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/// A provider whose answers the test writes.
final class Provider implements Upstream {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Deque<Reply> replies = new ArrayDeque<>();
    private final List<JsonNode> requests = new ArrayList<>();

    synchronized Provider streams(String events) {
        return streams(new ByteArrayInputStream(events.getBytes(StandardCharsets.UTF_8)));
    }

    synchronized Provider streams(InputStream events) {
        replies.add(new Reply(200, "text/event-stream", Map.of(), events));
        return this;
    }

    synchronized Provider answers(int status, String json) {
        replies.add(
                new Reply(
                        status,
                        "application/json",
                        Map.of(),
                        new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))));
        return this;
    }

    @Override
    public synchronized Reply send(Request request) throws IOException {
        requests.add(JSON.readTree(request.body()));
        Reply reply = replies.poll();
        if (reply == null) {
            throw new IOException("the test has no further answer");
        }
        return reply;
    }

    synchronized List<JsonNode> requests() {
        return List.copyOf(requests);
    }

    static String start() {
        return event(
                """
                {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
                "model":"m","content":[],"stop_reason":null,"stop_sequence":null,\
                "usage":{"input_tokens":10,"output_tokens":1}}}\
                """);
    }

    static String text(int index, String... pieces) {
        StringBuilder events = new StringBuilder();
        events.append(
                event(
                        "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}"
                                .formatted(index)));
        for (String piece : pieces) {
            events.append(
                    event(
                            "{\"type\":\"content_block_delta\",\"index\":%d,\"delta\":{\"type\":\"text_delta\",\"text\":%s}}"
                                    .formatted(index, quoted(piece))));
        }
        return events.append(stop(index)).toString();
    }

    static String call(int index, String id, String tool, String... pieces) {
        StringBuilder events = new StringBuilder();
        events.append(
                event(
                        "{\"type\":\"content_block_start\",\"index\":%d,\"content_block\":{\"type\":\"tool_use\",\"id\":%s,\"name\":%s,\"input\":{}}}"
                                .formatted(index, quoted(id), quoted(tool))));
        for (String piece : pieces) {
            events.append(
                    event(
                            "{\"type\":\"content_block_delta\",\"index\":%d,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":%s}}"
                                    .formatted(index, quoted(piece))));
        }
        return events.append(stop(index)).toString();
    }

    static String stop(int index) {
        return event("{\"type\":\"content_block_stop\",\"index\":%d}".formatted(index));
    }

    static String end(String reason) {
        return event(
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":%s,\"stop_sequence\":null},\"usage\":{\"output_tokens\":7}}"
                                .formatted(quoted(reason)))
                + event("{\"type\":\"message_stop\"}");
    }

    static String event(String json) {
        String type = json.substring(9, json.indexOf('"', 9));
        return "event: " + type + "\ndata: " + json + "\n\n";
    }

    static String quoted(String text) {
        return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
    }
}
