package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ExecutionSurfaceTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ExecutionSurface.Judgement of(String path, String before, String now) {
        Item was = before.isEmpty() ? Item.Absent.HERE : StagedChange.file(bytes(before), false);
        return ExecutionSurface.judge(
                new RelativePath(path),
                was,
                bytes(before),
                StagedChange.file(bytes(now), false),
                bytes(now));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "src/main.py, MEDIUM",
        "README.md, MEDIUM",
        "src/huskysledge.ts, MEDIUM",
        "docs/makefile.md, MEDIUM",
        ".husky/pre-commit, CRITICAL",
        ".HUSKY/Pre-Commit, CRITICAL",
        "tools/git/pre-push, CRITICAL",
        "tools/git/pre-push.md, MEDIUM",
        ".envrc, CRITICAL",
        "sub/.ENVRC, CRITICAL",
        ".vscode/tasks.json, CRITICAL",
        ".VsCode/settings.json, CRITICAL",
        ".idea/workspace.xml, CRITICAL",
        "deep/er/.devcontainer/devcontainer.json, CRITICAL",
        ".project, CRITICAL",
        ".claude/settings.json, CRITICAL",
        ".opencode/plugin/x.ts, CRITICAL",
        ".mcp.json, CRITICAL",
        "CLAUDE.md, HIGH",
        "AGENTS.md, HIGH",
        ".github/prompts/x.md, HIGH",
        ".bashrc, CRITICAL",
        ".config/fish/config.fish, CRITICAL",
        ".gdbinit, CRITICAL",
        ".gitattributes, HIGH",
        ".gitmodules, CRITICAL",
        ".gitconfig, CRITICAL",
        ".hg/hgrc, CRITICAL",
        "vendor/x.git/config, CRITICAL",
        ".mvn/extensions.xml, CRITICAL",
        "gradle/wrapper/gradle-wrapper.properties, CRITICAL",
        "gradlew, CRITICAL",
        ".cargo/config.toml, CRITICAL",
        "binding.gyp, CRITICAL",
        ".yarn/releases/yarn.cjs, CRITICAL",
        ".pre-commit-config.yaml, CRITICAL",
        "Makefile, HIGH",
        "GNUmakefile, HIGH",
        "conftest.py, HIGH",
        "tests/unit/conftest.py, HIGH",
        "build.rs, HIGH",
        "setup.py, HIGH",
        "pom.xml, HIGH",
        "build.gradle.kts, HIGH",
        "pytest.ini, HIGH",
        ".pylintrc, HIGH",
        "vite.config.ts, HIGH",
        ".eslintrc.cjs, HIGH",
        ".github/workflows/ci.yml, HIGH",
        ".gitlab-ci.yml, HIGH",
        "Dockerfile, HIGH",
        "dockerfile.prod, HIGH",
        "docker-compose.yml, HIGH",
        "infra/main.tf, HIGH",
        "db/migrations/001.sql, CRITICAL",
        "nb/a.ipynb, HIGH",
        "model.pkl, HIGH",
        "lib/x.so, HIGH",
        "start.lnk, CRITICAL",
        "run.sh, MEDIUM",
        ".countersign.yaml, CRITICAL",
        "yarn.lock, HIGH",
        "CODEOWNERS, HIGH"
    })
    void aPathHasItsLevel(String path, Level level) {
        assertThat(of(path, "a\n", "b\n").level()).isEqualTo(level);
    }

    /// Spellings that a file system may take for the same name.
    static final List<String> SPELLINGS =
            List.of(
                    ".EnvRC",
                    ".env\u200Drc",
                    ".\u200Benvrc",
                    ".vscode/\u202Etasks.json",
                    ".v\u017Fcode/tasks.json",
                    ".hus\u212Ay/pre-commit",
                    ".\uFF45nvrc",
                    ".envrc\uFE0F");

    @ParameterizedTest
    @FieldSource("SPELLINGS")
    void anotherSpellingOfANameIsTheSameName(String path) {
        assertThat(of(path, "", "x\n").level()).isEqualTo(Level.CRITICAL);
    }

    private static final String PACKAGE =
            """
            {"name": "a", "version": "1.0.0", "scripts": {"test": "x", "postinstall": "y"},
             "dependencies": {"left": "^1.0.0"}, "description": "d"}
            """;

    private static Arguments edit(String from, String to, Level level) {
        assertThat(PACKAGE).contains(from);
        return Arguments.of(PACKAGE.replace(from, to), level);
    }

    static final List<Arguments> PACKAGES =
            List.of(
                    edit("\"d\"", "\"another\"", Level.MEDIUM),
                    edit("\"1.0.0\"", "\"1.0.1\"", Level.MEDIUM),
                    edit("\"x\"", "\"z\"", Level.HIGH),
                    edit("\"y\"", "\"evil\"", Level.CRITICAL),
                    edit("\"test\"", "\"prepare\"", Level.CRITICAL),
                    edit("\"test\"", "\"\\u0070repare\"", Level.CRITICAL),
                    edit("^1.0.0", "^1.1.0", Level.HIGH),
                    edit("^1.0.0", "npm:other@1.0.0", Level.HIGH),
                    edit("^1.0.0", "https://example.test/x.tgz", Level.CRITICAL),
                    edit("^1.0.0", "github:someone/left", Level.CRITICAL),
                    edit("^1.0.0", "someone/left", Level.CRITICAL),
                    edit("^1.0.0", "file:../x", Level.CRITICAL),
                    edit("^1.0.0", "git+ssh://git@example.test/x", Level.CRITICAL),
                    edit("\"description\"", "\"lint-staged\"", Level.CRITICAL),
                    edit("\"description\"", "\"packageManager\"", Level.CRITICAL),
                    edit("\"description\"", "\"jest\"", Level.HIGH),
                    // What one program reads and another does not.
                    edit(
                            "\"description\": \"d\"",
                            "\"scripts\": {\"postinstall\": \"evil\"}",
                            Level.CRITICAL),
                    edit("\"test\": \"x\"", "\"postinstall\": \"evil\"", Level.CRITICAL),
                    Arguments.of("\uFEFF" + PACKAGE.replace("\"y\"", "\"evil\""), Level.CRITICAL),
                    Arguments.of("\uFEFF" + PACKAGE.replace("\"d\"", "\"e\""), Level.MEDIUM),
                    Arguments.of("/* c */" + PACKAGE, Level.CRITICAL),
                    Arguments.of(PACKAGE + "{}", Level.CRITICAL),
                    Arguments.of("[]", Level.CRITICAL),
                    Arguments.of("", Level.CRITICAL));

    @ParameterizedTest
    @FieldSource("PACKAGES")
    void anEditOfPackageJsonIsJudgedByWhatItChanges(String now, Level level) {
        assertThat(of("web/Package.json", PACKAGE, now).level()).isEqualTo(level);
    }

    @Test
    void aWordInPackageJsonRunsNothing() {
        assertThat(of("package.json", PACKAGE, PACKAGE.replace("\"d\"", "\"e\"")).runsOnHost())
                .isFalse();
    }

    private static final String LOCK =
            """
            {"lockfileVersion": 3, "packages": {"node_modules/left": {"version": "1.0.0",
             "resolved": "https://registry.example.org/left.tgz", "integrity": "sha512-AAAA"}}}
            """;

    static final List<Arguments> EDITS =
            List.of(
                    lock("1.0.0", "1.0.1", Level.HIGH),
                    lock("registry.example.org", "evil.example.test", Level.CRITICAL),
                    lock(
                            "https://registry.example.org",
                            "https://registry.example.org@evil.example.test",
                            Level.CRITICAL),
                    lock(
                            "https://registry.example.org/left",
                            "https:\\/\\/evil.example.test\\/left",
                            Level.CRITICAL),
                    lock(
                            "https://registry.example.org/left",
                            "https\\u003a\\u002f\\u002fevil.example.test/left",
                            Level.CRITICAL),
                    lock("https://", "http://", Level.CRITICAL),
                    lock(
                            "https://registry.example.org",
                            "HTTPS://Registry.example.org/x",
                            Level.CRITICAL),
                    lock("sha512-AAAA", "sha512-BBBB", Level.CRITICAL),
                    lock("\"version\"", "\"resolved\": \"x\", \"version\"", Level.CRITICAL),
                    Arguments.of("go.sum", "m v1 h1:AAA=\n", "m v1 h1:BBB=\n", Level.CRITICAL),
                    Arguments.of("go.sum", "m v1 h1:A=\n", "m v1 h1:A=\nn v2 h1:B=\n", Level.HIGH),
                    Arguments.of(
                            "Cargo.lock",
                            "source = \"registry+https://example.org/index\"\n",
                            "source = \"git+https://example.test/x\"\n",
                            Level.CRITICAL),
                    Arguments.of(
                            "pnpm-lock.yaml",
                            "a: 1\n",
                            "a: 1\nresolution: {tarball: https://example.test/x.tgz}\n",
                            Level.CRITICAL),
                    Arguments.of(
                            "yarn.lock", "a\n", "a\nresolved \"github:x/y\"\n", Level.CRITICAL),
                    Arguments.of(
                            ".gitattributes",
                            "*.a text\n",
                            "*.a text\n*.b filter=x\n",
                            Level.CRITICAL),
                    Arguments.of(
                            ".gitattributes",
                            "*.a filter=lfs\n",
                            "*.a filter=lfs\n*.b text\n",
                            Level.HIGH),
                    Arguments.of(
                            ".github/workflows/a.yml",
                            "on: push\n",
                            "on: push\nenv: {T: \"${{ \\x73ecrets.TOKEN }}\"}\n",
                            Level.CRITICAL),
                    Arguments.of(
                            ".github/workflows/a.yml",
                            "on: push\n",
                            "on: pull_request_target\n",
                            Level.CRITICAL),
                    Arguments.of(
                            ".github/workflows/a.yml", "on: push\n", "on: [push]\n", Level.HIGH),
                    Arguments.of(
                            "compose.yaml",
                            "services:\n",
                            "services:\n - /var/run/docker.sock:/s\n",
                            Level.CRITICAL),
                    Arguments.of("requirements.txt", "a==1\n", "a==2\n", Level.HIGH),
                    Arguments.of(
                            "requirements.txt",
                            "a==1\n",
                            "--extra-index-url=http://x\na==1\n",
                            Level.CRITICAL),
                    Arguments.of(
                            "pom.xml", "<a/>\n", "<a/>\n<pluginRepositories>\n", Level.CRITICAL),
                    Arguments.of("pom.xml", "<a/>\n", "<b/>\n", Level.HIGH),
                    Arguments.of("build.gradle", "a\n", "a\nmaven { url 'x' }\n", Level.CRITICAL),
                    Arguments.of("go.mod", "a\n", "a\nreplace x => ../y\n", Level.CRITICAL),
                    Arguments.of(
                            "deep/x/config", "a\n", "a\n[core]\nfsmonitor=x\n", Level.CRITICAL),
                    Arguments.of("deep/x/HEAD", "", "ref: refs/heads/main\n", Level.CRITICAL),
                    Arguments.of("a.yaml", "a\n", "a\nb: !!python/object:x\n", Level.CRITICAL),
                    Arguments.of(
                            "a.ipynb", "{}", "{\"data\": {\"text/html\": \"x\"}}", Level.CRITICAL),
                    Arguments.of("a.py", "", "#!/usr/bin/env python3\n", Level.MEDIUM));

    private static Arguments lock(String from, String to, Level level) {
        assertThat(LOCK).contains(from);
        return Arguments.of("package-lock.json", LOCK, LOCK.replace(from, to), level);
    }

    @ParameterizedTest(name = "{0} {3}")
    @FieldSource("EDITS")
    void anEditIsJudgedByItsContent(String path, String before, String now, Level level) {
        assertThat(of(path, before, now).level()).isEqualTo(level);
    }

    static final List<Arguments> TEXTS =
            List.of(
                    Arguments.of("a\n", "a\u202E\n", Level.CRITICAL),
                    Arguments.of("a\u200B\nb\n", "a\nb\u200B\n", Level.CRITICAL),
                    Arguments.of("a\u200B\n", "a\u200B\nb\n", Level.MEDIUM),
                    Arguments.of("a\n", "a \uDB40\uDC41\n", Level.CRITICAL),
                    Arguments.of("a\n", "x = '\uFE00\uFE01\uFE02'\n", Level.CRITICAL),
                    Arguments.of("a\n", "\u3164 = 1\n", Level.CRITICAL),
                    Arguments.of("a\n", "\uFEFFa\n", Level.MEDIUM),
                    Arguments.of("a\n", "a\uFEFF\n", Level.CRITICAL),
                    Arguments.of(
                            "a\n",
                            "a \uD83D\uDC69\u200D\uD83D\uDCBB \u2764\uFE0F 1\uFE0F\n",
                            Level.MEDIUM),
                    Arguments.of("a\n", "p\u0430ypal\n", Level.HIGH),
                    Arguments.of(
                            "a\n", "\u043F\u0440\u0438\u0432\u0435\u0442 world\n", Level.MEDIUM),
                    Arguments.of("a\n", "grün\n", Level.MEDIUM),
                    Arguments.of("a\n", "\u001B[2K\n", Level.HIGH),
                    Arguments.of("a\n", "evil\rgood\n", Level.HIGH),
                    Arguments.of("a\n", "a\r\n", Level.MEDIUM));

    @ParameterizedTest
    @FieldSource("TEXTS")
    void charactersThatMisleadAreFoundInNewLines(String before, String now, Level level) {
        assertThat(of("a.txt", before, now).level()).isEqualTo(level);
    }

    static final Map<String, String> LINKS =
            Map.of(
                    ".vscode", "docs/settings",
                    ".husky", "docs",
                    ".envrc", "notes.txt",
                    "notes.txt", ".envrc",
                    "docs/x", ".vscode/tasks.json");

    @Test
    void aLinkIsJudgedByWhatItStandsForAndWhereItLeads() {
        LINKS.forEach((path, target) ->
                assertThat(
                                ExecutionSurface.judge(
                                                new RelativePath(path),
                                                Item.Absent.HERE,
                                                new byte[0],
                                                new Item.LinkTo(target),
                                                new byte[0])
                                        .level())
                        .as(path)
                        .isEqualTo(Level.CRITICAL));
    }

    @Test
    void whatIsTooLargeToReadIsAsBadAsItsContentCouldBe() {
        Item.File large = new Item.File(dev.countersign.domain.Digest.of("x"), 9 << 20, false);
        assertThat(
                        ExecutionSurface.unread(
                                        new RelativePath("package.json"), Item.Absent.HERE, large)
                                .level())
                .isEqualTo(Level.CRITICAL);
        assertThat(
                        ExecutionSurface.unread(new RelativePath("a.bin"), Item.Absent.HERE, large)
                                .level())
                .isEqualTo(Level.MEDIUM);
    }

    @Test
    void aBitThatMakesAFileRunIsHigh() {
        byte[] text = bytes("x\n");
        assertThat(
                        ExecutionSurface.judge(
                                        new RelativePath("tool"),
                                        StagedChange.file(text, false),
                                        text,
                                        StagedChange.file(text, true),
                                        text)
                                .level())
                .isEqualTo(Level.HIGH);
    }

    /// Tried without a look at the rules first: what was missed then.
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "lefthook-local.yml, CRITICAL",
        ".vim/plugin/x.vim, CRITICAL",
        ".dir-locals-2.el, CRITICAL",
        ".xonshrc, CRITICAL",
        ".venv/bin/activate, CRITICAL",
        "env/etc/conda/activate.d/x.sh, CRITICAL",
        "NuGet.Config, CRITICAL",
        ".bundle/config, CRITICAL",
        ".condarc, CRITICAL",
        ".m2/settings.xml, CRITICAL",
        ".jvmopts, CRITICAL",
        "Makefile.am, HIGH",
        "scripts/Makefile.build, HIGH",
        "manage.py, HIGH",
        "hatch_build.py, HIGH",
        "environment.yml, HIGH",
        "src/main/resources/META-INF/services/javax.annotation.processing.Processor, HIGH",
        "gradle/libs.versions.toml, HIGH",
        "Snakefile, HIGH",
        "tasks.py, HIGH",
        "babel.config.json, HIGH",
        "drizzle.config.ts, HIGH",
        "wdio.conf.js, HIGH",
        "netlify.toml, HIGH",
        "fly.toml, HIGH",
        "report.xlsm, HIGH",
        "src/tasks/list.py, MEDIUM",
        "src/config.ts, MEDIUM",
        "docs/activate.md, MEDIUM",
        "src/manager.py, MEDIUM"
    })
    void whatAFirstTryMissed(String path, Level expected) {
        assertThat(of(path, "", "x\n").level()).isEqualTo(expected);
    }

    private static final String POETRY =
            """
            [[package]]
            name = "left"
            version = "1.0.0"
            files = [
                {file = "left-1.0.0.whl", hash = "sha256:aaaa"},
                {file = "left-1.0.0.tar.gz", hash = "sha256:bbbb"},
            ]

            [[package]]
            name = "right"
            version = "2.0.0"
            files = [
                {file = "right-2.0.0.whl", hash = "sha256:cccc"},
            ]
            """;
    private static final String YARN =
            """
            left@^1.0.0:
              version "1.0.0"
              integrity sha512-aaaa==

            "right@^2.0.0":
              version "2.0.0"
              integrity sha512-cccc==
            """;
    private static final String PNPM =
            """
            packages:

              left@1.0.0:
                resolution: {integrity: sha512-aaaa==}

              right@2.0.0:
                resolution: {integrity: sha512-cccc==}
            """;
    private static final String PIPFILE =
            """
            {"default": {"left": {"hashes": ["sha256:aaaa"], "index": "i", "version": "==1.0.0"}},
             "develop": {}}
            """;

    @Test
    void aLockFileThatGivesTheSameVersionAnotherContentIsCritical() {
        for (Map.Entry<String, String> file :
                Map.of(
                                "poetry.lock", POETRY,
                                "uv.lock", POETRY,
                                "yarn.lock", YARN,
                                "pnpm-lock.yaml", PNPM,
                                "Pipfile.lock", PIPFILE)
                        .entrySet()) {
            String name = file.getKey();
            String before = file.getValue();
            String other = before.replace("aaaa", "eeee");
            assertThat(of(name, before, other).level()).as(name).isEqualTo(Level.CRITICAL);
            // A new version comes with new contents.
            String upgraded = other.replace("1.0.0", "1.0.1");
            assertThat(of(name, before, upgraded).level()).as(name).isEqualTo(Level.HIGH);
        }
        String swapped = YARN.replace("aaaa", "x").replace("cccc", "aaaa").replace("-x", "-cccc");
        assertThat(of("yarn.lock", YARN, swapped).level()).isEqualTo(Level.CRITICAL);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "a.go, //go:generate sh -c x, HIGH",
        "a.go, // #cgo LDFLAGS: -fplugin=x.so, HIGH",
        "logo.svg, <svg onload='x'/>, HIGH",
        "logo.svg, <svg width='1'/>, MEDIUM",
        "a.py, '# -*- eval: (shell-command \"x\") -*-', HIGH",
        "a.c, '// vim: set foldexpr=system(1) :', HIGH",
        "a.c, '// vim: set ts=4 sw=4 et :', MEDIUM",
        "a.py, 'result = eval(text)', MEDIUM",
        "a.py, 'p\u03bfypal = 1', HIGH",
        "a.py, '\u0394x = \u03c3y', MEDIUM",
        ".gitlab-ci.yml, 'include: [{remote: x}]', CRITICAL",
        "settings.xml, <mirror>, CRITICAL"
    })
    void whatALineDoes(String path, String line, Level expected) {
        assertThat(of(path, "x\n", "x\n" + line + "\n").level()).isEqualTo(expected);
    }
}
