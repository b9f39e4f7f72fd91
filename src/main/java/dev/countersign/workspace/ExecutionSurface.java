package dev.countersign.workspace;

import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
                            "(.*/)?(lefthook|\\.lefthook|lefthook-local|\\.lefthook-local|\\.pre-commit-config|\\.overcommit)\\.(ya?ml|toml|json)",
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
                            "(.*/)?(\\.devcontainer\\.json|\\.nvimrc|\\.exrc|\\.vimrc|\\.nvim\\.lua|\\.dir-locals(-2)?\\.el|.*\\.code-workspace|.*\\.iml|\\.editorconfig\\.lua)",
                            Level.CRITICAL,
                            true,
                            "editor settings: may run on opening the project"),
                    new Rule(
                            "(.*/)?(\\.claude|\\.cursor|\\.codex|\\.gemini|\\.windsurf|\\.continue|\\.aider.*|\\.kiro|\\.roo)(/.*)?",
                            Level.CRITICAL,
                            true,
                            "settings of a coding agent: may run commands outside of the VM"),
                    new Rule(
                            "(.*/)?(\\.agents?|\\.opencode|\\.qwen|\\.crush|\\.goose|\\.amazonq|\\.trae|\\.junie|\\.augment|\\.copilot|\\.clinerules|\\.factory|\\.zencoder)/.*|(.*/)?(opencode|crush)\\.jsonc?|(.*/)?\\.aider\\.conf\\.ya?ml",
                            Level.CRITICAL,
                            true,
                            "settings of a coding agent: may run commands outside of the VM"),
                    new Rule(
                            "(.*/)?skill\\.md|(.*/)?\\.github/(agents|prompts|instructions|chatmodes)/.*|(.*/)?(qwen|warp|copilot)\\.md",
                            Level.HIGH,
                            false,
                            "instructions to coding agents, also those on the host"),
                    new Rule(
                            "(.*/)?\\.(bash_aliases|xonshrc|aliases|zlogout|xinitrc|xprofile|xsession|gdbinit|lldbinit|pdbrc|irbrc|pryrc|rprofile|renviron|ghci|octaverc|psqlrc|sqliterc|wgetrc|curlrc|tmux\\.conf|screenrc|pythonrc(\\.py)?|pythonstartup|lvimrc|vimspector\\.json|netrwhist|emacs|spacemacs|envrc\\.private|autoenv|autoenv\\.zsh|in|out)|(.*/)?\\.config/.*|(.*/)?config\\.fish|(.*/)?\\.local/bin/.*",
                            Level.CRITICAL,
                            true,
                            "read at the start of a shell, debugger or tool"),
                    new Rule(
                            "(.*/)?(\\.helix|\\.vim|\\.kakrc|\\.sublime|\\.emacs\\.d|\\.settings|nbproject|\\.metadata|\\.externaltoolbuilders)/.*|(.*/)?(\\.project|\\.classpath|[^/]*\\.sublime-(project|settings|build))",
                            Level.CRITICAL,
                            true,
                            "editor settings: may run on opening the project"),
                    new Rule(
                            "(.*/)?(\\.gitpod\\.ya?ml|\\.replit|\\.idx/.*|devbox\\.json|\\.stackblitzrc|\\.codesandbox/.*)",
                            Level.CRITICAL,
                            true,
                            "runs on opening the project"),
                    new Rule(
                            "(.*/)?(bin|scripts)/activate[^/]*|(.*/)?(de)?activate\\.d/.*",
                            Level.CRITICAL,
                            true,
                            "read by a shell that enters the environment"),
                    new Rule(
                            "(.*/)?(nuget\\.config|\\.bundle/.*|pip\\.ini|\\.?condarc|\\.m2/.*|\\.sbtopts|\\.jvmopts|\\.ivy2/.*)",
                            Level.CRITICAL,
                            true,
                            "decides what the package manager or build loads and runs"),
                    new Rule(
                            "(.*/)?(makefile[._-](?!(md|txt|rst|html)$)[^/]*|[^/]*\\.makefile|manage\\.py|hatch_build\\.py|hatch\\.toml|\\.pdm\\.toml|pixi\\.toml|environment\\.ya?ml|lombok\\.config|[^/]*\\.versions\\.toml|\\.justfile|taskfile\\.dist\\.ya?ml|dodo\\.py|tasks\\.py|fabfile\\.py|invoke\\.ya?ml|snakefile|\\.npmignore|ember-cli-build\\.js|biome\\.jsonc?)|(.*/)?meta-inf/services/.*",
                            Level.HIGH,
                            true,
                            "runs with the next build, test or install"),
                    new Rule(
                            "(.*/)?[^/]+\\.(config|conf)\\.((c|m)?[jt]s|json)",
                            Level.HIGH,
                            true,
                            "configuration that is code, or names code: runs with the next build, test or editor"),
                    new Rule(
                            "(.*/)?(netlify\\.toml|vercel\\.json|now\\.json|fly\\.toml|render\\.ya?ml|railway\\.(json|toml)|app\\.(json|ya?ml)|wrangler\\.(toml|jsonc?)|firebase\\.json|amplify\\.ya?ml|heroku\\.yml)",
                            Level.HIGH,
                            true,
                            "decides what a hosting service builds and runs"),
                    new Rule(
                            "(.*/)?[^/]+\\.(docm|dotm|xlsm|xltm|xlam|xll|slk|iqy|pptm|ppam|odm)",
                            Level.HIGH,
                            true,
                            "a document that may hold macros"),
                    new Rule(
                            "(.*/)?binding\\.gyp|(.*/)?\\.cargo/.*|(.*/)?\\.pre-commit-hooks\\.ya?ml|(.*/)?rust-toolchain(\\.toml)?|(.*/)?\\.yarn/.*|(.*/)?\\.gradle/.*|(.*/)?init\\.gradle(\\.kts)?",
                            Level.CRITICAL,
                            true,
                            "decides what the package manager or build loads and runs"),
                    new Rule(
                            "(.*/)?(\\.hg|\\.svn|\\.jj|\\.bzr)/.*|(.*/)?[^/]+\\.git/.*|(.*/)?(hooks|info)/(attributes|grafts|alternates)",
                            Level.CRITICAL,
                            true,
                            "belongs to a version control system, which runs what it says"),
                    new Rule(
                            "(.*/)?\\.?gitconfig(\\..*)?|(.*/)?\\.gitconfig-[^/]*",
                            Level.CRITICAL,
                            true,
                            "git's configuration, where it is included"),
                    new Rule(
                            "(.*/)?(build\\.xml|ivy\\.xml|build\\.sc|build\\.mill|project/[^/]*\\.(sbt|scala|properties)|build|module|sconstruct|sconscript|wscript|jamfile|earthfile|tiltfile|procfile|brewfile|podfile|package\\.swift|project\\.clj|deps\\.edn|dune(-project)?|[^/]*\\.(bake\\.hcl|nix|pro|vcxproj|fsproj|vbproj|sln|gemspec|cabal|podspec|opam)|gradle\\.properties|nx\\.json|turbo\\.json|lerna\\.json|rush\\.json|deno\\.jsonc?|import_map\\.json|pnpm-workspace\\.ya?ml|angular\\.json|go\\.work|build\\.ninja|premake[45]\\.lua|xmake\\.lua)|(.*/)?buildsrc/.*|(.*/)?[^/]+\\.xc(odeproj|workspace)/.*|(.*/)?\\.storybook/.*",
                            Level.HIGH,
                            true,
                            "runs with the next build, test or install"),
                    new Rule(
                            "(.*/)?(pytest\\.ini|mypy\\.ini|\\.mypy\\.ini|\\.pylintrc|pylintrc|\\.coveragerc|\\.flake8|\\.rspec|\\.rubocop\\.ya?ml|\\.luacheckrc|\\.perltidyrc|\\.golangci\\.ya?ml|\\.bazelversion|\\.bazeliskrc|\\.tool-versions|\\.pryrc|\\.mocharc[^/]*|\\.nycrc[^/]*|\\.watchmanconfig|\\.solargraph\\.ya?ml)",
                            Level.HIGH,
                            true,
                            "may name code that a test runner, linter or editor loads"),
                    new Rule(
                            "(.*/)?[^/]+\\.(pkl|pickle|joblib|dill|pt|pth\\.tar|ckpt|rds|rdata|marshal|phar)",
                            Level.HIGH,
                            true,
                            "data that runs code when it is loaded"),
                    new Rule(
                            "(.*/)?([^/]+\\.(lnk|url|webloc|scpt|applescript|workflow|action|terminal|reg|hta|vbs|jse|wsf|scf|inetloc|fileloc)|autorun\\.inf|desktop\\.ini)",
                            Level.CRITICAL,
                            true,
                            "opened with one click, it runs something"),
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

    /// Names that git runs from a hooks directory, wherever `core.hooksPath` points.
    private static final Pattern HOOK_NAME =
            Pattern.compile(
                    "(.*/)?(applypatch-msg|pre-applypatch|post-applypatch|pre-commit|pre-merge-commit"
                            + "|prepare-commit-msg|commit-msg|post-commit|pre-rebase|post-checkout|post-merge"
                            + "|pre-push|pre-receive|post-receive|post-update|reference-transaction"
                            + "|push-to-checkout|pre-auto-gc|post-rewrite|sendemail-validate"
                            + "|fsmonitor-watchman|post-index-change)");

    static Judgement judge(
            RelativePath path, Item base, byte[] baseBytes, Item made, byte[] madeBytes) {
        Findings found = new Findings();
        String folded = folded(path.value());
        byPath(folded, made, found);
        byKind(base, made, found);
        if (made instanceof Item.File) {
            String before = new String(baseBytes, StandardCharsets.UTF_8);
            String now = new String(madeBytes, StandardCharsets.UTF_8);
            SurfaceContent.judge(folded, before, now, found::add);
            hidden(HiddenText.in(baseBytes, madeBytes), found);
            if (found.runs && HiddenText.binary(madeBytes) && !HiddenText.binary(baseBytes)) {
                found.add(Level.HIGH, true, "bytes that no reader can check");
            }
        }
        if (!folded.equals(path.value().toLowerCase(Locale.ROOT))) {
            found.add(Level.HIGH, false, "its name is spelled in unusual characters");
        }
        return found.judgement();
    }

    /// For contents that are too large to be read: where the content decides, the worst is taken.
    static Judgement unread(RelativePath path, Item base, Item made) {
        Findings found = new Findings();
        String folded = folded(path.value());
        byPath(folded, made, found);
        byKind(base, made, found);
        if (made instanceof Item.File && SurfaceContent.readsContent(folded)) {
            found.add(Level.CRITICAL, true, "too large to be read, and its content decides");
        }
        return found.judgement();
    }

    /// As a file system could take the name that does not tell cases, or passes over invisible
    /// characters: one spelling for all that may be the same file.
    static String folded(String path) {
        boolean plain = path.chars().allMatch(c -> c < 0x80);
        String text = path;
        if (!plain) {
            StringBuilder visible = new StringBuilder();
            Normalizer.normalize(path, Normalizer.Form.NFKC)
                    .codePoints()
                    .filter(c -> Character.getType(c) != Character.FORMAT)
                    .filter(c -> !(c >= 0xFE00 && c <= 0xFE0F))
                    .forEach(visible::appendCodePoint);
            text = visible.toString().toUpperCase(Locale.ROOT);
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static void byPath(String path, Item made, Findings found) {
        boolean link = made instanceof Item.LinkTo;
        for (Rule rule : BY_PATH) {
            // A link may stand for a directory: then all that a rule says of what is below.
            if (rule.path.matcher(path).matches()
                    || (link && rule.path.matcher(path + "/x").matches())) {
                found.add(rule.level, rule.runs, rule.because);
            }
        }
        if (link || made instanceof Item.File) {
            if (HOOK_NAME.matcher(path).matches()) {
                found.add(Level.CRITICAL, true, "named like a git hook");
            }
        }
    }

    private static void byKind(Item base, Item made, Findings found) {
        if (made instanceof Item.LinkTo(String target)) {
            found.add(Level.HIGH, false, "a symbolic link: what writes to it writes elsewhere");
            String to = folded(target);
            for (Rule rule : BY_PATH) {
                if (rule.level == Level.CRITICAL && rule.path.matcher(to).matches()) {
                    found.add(Level.CRITICAL, rule.runs, "leads to what runs: " + rule.because);
                }
            }
        } else if (base instanceof Item.LinkTo && made instanceof Item.File) {
            found.add(Level.HIGH, false, "puts a file in the place of a symbolic link");
        }
        boolean becomes =
                made instanceof Item.File now
                        && now.executable()
                        && !(base instanceof Item.File old && old.executable());
        if (becomes) {
            found.add(Level.HIGH, true, "becomes executable");
        }
        if (made.absent() && !base.absent()) {
            found.add(Level.MEDIUM, false, "deletes the file");
        }
    }

    private static void hidden(HiddenText.Found hidden, Findings found) {
        if (hidden.deceives()) {
            found.add(
                    Level.CRITICAL,
                    false,
                    "hidden characters: bidirectional, zero-width or tag characters");
        }
        if (hidden.controls()) {
            found.add(Level.HIGH, false, "control characters, which a terminal would obey");
        }
        if (hidden.mixes()) {
            found.add(Level.HIGH, false, "letters of two scripts in one word, which look alike");
        }
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
