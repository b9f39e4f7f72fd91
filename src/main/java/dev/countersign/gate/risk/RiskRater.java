package dev.countersign.gate.risk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.risk.Invocation.Stdin;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Rates a call by what it would do, not by how it is spelled. What can't be understood is at least
/// `high` and says so.
///
/// ```java
/// try (RiskRater risk = RiskRater.start()) {
///     Rating rating = risk.rate(call, WorkspaceView.standard());
/// }
/// ```
///
/// Safe for use by several threads; shell text is parsed one at a time, well below a millisecond.
public final class RiskRater implements AutoCloseable {
    private static final int LONGEST_ARGUMENTS = 8 * 1024 * 1024;

    /// Strict: a key that stands twice, or text behind the object, is not one call but two.
    private static final ObjectMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(64)
                                                    .maxStringLength(LONGEST_ARGUMENTS)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final Pattern PATCHED =
            Pattern.compile(
                    "(?m)^\\*\\*\\* (Add|Update|Delete) File: (.+)$|^\\*\\*\\* Move to: (.+)$");

    private final ShellParser parser;
    private final ToolTables tables = ToolTables.load();
    private final PathTable paths = PathTable.load();

    RiskRater(ShellParser parser) {
        this.parser = parser;
    }

    /// With the parser in a child process of the running `java`, started now.
    public static RiskRater start() {
        ParserProcess process = ParserProcess.standard();
        process.warm();
        return new RiskRater(new SplitParser(process));
    }

    /// Level, effects and reasons of a call. Never throws on what the call holds.
    public Rating rate(ToolCall call, WorkspaceView workspace) {
        Findings findings = new Findings();
        if (call.tool().deceptive() || call.cwd().deceptive()) {
            findings.notUnderstood("invisible or deceptive characters");
        }
        Paths places = new Paths(paths, workspace);
        String cwd = cwd(call, places, findings);
        JsonNode arguments = parse(call, findings);
        if (arguments == null) {
            return findings.rating(ToolKind.UNKNOWN, null, null, "");
        }
        return new Call(call, arguments, cwd, places, findings).rate();
    }

    /// Rates shell text by itself, for rules' examples and for `classify`.
    public Rating rateShell(String command, String cwd, WorkspaceView workspace) {
        Findings findings = new Findings();
        Paths places = new Paths(paths, workspace);
        shell(command, places.absolute(cwd, workspace.root()), places, findings);
        return findings.rating(ToolKind.SHELL, GuestText.of(command), null, "runs nothing");
    }

    /// Rates the use of one path by itself.
    public Rating ratePath(ToolKind kind, String path, String cwd, WorkspaceView workspace) {
        Findings findings = new Findings();
        Paths places = new Paths(paths, workspace);
        path(kind, path, places.absolute(cwd, workspace.root()), places, findings);
        return findings.rating(kind, null, GuestText.of(path), "uses " + Paths.shown(path));
    }

    @Override
    public void close() {
        parser.close();
    }

    private void shell(String command, @Nullable String cwd, Paths places, Findings findings) {
        new ShellWalk(parser, tables, places, findings)
                .text(command, new Scope(cwd), Stdin.NONE, 0);
    }

    private static void path(
            ToolKind kind, String path, @Nullable String cwd, Paths places, Findings findings) {
        if (GuestText.of(path).deceptive()) {
            findings.notUnderstood("invisible or deceptive characters in a path");
        }
        if (path.indexOf('\n') >= 0 || path.indexOf('\0') >= 0 || path.isEmpty()) {
            findings.notUnderstood("a path that no file can have");
            return;
        }
        switch (kind) {
            case READ, SEARCH -> places.read(path, cwd, findings);
            case DELETE -> {
                FileCommands.whole(
                        Word.of(path), places.place(places.absolute(path, cwd)), false, findings);
                places.delete(path, cwd, findings);
            }
            case WRITE, EDIT, SHELL, NETWORK, NOTE, UNKNOWN -> places.write(path, cwd, findings);
        }
    }

    private static @Nullable String cwd(ToolCall call, Paths places, Findings findings) {
        String claimed = call.cwd().raw();
        String root = places.workspace().root();
        if (claimed.isEmpty()) {
            return root;
        }
        String cwd = places.absolute(claimed, root);
        if (places.place(cwd).startsWith("/") && !cwd.equals("/tmp")) {
            findings.add(
                    Level.MEDIUM,
                    "cwd.outside",
                    "works in " + Paths.shown(cwd) + ", outside of the workspace");
        }
        return cwd;
    }

