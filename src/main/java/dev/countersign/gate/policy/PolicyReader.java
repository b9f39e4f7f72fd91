package dev.countersign.gate.policy;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.gate.policy.Rule.Verb;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gate.risk.ToolKind;
import dev.countersign.gate.risk.WorkspaceView;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/// Reads one policy file strictly, with the line of each fault. All faults are collected: a file is
/// good or it is refused as a whole.
final class PolicyReader extends StrictYaml {
    private static final Pattern HOST =
            Pattern.compile(
                    "(\\*\\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(:[0-9]{1,5})?");
    private static final Pattern ADDRESS =
            Pattern.compile("([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:]+\\]|localhost):[0-9]{1,5}");

    /// Under these, names belong to different people: a wildcard over them is one over the world.
    private static final Set<String> PUBLIC_SUFFIXES =
            Set.of(
                    "co.uk",
                    "org.uk",
                    "ac.uk",
                    "com.au",
                    "net.au",
                    "co.jp",
                    "co.nz",
                    "com.br",
                    "co.in",
                    "com.cn",
                    "co.za",
                    "com.mx",
                    "github.io",
                    "gitlab.io",
                    "pages.dev",
                    "workers.dev",
                    "herokuapp.com",
                    "netlify.app",
                    "vercel.app",
                    "web.app",
                    "firebaseapp.com",
                    "appspot.com",
                    "cloudfront.net",
                    "amazonaws.com",
                    "s3.amazonaws.com",
                    "blob.core.windows.net",
                    "azurewebsites.net",
                    "ngrok.io",
                    "ngrok.app",
                    "trycloudflare.com",
                    "repl.co",
                    "glitch.me",
                    "fly.dev");

    private final String source;
    private final boolean repository;
    private final RiskRater risk;

    /// @param source the name that verdicts show
    /// @param repository it may only tighten
    PolicyReader(String source, boolean repository, RiskRater risk) {
        this.source = source;
        this.repository = repository;
        this.risk = risk;
    }

    /// What was read, and what was found. The policy is null if there is an error.
    record Outcome(@Nullable Policy policy, List<PolicyFinding> findings) {}

    Outcome read(String text) {
        Policy policy = readOrNull(text, root -> policy(text, root));
        return new Outcome(policy, findings());
    }

    private Policy policy(String text, @Nullable Node root) {
        Mode mode = null;
        DataClass dataClass = null;
        EgressRules egress = EgressRules.NONE;
        List<Rule> rules = new ArrayList<>();
        List<String> exclude = List.of();
        List<Policy.Include> include = List.of();
        boolean version = false;
        if (root == null) {
            error(1, "the file is empty; it begins with `version: 1`");
            return Policy.empty(source);
        }
        for (Entry entry : entries(root, "the policy")) {
            switch (entry.key()) {
                case "version" -> {
                    version = true;
                    if (!text(entry.value()).equals("1")) {
                        error(entry.value(), "only version 1 is known");
                    }
                }
                case "mode" -> mode = mode(entry.value());
                case "data-class" -> dataClass = dataClass(entry.value());
                case "rules" -> rules.addAll(rules(entry.value()));
                case "egress" -> egress = egress(entry.value());
                case "exclude" -> exclude = strings(entry.value());
                case "include" -> include = includes(entry);
                default ->
                        unknown(
                                entry,
                                "version, mode, data-class, rules, egress, exclude, include");
            }
        }
        if (!version) {
            error(1, "`version: 1` is missing");
        }
        return new Policy(
                source,
                Digest.of(text),
                mode,
                dataClass,
                rules,
                egress,
                exclude,
                include,
                findings().stream().filter(finding -> !finding.error()).toList());
    }

    private List<Policy.Include> includes(Entry entry) {
        if (repository) {
            error(
                    entry.node(),
                    "a repository's policy can only tighten: include is for your own file");
            return List.of();
        }
        List<Policy.Include> all = new ArrayList<>();
        for (Node item : items(entry.value())) {
            String pattern = "";
            String in = null;
            if (item instanceof ScalarNode) {
                pattern = text(item);
            } else {
                for (Entry part : entries(item, "an include")) {
                    switch (part.key()) {
                        case "path" -> pattern = text(part.value());
                        case "in" -> in = text(part.value());
                        default -> unknown(part, "path, in");
                    }
                }
            }
            if (pattern.isBlank() || pattern.startsWith("!") || pattern.startsWith("#")) {
                error(item, "an include is a pattern as in .gitignore, such as generated/");
            } else {
                all.add(new Policy.Include(pattern, in));
            }
        }
        return all;
    }

    // ---- rules

