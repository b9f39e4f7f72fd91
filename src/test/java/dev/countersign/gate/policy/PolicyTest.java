package dev.countersign.gate.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gate.risk.WorkspaceView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final RiskRater RISK = RiskRater.start();
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

    @TempDir Path home;

    @AfterAll
    static void stop() {
        RISK.close();
    }

    private Path file(String text) throws Exception {
        Path file = home.resolve("policy.yaml");
        Files.writeString(file, text);
        return file;
    }

    private PolicySource source(String rules) throws Exception {
        return PolicySource.open(
                file("version: 1\nrules:\n" + rules),
                home.resolve("last-good"),
                RISK,
                CLOCK,
                _ -> {});
    }

    private static Verdict judge(PolicySource source, String command, Mode mode) {
        ToolCall call =
                new ToolCall(
                        GuestText.of("c"),
                        GuestText.of("bash"),
                        GuestText.of("{\"command\":" + quoted(command) + "}"),
                        GuestText.of("/workspace"));
        return source.judge(
                        call,
                        RISK.rate(call, WorkspaceView.standard()),
                        new Scope(new SessionId("s-aaaaaa"), "/repo", mode))
                .verdict();
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private List<PolicyFinding> check(String text) throws Exception {
        return new PolicyCheck(RISK).check(file(text));
    }

    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource({
        "autonomous, ls, run",
        "autonomous, mkdir x, run",
        "autonomous, npm ci, flagged",
        "autonomous, rm -rf /, ask",
        "post-hoc, ls, run",
        "post-hoc, mkdir x, flagged",
        "post-hoc, npm ci, ask",
        "post-hoc, rm -rf /, ask",
        "checkpoint, ls, run",
        "checkpoint, mkdir x, plan",
        "checkpoint, npm ci, ask",
        "checkpoint, rm -rf /, ask",
        "step, ls, run",
        "step, npm test, ask",
        "step, mkdir x, ask",
        "step, npm ci, ask",
        "step, rm -rf /, ask",
        "autonomous, '$x', ask",
        "post-hoc, 'ls )', ask",
    })
    void theTableOfModes(String mode, String command, String expected) throws Exception {
        Verdict verdict =
                judge(
                        PolicySource.standard(RISK, CLOCK),
                        command,
                        Mode.valueOf(mode.toUpperCase(java.util.Locale.ROOT).replace('-', '_')));
        String word =
                switch (verdict) {
                    case Verdict.Deny _ -> "deny";
                    case Verdict.Ask _ -> "ask";
                    case Verdict.Plan _ -> "plan";
                    case Verdict.Run run -> run.flagged() ? "flagged" : "run";
                };
        assertThat(word).isEqualTo(expected);
    }

    @Test
    void theDesignsExampleLoads() throws Exception {
        String example =
                """
                version: 1
                mode: checkpoint
                rules:
                  - deny:  {effect: git.force-push, because: "history is shared"}
                  - ask:   {tool: write, path: "db/migrations/**"}
                  - allow: {tool: shell, argv: [npm, test], scope: repository, until: 2027-01-31,
                            match: ["npm test"], no-match: ["npm test && rm -rf x"]}
                egress:
                  preset: packages                       # locked | packages | web
                  allow: [docs.example.org, "*.example.net", "mirror.example.net:8443"]
                  deny:  [paste.example.net]
                  allow-private: ["127.0.0.1:8443"]      # the developer's own services, by address and port
                data-class: internal
                """;
        assertThat(check(example)).isEmpty();
        PolicySource source =
                PolicySource.open(file(example), home.resolve("last-good"), RISK, CLOCK, _ -> {});
        assertThat(source.user().mode()).isEqualTo(Mode.CHECKPOINT);
        assertThat(source.user().egress().allow()).hasSize(3);
        assertThat(judge(source, "git push -f", Mode.AUTONOMOUS))
                .isEqualTo(new Verdict.Deny("policy.yaml:4", "history is shared"));
        assertThat(judge(source, "sudo sh -c 'git push origin +main'", Mode.AUTONOMOUS))
                .isInstanceOf(Verdict.Deny.class);
        assertThat(judge(source, "npm test", Mode.STEP))
                .isEqualTo(new Verdict.Run("policy.yaml:6", DecidedBy.RULE, false));
        assertThat(judge(source, "echo x > db/migrations/1.sql", Mode.AUTONOMOUS).rule())
                .isEqualTo("policy.yaml:5");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    3 | version: 1\\nmode: step\\nrulez: []
                    2 | version: 1\\nmode: fast
                    1 | version: 2
                    1 | mode: step
                    3 | version: 1\\nrules:\\n  - deny: {effects: x}
                    3 | version: 1\\nrules:\\n  - block: {effect: x}
                    3 | version: 1\\nrules:\\n  - deny: {}
                    3 | version: 1\\nrules:\\n  - deny: {argv: git}
                    3 | version: 1\\nrules:\\n  - allow: {path: "**"}
                    3 | version: 1\\nrules:\\n  - allow: {path: "*"}
                    4 | version: 1\\nrules:\\n  - ask: {effect: a.b}\\n  - raise: {effect: a.b}
                    3 | version: 1\\negress:\\n  allow: ["*"]
                    3 | version: 1\\negress:\\n  allow: ["*.com"]
                    3 | version: 1\\negress:\\n  allow: ["*.co.uk"]
                    3 | version: 1\\negress:\\n  allow: ["a.*.org"]
                    3 | version: 1\\negress:\\n  allow: ["https://a.org"]
                    3 | version: 1\\negress:\\n  allow: ["10.0.0.1"]
                    3 | version: 1\\negress:\\n  preset: all
                    3 | version: 1\\negress:\\n  allow-private: ["a.org"]
                    3 | version: 1\\nmode: step\\nmode: autonomous
                    3 | version: 1\\nrules:\\n  - deny: [a
                    4 | version: 1\\nrules:\\n  - allow: {argv: [npm, test],\\n      match: ["npm install"]}
                    4 | version: 1\\nrules:\\n  - deny: {argv: [git, push],\\n      no-match: ["git push"]}
                    3 | version: 1\\nrules:\\n  - allow: {argv: [a], until: tomorrow}
                    """)
    void aFaultIsNamedWithItsLineAndTheFileIsRefused(int line, String text) throws Exception {
        String yaml = text.replace("\\n", "\n");
        assertThat(check(yaml))
                .anySatisfy(finding -> {
                    assertThat(finding.error()).isTrue();
                    assertThat(finding.line()).isEqualTo(line);
                });
        assertThatThrownBy(() ->
                        PolicySource.open(
                                file(yaml), home.resolve("last-good"), RISK, CLOCK, _ -> {}))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("line " + line);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "git push --force",
                "git push -f",
                "git push -uf",
                "git push --forc",
                "git -C x push origin --force",
                "env git push --force",
                "git push origin main --force"
            })
    void denyFindsOptionsInAnyPlaceAndForm(String command) throws Exception {
        PolicySource source =
                source(
                        """
                          - deny: {argv: [git, push, --force]}
                          - deny: {argv: [git, push, -f]}
                        """);
        assertThat(judge(source, command, Mode.AUTONOMOUS)).isInstanceOf(Verdict.Deny.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "npm run build && rm x",
                "npm run build > /workspace/x",
                "A=1 npm run build",
                "sudo npm run build",
                "sh -c 'npm run build'",
                "npm run build -- $X",
                "npm run build extra",
                "npm run",
                "npm run build | tee x",
                "\"npm\" run build $(ls)",
                "npm run 'build\u202e'"
            })
    void allowIsExact(String command) throws Exception {
        PolicySource source = source("  - allow: {argv: [npm, run, build]}\n");
        assertThat(judge(source, "npm run build", Mode.STEP)).isInstanceOf(Verdict.Run.class);
        assertThat(judge(source, command, Mode.STEP)).isInstanceOf(Verdict.Ask.class);
    }

    @Test
    void allowNeverCoversCriticalCallsWrappersOrInterpreters() throws Exception {
        PolicySource source =
                source(
                        """
                          - allow: {argv: [git, push, ...]}
                          - allow: {argv: [bash, ...]}
                          - allow: {argv: [python, ...]}
                          - allow: {risk: critical}
                        """);
        assertThat(judge(source, "git push", Mode.CHECKPOINT)).isInstanceOf(Verdict.Run.class);
        assertThat(judge(source, "git push --force", Mode.CHECKPOINT))
                .isInstanceOf(Verdict.Ask.class);
        assertThat(judge(source, "git push $X", Mode.CHECKPOINT)).isInstanceOf(Verdict.Ask.class);
        assertThat(source.user().warnings()).hasSize(3);
        PolicySource carriers =
                source("  - allow: {argv: [bash, ...]}\n  - allow: {argv: [python, ...]}\n");
        assertThat(judge(carriers, "bash x.sh", Mode.STEP)).isInstanceOf(Verdict.Ask.class);
        assertThat(judge(carriers, "python x.py", Mode.STEP)).isInstanceOf(Verdict.Ask.class);
    }

    @Test
    void noRuleLoosensTheBuiltInOnes() throws Exception {
        PolicySource source =
                source(
                        """
                          - allow: {tool: write, path: /opt/countersign/**}
                          - allow: {effect: guard.tamper}
                        """);
        assertThat(source.user().warnings()).hasSize(2);
        Verdict verdict = judge(source, "echo x > /opt/countersign/relay.py", Mode.AUTONOMOUS);
        assertThat(verdict).isInstanceOf(Verdict.Deny.class);
        assertThat(verdict.rule()).startsWith("built-in:");
    }

    @Test
    void theStrictestWins() throws Exception {
        PolicySource source =
                source(
                        """
                          - allow: {argv: [ls]}
                          - ask: {argv: [ls]}
                          - deny: {argv: [ls, -R]}
                        """);
        assertThat(judge(source, "ls", Mode.AUTONOMOUS).rule()).isEqualTo("policy.yaml:4");
        assertThat(judge(source, "ls -lR", Mode.AUTONOMOUS).rule()).isEqualTo("policy.yaml:5");
    }

    @Test
    void aRuleEndsWithItsDateAndItsScope() throws Exception {
        assertThat(
                        judge(
                                source("  - deny: {argv: [ls], until: 2026-11-22}\n"),
                                "ls",
                                Mode.CHECKPOINT))
                .isInstanceOf(Verdict.Run.class);
        assertThat(
                        judge(
                                source("  - deny: {argv: [ls], until: 2026-11-23}\n"),
                                "ls",
                                Mode.CHECKPOINT))
                .isInstanceOf(Verdict.Deny.class);
        assertThat(
                        judge(
                                source("  - deny: {argv: [ls], scope: repository, in: /other}\n"),
                                "ls",
                                Mode.CHECKPOINT))
                .isInstanceOf(Verdict.Run.class);
        assertThat(
                        judge(
                                source("  - deny: {argv: [ls], scope: repository, in: /repo}\n"),
                                "ls",
                                Mode.CHECKPOINT))
                .isInstanceOf(Verdict.Deny.class);
        assertThat(
                        judge(
                                source("  - deny: {argv: [ls], scope: session, in: s-bbbbbb}\n"),
                                "ls",
                                Mode.CHECKPOINT))
                .isInstanceOf(Verdict.Run.class);
    }

    @Test
    void aRepositoryCanOnlyTighten() throws Exception {
        Path repository = Files.createDirectory(home.resolve("repo"));
        Path own = repository.resolve(".countersign.yaml");
        PolicySource user = source("  - allow: {argv: [npm, run, build]}\n");
        Files.writeString(
                own,
                """
                version: 1
                exclude: ["private/**"]
                rules:
                  - ask: {argv: [npm, run, build]}
                  - raise: {tool: write, path: "core/**", to: critical}
                """);
        PolicySource both = user.tightenedBy(repository);
        assertThat(judge(both, "npm run build", Mode.AUTONOMOUS).rule())
                .isEqualTo(".countersign.yaml:4");
        assertThat(judge(both, "echo x > core/a", Mode.AUTONOMOUS)).isInstanceOf(Verdict.Ask.class);
        assertThat(judge(user, "npm run build", Mode.STEP)).isInstanceOf(Verdict.Run.class);
        Files.writeString(own, "version: 1\nrules:\n  - allow: {argv: [npm, ci]}\n");
        assertThatThrownBy(() -> user.tightenedBy(repository))
                .hasMessageContaining("line 3")
                .hasMessageContaining("only tighten");
        assertThat(judge(both, "npm run build", Mode.AUTONOMOUS)).isInstanceOf(Verdict.Ask.class);
    }

    @Test
    void includesAreForTheDevelopersOwnFileAloneAndMayNameARepository() throws Exception {
        Path file =
                file(
                        """
                        version: 1
                        include:
                          - generated/
                          - {path: "*", in: /src/shop}
                        """);
        PolicySource source =
                PolicySource.open(file, home.resolve("last-good"), RISK, CLOCK, _ -> {});
        assertThat(source.includes(Path.of("/src/shop"))).containsExactly("generated/", "*");
        assertThat(source.includes(Path.of("/src/other"))).containsExactly("generated/");
        Path repository = Files.createDirectory(home.resolve("repo"));
        Files.writeString(
                repository.resolve(".countersign.yaml"), "version: 1\ninclude: [secret/]\n");
        assertThatThrownBy(() -> source.tightenedBy(repository))
                .hasMessageContaining("line 2")
                .hasMessageContaining("only tighten");
        Path bad = file("version: 1\ninclude: [\"!x\"]\n");
        assertThatThrownBy(
                        () -> PolicySource.open(bad, home.resolve("no-good"), RISK, CLOCK, _ -> {}))
                .hasMessageContaining("line 2")
                .hasMessageContaining("pattern");
    }

    @Test
    void aChangeIsTakenUpAndABadOneKeepsTheLastGood() throws Exception {
        List<Fact.PolicyLoaded> told = new ArrayList<>();
        Path file = file("version: 1\nrules:\n  - deny: {argv: [ls]}\n");
        PolicySource source =
                PolicySource.open(file, home.resolve("last-good"), RISK, CLOCK, told::add);
        assertThat(judge(source, "ls", Mode.CHECKPOINT)).isInstanceOf(Verdict.Deny.class);
        Files.writeString(file, "version: 1\nrules:\n  - denny: {argv: [ls]}\n");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
        assertThat(judge(source, "ls", Mode.CHECKPOINT)).isInstanceOf(Verdict.Deny.class);
        Files.writeString(file, "version: 1\nrules:\n  - ask: {argv: [ls]}\n");
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2031-01-01T00:00:00Z")));
        assertThat(judge(source, "ls", Mode.CHECKPOINT)).isInstanceOf(Verdict.Ask.class);
        assertThat(told.stream().map(Fact.PolicyLoaded::outcome))
                .hasSize(3)
                .satisfies(outcomes -> {
                    assertThat(outcomes.get(1))
                            .startsWith("refused, the last good one stays: ")
                            .contains("line 3");
                });
    }

    @Test
    void anAllowCoversOneCommandOfSeveralAndLowOnesBesideIt() throws Exception {
        PolicySource source =
                source(
                        """
                          - allow: {argv: [npm, ci]}
                          - allow: {argv: [git, commit, ...], effect: git.commit, risk: medium}
                          - allow: {argv: [git, add, ...], effect: git.add, risk: medium}
                        """);
        assertThat(judge(source, "npm ci && ls", Mode.STEP)).isInstanceOf(Verdict.Run.class);
        assertThat(judge(source, "git add -A && git commit -m x", Mode.STEP))
                .isInstanceOf(Verdict.Run.class);
        assertThat(judge(source, "git add -A && git commit -m x && rm -rf src", Mode.STEP))
                .isInstanceOf(Verdict.Ask.class);
        assertThat(judge(source, "npm ci; npm install x", Mode.STEP))
                .isInstanceOf(Verdict.Ask.class);
        assertThat(judge(source, "npm ci > package.json", Mode.STEP))
                .isInstanceOf(Verdict.Ask.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/bin/python3.12 x.py",
                "npm exec x",
                "pnpm dlx x",
                "git -c core.pager=x log -1",
                "git rebase --exec make main",
                "go run ./x",
                "uv run x",
                "tsx x.ts"
            })
    void whatCarriesOtherCodeIsNeverCoveredHoweverItIsNamed(String command) throws Exception {
        String words = String.join(", ", command.split(" "));
        assertThat(judge(source("  - allow: {argv: [" + words + "]}\n"), command, Mode.STEP))
                .isInstanceOf(Verdict.Ask.class);
        assertThat(judge(source("  - allow: {tool: shell, risk: high}\n"), command, Mode.STEP))
                .isInstanceOf(Verdict.Ask.class);
    }

    @Test
    void aBadFileAtTheStartIsReplacedByTheLastGoodOneAndItsAgeIsSaid() throws Exception {
        Path lastGood = home.resolve("last-good");
        Path file = file("version: 1\nrules:\n  - deny: {argv: [ls]}\n");
        PolicySource.open(file, lastGood, RISK, CLOCK, _ -> {});
        Files.setLastModifiedTime(lastGood, FileTime.from(Instant.parse("2026-11-20T12:00:00Z")));
        Files.writeString(file, "version: 1\nrulez:\n  - deny: {argv: [ls]}\n");
        List<Fact.PolicyLoaded> told = new ArrayList<>();
        PolicySource next = PolicySource.open(file, lastGood, RISK, CLOCK, told::add);
        assertThat(judge(next, "ls", Mode.CHECKPOINT)).isInstanceOf(Verdict.Deny.class);
        assertThat(next.trouble().orElseThrow())
                .contains("line 2")
                .contains("rulez")
                .contains("3 days old");
        assertThat(told).hasSize(1);
        Files.writeString(file, "version: 1\nrules: []\n");
        assertThat(judge(next, "ls", Mode.CHECKPOINT)).isInstanceOf(Verdict.Run.class);
        assertThat(next.trouble()).isEmpty();
    }

    @Test
    void aSessionThatRunsIsNeverJudgedByNoRulesAtAll() throws Exception {
        Path file = file("version: 1\nrulez: []\n");
        Path lastGood = home.resolve("none");
        assertThatThrownBy(() -> PolicySource.open(file, lastGood, RISK, CLOCK, _ -> {}))
                .hasMessageContaining("line 2");
        PolicySource running = PolicySource.openOrAskAll(file, lastGood, RISK, CLOCK, _ -> {});
        assertThat(judge(running, "ls", Mode.AUTONOMOUS)).isInstanceOf(Verdict.Ask.class);
        Files.writeString(file, "version: 1\n");
        assertThat(judge(running, "ls", Mode.AUTONOMOUS)).isInstanceOf(Verdict.Run.class);
    }
}
