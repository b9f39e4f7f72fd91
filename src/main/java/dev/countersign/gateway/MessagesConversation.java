package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Puts back what the agent was not given, in the Messages format.
final class MessagesConversation {
    private final DenialMemory denials;
    private final List<ObjectNode> result = new ArrayList<>();
    private final List<ObjectNode> owed = new ArrayList<>();

    private MessagesConversation(DenialMemory denials) {
        this.denials = denials;
    }

    static ArrayNode restored(ArrayNode messages, DenialMemory denials) {
        return new MessagesConversation(denials).restored(messages);
    }

    private ArrayNode restored(ArrayNode messages) {
        for (JsonNode given : messages) {
            ObjectNode message = (ObjectNode) given;
            if (message.path("role").asText().equals("assistant")) {
                settle();
                restore(message);
            } else if (!owed.isEmpty() && message.path("role").asText().equals("user")) {
                result.add(withResults(message, owed));
                owed.clear();
            } else {
                settle();
                result.add(message);
            }
        }
        settle();
        return JsonNodeFactory.instance.arrayNode().addAll(result);
    }

    private void settle() {
        if (!owed.isEmpty()) {
            result.add(message("user", owed));
            owed.clear();
        }
    }

    private void restore(ObjectNode message) {
        List<ObjectNode> rest = new ArrayList<>();
        List<ObjectNode> reinserted = new ArrayList<>();
        for (ObjectNode block : blocksOf(message)) {
            if (!block.path("type").asText().equals("text")) {
                rest.add(block);
                continue;
            }
            List<DenialMemory.Piece> pieces = denials.pieces(block.path("text").asText());
            if (pieces.stream().noneMatch(DenialMemory.Piece.Denied.class::isInstance)) {
                rest.add(block);
                continue;
            }
            for (DenialMemory.Piece piece : pieces) {
                switch (piece) {
                    case DenialMemory.Piece.Words(String words) ->
                            rest.add(block.deepCopy().put("text", words));
                    case DenialMemory.Piece.Denied(DenialMemory.Denial denial)
                            when denial.all() -> {
                        rest.addAll(denial.blocks());
                        result.add(message("assistant", rest));
                        result.add(message("user", denial.results()));
                        rest.clear();
                    }
                    case DenialMemory.Piece.Denied(DenialMemory.Denial denial) -> {
                        reinserted.addAll(denial.blocks());
                        owed.addAll(denial.results());
                    }
                }
            }
        }
        List<ObjectNode> whole = merged(rest, reinserted);
        if (!whole.isEmpty()) {
            result.add(message("assistant", whole));
        }
    }

    /// Puts denied calls back where they stood among those that were handed over.
    private static List<ObjectNode> merged(List<ObjectNode> blocks, List<ObjectNode> order) {
        if (order.isEmpty()) {
            return blocks;
        }
        Set<String> present = new HashSet<>();
        blocks.forEach(block -> present.add(block.path("id").asText()));
        List<ObjectNode> whole = new ArrayList<>();
        int next = 0;
        for (ObjectNode block : blocks) {
            if (block.path("type").asText().equals("tool_use")) {
                String id = block.path("id").asText();
                int place = placeOf(id, order);
                for (; next < place; next++) {
                    addDenied(order.get(next), present, whole);
                }
                next = Math.max(next, place + 1);
            }
            whole.add(block);
        }
        for (; next < order.size(); next++) {
            addDenied(order.get(next), present, whole);
        }
        return whole;
    }

    private static void addDenied(ObjectNode call, Set<String> present, List<ObjectNode> whole) {
        if (call.has("name") && !present.contains(call.path("id").asText())) {
            whole.add(call);
        }
    }

    private static int placeOf(String id, List<ObjectNode> order) {
        for (int i = 0; i < order.size(); i++) {
            if (order.get(i).path(DenialMemory.HANDED_OVER).asText().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private static ObjectNode withResults(ObjectNode message, List<ObjectNode> owed) {
        List<ObjectNode> blocks = new ArrayList<>();
        int results = 0;
        for (ObjectNode block : blocksOf(message)) {
            if (block.path("type").asText().equals("tool_result")) {
                results = blocks.size() + 1;
            }
            blocks.add(block);
        }
        blocks.addAll(results, owed);
        return message("user", blocks);
    }

    private static ObjectNode message(String role, List<ObjectNode> blocks) {
        ObjectNode message = StrictJson.newObject().put("role", role);
        message.putArray("content").addAll(blocks);
        return message;
    }

    private static List<ObjectNode> blocksOf(ObjectNode message) {
        JsonNode content = message.path("content");
        if (content.isTextual()) {
            return content.asText().isEmpty()
                    ? List.of()
                    : List.of(
                            StrictJson.newObject()
                                    .put("type", "text")
                                    .put("text", content.asText()));
        }
        List<ObjectNode> blocks = new ArrayList<>();
        content.forEach(block -> blocks.add((ObjectNode) block));
        return blocks;
    }
}
