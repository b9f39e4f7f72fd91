package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.gate.approval.AtomicFile;
import dev.countersign.gate.policy.PolicyReader.Outcome;
import dev.countersign.gate.risk.RiskRater;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/// A policy file that rules are put into. The rest of it stays byte for byte; the whole is checked
/// before it is written, aside and renamed, and a file that is bad or that changed meanwhile is
/// left as it is.
public final class PolicyFile {
    private final Path file;
    private final RiskRater risk;

    /// @param file may be absent, and may be a link: then what it points to is edited
    public PolicyFile(Path file, RiskRater risk) {
        this.file = file;
        this.risk = risk;
    }

    /// The rules with where and until when they count.
    ///
    /// @param scope `everywhere`, `repository` or `session`
    /// @param in the repository's directory or the session's id
    /// @throws CountersignException USAGE if a line is not one rule
    public static List<String> complete(
            List<String> rules, String scope, @Nullable String in, @Nullable LocalDate until)
            throws CountersignException {
        List<String> complete = new ArrayList<>();
        for (String rule : rules) {
            complete.add(RuleText.scoped(rule, scope, in, until));
        }
        return complete;
    }

    /// Whether these rules could be put in, without doing it.
    ///
    /// @throws CountersignException as for [#add]
    public void check(List<String> rules) throws CountersignException {
        draft(rules);
    }

    /// What was put in.
    ///
    /// @param places of the new rules, such as `policy.yaml:7`
    /// @param digest of the file's new content
    public record Added(List<String> places, Digest digest) {}

    /// What an edit would make of the file.
    ///
    /// @param lines where the new rules stand, from 1
    record Draft(String before, String after, List<Integer> lines) {}

    /// Puts rules behind those that are there.
    ///
    /// @param rules one line each in flow style, complete
    /// @param meanwhile runs after everything was checked and before anything is written; if it
    ///   fails, nothing is
    /// @throws CountersignException REFUSED if the file is bad as it is, USAGE if a rule is wrong,
    ///   CONFLICT if the file changed meanwhile, FAILED if it can't be written
    public Added add(List<String> rules, Witness meanwhile) throws CountersignException {
        Draft draft = draft(rules);
        String name = file.getFileName().toString();
        List<String> places = draft.lines().stream().map(line -> name + ":" + line).toList();
        Digest digest = Digest.of(draft.after());
        meanwhile.record(places, digest);
        write(draft);
        return new Added(places, digest);
    }

    /// Writes down what is about to happen.
    @FunctionalInterface
    public interface Witness {
        /// @throws CountersignException if it could not be written down
        void record(List<String> places, Digest digest) throws CountersignException;
    }

    /// Rules that are to go.
    ///
    /// @param places of each, such as `policy.yaml:7`
    /// @param rules what each says, in words
    /// @param diff the lines that go, each behind `-` and its number, between those around them
    public record Removed(
            String before,
            String after,
            List<String> places,
            List<String> rules,
            List<String> diff) {}

