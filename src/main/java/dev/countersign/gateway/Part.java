package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A step of an answer on its way to the agent, in an order that all wire formats share. The JSON
/// inside is the format's own; [AnswerWriter] makes events of it.
sealed interface Part {
    /// The answer begins.
    record Begun(ObjectNode frame) implements Part {}

    /// A block begins, as the format writes a block that is still empty.
    record Opened(ObjectNode block) implements Part {}

    /// The block that was opened last grows.
    record Grown(ObjectNode delta) implements Part {}

    /// The block that was opened last is complete.
    record Closed(Turn.Block block) implements Part {}

    /// The answer is complete.
    record Ended(ObjectNode ending) implements Part {}

    /// Where an answer goes on behind blocks that the agent has.
    ///
    /// @param parts of the answer so far
    /// @param had the first blocks of it, as [WireFormat#said] names them
    /// @return the place of the part that comes next; -1 if the answer does not begin with these
    static int behind(List<Part> parts, List<String> had, WireFormat format) {
        int next = 0;
        for (int i = 0; i < parts.size() && next < had.size(); i++) {
            if (parts.get(i) instanceof Closed(Turn.Block block)) {
                String said = format.said(block.json());
                if (!said.isEmpty() && !said.equals(had.get(next++))) {
                    return -1;
                }
                if (next == had.size()) {
                    return i + 1;
                }
            }
        }
        return -1;
    }

    /// For the file of a held answer.
    default ObjectNode json() {
        ObjectNode node = StrictJson.newObject();
        switch (this) {
            case Begun(ObjectNode frame) -> node.set("begun", frame);
            case Opened(ObjectNode block) -> node.set("opened", block);
            case Grown(ObjectNode delta) -> node.set("grown", delta);
            case Closed(Turn.Block block) -> node.set("closed", json(block));
            case Ended(ObjectNode ending) -> node.set("ended", ending);
        }
        return node;
    }

    /// @throws StrictJson.Malformed if it is none
    static Part of(JsonNode node) throws StrictJson.Malformed {
        if (node.size() == 1) {
            var only = node.properties().iterator().next();
            if (only.getValue() instanceof ObjectNode value) {
                switch (only.getKey()) {
                    case "begun" -> {
                        return new Begun(value);
                    }
                    case "opened" -> {
                        return new Opened(value);
                    }
                    case "grown" -> {
                        return new Grown(value);
                    }
                    case "closed" -> {
                        return new Closed(block(value));
                    }
                    case "ended" -> {
                        return new Ended(value);
                    }
                    default -> {}
                }
            }
        }
        throw new StrictJson.Malformed("it has a part that is not known");
    }

    static ObjectNode json(Turn.Block block) {
        ObjectNode node = StrictJson.newObject();
        node.set("json", block.json());
        Turn.Call call = block.call();
        if (call != null) {
            node.putObject("call")
                    .put("id", call.id())
                    .put("tool", call.tool())
                    .put("arguments", call.arguments());
        }
        return node;
    }

    static Turn.Block block(JsonNode node) throws StrictJson.Malformed {
        if (!(node.path("json") instanceof ObjectNode json)) {
            throw new StrictJson.Malformed("a block is missing");
        }
        JsonNode call = node.path("call");
        Turn.@Nullable Call called =
                call.isObject()
                        ? new Turn.Call(
                                call.path("id").asText(),
                                call.path("tool").asText(),
                                call.path("arguments").asText())
                        : null;
        return new Turn.Block(json, called);
    }
}
