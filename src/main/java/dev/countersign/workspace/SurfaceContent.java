package dev.countersign.workspace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an edit of a file that may be edited changes of what runs. Text that its own program would
/// read otherwise than we do (a name twice, no JSON) counts as the worst that it could be.
final class SurfaceContent {
    private static final ObjectMapper STRICT =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /// npm's own life cycle: run without being named.
    private static final Set<String> LIFECYCLE =
            Set.of(
                    "preinstall",
                    "install",
                    "postinstall",
                    "preprepare",
                    "prepare",
                    "postprepare",
                    "prepublish",
                    "prepublishonly",
                    "publish",
                    "postpublish",
                    "prepack",
                    "pack",
                    "postpack",
                    "dependencies",
                    "preuninstall",
                    "uninstall",
                    "postuninstall",
                    "preversion",
                    "version",
                    "postversion");

    private static final Set<String> DEPENDENCIES =
            Set.of(
                    "dependencies",
                    "devDependencies",
                    "optionalDependencies",
                    "peerDependencies",
                    "bundledDependencies",
                    "bundleDependencies",
                    "overrides",
                    "resolutions",
                    "pnpm");
    private static final Set<String> GIT_HOOKS =
            Set.of(
                    "husky",
                    "lint-staged",
                    "simple-git-hooks",
                    "gitHooks",
                    "pre-commit",
                    "pre-push");
    private static final Set<String> WORDS =
            Set.of(
                    "name",
                    "version",
                    "description",
                    "keywords",
                    "homepage",
                    "bugs",
                    "license",
                    "author",
                    "contributors",
                    "maintainers",
                    "funding",
                    "repository",
                    "private",
                    "sideEffects",
                    "files",
                    "types",
                    "typings");

    /// A version of a registry, as opposed to an address, a path or another repository.
    private static final Pattern VERSION =
            Pattern.compile(
                    "[\\s\\d.xX*^~<>=|vV-]*([-+][\\w.-]+)?|latest|next|[\\w.^~<>=|* -]{0,60}"
                            + "|workspace:[\\w.^~*-]*|catalog:\\w*|npm:@?[\\w./-]+@[\\w.^~*-]+");

    private static final Pattern SOURCE =
            Pattern.compile(
                    "([a-z][a-z0-9]*\\+)*(https?|git|ssh|file|ftp)(://|:(?=[^/\\s]))([^\\s\"'<>),]*)"
                            + "|\\b(github|gitlab|bitbucket|gist):[^\\s\"'<>),]+"
                            + "|\\bgit@([^\\s\"'<>:]+):",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern ESCAPE =
            Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(/))");
    private static final Pattern GO_SUM = Pattern.compile("(\\S+ \\S+) (h1:\\S+)");

    /// A new line like this in a file of this name.
    private record LineRule(Pattern name, Pattern line, Level level, String because) {
        LineRule(String name, String line, Level level, String because) {
            this(
                    Pattern.compile(name),
                    Pattern.compile(line, Pattern.CASE_INSENSITIVE),
                    level,
                    because);
        }
    }

