package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// The answer as one message, for a client that did not ask for a stream: the same events, put
/// together.
final class WholeMessage {
    private WholeMessage() {}

    static ObjectNode of(List<ObjectNode> events) {
        ObjectNode message = StrictJson.newObject();
        ArrayNode content = JsonNodeFactory.instance.arrayNode();
        StringBuilder arguments = new StringBuilder();
        for (ObjectNode event : events) {
            switch (ModelCall.type(event)) {
                case "message_start" -> message = (ObjectNode) event.path("message").deepCopy();
                case "content_block_start" -> {
                    content.add(event.path("content_block").deepCopy());
                    arguments.setLength(0);
                }
                case "content_block_delta" ->
                        add(
                                (ObjectNode) content.get(content.size() - 1),
                                (ObjectNode) event.path("delta"),
                                arguments);
                case "content_block_stop" -> {
                    ObjectNode block = (ObjectNode) content.get(content.size() - 1);
                    if (!arguments.isEmpty()) {
                        block.set("input", input(arguments.toString()));
                    }
                }
                case "message_delta" -> {
                    message.setAll((ObjectNode) event.path("delta"));
                    ((ObjectNode) message.path("usage")).setAll((ObjectNode) event.path("usage"));
                }
                default -> {}
            }
        }
        message.set("content", content);
        return message;
    }

    private static void add(ObjectNode block, ObjectNode delta, StringBuilder arguments) {
        switch (delta.path("type").asText()) {
            case "text_delta" -> append(block, "text", delta);
            case "thinking_delta" -> append(block, "thinking", delta);
            case "signature_delta" -> append(block, "signature", delta);
            case "citations_delta" -> block.withArray("citations").add(delta.path("citation"));
            case "input_json_delta" -> arguments.append(delta.path("partial_json").asText());
            default -> {}
        }
    }

    private static void append(ObjectNode block, String field, ObjectNode delta) {
        block.put(field, block.path(field).asText() + delta.path(field).asText());
    }

    private static ObjectNode input(String arguments) {
        try {
            return StrictJson.object(arguments);
        } catch (StrictJson.Malformed e) {
            throw new IllegalStateException("arguments were checked before they were held", e);
        }
    }
}
