package dev.countersign.workspace;

import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a change could do once it is on the host: run by itself, run with the next build, or hide
/// from the reader. Judged by name and by content; the worst finding counts.
///
/// What runs on an everyday action (opening a directory, changing into it, a commit, an install) is
/// critical: it is never part of "accept all". What runs with a build or elsewhere is high.
final class ExecutionSurface {
    private ExecutionSurface() {}

    /// How much it can hurt, and why.
    record Judgement(Level level, List<String> reasons, boolean runsOnHost) {}

    private record Rule(Pattern path, Level level, boolean runs, String because) {
        Rule(String path, Level level, boolean runs, String because) {
            this(Pattern.compile(path), level, runs, because);
        }
    }

    /// On the lower-case path; `(.*/)?` stands for any directory.
    private static final List<Rule> BY_PATH =
            List.of(
                    new Rule(
                            "(.*/)?(\\.husky|\\.githooks|\\.git-hooks|githooks|\\.lefthook)/.*",
                            Level.CRITICAL,
                            true,
                            "a git hook: runs on the next commit or push"),
                    new Rule(
                            "(.*/)?(lefthook|\\.lefthook|\\.pre-commit-config|\\.overcommit)\\.(ya?ml|toml|json)",
                            Level.CRITICAL,
                            true,
                            "configures git hooks"),
                    new Rule(
                            "(.*/)?\\.envrc",
                            Level.CRITICAL,
                            true,
                            "direnv runs it on entering the directory"),
                    new Rule(
                            "(.*/)?(\\.vscode|\\.idea|\\.fleet|\\.zed|\\.devcontainer|\\.vs|\\.nvim|\\.theia)/.*",
                            Level.CRITICAL,
                            true,
                            "editor settings: may run on opening the project"),
                    new Rule(
                            "(.*/)?(\\.devcontainer\\.json|\\.nvimrc|\\.exrc|\\.vimrc|\\.nvim\\.lua|\\.dir-locals\\.el|.*\\.code-workspace|.*\\.iml|\\.editorconfig\\.lua)",
                            Level.CRITICAL,
                            true,
                            "editor settings: may run on opening the project"),
                    new Rule(
                            "(.*/)?(\\.claude|\\.cursor|\\.codex|\\.gemini|\\.windsurf|\\.continue|\\.aider.*|\\.kiro|\\.roo)(/.*)?",
                            Level.CRITICAL,
                            true,
                            "settings of a coding agent: may run commands outside of the VM"),
                    new Rule(
                            "(.*/)?\\.?mcp\\.json",
                            Level.CRITICAL,
                            true,
                            "starts tool servers of a coding agent"),
                    new Rule(
                            "(.*/)?(claude|agents|gemini)(\\.local)?\\.md|(.*/)?\\.(cursorrules|windsurfrules|clinerules|goosehints)|(.*/)?\\.github/copilot-instructions\\.md",
                            Level.HIGH,
                            false,
                            "instructions to coding agents, also those on the host"),
                    new Rule(
                            "(.*/)?\\.(bashrc|bash_profile|bash_login|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc|inputrc|login|bash_logout)",
                            Level.CRITICAL,
                            true,
                            "shell start-up"),
                    new Rule(
                            "\\.countersign\\.ya?ml",
                            Level.CRITICAL,
                            true,
                            "Countersign's own rules for this repository"),
                    new Rule(
                            "(.*/)?\\.gitmodules",
                            Level.CRITICAL,
                            true,
                            "names repositories that git fetches"),
                    new Rule(
                            "(.*/)?\\.gitattributes",
                            Level.HIGH,
                            true,
                            "may choose filters that git runs"),
                    new Rule(
                            "(.*/)?\\.(gitignore|gitconfig|git-blame-ignore-revs|mailmap)",
                            Level.MEDIUM,
                            false,
                            "changes what git does or sees"),
                    new Rule(
                            "(.*/)?(\\.npmrc|\\.yarnrc|\\.yarnrc\\.yml|\\.pnpmfile\\.cjs|\\.pnp\\.[a-z]*js|bunfig\\.toml|pip\\.conf|\\.pypirc|\\.cargo/config(\\.toml)?|\\.bazelrc|\\.mvn/.*|gradle/wrapper/.*|gradlew(\\.bat)?|mvnw(\\.cmd)?|\\.yarn/(releases|plugins)/.*|\\.sdkmanrc|\\.tool-versions|\\.?mise\\.toml)",
                            Level.CRITICAL,
                            true,
                            "decides what the package manager or build loads and runs"),
                    new Rule(
                            "(.*/)?(\\.github/(workflows|actions)/.*|\\.gitlab-ci\\.yml|\\.gitlab/ci/.*|\\.circleci/.*|jenkinsfile.*|\\.travis\\.yml|azure-pipelines.*\\.ya?ml|\\.azure-pipelines/.*|bitbucket-pipelines\\.yml|\\.drone\\.yml|\\.buildkite/.*|\\.woodpecker.*|\\.forgejo/workflows/.*|\\.gitea/workflows/.*|appveyor\\.yml|cloudbuild\\.ya?ml|buildspec\\.ya?ml|\\.ci/.*|\\.teamcity/.*)",
                            Level.HIGH,
                            true,
                            "runs in continuous integration, often with credentials"),
                    new Rule(
                            "(.*/)?codeowners|\\.github/(dependabot|renovate).*|(.*/)?renovate\\.json5?",
                            Level.HIGH,
                            false,
                            "decides who must review, or what updates itself"),
                    new Rule(
                            "(.*/)?((docker|container)file(\\..*)?|.*\\.dockerfile|(docker-)?compose.*\\.ya?ml|\\.dockerignore|vagrantfile)",
                            Level.HIGH,
                            true,
                            "builds or starts containers or machines"),
                    new Rule(
                            "(.*/)?(.*\\.tf|.*\\.tf\\.json|.*\\.tfvars|terragrunt\\.hcl|pulumi.*\\.ya?ml|serverless\\.ya?ml|helmfile.*|chart\\.ya?ml|skaffold\\.ya?ml|ansible\\.cfg)|(.*/)?(playbooks|helm|k8s|kubernetes|terraform|cloudformation)/.*",
                            Level.HIGH,
                            true,
                            "describes infrastructure"),
                    new Rule(
                            "(.*/)?(migrations?|migrate|flyway|liquibase|alembic/versions)/.*|(.*/)?db/(migrate|schema).*",
                            Level.CRITICAL,
                            true,
                            "a schema migration: cannot be undone once it ran on data"),
                    new Rule(
                            "(.*/)?(package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|bun\\.lockb?|cargo\\.lock|poetry\\.lock|uv\\.lock|pipfile\\.lock|gemfile\\.lock|composer\\.lock|go\\.sum|gradle\\.lockfile|packages\\.lock\\.json|flake\\.lock|mix\\.lock|pdm\\.lock)",
                            Level.HIGH,
                            true,
                            "a lock file: decides where dependencies come from"),
                    new Rule(
                            "(.*/)?(makefile|gnumakefile|.*\\.mk|cmakelists\\.txt|.*\\.cmake|configure(\\.ac)?|pom\\.xml|.*\\.gradle(\\.kts)?|settings\\.gradle.*|build\\.rs|build\\.zig|build\\.sbt|.*\\.bazel|.*\\.bzl|workspace|setup\\.py|setup\\.cfg|pyproject\\.toml|conftest\\.py|noxfile\\.py|tox\\.ini|rakefile|gemfile|justfile|taskfile\\.ya?ml|meson\\.build|.*\\.csproj|.*\\.targets|.*\\.props|directory\\.build\\..*|flake\\.nix|default\\.nix|shell\\.nix|mix\\.exs|composer\\.json|cargo\\.toml|go\\.mod|requirements.*\\.txt|pipfile|sitecustomize\\.py|usercustomize\\.py|.*\\.pth)",
                            Level.HIGH,
                            true,
                            "runs with the next build, test or install"),
                    new Rule(
                            "(.*/)?(webpack|vite|vitest|rollup|babel|jest|eslint|prettier|postcss|tailwind|next|nuxt|svelte|astro|metro|gulpfile|gruntfile|karma|playwright|cypress|tsup|esbuild|commitlint|stylelint)[^/]*\\.(c|m)?[jt]s|(.*/)?\\.(eslintrc|babelrc|prettierrc|mocharc|swcrc|lintstagedrc)[^/]*|(.*/)?(gulpfile|gruntfile)\\.js",
                            Level.HIGH,
                            true,
                            "configuration that is code: runs with the next build, test or editor"),
                    new Rule(
                            "(.*/)?[^/]+\\.(service|timer|desktop|plist|cron|crontab)",
                            Level.HIGH,
                            true,
                            "can start by itself once installed"),
                    new Rule(
                            "(.*/)?[^/]+\\.ipynb",
                            Level.HIGH,
                            true,
                            "a notebook: code and its output in one"),
                    new Rule(
                            "(.*/)?[^/]+\\.(sh|bash|zsh|fish|ps1|bat|cmd|command)",
                            Level.MEDIUM,
                            true,
                            "a script"),
                    new Rule(
                            "(.*/)?[^/]+\\.(exe|dll|so|dylib|jar|class|wasm|node|pyc|app|deb|rpm|dmg|msi|whl|gem|crx|vsix)",
                            Level.HIGH,
                            true,
                            "compiled code that a reader cannot check"));