    /// What the file is without these rules, not written yet.
    ///
    /// @param lines on which the rules begin, from 1
    /// @throws CountersignException REFUSED if the file is bad as it is, USAGE if no rule begins on
    ///   a line, CONFLICT if the rules stand in brackets
    public Removed removal(List<Integer> lines) throws CountersignException {
        String name = file.getFileName().toString();
        String before = Files.exists(file) ? PolicyCheck.text(file) : "";
        Policy old = before.isEmpty() ? Policy.empty("") : checked(before);
        List<Node> items = items(before);
        Set<Integer> going = new TreeSet<>();
        List<String> places = new ArrayList<>();
        List<String> said = new ArrayList<>();
        List<String> staying = new ArrayList<>();
        Set<Integer> wanted = new TreeSet<>(lines);
        for (int i = 0; i < items.size() && i < old.rules().size(); i++) {
            int first = items.get(i).getStartMark().getLine();
            Rule rule = old.rules().get(i);
            if (!wanted.remove(first + 1)) {
                staying.add(rule.inWords());
                continue;
            }
            places.add(name + ":" + (first + 1));
            said.add(rule.inWords());
            for (int line = first; line <= lastLine(items.get(i)); line++) {
                going.add(line);
            }
        }
        if (!wanted.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "No rule begins on line %s of %s. `countersign policy show` lists them."
                            .formatted(wanted.iterator().next(), file));
        }
        if (staying.isEmpty() && !items.isEmpty()) {
            going.add(keyLine(before));
        }
        List<String> parts = before.lines().toList();
        StringBuilder after = new StringBuilder();
        for (int line = 0; line < parts.size(); line++) {
            if (!going.contains(line)) {
                after.append(
                        before,
                        offsetOfLine(before, line),
                        line + 1 < parts.size() ? offsetOfLine(before, line + 1) : before.length());
            }
        }
        String text = after.toString();
        if (read(text).policy() == null
                || !checked(text).rules().stream().map(Rule::inWords).toList().equals(staying)) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The rule can't be taken out of "
                            + file
                            + " without changing the rest of it. Remove its lines by hand.");
        }
        return new Removed(before, text, places, said, diff(parts, going));
    }

    private static List<String> diff(List<String> lines, Set<Integer> going) {
        List<String> diff = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            boolean near = going.contains(line - 1) || going.contains(line + 1);
            if (going.contains(line) || near) {
                diff.add(
                        "%s %4d  %s"
                                .formatted(
                                        going.contains(line) ? "-" : " ",
                                        line + 1,
                                        lines.get(line)));
            }
        }
        return diff;
    }

    /// Writes the file without them; the rest stays byte for byte.
    ///
    /// @param meanwhile as for [#add]
    /// @throws CountersignException CONFLICT if the file changed meanwhile, FAILED if it can't be
    ///   written
    public void remove(Removed removed, Witness meanwhile) throws CountersignException {
        meanwhile.record(removed.places(), Digest.of(removed.after()));
        write(new Draft(removed.before(), removed.after(), List.of()));
    }

    private List<Node> items(String text) throws CountersignException {
        Node list = text.isEmpty() ? null : ruleList(text);
        if (list == null) {
            return List.of();
        }
        if (!(list instanceof SequenceNode sequence)
                || (sequence.getFlowStyle() == FlowStyle.FLOW && !sequence.getValue().isEmpty())) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The rules of "
                            + file
                            + " stand in brackets: remove them by hand, or write each on a line of"
                            + " its own that begins with `- `.");
        }
        return sequence.getValue();
    }

    /// The line, from 0, of the word `rules:`.
    private static int keyLine(String text) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("rules:")) {
                return i;
            }
        }
        return -1;
    }

    Draft draft(List<String> rules) throws CountersignException {
        String before = Files.exists(file) ? PolicyCheck.text(file) : "";
        Policy old = before.isEmpty() ? Policy.empty("") : checked(before);
        Draft draft = inserted(before, rules);
        Outcome outcome = read(draft.after());
        Policy policy = outcome.policy();
        if (policy == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The rule is not put in: "
                            + PolicyFinding.summary(outcome.findings())
                            + " Nothing was changed.");
        }
        if (policy.rules().size() != old.rules().size() + rules.size()) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The rule can't be put into "
                            + file
                            + " without changing the rest of it. Add it by hand: "
                            + String.join(" and ", rules)
                            + ".");
        }
        return draft;
    }

    private Policy checked(String text) throws CountersignException {
        Outcome outcome = read(text);
        Policy policy = outcome.policy();
        if (policy == null) {
            throw PolicyFinding.refused(file, outcome.findings());
        }
        return policy;
    }

    private Outcome read(String text) {
        return new PolicyReader(file.getFileName().toString(), false, risk).read(text);
    }

    private Draft inserted(String before, List<String> rules) throws CountersignException {
        String end = before.contains("\r\n") ? "\r\n" : "\n";
        if (before.isEmpty()) {
            return draft("", "version: 1" + end + "rules:" + end, "  ", rules, end, "");
        }
        Node list = ruleList(before);
        if (list == null) {
            String head = before.endsWith("\n") ? before : before + end;
            return draft(before, head + "rules:" + end, "  ", rules, end, "");
        }
        if (!(list instanceof SequenceNode sequence)
                || sequence.getFlowStyle() == FlowStyle.FLOW
                || sequence.getValue().isEmpty()) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The rules of "
                            + file
                            + " stand in brackets, which can't be added to without changing them."
                            + " Write each on a line of its own that begins with `- `, then try"
                            + " again.");
        }
        int last = lastLine(sequence.getValue().getLast());
        int from = offsetOfLine(before, last + 1);
        String head = before.substring(0, from);
        if (!head.endsWith("\n")) {
            head += end;
        }
        String indent = " ".repeat(sequence.getStartMark().getColumn());
        return draft(before, head, indent, rules, end, before.substring(from));
    }

    private static Draft draft(
            String before,
            String head,
            String indent,
            List<String> rules,
            String end,
            String tail) {
        int line = (int) head.chars().filter(c -> c == '\n').count() + 1;
        StringBuilder text = new StringBuilder(head);
        List<Integer> lines = new ArrayList<>();
        for (String rule : rules) {
            lines.add(line++);
            text.append(indent).append("- ").append(rule).append(end);
        }
        return new Draft(before, text.append(tail).toString(), lines);
    }

    private static @Nullable Node ruleList(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(0);
        Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
        if (root instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals("rules")) {
                    return tuple.getValueNode();
                }
            }
        }
        return null;
    }

    /// The line, from 0, on which the last part of a node stands. The end mark of a block is where
    /// the next thing begins, so its leaves are asked.
    private static int lastLine(Node node) {
        return switch (node) {
            case MappingNode mapping when mapping.getFlowStyle() != FlowStyle.FLOW ->
                    mapping.getValue().stream()
                            .mapToInt(tuple ->
                                    Math.max(
                                            lastLine(tuple.getKeyNode()),
                                            lastLine(tuple.getValueNode())))
                            .max()
                            .orElse(mapping.getStartMark().getLine());
            case SequenceNode sequence when sequence.getFlowStyle() != FlowStyle.FLOW ->
                    sequence.getValue().stream()
                            .mapToInt(PolicyFile::lastLine)
                            .max()
                            .orElse(sequence.getStartMark().getLine());
            case ScalarNode scalar
                    when scalar.getScalarStyle() == ScalarStyle.LITERAL
                            || scalar.getScalarStyle() == ScalarStyle.FOLDED ->
                    scalar.getEndMark().getLine() - (scalar.getEndMark().getColumn() == 0 ? 1 : 0);
            default -> node.getEndMark().getLine();
        };
    }

    private static int offsetOfLine(String text, int line) {
        int at = 0;
        for (int i = 0; i < line; i++) {
            int next = text.indexOf('\n', at);
            if (next < 0) {
                return text.length();
            }
            at = next + 1;
        }
        return at;
    }

    private void write(Draft draft) throws CountersignException {
        try {
            boolean exists = Files.exists(file);
            Path real = exists ? file.toRealPath() : file;
            String now = exists ? PolicyCheck.text(real) : "";
            if (!now.equals(draft.before())) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        file
                                + " was changed while a rule was put in. It was left as it is; try"
                                + " again.");
            }
            Set<PosixFilePermission> rights =
                    exists ? Files.getPosixFilePermissions(real) : Set.of();
            AtomicFile.write(real, draft.after().getBytes(StandardCharsets.UTF_8));
            if (exists) {
                Files.setPosixFilePermissions(real, rights);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The rule could not be written to "
                            + file
                            + " ("
                            + e.getMessage()
                            + "). Nothing was changed. Check its rights and the space.",
                    e);
        }
    }
}