    private static final String CI =
            ".*\\.github/(workflows|actions)/.*|.*\\.forgejo/workflows/.*|.*\\.gitea/workflows/.*"
                    + "|.*\\.gitlab-ci\\.yml|.*\\.circleci/.*|.*azure-pipelines.*";
    private static final List<LineRule> LINES =
            List.of(
                    new LineRule(
                            "(.*/)?\\.gitattributes|(.*/)?info/attributes",
                            ".*(\\b(filter|diff|merge)\\s*=|\\[attr\\]).*",
                            Level.CRITICAL,
                            "chooses filters that git runs"),
                    new LineRule(
                            CI,
                            ".*(pull_request_target|workflow_run|secrets\\b|id-token|self-hosted"
                                    + "|write-all|permissions\\s*:.*write|:\\s*write\\b|ACTIONS_ALLOW).*",
                            Level.CRITICAL,
                            "gives continuous integration credentials or rights"),
                    new LineRule(
                            "(.*/)?\\.gitlab-ci\\.yml|(.*/)?\\.gitlab/ci/.*",
                            ".*\\b(remote|component)\\s*:.*",
                            Level.CRITICAL,
                            "runs what it fetches"),
                    new LineRule(
                            "(.*/)?settings\\.xml",
                            ".*<\\s*(mirror|server|repositor|pluginRepositor|profile|proxy).*",
                            Level.CRITICAL,
                            "takes plugins or packages from a new place, or runs programs in the build"),
                    new LineRule(
                            ".*\\.go",
                            "\\s*//go:generate\\b.*|.*#cgo\\s.*",
                            Level.HIGH,
                            "names programs or options for the build"),
                    new LineRule(
                            ".*\\.svgz?",
                            ".*(<script|\\son[a-z]+\\s*=|javascript:|<foreignobject|<!entity).*",
                            Level.HIGH,
                            "output that runs in the reader's browser"),
                    new LineRule(
                            CI,
                            ".*(curl|wget)\\b.*\\|.*\\b(ba|z|da)?sh\\b.*",
                            Level.CRITICAL,
                            "runs what it fetches"),
                    new LineRule(
                            "(.*/)?((docker-)?compose.*\\.ya?ml)",
                            ".*(docker\\.sock|privileged|(pid|ipc|network_mode)\\s*:\\s*[\"']?host|cap_add"
                                    + "|[-\"'\\s]/:|~/|\\$\\{?HOME).*",
                            Level.CRITICAL,
                            "gives a container the host"),
                    new LineRule(
                            "(.*/)?(requirements.*\\.txt|constraints.*\\.txt)",
                            "\\s*(-i\\b|--(extra-)?index-url|-f\\b|--find-links|--trusted-host|-e\\b|--editable)"
                                    + ".*|.*(://|git\\+|@\\s*file:).*",
                            Level.CRITICAL,
                            "takes packages from a new place"),
                    new LineRule(
                            "(.*/)?(pyproject\\.toml|pipfile|poetry\\.toml|uv\\.toml)",
                            ".*(\\b(index|index-url|extra-index-url|find-links)\\b.*=|git\\s*=|url\\s*=.*(whl|git|zip|gz)"
                                    + "|@\\s*(git\\+|https?:|file:)|\\[\\[?.*(source|index)).*",
                            Level.CRITICAL,
                            "takes packages from a new place"),
                    new LineRule(
                            "(.*/)?cargo\\.toml",
                            ".*\\b(git|registry|registry-index|path)\\s*=.*|.*\\[(patch|replace)\\b.*",
                            Level.CRITICAL,
                            "takes packages from a new place"),
                    new LineRule(
                            "(.*/)?go\\.(mod|work)",
                            "\\s*replace\\b.*|.*=>.*",
                            Level.CRITICAL,
                            "takes packages from a new place"),
                    new LineRule(
                            "(.*/)?gemfile",
                            ".*\\b(source|git|github|gist|path)\\b\\s*[:(\"'].*|\\s*(source|git)\\s.*"
                                    + "|.*:(git|github|path)\\s*=>.*",
                            Level.CRITICAL,
                            "takes packages from a new place"),
                    new LineRule(
                            "(.*/)?pom\\.xml",
                            ".*<\\s*(pluginRepositor|repositor|extension|relativePath).*|.*<!(DOCTYPE|ENTITY).*"
                                    + "|.*(exec-maven-plugin|antrun|groovy-maven|gmavenplus).*",
                            Level.CRITICAL,
                            "takes plugins or packages from a new place, or runs programs in the build"),
                    new LineRule(
                            "(.*/)?[^/]*\\.gradle(\\.kts)?",
                            ".*\\b(maven|ivy|flatDir)\\s*[({].*|.*\\burl\\b\\s*[=(\"'].*|.*(mavenLocal|pluginManagement).*"
                                    + "|.*(\\.execute\\(|\\bexec\\b|ProcessBuilder).*|.*apply\\s+from.*",
                            Level.CRITICAL,
                            "takes plugins or packages from a new place, or runs programs in the build"),
                    new LineRule(
                            "(.*/)?gradle\\.properties",
                            ".*(jvmargs|javaagent|java\\.home|systemprop).*",
                            Level.CRITICAL,
                            "sets what the build's own Java loads"),
                    new LineRule(
                            "(.*/)?(tsconfig|jsconfig)[^/]*\\.json",
                            ".*\"(plugins|extends)\".*",
                            Level.HIGH,
                            "may choose code that the editor's language server loads"),
                    new LineRule(
                            "(.*/)?(config|\\.?gitconfig)",
                            ".*(\\[\\s*(core|include|alias|filter|url|credential|protocol|diff|merge)\\b"
                                    + "|fsmonitor|sshcommand|hookspath|\\bworktree\\b).*",
                            Level.CRITICAL,
                            "reads like git's configuration, which names programs that git runs"),
                    new LineRule(
                            "(.*/)?head",
                            "\\s*ref:\\s.*|[0-9a-f]{40}.*",
                            Level.CRITICAL,
                            "makes git take its directory for a repository"),
                    new LineRule(
                            "(.*/)?\\.editorconfig",
                            ".*\\b(exec|command|plugin).*",
                            Level.HIGH,
                            "names a command"),
                    new LineRule(
                            ".*\\.(ya?ml)",
                            ".*(!!python/|!ruby/|!!java).*",
                            Level.CRITICAL,
                            "builds objects in the program that reads it"),
                    new LineRule(
                            ".*\\.ipynb",
                            ".*(text/html|application/javascript|<script).*",
                            Level.CRITICAL,
                            "output that runs in the reader's browser"));