    private static final Pattern LIFECYCLE =
            Pattern.compile(
                    "\"(pre|post)?(install|prepare|publish|pack|prepublishOnly|prepack|postpack|uninstall|version|dependencies)\"\\s*:\\s*\"([^\"\\\\]|\\\\.)*\"");
    private static final Pattern SCRIPTS =
            Pattern.compile("\"scripts\"\\s*:\\s*\\{[^}]*}", Pattern.DOTALL);
    private static final Pattern SOURCES =
            Pattern.compile("(https?|git(\\+[a-z]+)?|ssh|file)(://|:)[^\\s\"'),]+");

    static Judgement judge(
            RelativePath path, Item base, byte[] baseBytes, Item made, byte[] madeBytes) {
        Findings found = new Findings();
        String lower = path.value().toLowerCase(Locale.ROOT);
        for (Rule rule : BY_PATH) {
            if (rule.path.matcher(lower).matches()) {
                found.add(rule.level, rule.runs, rule.because);
            }
        }
        if (made instanceof Item.LinkTo) {
            found.add(Level.HIGH, false, "a symbolic link: what writes to it writes elsewhere");
        }
        boolean becomes =
                made instanceof Item.File now
                        && now.executable()
                        && !(base instanceof Item.File old && old.executable());
        if (becomes) {
            found.add(Level.HIGH, true, "becomes executable");
        }
        if (made instanceof Item.File) {
            String before = new String(baseBytes, StandardCharsets.UTF_8);
            String now = new String(madeBytes, StandardCharsets.UTF_8);
            byContent(path, before, now, found);
        } else if (made.absent() && !base.absent()) {
            found.add(Level.MEDIUM, false, "deletes the file");
        }
        return found.judgement();
    }

