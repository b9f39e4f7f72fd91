package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the agent was not given. The agent has a note in place of the denied calls; the provider is
/// sent the conversation as it really went, with the calls and their error results, so that the
/// model knows, and the conversation stays valid.
final class DenialMemory {
    private static final String SUFFIX = ".note";
    private static final Pattern MARK = Pattern.compile("\\[cs-([0-9a-f]{32})]");

    private final SealedFiles files;
    private final ConcurrentHashMap<String, Denial> known = new ConcurrentHashMap<>();
    private final Set<String> onDisk = ConcurrentHashMap.newKeySet();

    /// One denial.
    ///
    /// @param note the text that the agent was given; ends with the mark
    /// @param blocks if all was denied: the blocks that the agent did not get; else the calls in
    ///   their order, those that it got reduced to their ids
    /// @param results error results for the denied calls
    private record Denial(
            String note, boolean all, List<ObjectNode> blocks, List<ObjectNode> results) {}

    DenialMemory(SealedFiles files) throws CountersignException {
        this.files = files;
        onDisk.addAll(files.names(SUFFIX));
    }

    boolean hasAny() {
        return !onDisk.isEmpty();
    }

    /// Remembers that none of these blocks was handed over. Returns the note for the agent.
    String allDenied(String said, List<Turn.Block> blocks, List<ObjectNode> results)
            throws CountersignException {
        return remember(said, true, blocks.stream().map(Turn.Block::json).toList(), results);
    }

    /// Remembers that some of these calls were handed over. Returns the note for the agent.
    String someDenied(
            String said, List<Turn.Block> calls, Set<String> allowed, List<ObjectNode> results)
            throws CountersignException {
        List<ObjectNode> order = new ArrayList<>();
        for (Turn.Block call : calls) {
            order.add(
                    allowed.contains(call.id())
                            ? StrictJson.newObject().put("id", call.id())
                            : call.json());
        }
        return remember(said, false, order, results);
    }

    private String remember(
            String said, boolean all, List<ObjectNode> blocks, List<ObjectNode> results)
            throws CountersignException {
        String name = files.fresh(SUFFIX);
        String id = name.substring(0, name.length() - SUFFIX.length());
        String note = said + " [cs-" + id + "]";
        ObjectNode node = StrictJson.newObject().put("note", note).put("all", all);
        node.putArray("blocks").addAll(blocks);
        node.putArray("results").addAll(results);
        try {
            files.write(name, StrictJson.bytes(node));
        } catch (StrictJson.Malformed e) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED,
                    "A denial could not be kept: " + e.getMessage() + ".",
                    e);
        }
        known.put(name, new Denial(note, all, List.copyOf(blocks), List.copyOf(results)));
        onDisk.add(name);
        return note;
    }

    /// The conversation as it really went. Notes that are not ours, or were changed, stay text.
    ArrayNode restored(ArrayNode messages) {
        List<ObjectNode> result = new ArrayList<>();
        List<ObjectNode> owed = new ArrayList<>();
        for (JsonNode given : messages) {
            ObjectNode message = (ObjectNode) given;
            if (message.path("role").asText().equals("assistant")) {
                settle(owed, result);
                restore(message, result, owed);
            } else if (!owed.isEmpty()) {
                result.add(withResults(message, owed));
                owed.clear();
            } else {
                result.add(message);
            }
        }
        settle(owed, result);
        return JsonNodeFactory.instance.arrayNode().addAll(result);
    }

    private static void settle(List<ObjectNode> owed, List<ObjectNode> result) {
        if (!owed.isEmpty()) {
            result.add(message("user", owed));
            owed.clear();
        }
    }

    private void restore(ObjectNode message, List<ObjectNode> result, List<ObjectNode> owed) {
        List<ObjectNode> rest = new ArrayList<>();
        List<ObjectNode> reinserted = new ArrayList<>();
        for (ObjectNode block : blocksOf(message)) {
            ObjectNode left = block;
            Found found = find(left);
            while (found != null) {
                text(left, 0, found.from()).ifPresent(rest::add);
                if (found.denial().all()) {
                    rest.addAll(found.denial().blocks());
                    result.add(message("assistant", rest));
                    result.add(message("user", found.denial().results()));
                    rest.clear();
                } else {
                    reinserted.addAll(found.denial().blocks());
                    owed.addAll(found.denial().results());
                }
                Optional<ObjectNode> after =
                        text(left, found.to(), left.path("text").asText().length());
                if (after.isEmpty()) {
                    left = null;
                    break;
                }
                left = after.get();
                found = find(left);
            }
            if (left != null) {
                rest.add(left);
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
            if (order.get(i).path("id").asText().equals(id)) {
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

    private static Optional<ObjectNode> text(ObjectNode block, int from, int to) {
        String piece = block.path("text").asText().substring(from, to);
        return piece.isBlank()
                ? Optional.empty()
                : Optional.of(block.deepCopy().put("text", piece));
    }

    private record Found(Denial denial, int from, int to) {}

    private @Nullable Found find(ObjectNode block) {
        if (!block.path("type").asText().equals("text")) {
            return null;
        }
        String text = block.path("text").asText();
        Matcher mark = MARK.matcher(text);
        while (mark.find()) {
            Denial denial = denial(mark.group(1) + SUFFIX);
            if (denial != null) {
                int from = mark.end() - denial.note().length();
                if (from >= 0 && text.startsWith(denial.note(), from)) {
                    return new Found(denial, from, mark.end());
                }
            }
        }
        return null;
    }

    private @Nullable Denial denial(String name) {
        Denial remembered = known.get(name);
        if (remembered != null || !onDisk.contains(name)) {
            return remembered;
        }
        try {
            Optional<byte[]> json = files.read(name);
            if (json.isEmpty()) {
                return null;
            }
            ObjectNode node = StrictJson.object(json.get());
            Denial denial =
                    new Denial(
                            node.path("note").asText(),
                            node.path("all").asBoolean(),
                            objects(node.path("blocks")),
                            objects(node.path("results")));
            known.put(name, denial);
            return denial;
        } catch (CountersignException | StrictJson.Malformed e) {
            return null;
        }
    }

    private static List<ObjectNode> objects(JsonNode nodes) {
        List<ObjectNode> objects = new ArrayList<>();
        nodes.forEach(node -> objects.add((ObjectNode) node));
        return List.copyOf(objects);
    }
}