    /// Lines that an editor obeys on opening the file, in whatever file.
    private static final Pattern EDITED_BY =
            Pattern.compile(
                    ".*(-\\*-.*\\beval\\s*:|^\\W*eval\\s*:\\s*\\().*"
                            + "|.*\\b(vim?|ex)([<=>]?\\d+)?:\\s*.*(system|expr|eval|exec|source|shell|!).*",
                    Pattern.CASE_INSENSITIVE);

    private static final List<LineRule> EDITOR =
            List.of(
                    new LineRule(
                            Pattern.compile(".*"),
                            EDITED_BY,
                            Level.HIGH,
                            "a line that an editor obeys on opening the file"));

    private static final Pattern HASH =
            Pattern.compile("\\bsha(1|256|384|512)[-:=][^\\s\"',}]+|\\b[0-9a-f]{40,128}\\b");
    private static final Set<String> HASHED_BY_LINE =
            Set.of("yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "pdm.lock", "mix.lock");

    /// Is told what was found.
    interface Sink {
        void found(Level level, boolean runs, String because);
    }

    private SurfaceContent() {}

    /// @param path folded, as for the rules by path
    /// @param before empty for a new file
    static void judge(String path, String before, String now, Sink sink) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (name.equals("package.json")) {
            packageJson(before, now, sink);
        }
        if (lockFile(name)) {
            lock(name, before, now, sink);
        }
        List<LineRule> rules =
                LINES.stream().filter(rule -> rule.name.matcher(path).matches()).toList();
        if (!rules.isEmpty()) {
            lines(rules, before, now, sink);
        }
        if (now.contains("eval:") || now.contains("vim:") || now.contains("vi:")) {
            lines(EDITOR, before, now, sink);
        }
        if (now.startsWith("#!") && !firstLine(before).equals(firstLine(now))) {
            sink.found(Level.MEDIUM, true, "a script");
        }
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    static boolean lockFile(String name) {
        return name.endsWith(".lock")
                || name.endsWith("-lock.json")
                || name.endsWith("-lock.yaml")
                || name.equals("npm-shrinkwrap.json")
                || name.equals("packages.lock.json")
                || name.equals("go.sum")
                || name.equals("gradle.lockfile");
    }

    /// Whether a file of this name must be read to be judged.
    static boolean readsContent(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals("package.json")
                || lockFile(name)
                || LINES.stream().anyMatch(rule -> rule.name.matcher(path).matches());
    }

    // -- lines

    private static void lines(List<LineRule> rules, String before, String now, Sink sink) {
        Set<String> old = new HashSet<>();
        before.lines().forEach(line -> old.add(line.strip()));
        String[] fresh =
                now.lines()
                        .map(String::strip)
                        .filter(line -> !old.contains(line))
                        .map(SurfaceContent::unescaped)
                        .toArray(String[]::new);
        for (LineRule rule : rules) {
            for (String line : fresh) {
                if (rule.line.matcher(line).matches()) {
                    sink.found(rule.level, true, rule.because);
                    break;
                }
            }
        }
    }

    /// As JSON and YAML read it: a word can be spelled in escapes.
    private static String unescaped(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        Matcher m = ESCAPE.matcher(text);
        return m.replaceAll(found -> {
            String hex = found.group(1) != null ? found.group(1) : found.group(2);
            String plain = hex == null ? "/" : String.valueOf((char) Integer.parseInt(hex, 16));
            return Matcher.quoteReplacement(plain);
        });
    }

    // -- package.json

    private static void packageJson(String before, String now, Sink sink) {
        Optional<JsonNode> read = json(now);
        if (read.isEmpty() || !read.get().isObject()) {
            sink.found(
                    Level.CRITICAL,
                    true,
                    "is no plain JSON, or says a name twice: npm may read it otherwise");
            return;
        }
        JsonNode is = read.get();
        JsonNode was = json(before).filter(JsonNode::isObject).orElse(STRICT.createObjectNode());
        Set<String> names = new TreeSet<>();
        is.fieldNames().forEachRemaining(names::add);
        was.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            if (!Objects.equals(was.get(name), is.get(name))) {
                field(name, was.path(name), is.path(name), sink);
            }
        }
    }