    /// For contents that are too large to be read.
    static Judgement unread(RelativePath path, Item base, Item made) {
        return judge(path, base, new byte[0], made, new byte[0]);
    }

    private static void byContent(RelativePath path, String before, String now, Findings found) {
        String name = path.name().toLowerCase(Locale.ROOT);
        if (name.equals("package.json")) {
            if (!matches(LIFECYCLE, now).equals(matches(LIFECYCLE, before))) {
                found.add(
                        Level.CRITICAL, true, "changes a script that runs on the next npm install");
            } else if (!matches(SCRIPTS, now).equals(matches(SCRIPTS, before))) {
                found.add(Level.HIGH, true, "changes package scripts");
            } else {
                found.add(Level.HIGH, true, "changes what npm installs or runs");
            }
        }
        if (name.equals(".gitattributes") && now.matches("(?s).*\\b(filter|diff|merge)=.*")) {
            found.add(Level.CRITICAL, true, "chooses filters that git runs");
        }
        if (name.endsWith(".lock") || name.endsWith("-lock.json") || name.endsWith("-lock.yaml")) {
            Set<String> hosts = hosts(now);
            hosts.removeAll(hosts(before));
            if (!hosts.isEmpty() && !before.isEmpty()) {
                found.add(Level.CRITICAL, true, "takes dependencies from a new place");
            }
        }
        if (now.startsWith("#!") && !before.startsWith("#!")) {
            found.add(Level.MEDIUM, true, "a script");
        }
        hidden(before, now, found);
    }

    private static Set<String> matches(Pattern pattern, String text) {
        Set<String> all = new HashSet<>();
        Matcher m = pattern.matcher(text);
        while (m.find()) {
            all.add(m.group());
        }
        return all;
    }

    private static Set<String> hosts(String text) {
        Set<String> all = new HashSet<>();
        Matcher m = SOURCES.matcher(text);
        while (m.find()) {
            String url = m.group();
            int start = url.indexOf("://");
            String rest = start < 0 ? url : url.substring(start + 3);
            all.add(rest.split("[/:?#]", 2)[0]);
        }
        return all;
    }

    /// Characters that make text read otherwise than it runs: only more of them than before count.
    private static void hidden(String before, String now, Findings found) {
        if (now.indexOf('\0') >= 0) {
            return;
        }
        if (count(now, ExecutionSurface::deceives) > count(before, ExecutionSurface::deceives)) {
            found.add(
                    Level.CRITICAL,
                    false,
                    "hidden characters: bidirectional, zero-width or tag characters");
        }
        if (count(now, ExecutionSurface::control) > count(before, ExecutionSurface::control)) {
            found.add(Level.HIGH, false, "control characters, which a terminal would obey");
        }
    }

    private interface Test {
        boolean test(int codePoint);
    }

    private static long count(String text, Test test) {
        long n = 0;
        int start = text.startsWith("\uFEFF") ? 1 : 0;
        for (int i = start; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (test.test(c)) {
                n++;
            }
            i += Character.charCount(c);
        }
        return n;
    }

    private static boolean deceives(int c) {
        return c >= 0xAD
                && (Character.getType(c) == Character.FORMAT
                        || c == 0x115F
                        || c == 0x1160
                        || c == 0x3164
                        || c == 0xFFA0
                        || c == 0x2028
                        || c == 0x2029
                        || (c >= 0xE0100 && c <= 0xE01EF));
    }

    private static boolean control(int c) {
        return (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f')
                || (c >= 0x7F && c < 0xA0);
    }

    private static final class Findings {
        private Level level = Level.MEDIUM;
        private boolean runs;
        private final List<String> reasons = new ArrayList<>();

        void add(Level found, boolean runsOnHost, String because) {
            level = level.max(found);
            runs |= runsOnHost;
            if (!reasons.contains(because)) {
                reasons.add(because);
            }
        }

        Judgement judgement() {
            return new Judgement(level, List.copyOf(reasons), runs);
        }
    }
}
