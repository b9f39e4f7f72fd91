package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import java.util.ArrayList;
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

    /// Stands for a call that the agent got, by its id.
    static final String HANDED_OVER = "countersign_handed_over";

    private final SealedFiles files;
    private final ConcurrentHashMap<String, Denial> known = new ConcurrentHashMap<>();
    private final Set<String> onDisk = ConcurrentHashMap.newKeySet();

    /// One denial.
    ///
    /// @param note the text that the agent was given; ends with the mark
    /// @param blocks if all was denied: the blocks that the agent did not get; else the calls in
    ///   their order, those that it got reduced to their ids
    /// @param results error results for the denied calls
    record Denial(String note, boolean all, List<ObjectNode> blocks, List<ObjectNode> results) {}

    /// What a text of the history is made of.
    sealed interface Piece {
        /// The agent's own words.
        record Words(String text) implements Piece {}

        /// A note of ours.
        record Denied(Denial denial) implements Piece {}
    }

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
            String id = java.util.Objects.requireNonNull(call.call()).id();
            order.add(
                    allowed.contains(id)
                            ? StrictJson.newObject().put(HANDED_OVER, id)
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

    /// The denials that a text of the agent's history stands for, with the words around them. Notes
    /// that are not ours, or were changed, stay words.
    List<Piece> pieces(String text) {
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        Matcher mark = MARK.matcher(text);
        while (mark.find()) {
            Denial denial = denial(mark.group(1) + SUFFIX);
            if (denial != null) {
                int begin = mark.end() - denial.note().length();
                if (begin >= from && text.startsWith(denial.note(), begin)) {
                    addWords(text.substring(from, begin), pieces);
                    pieces.add(new Piece.Denied(denial));
                    from = mark.end();
                }
            }
        }
        addWords(text.substring(from), pieces);
        return pieces;
    }

    private static void addWords(String words, List<Piece> pieces) {
        if (!words.isBlank()) {
            pieces.add(new Piece.Words(words));
        }
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