    private static void field(String name, JsonNode was, JsonNode is, Sink sink) {
        if (name.equals("scripts")) {
            scripts(was, is, sink);
        } else if (GIT_HOOKS.contains(name)) {
            sink.found(Level.CRITICAL, true, "changes what runs on a commit or push");
        } else if (DEPENDENCIES.contains(name)) {
            sink.found(Level.HIGH, true, "changes what npm installs");
            if (takesElsewhere(was, is)) {
                sink.found(Level.CRITICAL, true, "takes packages from a new place");
            }
        } else if (name.equals("packageManager") || name.equals("gypfile")) {
            sink.found(Level.CRITICAL, true, "changes what runs on the next npm install");
        } else if (!WORDS.contains(name)) {
            sink.found(Level.HIGH, true, "changes how tools treat the package");
        }
    }

    private static void scripts(JsonNode was, JsonNode is, Sink sink) {
        Set<String> names = new TreeSet<>();
        is.fieldNames().forEachRemaining(names::add);
        was.fieldNames().forEachRemaining(names::add);
        if (names.isEmpty()) {
            sink.found(Level.CRITICAL, true, "its scripts are no object");
        }
        for (String name : names) {
            if (Objects.equals(was.get(name), is.get(name))) {
                continue;
            }
            boolean byItself = LIFECYCLE.contains(name.toLowerCase(Locale.ROOT));
            if (byItself) {
                sink.found(
                        Level.CRITICAL, true, "changes a script that runs on the next npm install");
            } else {
                sink.found(Level.HIGH, true, "changes package scripts");
            }
        }
    }

    private static boolean takesElsewhere(JsonNode was, JsonNode is) {
        if (is.isTextual()) {
            return !is.equals(was) && !VERSION.matcher(is.asText()).matches();
        }
        if (is.isObject()) {
            for (var entry : is.properties()) {
                if (takesElsewhere(was.path(entry.getKey()), entry.getValue())) {
                    return true;
                }
            }
        }
        return false;
    }

