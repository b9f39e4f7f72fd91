package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commits of a real repository in the guest's place, and of a program that lies about one.
class AgentCommitsTest {
    private static final String TRAILERS =
            "Agent: mini\nModel-Provider: local\nCountersign-Session: s-test\nApproved-By: dev\n";

    @TempDir Path dir;

    private static Target branch(String name) {
        return new Target.Branch(name, TRAILERS);
    }

    private static void commit(Rig rig, String message) throws Exception {
        Rig.run(rig.guest, "git", "add", "-A", "-f");
        Rig.run(rig.guest, "git", "commit", "-q", "--allow-empty", "-m", message);
    }

    private static Rig twoCommits(Path dir) throws Exception {
        Rig rig = new Rig(dir);
        Rig.write(rig.host, "a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
        Rig.write(rig.host, "old.txt", "old\n");
        Rig.gitInit(rig.host);
        rig.in();
        Rig.write(rig.guest, "a.txt", "1\ntwo\n3\n4\n5\n6\n7\n8\n");
        commit(rig, "Spell two\n\nIt is a word.");
        Rig.write(rig.guest, "a.txt", "1\ntwo\n3\n4\n5\n6\nseven\n8\n");
        Rig.write(rig.guest, "b/new.txt", "new\n");
        Files.delete(rig.guest.resolve("old.txt"));
        commit(rig, "Spell seven");
        return rig;
    }

    private static String log(Path repository, String branch, String format) throws Exception {
        return Rig.run(repository, "git", "log", "--reverse", "--format=" + format, branch);
    }

    @Test
    void comeBackAsCommitsOfTheDeveloperOnANewBranch() throws Exception {
        try (Rig rig = twoCommits(dir)) {
            Map<String, String> before = Rig.tree(rig.host);
            CommitReview review = rig.workspace.commits();
            assertThat(review.notes()).isEmpty();
            assertThat(review.commits())
                    .extracting(c -> c.message().raw())
                    .containsExactly("Spell two\n\nIt is a word.", "Spell seven");
            assertThat(review.commits().get(1).files())
                    .extracting(f -> f.path().raw())
                    .containsExactly("a.txt", "b/new.txt", "old.txt");
            ApplyOutcome done =
                    rig.workspace.applyCommits(new Choice.All(review.id()), branch("agents"));
            assertThat(done.refused()).isEmpty();
            assertThat(log(rig.host, "agents", "%an|%s"))
                    .isEqualTo("Dev|first\nDev|Spell two\nDev|Spell seven\n");
            assertThat(log(rig.host, "agents", "%(trailers)"))
                    .contains("Approved-By: dev", "Agent-Author: agent <agent@guest>");
            assertThat(Rig.run(rig.host, "git", "show", "agents~1:a.txt"))
                    .isEqualTo("1\ntwo\n3\n4\n5\n6\n7\n8\n");
            assertThat(Rig.run(rig.host, "git", "ls-tree", "-r", "--name-only", "agents"))
                    .isEqualTo("a.txt\nb/new.txt\n");
            assertThat(Rig.run(rig.host, "git", "status", "--porcelain")).isEmpty();
            assertThat(Rig.tree(rig.host)).isEqualTo(before);
            assertThat(rig.facts).hasAtLeastOneElementOfType(Fact.ApplyBegun.class);
            assertThat(rig.workspace.applies())
                    .last()
                    .extracting(PastApply::to)
                    .isEqualTo("branch:agents");
            // Nothing of the guest's objects is here.
            String theirs = Rig.run(rig.guest, "git", "rev-parse", "HEAD").strip();
            assertThatThrownBy(() -> Rig.run(rig.host, "git", "cat-file", "-e", theirs))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void comeBackAsMailsThatGitAmTakes() throws Exception {
        try (Rig rig = twoCommits(dir)) {
            Rig.write(rig.guest, "dos.txt", "one\r\ntwo\r\n");
            Rig.writeBytes(rig.guest, "bin", new byte[] {0, 1, 2, 3, 0, (byte) 200});
            commit(rig, "Größe: bytes and returns");
            Path series = dir.resolve("series.mbox");
            CommitReview review = rig.workspace.commits();
            rig.workspace.applyCommits(
                    new Choice.All(review.id()), new Target.Patch(series, TRAILERS));
            rig.workspace.applyCommits(new Choice.All(review.id()), branch("agents"));
            Rig.run(rig.host, "git", "checkout", "-q", "-b", "mailed");
            Rig.run(rig.host, "git", "am", "-q", series.toString());
            assertThat(log(rig.host, "mailed", "%B")).isEqualTo(log(rig.host, "agents", "%B"));
            assertThat(Rig.run(rig.host, "git", "rev-parse", "mailed^{tree}", "mailed~1^{tree}"))
                    .isEqualTo(
                            Rig.run(
                                    rig.host,
                                    "git",
                                    "rev-parse",
                                    "agents^{tree}",
                                    "agents~1^{tree}"));
        }
    }

    @Test
    void P7_aMessageIsNoPatchNoMailAndNoStatementOfSomebodyElse() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "a\n");
            Rig.gitInit(rig.host);
            rig.in();
            Rig.write(rig.guest, "a", "b\n");
            commit(
                    rig,
                    """
                    Change \u202Ea

                    From: Boss <boss@example.org>

                    Signed-off-by: Boss <b@example.org>
                    ---
                    diff --git a/.bashrc b/.bashrc
                    new file mode 100644
                    --- /dev/null
                    +++ b/.bashrc
                    @@ -0,0 +1 @@
                    +evil

                    From 0000 Mon Sep 17 00:00:00 2001
                    \u001b]0;x\u0007

                    Approved-By: Boss
                    Index: x\
                    """);
            CommitReview review = rig.workspace.commits();
            Path series = dir.resolve("series.mbox");
            rig.workspace.applyCommits(
                    new Choice.All(review.id()), new Target.Patch(series, TRAILERS));
            Rig.run(rig.host, "git", "am", "-q", series.toString());
            assertThat(Rig.run(rig.host, "git", "show", "--name-only", "--format=%an %ae"))
                    .isEqualTo("Dev dev@example.org\n\na\n");
            assertThat(log(rig.host, "-1", "%(trailers:key=Approved-By,valueonly)").strip())
                    .isEqualTo("dev");
            assertThat(log(rig.host, "-1", "%(trailers:key=Signed-off-by)").strip()).isEmpty();
            assertThat(log(rig.host, "-1", "%B")).doesNotContain("\u001b", "\u202E");
            assertThat(Files.readString(series).lines().filter(l -> l.startsWith("diff ")))
                    .containsExactly("diff --git a/a b/a");
        }
    }