    private static @Nullable JsonNode parse(ToolCall call, Findings findings) {
        String raw = call.argumentsJson().raw();
        if (raw.length() > LONGEST_ARGUMENTS) {
            findings.notUnderstood("arguments of more than 8 MiB");
            return null;
        }
        try {
            JsonNode node = JSON.readTree(raw);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException _) {
            // Said below; the text itself is in the journal.
        }
        findings.notUnderstood("arguments that are not one JSON object");
        return null;
    }

    /// One call with its arguments.
    private final class Call {
        private final ToolCall call;
        private final JsonNode arguments;
        private final @Nullable String cwd;
        private final Paths places;
        private final Findings findings;

        Call(
                ToolCall call,
                JsonNode arguments,
                @Nullable String cwd,
                Paths places,
                Findings findings) {
            this.call = call;
            this.arguments = arguments;
            this.cwd = cwd;
            this.places = places;
            this.findings = findings;
        }

        Rating rate() {
            AgentTool tool = AgentTool.named(call.tool().raw());
            return switch (tool) {
                case SHELL -> shellCall();
                case READ, LIST -> files(ToolKind.READ, tool == AgentTool.LIST);
                case SEARCH -> files(ToolKind.SEARCH, true);
                case WRITE -> files(ToolKind.WRITE, false);
                case EDIT -> files(ToolKind.EDIT, false);
                case DELETE -> files(ToolKind.DELETE, false);
                case PATCH -> patch();
                case FETCH -> fetch();
                case NOTE -> findings.rating(ToolKind.NOTE, null, null, "is the agent's own note");
                case DELEGATE ->
                        findings.rating(
                                ToolKind.NOTE,
                                null,
                                null,
                                "starts a sub-agent, whose calls come here too");
                case UNKNOWN -> unknown();
            };
        }

        private Rating unknown() {
            findings.notUnderstood("a tool that is not known: " + shortened(call.tool()));
            for (JsonNode value : arguments) {
                if (value.isTextual()
                        && value.textValue().length() < 4096
                        && value.textValue().startsWith("/")) {
                    places.read(value.textValue(), cwd, findings);
                }
            }
            Targets.raise(call.tool().raw(), findings);
            addresses();
            JsonNode command = first("command", "cmd", "script");
            if (command != null && command.isTextual()) {
                shell(command.textValue(), cwd, places, findings);
            }
            return findings.rating(ToolKind.UNKNOWN, null, null, "");
        }

        /// Addresses among the arguments, and what is sent to them.
        private void addresses() {
            Specials specials =
                    new Specials(places, new ShellWalk(parser, tables, places, findings), tables);
            boolean local = true;
            int count = 0;
            for (JsonNode value : arguments) {
                String address = value.isTextual() ? value.textValue() : "";
                if (address.length() < 4096 && address.matches("(?i)(https?|wss?|ftp)://\\S+")) {
                    count++;
                    Findings one = findings.apart();
                    specials.url(Word.of(address), one);
                    local &= one.level() == Level.MEDIUM;
                    findings.addAll(one);
                }
            }
            String method = text(first("method", "verb"));
            boolean sends =
                    (method != null && !method.matches("(?i)GET|HEAD|OPTIONS"))
                            || first("body", "data", "json", "form", "files") != null;
            if (count > 0 && sends) {
                findings.add(
                        local ? Level.MEDIUM : Level.CRITICAL,
                        local ? "net.local" : "net.send",
                        local
                                ? "changes something in a service in the VM"
                                : "sends data out of the VM");
            }
        }

        private String shortened(GuestText name) {
            String visible = name.visible();
            return visible.length() > 40 ? visible.substring(0, 40) + "..." : visible;
        }

        private Rating shellCall() {
            JsonNode command = first("command", "cmd", "script", "input");
            String at = cwd;
            String own =
                    text(first("workdir", "cwd", "directory", "dir_path", "working_directory"));
            if (own != null) {
                at = places.absolute(own, cwd);
                if (places.place(at).startsWith("/") && !at.startsWith("/tmp")) {
                    findings.add(
                            Level.MEDIUM,
                            "cwd.outside",
                            "works in " + Paths.shown(at) + ", outside of the workspace");
                }
            }
            extras();
            if (command != null && command.isTextual()) {
                shell(command.textValue(), at, places, findings);
                return findings.rating(
                        ToolKind.SHELL, GuestText.of(command.textValue()), null, "runs nothing");
            }
            if (command != null && command.isArray() && !command.isEmpty()) {
                List<Word> argv = new ArrayList<>();
                StringBuilder shown = new StringBuilder();
                for (JsonNode word : command) {
                    if (!word.isTextual()) {
                        findings.notUnderstood("an argument vector with something else than text");
                        return findings.rating(ToolKind.SHELL, null, null, "");
                    }
                    argv.add(Word.of(word.textValue()));
                    shown.append(shown.isEmpty() ? "" : " ").append(quoted(word.textValue()));
                    if (GuestText.of(word.textValue()).deceptive()) {
                        findings.notUnderstood("invisible or deceptive characters");
                    }
                }
                new ShellWalk(parser, tables, places, findings).argv(argv, new Scope(at));
                return findings.rating(
                        ToolKind.SHELL, GuestText.of(shown.toString()), null, "runs nothing");
            }
            findings.notUnderstood("a shell call without a command");
            return findings.rating(ToolKind.SHELL, null, null, "");
        }

