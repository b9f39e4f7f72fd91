package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
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

/// Reads an agent's profile. Every key is known and every value has its form, or the file is
/// refused as a whole, with the line.
///
/// ```yaml
/// version: 1
/// name: codex
/// title: Codex CLI
/// release: 0.169.0          # what is installed, exactly
/// floor: 0.169.0            # the oldest that may be started
/// wire: responses
/// model: needed             # where the agent has no default of its own
/// program: /opt/agents/codex/codex
/// packages:
///   - npm: "@openai/codex@0.169.0-linux-x64"
///     for: x86_64
///     integrity: sha512-…
///     take: {vendor/x86_64-unknown-linux-musl/bin/codex: codex}
/// first: [exec, "-"]        # the prompt comes on standard input
/// then: [exec, resume, --last, "-"]
/// environment: {CODEX_KEY: held-on-the-host}
/// files:
///   /etc/codex/requirements.toml: |
///     allow_managed_hooks_only = true
/// tools:                    # the digests of this release's definitions
///   exec_command: [0f3c…]
/// ```
final class ProfileFile {
    private static final int LARGEST = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,29}");
    private static final Pattern PROGRAM = Pattern.compile("/[A-Za-z0-9._+/-]{1,200}");
    private static final Pattern MANAGED = Pattern.compile("/etc/[A-Za-z0-9._/-]{1,200}");
    private static final Pattern INSIDE =
            Pattern.compile("[A-Za-z0-9._@+-]+(/[A-Za-z0-9._@+-]+)*|\\.");
    private static final Pattern SPEC =
            Pattern.compile(
                    "(@[a-z0-9._-]+/)?[a-z0-9][a-z0-9._-]*@[0-9]+\\.[0-9]+\\.[0-9]+(-[a-z0-9.-]+)?");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern INTEGRITY = Pattern.compile("sha512-[A-Za-z0-9+/]{86}==");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final Set<String> WIRES = Set.of("messages", "responses", "chat", "gemini");
    private static final String TURNS = "/opt/countersign/turns.py";

    private final String source;

    private ProfileFile(String source) {
        this.source = source;
    }

    /// @param source what a person knows the file as
    /// @throws CountersignException `USAGE` with file, line and reason
    static AgentProfile read(String source, String yaml, boolean bundled)
            throws CountersignException {
        return new ProfileFile(source).profile(yaml, bundled);
    }

    private AgentProfile profile(String yaml, boolean bundled) throws CountersignException {
        if (yaml.length() > LARGEST) {
            throw new CountersignException(
                    Kind.USAGE, source + " is larger than 1 MiB. Name an agent's profile.");
        }
        Map<String, Node> fields =
                fields(
                        parsed(yaml),
                        Set.of(
                                "version",
                                "name",
                                "title",
                                "release",
                                "floor",
                                "wire",
                                "model",
                                "program",
                                "packages",
                                "first",
                                "then",
                                "environment",
                                "files",
                                "tools"));
        one(fields, "version", Pattern.compile("1"), "1");
        String name = one(fields, "name", NAME, "a lower-case word of at most 30 characters");
        Version release = release(fields, "release");
        Version floor = fields.containsKey("floor") ? release(fields, "floor") : release;
        if (floor.compareTo(release) > 0) {
            throw wrong(needed(fields, "floor"), "floor is above release");
        }
        Node wire = needed(fields, "wire");
        if (!WIRES.contains(scalar(wire))) {
            throw wrong(wire, "wire is none of messages, responses, chat, gemini");
        }
        if (fields.containsKey("model")) {
            one(fields, "model", Pattern.compile("needed"), "needed, or left out");
        }
        List<String> program = program(needed(fields, "program"));
        List<String> argv = new ArrayList<>();
        argv.addAll(List.of("/usr/bin/python3", "-S", "-E", "-I", TURNS));
        argv.addAll(List.of("{task}", "{inbox}", "{kept}"));
        argv.addAll(program);
        argv.addAll(words(needed(fields, "first")));
        argv.add("--countersign-then");
        argv.addAll(program);
        argv.addAll(words(needed(fields, "then")));
        return new AgentProfile(
                name,
                release.toString(),
                argv,
                List.of("--countersign-resume"),
                environment(fields.get("environment")),
                "boundary-enforced",
                AgentProfile.Messages.INBOX,
                new AgentProfile.Program(
                        fields.containsKey("title") ? scalar(needed(fields, "title")) : name,
                        scalar(wire),
                        fields.containsKey("model"),
                        program,
                        floor,
                        packages(fields.get("packages")),
                        files(fields.get("files")),
                        tools(fields.get("tools")),
                        bundled));
    }

    private List<String> program(Node node) throws CountersignException {
        List<String> words = node instanceof SequenceNode ? words(node) : List.of(scalar(node));
        if (words.isEmpty() || !words.stream().allMatch(w -> PROGRAM.matcher(w).matches())) {
            throw wrong(node, "program must be an absolute path, or an interpreter and its script");
        }
        return words;
    }

    private Version release(Map<String, Node> fields, String key) throws CountersignException {
        Node node = needed(fields, key);
        String text = scalar(node);
        return Version.in(text)
                .filter(version -> version.toString().equals(text))
                .orElseThrow(() -> wrong(node, key + " is not three numbers, such as 1.20.3"));
    }

    private Map<String, String> environment(@Nullable Node node) throws CountersignException {
        Map<String, String> environment = new LinkedHashMap<>();
        if (node == null) {
            return environment;
        }
        for (Map.Entry<String, Node> entry : mapping(node).entrySet()) {
            String value = scalar(entry.getValue());
            if (!VARIABLE.matcher(entry.getKey()).matches()
                    || value.chars().anyMatch(c -> c < ' ')) {
                throw wrong(entry.getValue(), "a variable is a plain name and one line");
            }
            environment.put(entry.getKey(), value);
        }
        return environment;
    }

    private List<AgentProfile.ManagedFile> files(@Nullable Node node) throws CountersignException {
        List<AgentProfile.ManagedFile> files = new ArrayList<>();
        if (node == null) {
            return files;
        }
        for (Map.Entry<String, Node> entry : mapping(node).entrySet()) {
            if (!MANAGED.matcher(entry.getKey()).matches() || entry.getKey().contains("/..")) {
                throw wrong(entry.getValue(), "a managed file lies below /etc");
            }
            files.add(new AgentProfile.ManagedFile(entry.getKey(), scalar(entry.getValue())));
        }
        return files;
    }

    private Map<String, Set<Digest>> tools(@Nullable Node node) throws CountersignException {
        Map<String, Set<Digest>> tools = new LinkedHashMap<>();
        if (node == null) {
            return tools;
        }
        for (Map.Entry<String, Node> entry : mapping(node).entrySet()) {
            Set<Digest> digests = new LinkedHashSet<>();
            for (Node one : list(entry.getValue())) {
                if (!DIGEST.matcher(scalar(one)).matches()) {
                    throw wrong(one, "a tool's digest is 64 hexadecimal digits");
                }
                digests.add(new Digest(scalar(one)));
            }
            tools.put(entry.getKey(), Set.copyOf(digests));
        }
        return tools;
    }

    private List<AgentProfile.NpmPackage> packages(@Nullable Node node)
            throws CountersignException {
        List<AgentProfile.NpmPackage> packages = new ArrayList<>();
        if (node == null) {
            return packages;
        }
        for (Node item : list(node)) {
            Map<String, Node> fields =
                    fields(item, Set.of("npm", "for", "integrity", "take", "replace"));
            Map<String, String> take = new LinkedHashMap<>();
            for (Map.Entry<String, Node> entry : mapping(needed(fields, "take")).entrySet()) {
                String to = scalar(entry.getValue());
                if (!INSIDE.matcher(entry.getKey()).matches()
                        || !INSIDE.matcher(to).matches()
                        || entry.getKey().contains("..")
                        || to.contains("..")) {
                    throw wrong(entry.getValue(), "take names paths inside of the package");
                }
                take.put(entry.getKey(), to);
            }
            packages.add(
                    new AgentProfile.NpmPackage(
                            one(fields, "npm", SPEC, "a package's name and its exact version"),
                            one(
                                    fields,
                                    "for",
                                    Pattern.compile("x86_64|aarch64|any"),
                                    "x86_64, aarch64 or any"),
                            one(
                                    fields,
                                    "integrity",
                                    INTEGRITY,
                                    "sha512- and base64; `npm view PACKAGE dist.integrity` says it"),
                            take,
                            replacements(fields.get("replace"))));
        }
        return packages;
    }

    private List<AgentProfile.Replacement> replacements(@Nullable Node node)
            throws CountersignException {
        List<AgentProfile.Replacement> all = new ArrayList<>();
        if (node == null) {
            return all;
        }
        for (Node item : list(node)) {
            Map<String, Node> fields = fields(item, Set.of("in", "from", "to"));
            String from = scalar(needed(fields, "from"));
            String to = scalar(needed(fields, "to"));
            if (from.isEmpty()
                    || from.getBytes(StandardCharsets.UTF_8).length
                            != to.getBytes(StandardCharsets.UTF_8).length) {
                throw wrong(item, "from and to must have the same number of bytes");
            }
            all.add(
                    new AgentProfile.Replacement(
                            one(fields, "in", INSIDE, "the path of a taken file"), from, to));
        }
        return all;
    }

    // YAML -------------------------------------------------------------------------------------

    private Node parsed(String yaml) throws CountersignException {
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            options.setMaxAliasesForCollections(0);
            Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(yaml));
            if (root == null) {
                throw new CountersignException(
                        Kind.USAGE, source + " is empty. Write an agent's profile into it.");
            }
            return root;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new CountersignException(
                    Kind.USAGE,
                    "%s, line %d: %s. Correct the line.".formatted(source, line, e.getProblem()),
                    e);
        } catch (YAMLException e) {
            throw new CountersignException(
                    Kind.USAGE, source + " is not YAML: " + e.getMessage() + ". Correct it.", e);
        }
    }

    private String one(Map<String, Node> fields, String key, Pattern form, String what)
            throws CountersignException {
        Node node = needed(fields, key);
        String value = scalar(node);
        if (!form.matcher(value).matches()) {
            throw wrong(node, key + " must be " + what);
        }
        return value;
    }

    private List<String> words(Node node) throws CountersignException {
        List<String> words = new ArrayList<>();
        for (Node word : list(node)) {
            words.add(scalar(word));
        }
        return words;
    }

    private List<Node> list(Node node) throws CountersignException {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        throw wrong(node, "a list is needed here");
    }

    private Map<String, Node> fields(Node node, Set<String> known) throws CountersignException {
        Map<String, Node> fields = mapping(node);
        for (Map.Entry<String, Node> field : fields.entrySet()) {
            if (!known.contains(field.getKey())) {
                throw wrong(
                        field.getValue(), "unknown key " + GuestText.of(field.getKey()).visible());
            }
        }
        return fields;
    }

    private Map<String, Node> mapping(Node node) throws CountersignException {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, "keys with values are needed here");
        }
        Map<String, Node> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (fields.put(scalar(tuple.getKeyNode()), tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), "this key comes twice");
            }
        }
        return fields;
    }

    private Node needed(Map<String, Node> fields, String key) throws CountersignException {
        Node node = fields.get(key);
        if (node == null) {
            throw new CountersignException(
                    Kind.USAGE, source + " lacks the key " + key + ". Add it.");
        }
        return node;
    }

    private String scalar(Node node) throws CountersignException {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(node, "a single value is needed here");
    }

    private CountersignException wrong(Node at, String why) {
        return new CountersignException(
                Kind.USAGE,
                "%s, line %d: %s. Correct the line."
                        .formatted(source, at.getStartMark().getLine() + 1, why));
    }
}