    @Test
    void P2_whatMayNotReachTheHostDoesNotReachItByACommit() throws Exception {
        String key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "a\n");
            Rig.gitInit(rig.host);
            rig.in();
            Rig.write(rig.guest, "a", "b\n");
            Rig.write(rig.guest, ".env", "X=1\n");
            Rig.write(rig.guest, ".envrc", "evil\n");
            Rig.write(rig.guest, "key.txt", "token " + key + "\n");
            Files.createSymbolicLink(rig.guest.resolve("out"), Path.of("/etc/passwd"));
            commit(rig, "All of it, with " + key);
            Files.delete(rig.guest.resolve("key.txt"));
            commit(rig, "Nobody saw that");
            CommitReview review = rig.workspace.commits();
            assertThat(review.commits().getFirst().message().raw()).doesNotContain(key);
            ApplyOutcome done =
                    rig.workspace.applyCommits(new Choice.All(review.id()), branch("x"));
            assertThat(Rig.run(rig.host, "git", "ls-tree", "-r", "--name-only", "x"))
                    .isEqualTo("a\n");
            assertThat(done.refused().toString())
                    .contains(".env in ", ".envrc in ", "key.txt in ", "out in ");
            assertThat(Rig.run(rig.host, "git", "log", "-p", "x")).doesNotContain(key);
            String envrc =
                    review.commits().getFirst().files().stream()
                            .filter(f -> f.path().raw().equals(".envrc"))
                            .findFirst()
                            .orElseThrow()
                            .hunks()
                            .getFirst()
                            .id();
            rig.workspace.applyCommits(new Choice.Hunks(List.of(envrc)), branch("named"));
            assertThat(Rig.run(rig.host, "git", "ls-tree", "-r", "--name-only", "named"))
                    .isEqualTo(".envrc\na\n");
        }
    }

    @Test
    void aPlaceThatTheDeveloperHasOtherwiseIsLeftAloneAndNamed() throws Exception {
        try (Rig rig = twoCommits(dir)) {
            CommitReview review = rig.workspace.commits();
            Rig.write(rig.host, "a.txt", "1\nZWEI\n3\n4\n5\n6\n7\n8\n");
            Rig.run(rig.host, "git", "commit", "-q", "-am", "mine");
            ApplyOutcome done =
                    rig.workspace.applyCommits(new Choice.All(review.id()), branch("agents"));
            assertThat(done.refused()).singleElement().asString().contains("a.txt in ");
            assertThat(Rig.run(rig.host, "git", "show", "agents:a.txt"))
                    .isEqualTo("1\nZWEI\n3\n4\n5\n6\nseven\n8\n");
        }
    }

    @Test
    void P4_aDecisionCoversTheCommitsThatWereShownLast() throws Exception {
        try (Rig rig = twoCommits(dir)) {
            CommitReview seen = rig.workspace.commits();
            Rig.write(rig.guest, "late", "late\n");
            commit(rig, "Late");
            assertThat(rig.workspace.commits().id()).isNotEqualTo(seen.id());
            assertThatThrownBy(() ->
                            rig.workspace.applyCommits(new Choice.All(seen.id()), branch("agents")))
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("not what was shown last");
        }
    }

    @Test
    void aHistoryThatWasWrittenAnewShowsAllOfIt() throws Exception {
        try (Rig rig = twoCommits(dir)) {
            Rig.run(rig.guest, "git", "checkout", "-q", "--orphan", "fresh");
            commit(rig, "Everything");
            CommitReview review = rig.workspace.commits();
            assertThat(review.notes())
                    .singleElement()
                    .asString()
                    .contains("wrote the history anew");
            assertThat(review.commits())
                    .singleElement()
                    .satisfies(c -> assertThat(c.files()).hasSize(2));
        }
    }

    @Test
    void tooManyAreRefusedByName() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "a\n");
            rig.in();
            StringBuilder many = new StringBuilder();
            for (int i = 0; i <= GuestCommits.MOST; i++) {
                many.append(
                        "commit refs/heads/main\ncommitter A <a@example.org> %d +0000\n"
                                .formatted(i));
                many.append("data 1\nx\n");
                if (i == 0) {
                    many.append("from refs/heads/main^0\n");
                }
            }
            Path script = dir.resolve("import");
            Files.writeString(script, many);
            Rig.run(rig.guest, "sh", "-c", "git fast-import --quiet <" + script);
            assertThatThrownBy(rig.workspace::commits)
                    .hasMessageContaining("more than 300 commits");
        }
    }

    // -- a guest that lies

    private static final class Frames {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Frames frame(char kind, Object head, byte... blob) throws IOException {
            byte[] raw = new ObjectMapper().writeValueAsBytes(head);
            DataOutputStream data = new DataOutputStream(out);
            data.write(kind);
            data.writeInt(raw.length);
            data.writeInt(blob.length);
            data.write(raw);
            data.write(blob);
            return this;
        }

        Frames commit(String path, String mode, String id) throws IOException {
            return frame(
                    'c',
                    Map.of(
                            "id",
                            "a".repeat(40),
                            "parents",
                            1,
                            "author",
                            "A\nB",
                            "at",
                            Long.MAX_VALUE,
                            "message",
                            "m",
                            "files",
                            List.of(List.of("000000", mode, "0".repeat(40), id, path))));
        }

        GuestCommits.Log log() throws IOException, CountersignException {
            return GuestCommits.log(new ByteArrayInputStream(out.toByteArray()));
        }
    }

    private static final String EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    @Test
    void namesThatTheHostCannotHaveAreBlocked() throws Exception {
        try (Rig rig = new Rig(dir)) {
            for (String path :
                    List.of(
                            "../x",
                            "/etc/x",
                            "a/../b",
                            "a//b",
                            ".git/config",
                            "a/.GIT/hooks/x",
                            "a/.g\u200Cit/config",
                            "git~1/config",
                            "x\uD800",
                            "a\0b",
                            "",
                            ".")) {
                GuestCommits.Log log =
                        new Frames()
                                .commit(path, "100644", EMPTY)
                                .frame('b', Map.of("id", EMPTY))
                                .frame('z', Map.of("whole", true))
                                .log();
                CommitReviewer.Built built =
                        new CommitReviewer(
                                        rig.settings,
                                        new ContentStore(
                                                dir.resolve("contents" + path.hashCode()),
                                                FaultPoint.none()),
                                        _ -> false)
                                .build(log);
                assertThat(built.review().commits().getFirst().files())
                        .as(path)
                        .singleElement()
                        .extracting(ReviewedFile::change)
                        .isEqualTo(ChangeKind.BLOCKED);
                assertThat(built.commits().getFirst().parts()).isEmpty();
            }
        }
    }

    @Test
    void whatIsNotAsAgreedEndsTheReading() {
        assertThatThrownBy(() -> new Frames().frame('b', Map.of("id", EMPTY), (byte) 'x').log())
                .hasMessageContaining("not what its name says");
        assertThatThrownBy(() -> new Frames().commit("a", "100644", "../../x").log())
                .hasMessageContaining("object's name");
        assertThatThrownBy(() -> new Frames().frame('q', Map.of()).log())
                .hasMessageContaining("unknown kind");
        assertThatThrownBy(() -> new Frames().commit("a", "100644", EMPTY).log())
                .isInstanceOf(IOException.class);
        byte[] endless = {'c', 0x7f, 0, 0, 0, 0, 0, 0, 0};
        assertThatThrownBy(() -> GuestCommits.log(new ByteArrayInputStream(endless)))
                .hasMessageContaining("larger than agreed");
        Frames flood = new Frames();
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i <= GuestCommits.MOST; i++) {
                                flood.commit("a", "100644", EMPTY);
                            }
                            flood.log();
                        })
                .hasMessageContaining("more than 300 commits");
        byte[] text = "{not json".getBytes(StandardCharsets.UTF_8);
        byte[] bad = new byte[9 + text.length];
        bad[0] = 'c';
        bad[4] = (byte) text.length;
        System.arraycopy(text, 0, bad, 9, text.length);
        assertThatThrownBy(() -> GuestCommits.log(new ByteArrayInputStream(bad)))
                .hasMessageContaining("can't be read");
    }
}
