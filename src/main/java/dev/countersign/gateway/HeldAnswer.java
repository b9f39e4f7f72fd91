package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
        List<Part> published,
        List<ObjectNode> further,
        int rounds,
        long earlierOutput) {
    static final String SUFFIX = ".held";
    private static final int VERSION = 2;

    byte[] json() throws StrictJson.Malformed {
        ObjectNode node = StrictJson.newObject();
        node.put("version", VERSION);
        node.put("key", key.hex());
        node.put("epoch", epoch);
        node.put("since", since.toString());
        node.put("rounds", rounds);
        node.put("earlierOutput", earlierOutput);
        ObjectNode answer = node.putObject("turn");
        answer.set("frame", turn.frame());
        turn.open().forEach(block -> answer.withArray("open").add(Part.json(block)));
        turn.held().forEach(block -> answer.withArray("held").add(Part.json(block)));
        answer.set("ending", turn.ending());
        answer.put("text", turn.text());
        answer.putObject("tokens")
                .put("input", turn.tokens().input())
                .put("output", turn.tokens().output())
                .put("cacheRead", turn.tokens().cacheRead())
                .put("cacheWritten", turn.tokens().cacheWritten());
        published.forEach(part -> node.withArray("published").add(part.json()));
        node.putArray("further").addAll(further);
        return StrictJson.bytes(node);
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
                        object(answer.path("frame")),
                        blocks(answer.path("open")),
                        blocks(answer.path("held")),
                        object(answer.path("ending")),
                        answer.path("text").asText(),
                        new Tokens(
                                answer.path("tokens").path("input").asLong(),
                                answer.path("tokens").path("output").asLong(),
                                answer.path("tokens").path("cacheRead").asLong(),
                                answer.path("tokens").path("cacheWritten").asLong())),
                parts(node.path("published")),
                objects(node.path("further")),
                node.path("rounds").asInt(),
                node.path("earlierOutput").asLong());
    }

    private static List<Turn.Block> blocks(JsonNode nodes) throws StrictJson.Malformed {
        List<Turn.Block> blocks = new ArrayList<>();
        for (JsonNode node : nodes) {
            blocks.add(Part.block(node));
        }
        return List.copyOf(blocks);
    }

    private static List<Part> parts(JsonNode nodes) throws StrictJson.Malformed {
        List<Part> parts = new ArrayList<>();
        for (JsonNode node : nodes) {
            parts.add(Part.of(node));
        }
        return List.copyOf(parts);
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
}
