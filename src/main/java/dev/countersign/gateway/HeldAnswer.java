package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An answer whose calls are not decided or not handed over: all that the next engine needs to go
/// on as if nothing had happened.
///
/// @param file its name in the directory of held answers
/// @param key of the agent's request
/// @param published what the agent may have got of it so far
/// @param further messages that the gateway added to the conversation after denials
/// @param rounds how many denials came before
/// @param earlierOutput output tokens of those rounds
record HeldAnswer(
        String file,
        Digest key,
        int epoch,
        Instant since,
        Turn turn,
        List<ObjectNode> published,
        List<ObjectNode> further,
        int rounds,
        long earlierOutput) {
    static final String SUFFIX = ".held";
    private static final int VERSION = 1;

    byte[] json() throws StrictJson.Malformed {
        ObjectNode node = StrictJson.newObject();
        node.put("version", VERSION);
        node.put("key", key.hex());
        node.put("epoch", epoch);
        node.put("since", since.toString());
        node.put("rounds", rounds);
        node.put("earlierOutput", earlierOutput);
        ObjectNode answer = node.putObject("turn");
        answer.set("message", turn.message());
        blocks(answer.putArray("open"), turn.open());
        blocks(answer.putArray("held"), turn.held());
        answer.put("stopReason", turn.stopReason());
        answer.put("stopSequence", turn.stopSequence());
        answer.set("usage", turn.usage());
        node.putArray("published").addAll(published);
        node.putArray("further").addAll(further);
        return StrictJson.bytes(node);
    }

    private static void blocks(ArrayNode into, List<Turn.Block> blocks) {
        for (Turn.Block block : blocks) {
            ObjectNode node = into.addObject();
            node.set("json", block.json());
            node.put("arguments", block.arguments());
        }
    }

    /// @throws StrictJson.Malformed if the file is of another version or not one of these
    static HeldAnswer of(String file, byte[] json) throws StrictJson.Malformed {
        ObjectNode node = StrictJson.object(json);
        if (node.path("version").asInt() != VERSION) {
            throw new StrictJson.Malformed("it is of another version");
        }
        JsonNode answer = node.path("turn");
        return new HeldAnswer(
                file,
                new Digest(node.path("key").asText()),
                node.path("epoch").asInt(),
                Instant.parse(node.path("since").asText()),
                new Turn(
                        object(answer.path("message")),
                        blocks(answer.path("open")),
                        blocks(answer.path("held")),
                        answer.path("stopReason").asText(),
                        optional(answer.path("stopSequence")),
                        object(answer.path("usage"))),
                objects(node.path("published")),
                objects(node.path("further")),
                node.path("rounds").asInt(),
                node.path("earlierOutput").asLong());
    }

    private static List<Turn.Block> blocks(JsonNode nodes) throws StrictJson.Malformed {
        List<Turn.Block> blocks = new ArrayList<>();
        for (JsonNode node : nodes) {
            blocks.add(new Turn.Block(object(node.path("json")), optional(node.path("arguments"))));
        }
        return List.copyOf(blocks);
    }

    private static List<ObjectNode> objects(JsonNode nodes) throws StrictJson.Malformed {
        List<ObjectNode> objects = new ArrayList<>();
        for (JsonNode node : nodes) {
            objects.add(object(node));
        }
        return List.copyOf(objects);
    }

    private static ObjectNode object(JsonNode node) throws StrictJson.Malformed {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new StrictJson.Malformed("a part is missing");
    }

    private static @Nullable String optional(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }
}
