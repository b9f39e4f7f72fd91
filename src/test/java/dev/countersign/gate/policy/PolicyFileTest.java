package dev.countersign.gate.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.gate.risk.RiskRater;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyFileTest {
    private static final RiskRater RISK = RiskRater.start();
    private static final String RULE = "allow: {tool: shell, argv: [npm, ci]}";

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

    private PolicyFile.Added add(Path file) throws CountersignException {
        return new PolicyFile(file, RISK).add(List.of(RULE), (_, _) -> {});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                version: 1
                rules:
                  - ask: {argv: [ls]}   # mine

                # the end
                egress:
                  preset: locked
                """,
                """
                # top
                version: 1
                rules:
                - deny:
                    argv: [ls, -R]
                    because: |
                      it is
                      slow
                # after
                mode: step
                """,
                "version: 1\r\nrules:\r\n  - ask: {argv: [ls]}\r\nmode: step\r\n",
                "version: 1\nmode: step",
                "version: 1\nrules:\n  - ask: {argv: [ls]}",
                "version: 1\nrules:\n  - deny:\n      argv:\n        - ls\n        - \"-R\"\n",
                """
                version: 1
                rules:
                  - ask: {argv: [ls],
                          because: "long"}
                  - deny: {effect: git.force-push}
                """,
            })
    void theRestOfTheFileStaysByteForByte(String before) throws Exception {
        Path file = file(before);
        PolicyFile.Added added = add(file);
        String after = Files.readString(file);
        int line = Integer.parseInt(added.places().getFirst().split(":")[1]);
        assertThat(after.lines().toList().get(line - 1)).contains("- " + RULE);
        String end = before.contains("\r\n") ? "\r\n" : "\n";
        String without = after.replaceFirst(" *- " + java.util.regex.Pattern.quote(RULE) + end, "");
        assertThat(without)
                .isIn(before, before + end, before + end + "rules:" + end, before + "rules:" + end);
        assertThat(new PolicyCheck(RISK).check(file)).isEmpty();
        PolicyFile.Added second = add(file);
        assertThat(second.places()).containsExactly("policy.yaml:" + (line + 1));
    }

    @Test
    void aFileThatIsNotThereIsMade() throws Exception {
        Path file = home.resolve("new/policy.yaml");
        assertThat(add(file).places()).containsExactly("policy.yaml:3");
        assertThat(Files.readString(file)).isEqualTo("version: 1\nrules:\n  - " + RULE + "\n");
    }

    @Test
    void aBadFileIsLeftAsItIs() throws Exception {
        Path file = file("version: 1\nrulez: []\n");
        assertThatThrownBy(() -> add(file)).hasMessageContaining("line 2");
        assertThat(Files.readString(file)).isEqualTo("version: 1\nrulez: []\n");
    }

    @Test
    void aRuleThatIsWrongIsNotPutIn() throws Exception {
        Path file = file("version: 1\n");
        assertThatThrownBy(() ->
                        new PolicyFile(file, RISK)
                                .add(List.of("allow: {argv: [npm], risky: x}"), (_, _) -> {}))
                .hasMessageContaining("risky");
        assertThat(Files.readString(file)).isEqualTo("version: 1\n");
    }

    @Test
    void rulesInBracketsAreNotRewritten() throws Exception {
        Path file = file("version: 1\nrules: [{ask: {argv: [ls]}}]\n");
        assertThatThrownBy(() -> add(file)).hasMessageContaining("brackets");
    }

    @Test
    void nothingIsWrittenIfItCouldNotBeRecorded() throws Exception {
        Path file = file("version: 1\n");
        assertThatThrownBy(() ->
                        new PolicyFile(file, RISK)
                                .add(
                                        List.of(RULE),
                                        (_, _) -> {
                                            throw new CountersignException(
                                                    CountersignException.Kind.EXHAUSTED,
                                                    "disk full");
                                        }))
                .hasMessageContaining("disk full");
        assertThat(Files.readString(file)).isEqualTo("version: 1\n");
    }

    @Test
    void anEditMeanwhileIsNotLost() throws Exception {
        Path file = file("version: 1\n");
        assertThatThrownBy(() ->
                        new PolicyFile(file, RISK)
                                .add(
                                        List.of(RULE),
                                        (_, _) -> {
                                            try {
                                                Files.writeString(file, "version: 1\nmode: step\n");
                                            } catch (java.io.IOException e) {
                                                throw new java.io.UncheckedIOException(e);
                                            }
                                        }))
                .hasMessageContaining("was changed while");
        assertThat(Files.readString(file)).isEqualTo("version: 1\nmode: step\n");
    }

    @Test
    void aLinkStaysALinkAndRightsStayAsTheyAre() throws Exception {
        Path real = Files.createDirectory(home.resolve("dotfiles")).resolve("policy.yaml");
        Files.writeString(real, "version: 1\n");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r--r--"));
        Path link = home.resolve("policy.yaml");
        Files.createSymbolicLink(link, real);
        add(link);
        assertThat(link).isSymbolicLink();
        assertThat(Files.readString(real)).contains(RULE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-r--r--");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yes", "a b", "x: y", "\"", "\\", "#", "- x", "{", "\n", "\u202e", "é", "1", "",
                "...", "~", "*a", "&a", "!!str", "@", "%", "'", "on", "null", "a\tb", "0x1f", "1e3",
                ".5"
            })
    void aWordOfACallIsOneWordOfTheRule(String word) throws Exception {
        String rule = RuleText.argv(List.of("npm", word, "z"), false, null, "");
        Policy policy =
                new PolicyReader("x", false, RISK)
                        .read("version: 1\nrules:\n  - " + rule + "\n")
                        .policy();
        if (word.equals("...")) {
            assertThat(policy).isNull();
        } else {
            assertThat(Objects.requireNonNull(policy).rules().getFirst().argv())
                    .containsExactly("npm", word, "z");
        }
    }

    @Test
    void aRemovedRuleTakesItsLinesAndNoOthers() throws Exception {
        String text =
                """
                version: 1
                # mine
                rules:
                  - ask: {argv: [ls]}   # why
                  # the long one
                  - deny:
                      argv: [ls, -R]
                      because: |
                        it is
                        slow
                  - allow: {tool: shell, argv: [npm, ci]}
                mode: step
                """;
        Path file = file(text);
        PolicyFile policy = new PolicyFile(file, RISK);
        PolicyFile.Removed removed = policy.removal(List.of(6));
        assertThat(removed.rules()).singleElement().asString().contains("[ls, -R]");
        assertThat(removed.diff())
                .anySatisfy(line -> assertThat(line).startsWith("-    6  ").contains("- deny:"))
                .anySatisfy(line -> assertThat(line).startsWith("    11  ").contains("npm"));
        assertThat(Files.readString(file)).isEqualTo(text);
        policy.remove(removed, (places, _) -> assertThat(places).containsExactly("policy.yaml:6"));
        assertThat(Files.readString(file))
                .isEqualTo(
                        text.lines()
                                        .filter(line ->
                                                !line.matches(".*(deny|-R|because|it is|slow).*"))
                                        .collect(Collectors.joining("\n"))
                                + "\n");
    }

    @Test
    void theLastRuleTakesTheWordRulesWithIt() throws Exception {
        Path file = file("version: 1\r\nrules:\r\n  - ask: {argv: [ls]}\r\nmode: step\r\n");
        PolicyFile policy = new PolicyFile(file, RISK);
        policy.remove(policy.removal(List.of(3)), (_, _) -> {});
        assertThat(Files.readString(file)).isEqualTo("version: 1\r\nmode: step\r\n");
    }

    @Test
    void whatCanNotBeRemovedIsNamedAndLeftAsItIs() throws Exception {
        Path file = file("version: 1\nrules:\n  - ask: {argv: [ls]}\n");
        assertThatThrownBy(() -> new PolicyFile(file, RISK).removal(List.of(2)))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("No rule begins on line 2");
        Path brackets = file("version: 1\nrules: [{ask: {argv: [ls]}}]\n");
        assertThatThrownBy(() -> new PolicyFile(brackets, RISK).removal(List.of(2)))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("brackets");
    }

    @Test
    void aFileThatChangedMeanwhileIsLeftAsItIs() throws Exception {
        Path file = file("version: 1\nrules:\n  - ask: {argv: [ls]}\n  - ask: {argv: [cat]}\n");
        PolicyFile policy = new PolicyFile(file, RISK);
        PolicyFile.Removed removed = policy.removal(List.of(3));
        String other = "version: 1\nrules:\n  - ask: {argv: [rm]}\n";
        Files.writeString(file, other);
        assertThatThrownBy(() -> policy.remove(removed, (_, _) -> {}))
                .isInstanceOf(CountersignException.class);
        assertThat(Files.readString(file)).isEqualTo(other);
    }
}
