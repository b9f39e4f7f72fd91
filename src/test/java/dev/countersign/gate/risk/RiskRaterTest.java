package dev.countersign.gate.risk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Calls of tools as agents make them.
class RiskRaterTest {
    private static final RiskRater RISK = RiskRater.start();

    @AfterAll
    static void stop() {
        RISK.close();
    }

    private static Rating rate(String tool, String arguments) {
        return rate(tool, arguments, WorkspaceView.standard());
    }

    private static Rating rate(String tool, String arguments, WorkspaceView view) {
        return RISK.rate(
                new ToolCall(
                        GuestText.of("c1"),
                        GuestText.of(tool),
                        GuestText.of(arguments),
                        GuestText.of("/workspace")),
                view);
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    bash | {"command":"ls"} | LOW
                    Bash | {"command":"git push --force"} | CRITICAL
                    shell | {"command":["bash","-lc","rm -rf /"]} | CRITICAL
                    shell | {"command":["ls","-la"],"workdir":"/workspace/src"} | LOW
                    shell | {"command":["ls; rm -rf /"]} | HIGH
                    run_shell_command | {"command":"npm test"} | LOW
                    read | {"path":"src/a.py"} | LOW
                    read | {"path":".env"} | CRITICAL
                    read | {"path":"/home/agent/.ssh/id_rsa"} | CRITICAL
                    Read | {"file_path":"/workspace/README.md"} | LOW
                    read_file | {"absolute_path":"/workspace/a"} | LOW
                    list | {} | LOW
                    Glob | {"pattern":"**/*.py"} | LOW
                    Grep | {"pattern":"foo","path":"src"} | LOW
                    write | {"path":"src/a.py","content":"x"} | MEDIUM
                    write | {"path":"src/../.git/hooks/pre-commit","content":"x"} | HIGH
                    write | {"path":"../outside","content":"x"} | HIGH
                    write | {"path":"/etc/passwd","content":"x"} | CRITICAL
                    write | {"path":"db/migrations/1.sql","content":"x"} | CRITICAL
                    write | {"path":".GitHub/Workflows/ci.yml","content":"x"} | HIGH
                    write | {"path":"Dockerfile","content":"x"} | HIGH
                    write | {"path":"package.json","content":"x"} | HIGH
                    write | {"path":"main.tf","content":"x"} | HIGH
                    write | {"path":"iam/roles.tf","content":"x"} | CRITICAL
                    write | {"path":"tests/test_a.py","content":"x"} | MEDIUM
                    write | {"path":"docs/a.md","content":"x"} | MEDIUM
                    edit | {"path":"src/a.py","old":"a","new":"b"} | MEDIUM
                    edit | {"path":"CLAUDE.md","old":"a","new":"b"} | HIGH
                    write | {"path":".countersign.yaml","content":"x"} | CRITICAL
                    apply_patch | {"input":"*** Begin Patch\\n*** Update File: src/a.py\\n*** End Patch"} | MEDIUM
                    apply_patch | {"input":"*** Begin Patch\\n*** Add File: .husky/pre-commit\\n+x\\n*** End Patch"} | HIGH
                    apply_patch | {"input":"nothing"} | HIGH
                    WebFetch | {"url":"https://example.org/x","prompt":"y"} | HIGH
                    WebFetch | {"url":"http://localhost:3000"} | MEDIUM
                    WebFetch | {"url":"https://example.org","method":"POST","body":"x"} | CRITICAL
                    http_request | {"url":"http://169.254.169.254/latest"} | CRITICAL
                    mcp__ci__deploy_service | {"name":"web"} | CRITICAL
                    mcp__run__exec | {"command":"git push --force"} | CRITICAL
                    mcp__docs__lookup | {"query":"x"} | HIGH
                    TodoWrite | {"todos":[]} | LOW
                    Task | {"prompt":"x"} | LOW
                    mcp__x__y | {"a":1} | HIGH
                    BASH | {"command":"ls"} | HIGH
                    bash | {"command":1} | HIGH
                    bash | {} | HIGH
                    bash | [] | HIGH
                    bash | {"command":"ls" | HIGH
                    bash | {"command":"ls"}{"command":"rm"} | HIGH
                    bash | {"command":"ls","command":"rm -rf /"} | HIGH
                    write | {"path":1} | HIGH
                    write | {} | HIGH
                    """)
    void ratesCallsOfEveryAgent(String tool, String arguments, Level level) {
        Rating rating = rate(tool, arguments.strip());
        assertThat(rating.level()).as("%s", rating.reasons()).isEqualTo(level);
    }

    @Test
    void p4AnUnknownToolIsNotUnderstoodWhateverItSays() {
        Rating rating = rate("mcp__files__read", "{\"path\":\"a\"}");
        assertThat(rating.understood()).isFalse();
        assertThat(rating.readOrSearch()).isFalse();
    }

    @Test
    void followsKnownLinksOutOfTheWorkspace() {
        WorkspaceView view =
                new WorkspaceView("/workspace", Map.of("doc", "/home/agent/.ssh"), List.of());
        assertThat(rate("read", "{\"path\":\"doc/id_rsa\"}", view).level())
                .isEqualTo(Level.CRITICAL);
        assertThat(rate("read", "{\"path\":\"docs/id\"}", view).level()).isEqualTo(Level.LOW);
    }

    @Test
    void foldsCaseAndUnicodeFormOfNames() {
        assertThat(rate("read", "{\"path\":\".ENV\"}").level()).isEqualTo(Level.CRITICAL);
        assertThat(rate("write", "{\"path\":\".GIT/config\"}").level()).isEqualTo(Level.HIGH);
    }

    @Test
    void namedSharedDirectoriesAreHigh() {
        WorkspaceView view = new WorkspaceView("/workspace", Map.of(), List.of("core/**"));
        assertThat(rate("write", "{\"path\":\"core/a.java\"}", view).level()).isEqualTo(Level.HIGH);
        assertThat(rate("write", "{\"path\":\"app/a.java\"}", view).level())
                .isEqualTo(Level.MEDIUM);
    }

    @Test
    void readsAndSearchesAreKnownFromTestsThatRunCode() {
        assertThat(rate("bash", "{\"command\":\"ls | grep x\"}").readOrSearch()).isTrue();
        assertThat(rate("bash", "{\"command\":\"npm test\"}").readOrSearch()).isFalse();
        assertThat(rate("read", "{\"path\":\"a\"}").readOrSearch()).isTrue();
    }

    @Test
    void listsTheSimpleCommandsOfShellText() {
        Rating rating = rate("bash", "{\"command\":\"sudo nice rm -rf 'a b' && echo $X > y\"}");
        assertThat(
                        rating.commands().stream()
                                .map(c -> c.argv().stream().map(GuestText::raw).toList()))
                .containsExactly(
                        List.of("sudo", "nice", "rm", "-rf", "a b"),
                        List.of("nice", "rm", "-rf", "a b"),
                        List.of("rm", "-rf", "a b"),
                        List.of("echo", "$X"));
        assertThat(rating.commands().stream().map(SimpleCommand::plain))
                .containsExactly(true, false, false, false);
        assertThat(rating.writes()).contains("a b", "y");
    }

    @Test
    void p4AParserThatDiesMakesTheCallHighAndComesBack() {
        ParserProcess parser = ParserProcess.standard();
        try (RiskRater risk = new RiskRater(parser)) {
            assertThat(risk.rateShell("ls", "/workspace", WorkspaceView.standard()).level())
                    .isEqualTo(Level.LOW);
            ProcessHandle child = ProcessHandle.of(parser.pid()).orElseThrow();
            child.destroyForcibly();
            child.onExit().join();
            assertThat(risk.rateShell("ls", "/workspace", WorkspaceView.standard()).level())
                    .isEqualTo(Level.LOW);
        }
    }

    @Test
    void p4AParserThatHangsOrIsMissingMakesTheCallHigh() {
        for (List<String> command :
                List.of(
                        List.of("sh", "-c", "printf '\\0\\0\\0\\0'; exec sleep 60"),
                        List.of("false"),
                        List.of("/nowhere/java"))) {
            try (RiskRater risk =
                    new RiskRater(new ParserProcess(_ -> command, Duration.ofMillis(200)))) {
                Rating rating = risk.rateShell("ls", "/workspace", WorkspaceView.standard());
                assertThat(rating.level()).isEqualTo(Level.HIGH);
                assertThat(rating.understood()).isFalse();
            }
        }
    }

    @Test
    void p6TheParserHasNoEnvironment() throws Exception {
        ParserProcess parser = ParserProcess.standard();
        try (RiskRater risk = new RiskRater(parser)) {
            risk.rateShell("ls", "/workspace", WorkspaceView.standard());
            java.nio.file.Path environment =
                    java.nio.file.Path.of("/proc/" + parser.pid() + "/environ");
            org.junit.jupiter.api.Assumptions.assumeTrue(
                    java.nio.file.Files.isReadable(environment), "only Linux shows it");
            assertThat(java.nio.file.Files.readAllBytes(environment)).isEmpty();
        }
    }

    @Test
    void aParserThatIsKilledLeavesNoFile() throws Exception {
        ParserProcess parser = ParserProcess.standard();
        try (RiskRater risk = new RiskRater(parser)) {
            risk.rateShell("ls", "/workspace", WorkspaceView.standard());
            java.nio.file.Path mapped = java.nio.file.Path.of("/proc/" + parser.pid() + "/maps");
            org.junit.jupiter.api.Assumptions.assumeTrue(
                    java.nio.file.Files.isReadable(mapped), "only Linux shows it");
            assertThat(java.nio.file.Files.readAllLines(mapped))
                    .filteredOn(line -> line.contains("countersign-parser"))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith("(deleted)"));
        }
    }

    @Test
    void everyTableLoadsAndEveryRuleThatItNamesExists() {
        assertThat(ToolTables.load().size()).isGreaterThan(1000);
        PathTable.load();
    }
}
