package dev.countersign.gate.policy;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import java.io.StringReader;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Reads a developer's file node by node, so that each fault has its line. All faults are
/// collected: a file is good or it is refused as a whole.
abstract class StrictYaml {
    private static final int LONGEST = 256 * 1024;

    private final List<PolicyFinding> findings = new ArrayList<>();

    /// What was found so far.
    final List<PolicyFinding> findings() {
        return List.copyOf(findings);
    }

    /// What `reader` makes of the file's root; null if there is an error.
    ///
    /// @param reader is given null for an empty file
    final <T> @Nullable T readOrNull(String text, Function<@Nullable Node, T> reader) {
        T read = null;
        try {
            if (text.length() > LONGEST) {
                error(1, "the file is longer than 256 KiB");
            } else {
                LoaderOptions options = new LoaderOptions();
                options.setAllowDuplicateKeys(false);
                options.setNestingDepthLimit(12);
                options.setMaxAliasesForCollections(0);
                options.setCodePointLimit(LONGEST);
                read =
                        reader.apply(
                                new Yaml(new SafeConstructor(options))
                                        .compose(new StringReader(text)));
            }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            error(
                    line,
                    "this is not YAML: " + GuestText.of(String.valueOf(e.getProblem())).visible());
        } catch (YAMLException e) {
            error(1, "this is not YAML: " + GuestText.of(String.valueOf(e.getMessage())).visible());
        }
        return findings.stream().anyMatch(PolicyFinding::error) ? null : read;
    }

    final LocalDate date(Node node) {
        try {
            return LocalDate.parse(text(node));
        } catch (DateTimeParseException _) {
            error(node, "a date is like 2027-01-31");
            return LocalDate.MIN;
        }
    }

    final @Nullable DataClass dataClass(Node node) {
        String word = oneOf(node, "public", "internal", "confidential", "restricted");
        return word.isEmpty() ? null : DataClass.valueOf(word.toUpperCase(Locale.ROOT));
    }

    /// @param node the key's own node
    record Entry(String key, Node node, Node value) {}

    final List<Entry> entries(Node node, String what) {
        List<Entry> entries = new ArrayList<>();
        if (!(node instanceof MappingNode mapping)) {
            error(node, what + " is a mapping of keys to values");
            return entries;
        }
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = text(tuple.getKeyNode());
            if (!seen.add(key)) {
                error(tuple.getKeyNode(), "`" + GuestText.of(key).visible() + "` stands twice");
            } else {
                entries.add(new Entry(key, tuple.getKeyNode(), tuple.getValueNode()));
            }
        }
        return entries;
    }

    final List<Node> items(Node node) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        error(node, "a list is wanted here");
        return List.of();
    }

    final List<String> strings(Node node) {
        return items(node).stream().map(this::text).toList();
    }

    final String text(Node node) {
        if (node instanceof ScalarNode scalar
                && !scalar.getTag().equals(Tag.NULL)
                && !scalar.getTag().equals(Tag.MERGE)) {
            return scalar.getValue();
        }
        error(node, "a text is wanted here");
        return "";
    }

    final String oneOf(Node node, String... words) {
        String text = text(node);
        if (!List.of(words).contains(text)) {
            error(
                    node,
                    "`"
                            + GuestText.of(text).visible()
                            + "` is not one of "
                            + String.join(", ", words));
            return "";
        }
        return text;
    }

    final void unknown(Entry entry, String known) {
        error(
                entry.node(),
                "`"
                        + GuestText.of(entry.key()).visible()
                        + "` is not known here; known are "
                        + known);
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    final void error(Node node, String message) {
        error(line(node), message);
    }

    final void error(int line, String message) {
        findings.add(new PolicyFinding(line, true, message));
    }

    final void warning(int line, String message) {
        findings.add(new PolicyFinding(line, false, message));
    }
}