    private List<Rule> rules(Node node) {
        List<Rule> rules = new ArrayList<>();
        for (Node item : items(node)) {
            List<Entry> entries = entries(item, "a rule");
            if (entries.size() != 1) {
                error(item, "a rule has one of deny, ask, allow, raise, and nothing beside it");
                continue;
            }
            Entry entry = entries.getFirst();
            switch (entry.key()) {
                case "deny" -> rule(Verb.DENY, entry, rules);
                case "ask" -> rule(Verb.ASK, entry, rules);
                case "raise" -> rule(Verb.RAISE, entry, rules);
                case "allow" -> {
                    if (repository) {
                        error(
                                entry.node(),
                                "a repository's policy can only tighten: allow is for your own"
                                        + " file");
                    } else {
                        rule(Verb.ALLOW, entry, rules);
                    }
                }
                default -> unknown(entry, "deny, ask, allow, raise");
            }
        }
        return rules;
    }

    private void rule(Verb verb, Entry entry, List<Rule> into) {
        String tool = null;
        List<String> argv = List.of();
        String effect = null;
        String path = null;
        List<String> hosts = List.of();
        Level level = null;
        String scope = "everywhere";
        String in = null;
        LocalDate until = null;
        String because = "";
        Level raiseTo = null;
        List<Example> examples = new ArrayList<>();
        for (Entry part : entries(entry.value(), "a rule")) {
            switch (part.key()) {
                case "tool" -> tool = tool(part.value());
                case "argv" -> argv = argv(part.value(), verb);
                case "effect" -> effect = effect(part.value());
                case "path" -> path = glob(part.value(), verb);
                case "host", "hosts" -> hosts = hosts(part.value());
                case "risk" -> level = level(part.value());
                case "scope" -> scope = oneOf(part.value(), "everywhere", "repository", "session");
                case "in" -> in = text(part.value());
                case "until" -> until = date(part.value());
                case "because" -> because = text(part.value());
                case "to" -> raiseTo = level(part.value());
                case "match" -> examples(part.value(), true, examples);
                case "no-match" -> examples(part.value(), false, examples);
                default ->
                        unknown(
                                part,
                                "tool, argv, effect, path, host, risk, scope, in, until, because,"
                                        + " to, match, no-match");
            }
        }
        int line = line(entry.node());
        if (tool == null
                && argv.isEmpty()
                && effect == null
                && path == null
                && hosts.isEmpty()
                && level == null) {
            error(line, "a rule names at least one of tool, argv, effect, path, host, risk");
            return;
        }
        if ((verb == Verb.RAISE) != (raiseTo != null)) {
            error(line, "`to:` belongs to raise, and raise needs it");
            return;
        }
        if (!argv.isEmpty() && tool == null) {
            tool = ToolKind.SHELL.word();
        }
        Rule rule =
                new Rule(
                        verb,
                        source + ":" + line,
                        tool,
                        argv,
                        effect,
                        path,
                        hosts,
                        level,
                        scope,
                        in,
                        until,
                        because.isEmpty() ? "the policy says so" : because,
                        raiseTo);
        warn(rule, line);
        for (Example example : examples) {
            check(rule, example);
        }
        into.add(rule);
    }

    private void warn(Rule rule, int line) {
        if (rule.verb() != Verb.ALLOW) {
            return;
        }
        if (!rule.argv().isEmpty() && Carriers.carries(rule.argv())) {
            warning(
                    line,
                    "this has no effect: "
                            + rule.argv().getFirst()
                            + " runs other code, which allow never covers");
        }
        if (rule.risk() == Level.CRITICAL) {
            warning(line, "allow never covers critical calls; this covers those below");
        }
        String effect = rule.effect();
        String path = rule.path();
        if ((effect != null && (effect.startsWith("guard") || effect.startsWith("sandbox.kernel")))
                || (path != null
                        && (path.startsWith("/opt/countersign")
                                || path.startsWith("/run/countersign")
                                || path.contains(".countersign")))) {
            warning(line, "this has no effect: the built-in rules deny it");
        }
    }

    /// @param line of the example
    private record Example(String text, boolean should, int line) {}

    private void examples(Node node, boolean should, List<Example> into) {
        for (Node item : items(node)) {
            into.add(new Example(text(item), should, line(item)));
        }
    }

    private void check(Rule rule, Example example) {
        String tool = rule.tool();
        boolean shell =
                tool == null ? rule.path() == null : tool.equals("shell") || tool.equals("any");
        String root = WorkspaceView.standard().root();
        Rating rating =
                shell || tool == null
                        ? risk.rateShell(example.text(), root, WorkspaceView.standard())
                        : risk.ratePath(kind(tool), example.text(), root, WorkspaceView.standard());
        boolean covered = rule.matches(rating) && (rule.verb() != Verb.ALLOW || coverable(rating));
        if (covered != example.should()) {
            error(
                    example.line(),
                    "the example `"
                            + GuestText.of(example.text()).visible()
                            + "` is "
                            + (covered ? "" : "not ")
                            + "covered by this rule, and should "
                            + (covered ? "not " : "")
                            + "be");
        }
    }

