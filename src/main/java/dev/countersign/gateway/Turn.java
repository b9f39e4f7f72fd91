package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One complete answer of the model.
///
/// @param message the message's frame, without content
/// @param open blocks before the first call: the agent may have them
/// @param held blocks from the first call on: the agent does not have them
/// @param stopReason why the model ended
/// @param usage as the provider counted, at the end
record Turn(
        ObjectNode message,
        List<Block> open,
        List<Block> held,
        String stopReason,
        @Nullable String stopSequence,
        ObjectNode usage) {

    /// A block of content.
    ///
    /// @param arguments of a call, exactly as the model wrote them; null for other blocks
    record Block(ObjectNode json, @Nullable String arguments) {
        boolean call() {
            return arguments != null;
        }

        String id() {
            return json.path("id").asText();
        }

        String tool() {
            return json.path("name").asText();
        }
    }

    List<Block> calls() {
        return held.stream().filter(Block::call).toList();
    }

    /// The model's own words in this answer.
    String text() {
        StringBuilder text = new StringBuilder();
        for (Block block : all()) {
            if (block.json().path("type").asText().equals("text")) {
                if (!text.isEmpty()) {
                    text.append('\n');
                }
                text.append(block.json().path("text").asText());
            }
        }
        return text.toString();
    }

    List<Block> all() {
        List<Block> all = new ArrayList<>(open);
        all.addAll(held);
        return all;
    }

    long inputTokens() {
        JsonNode counted = message.path("usage");
        return count(counted, "input_tokens")
                + count(counted, "cache_creation_input_tokens")
                + count(counted, "cache_read_input_tokens");
    }

    long outputTokens() {
        return Math.max(
                count(usage, "output_tokens"), count(message.path("usage"), "output_tokens"));
    }

    private static long count(JsonNode usage, String field) {
        return Math.max(0, usage.path(field).asLong(0));
    }
}
