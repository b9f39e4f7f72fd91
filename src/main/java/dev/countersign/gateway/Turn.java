package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One complete answer of the model. The JSON is that of its wire format.
///
/// @param frame what stands around the content
/// @param open blocks before the first call: the agent may have them
/// @param held blocks from the first call on: the agent does not have them
/// @param ending why the model ended and what the provider counted
/// @param text the model's own words
record Turn(
        ObjectNode frame,
        List<Block> open,
        List<Block> held,
        ObjectNode ending,
        String text,
        Tokens tokens) {

    /// Keeps copies.
    Turn {
        open = List.copyOf(open);
        held = List.copyOf(held);
    }

    /// A block of content.
    ///
    /// @param call what it calls; null for other blocks
    record Block(ObjectNode json, @Nullable Call call) {
        static Block of(ObjectNode json) {
            return new Block(json, null);
        }
    }

    /// A call.
    ///
    /// @param arguments exactly as the model wrote them, where the format has them as a text
    record Call(String id, String tool, String arguments) {}

    List<Call> calls() {
        List<Call> calls = new ArrayList<>();
        for (Block block : held) {
            if (block.call() != null) {
                calls.add(block.call());
            }
        }
        return calls;
    }

    List<Block> callBlocks() {
        return held.stream().filter(block -> block.call() != null).toList();
    }

    List<Block> all() {
        List<Block> all = new ArrayList<>(open);
        all.addAll(held);
        return all;
    }
}