    /// What an `allow` may cover at all.
    static boolean coverable(Rating rating) {
        return rating.understood()
                && rating.level() != Level.CRITICAL
                && !rating.effects().contains("cwd.outside");
    }

    private static ToolKind kind(String word) {
        for (ToolKind kind : ToolKind.values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        return ToolKind.UNKNOWN;
    }

    private String tool(Node node) {
        return oneOf(
                node, "any", "shell", "read", "search", "write", "edit", "delete", "network",
                "unknown");
    }

    private List<String> argv(Node node, Verb verb) {
        List<String> words = strings(node);
        if (words.isEmpty() || words.getFirst().isEmpty() || words.getFirst().equals(Rule.REST)) {
            error(node, "argv begins with the program's name");
            return List.of("");
        }
        for (int i = 0; i < words.size() - 1; i++) {
            if (words.get(i).equals(Rule.REST)) {
                error(node, "`...` stands only at the end of argv");
            }
        }
        if (verb == Verb.ALLOW
                && words.stream().anyMatch(word -> word.equals("*") || word.equals("**"))) {
            error(node, "argv has no wildcard but `...` at its end");
        }
        return words;
    }

    private String effect(Node node) {
        String effect = text(node);
        if (!effect.matches("[a-z]+(\\.[a-z-]+)*")) {
            error(node, "an effect is like git.force-push");
        }
        return effect;
    }

    private String glob(Node node, Verb verb) {
        String glob = text(node);
        if (glob.isEmpty()
                || glob.contains("\\")
                || glob.startsWith("~")
                || ("/" + glob + "/").contains("/../")) {
            error(
                    node,
                    "a path glob is relative to the workspace, or absolute, without `..` or `~`");
        } else if (verb == Verb.ALLOW && glob.matches("[*/?.]*")) {
            error(node, "this allows every path; name a directory");
        }
        return glob;
    }

    private List<String> hosts(Node node) {
        return node instanceof ScalarNode
                ? List.of(host(node))
                : items(node).stream().map(this::host).toList();
    }

    private String host(Node node) {
        String host = text(node).toLowerCase(Locale.ROOT);
        String bare = host.replaceFirst(":[0-9]+$", "");
        if (host.equals("*") || bare.equals("*.") || !HOST.matcher(host).matches()) {
            error(
                    node,
                    "`"
                            + GuestText.of(host).visible()
                            + "` is not `name` or `*.name`, with an optional `:port`");
        } else if (bare.startsWith("*.")
                && (bare.indexOf('.', 2) < 0 || PUBLIC_SUFFIXES.contains(bare.substring(2)))) {
            error(node, "`" + host + "` covers names of everybody; name a domain below it");
        } else if (bare.matches("[0-9.]+|0x.*")) {
            error(node, "`" + host + "` is an address; addresses stand under allow-private");
        }
        return host;
    }

    private Level level(Node node) {
        String word = oneOf(node, "low", "medium", "high", "critical");
        return word.isEmpty() ? Level.CRITICAL : Level.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private @Nullable Mode mode(Node node) {
        String word = oneOf(node, "autonomous", "post-hoc", "checkpoint", "step");
        return word.isEmpty()
                ? null
                : Mode.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private EgressRules egress(Node node) {
        String preset = null;
        List<String> allow = List.of();
        List<String> deny = List.of();
        List<String> own = List.of();
        for (Entry entry : entries(node, "egress")) {
            if (repository && !entry.key().equals("deny")) {
                error(
                        entry.node(),
                        "a repository's policy can only tighten: of egress it may only deny");
                continue;
            }
            switch (entry.key()) {
                case "preset" -> preset = oneOf(entry.value(), "locked", "packages", "web");
                case "allow" -> allow = hosts(entry.value());
                case "deny" -> deny = hosts(entry.value());
                case "allow-private" -> own = addresses(entry.value());
                default -> unknown(entry, "preset, allow, deny, allow-private");
            }
        }
        return new EgressRules(preset, allow, deny, own);
    }

    private List<String> addresses(Node node) {
        List<String> found = new ArrayList<>();
        for (Node item : items(node)) {
            String text = text(item);
            if (!ADDRESS.matcher(text).matches()) {
                error(item, "`" + GuestText.of(text).visible() + "` is not `address:port`");
            }
            found.add(text);
        }
        return found;
    }
}