    /// npm drops a byte order mark, too.
    private static Optional<JsonNode> json(String text) {
        try {
            String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
            JsonNode node = STRICT.readTree(plain);
            return node == null || node.isMissingNode() ? Optional.empty() : Optional.of(node);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    // -- lock files

    private static void lock(String name, String before, String now, Sink sink) {
        if (before.isEmpty()) {
            return;
        }
        Set<String> places = places(now);
        places.removeAll(places(before));
        if (!places.isEmpty()) {
            sink.found(Level.CRITICAL, true, "takes dependencies from a new place");
        }
        Map<String, String> was = digests(name, before);
        Map<String, String> is = digests(name, now);
        boolean other =
                was.entrySet().stream()
                        .anyMatch(e ->
                                is.containsKey(e.getKey())
                                        && !e.getValue().equals(is.get(e.getKey())));
        if (other) {
            sink.found(
                    Level.CRITICAL, true, "the same version of a dependency gets another content");
        }
        if (name.endsWith("-lock.json") && json(now).isEmpty()) {
            sink.found(Level.CRITICAL, true, "is no plain JSON, or says a name twice");
        }
    }

    /// Scheme and host of every address.
    private static Set<String> places(String text) {
        Set<String> all = new HashSet<>();
        Matcher m = SOURCE.matcher(unescaped(text));
        while (m.find()) {
            if (m.group(2) != null) {
                String rest = m.group(4);
                String host =
                        m.group(3).equals("://")
                                ? rest.split("[/?#]", 2)[0]
                                : rest.split("#", 2)[0];
                all.add((m.group(2) + ":" + host).toLowerCase(Locale.ROOT));
            } else {
                all.add(m.group().toLowerCase(Locale.ROOT));
            }
        }
        return all;
    }

    /// Formats that name a package and its version before its hashes: what stands beside a hash,
    /// below the last name and version, says whose it is.
    private static void byLine(String text, Map<String, String> all) {
        String name = "";
        String version = "";
        for (String line : text.lines().toList()) {
            String plain = line.strip();
            Matcher hash = HASH.matcher(plain);
            if (hash.find()) {
                String whose = name + " " + version + " " + hash.replaceAll("#");
                hash.reset();
                String hashes = hash.results().map(m -> m.group()).toList().toString();
                all.merge(whose, hashes, String::concat);
            } else if (plain.startsWith("version")) {
                version = plain;
            } else if (plain.startsWith("[[")
                    || plain.startsWith("name = ")
                    || (plain.endsWith(":") && plain.contains("@"))) {
                name = plain;
                version = "";
            }
        }
    }

    /// What content a version has, by package and version.
    private static Map<String, String> digests(String name, String text) {
        Map<String, String> all = new HashMap<>();
        if (name.equals("go.sum")) {
            Matcher m = GO_SUM.matcher(text);
            while (m.find()) {
                all.put(m.group(1), m.group(2));
            }
        } else if (name.equals("package-lock.json") || name.equals("npm-shrinkwrap.json")) {
            json(text)
                    .map(node -> node.path("packages"))
                    .ifPresent(packages -> {
                        for (var entry : packages.properties()) {
                            JsonNode one = entry.getValue();
                            all.put(
                                    entry.getKey() + " " + one.path("version").asText(),
                                    one.path("integrity").asText()
                                            + " "
                                            + one.path("resolved").asText());
                        }
                        all.remove(" ");
                    });
        } else if (HASHED_BY_LINE.contains(name) || name.equals("gemfile.lock")) {
            byLine(text, all);
        } else if (name.equals("composer.lock")) {
            json(text)
                    .ifPresent(node -> {
                        for (String part : List.of("packages", "packages-dev")) {
                            for (JsonNode one : node.path(part)) {
                                all.put(
                                        one.path("name").asText()
                                                + " "
                                                + one.path("version").asText(),
                                        one.path("dist").path("shasum").asText()
                                                + " "
                                                + one.path("dist").path("reference").asText());
                            }
                        }
                    });
        } else if (name.equals("pipfile.lock")) {
            json(text)
                    .ifPresent(node -> {
                        for (String part : List.of("default", "develop")) {
                            for (var entry : node.path(part).properties()) {
                                all.put(
                                        entry.getKey()
                                                + " "
                                                + entry.getValue().path("version").asText(),
                                        entry.getValue().path("hashes").toString());
                            }
                        }
                    });
        } else if (name.equals("cargo.lock")) {
            String version = "";
            String packageName = "";
            for (String line : text.lines().toList()) {
                if (line.startsWith("name = ")) {
                    packageName = line;
                } else if (line.startsWith("version = ")) {
                    version = line;
                } else if (line.startsWith("checksum = ")) {
                    all.put(packageName + version, line);
                }
            }
        }
        return all;
    }
}