        private String quoted(String word) {
            return word.matches("[A-Za-z0-9_./:=@%+,-]+")
                    ? word
                    : "'" + word.replace("'", "'\\''") + "'";
        }

        /// Arguments beside the command that change what it means.
        private void extras() {
            if (arguments.path("run_in_background").asBoolean()
                    || arguments.path("is_background").asBoolean()) {
                findings.add(Level.LOW, "shell.background", "stays in the background");
            }
            if (arguments.path("with_escalated_permissions").asBoolean()
                    || arguments.path("dangerouslyDisableSandbox").asBoolean()) {
                findings.add(
                        Level.HIGH, "agent.escalate", "asks the agent's own sandbox to step aside");
            }
        }

        private Rating files(ToolKind kind, boolean mayLack) {
            List<String> named = new ArrayList<>();
            for (String key :
                    List.of(
                            "path",
                            "file_path",
                            "filePath",
                            "absolute_path",
                            "notebook_path",
                            "dir_path",
                            "directory",
                            "file",
                            "filename",
                            "target_file",
                            "dir")) {
                JsonNode value = arguments.get(key);
                if (value != null && value.isTextual()) {
                    named.add(value.textValue());
                } else if (value != null && !value.isNull()) {
                    findings.notUnderstood("a path that is not text");
                }
            }
            JsonNode several = first("paths", "files", "file_paths");
            if (several != null && several.isArray()) {
                several.forEach(one ->
                        named.add(one.isTextual() ? one.textValue() : one.path("path").asText("")));
            }
            if (named.isEmpty() && mayLack) {
                named.add(".");
            }
            if (named.isEmpty()) {
                findings.notUnderstood("a file call without a path");
                return findings.rating(kind, null, null, "");
            }
            named.forEach(one -> path(kind, one, cwd, places, findings));
            String pattern = text(first("glob", "pattern", "include"));
            if (kind == ToolKind.SEARCH
                    && pattern != null
                    && call.tool().raw().toLowerCase(Locale.ROOT).contains("glob")) {
                places.read(pattern, places.absolute(named.getFirst(), cwd), findings);
            }
            return findings.rating(
                    kind,
                    null,
                    GuestText.of(named.size() == 1 ? named.getFirst() : String.join(", ", named)),
                    kind.word() + " " + Paths.shown(named.getFirst()));
        }

        /// Codex's patch: its header lines name the files.
        private Rating patch() {
            String text = text(first("input", "patch", "patchText", "command"));
            List<String> named = new ArrayList<>();
            if (text != null) {
                var lines = PATCHED.matcher(text);
                while (lines.find()) {
                    String path = lines.group(2) == null ? lines.group(3) : lines.group(2);
                    ToolKind kind =
                            "Delete".equals(lines.group(1)) ? ToolKind.DELETE : ToolKind.EDIT;
                    path(kind, path.strip(), cwd, places, findings);
                    named.add(path.strip());
                }
            }
            if (named.isEmpty()) {
                findings.notUnderstood("a patch that names no file");
            }
            return findings.rating(
                    ToolKind.EDIT, null, GuestText.of(String.join(", ", named)), "changes nothing");
        }

        private Rating fetch() {
            List<String> urls = new ArrayList<>();
            String url = text(first("url", "uri"));
            if (url != null) {
                urls.add(url);
            } else {
                String prompt = text(first("prompt", "query"));
                if (prompt != null) {
                    var found = Pattern.compile("https?://[^\\s\"'<>]+").matcher(prompt);
                    while (found.find()) {
                        urls.add(found.group());
                    }
                }
            }
            if (urls.isEmpty()) {
                findings.add(
                        Level.HIGH,
                        "net.request",
                        "asks the network for something it names in prose");
            }
            Specials specials =
                    new Specials(places, new ShellWalk(parser, tables, places, findings), tables);
            urls.forEach(one -> specials.url(Word.of(one), findings));
            addresses();
            return findings.rating(ToolKind.NETWORK, null, null, "asks the network");
        }

        private @Nullable JsonNode first(String... keys) {
            for (String key : keys) {
                JsonNode value = arguments.get(key);
                if (value != null && !value.isNull()) {
                    return value;
                }
            }
            return null;
        }

        private static @Nullable String text(@Nullable JsonNode node) {
            return node != null && node.isTextual() ? node.textValue() : null;
        }
    }
}
