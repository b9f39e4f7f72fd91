package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Fact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The developer's history in the guest, by the real git on both sides.
class HistoryTest {
    private static final String KEY = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";

    @TempDir Path dir;

    private static void commit(Rig rig, String message) throws Exception {
        Rig.run(rig.host, "git", "add", "-A", "-f");
        Rig.run(rig.host, "git", "commit", "-q", "--allow-empty", "-m", message);
    }

    private static void in(Rig rig, int depth) throws Exception {
        rig.workspace.copyIn(rig.link, Progress.none(), depth);
        rig.workspace.connect(rig.link);
    }

    private static String git(Rig rig, String... words) throws Exception {
        String[] argv = new String[words.length + 1];
        argv[0] = "git";
        System.arraycopy(words, 0, argv, 1, words.length);
        return Rig.run(rig.guest, argv);
    }

    private static String said(Rig rig) {
        return rig.facts.stream()
                .filter(Fact.Noticed.class::isInstance)
                .map(fact -> ((Fact.Noticed) fact).message())
                .reduce("", String::concat);
    }

    private Rig grown() throws Exception {
        Rig rig = new Rig(dir);
        Rig.write(rig.host, "a.txt", "1\n2\n3\n");
        Rig.write(rig.host, "größe \"x\".txt", "old name\n");
        Rig.gitInit(rig.host);
        Rig.write(rig.host, "a.txt", "1\ntwo\n3\n");
        commit(rig, "Spell two");
        Rig.write(rig.host, "a.txt", "1\ntwo\nthree\n");
        Files.delete(rig.host.resolve("größe \"x\".txt"));
        commit(rig, "Spell three");
        return rig;
    }

    @Test
    void logAndBlameTellWhatTheyTellOnTheHost() throws Exception {
        try (Rig rig = grown()) {
            Rig.write(rig.host, "a.txt", "0\n1\ntwo\nthree\n");
            in(rig, 10);
            assertThat(git(rig, "log", "--format=%s|%an"))
                    .isEqualTo("Baseline|Countersign\nSpell three|Dev\nSpell two|Dev\nfirst|Dev\n");
            assertThat(git(rig, "log", "--format=%at %ai", "--skip=1"))
                    .isEqualTo(Rig.run(rig.host, "git", "log", "--format=%at %ai"));
            assertThat(
                            git(rig, "blame", "-s", "a.txt")
                                    .lines()
                                    .map(l -> l.substring(l.indexOf(')'))))
                    .hasSize(4);
            assertThat(git(rig, "log", "--format=%s", "-S", "two", "--", "a.txt"))
                    .isEqualTo("Spell two\n");
            assertThat(git(rig, "show", "HEAD~3:größe \"x\".txt")).isEqualTo("old name\n");
            assertThat(git(rig, "status", "--porcelain")).isEmpty();
            assertThat(git(rig, "fsck", "--full", "--strict")).isEmpty();
            assertThat(said(rig))
                    .isEqualTo("The last 3 commits went in, filtered, below the baseline.");
            // The agent's commits are counted from the baseline all the same.
            Rig.write(rig.guest, "b", "b\n");
            git(rig, "add", "b");
            git(rig, "commit", "-q", "-m", "mine");
            assertThat(rig.workspace.commits().commits())
                    .singleElement()
                    .satisfies(c -> assertThat(c.message().raw()).isEqualTo("mine"));
            assertThat(rig.workspace.commits().notes()).isEmpty();
        }
    }

    @Test
    void asDeepAsItWasAskedAndWithoutAskingNotAtAll() throws Exception {
        try (Rig rig = grown()) {
            in(rig, 2);
            assertThat(git(rig, "log", "--format=%s"))
                    .isEqualTo("Baseline\nSpell three\nSpell two\n");
            assertThat(git(rig, "show", "HEAD~2:a.txt")).isEqualTo("1\ntwo\n3\n");
        }
    }

    @Test
    void P6_noVersionThatHoldsASecretIsInTheGuestAnywhere() throws Exception {
        String password = "Xk29fLq81mZp";
        try (Rig rig = new Rig(dir, s -> s.withExcludes(java.util.List.of("private/")))) {
            Rig.write(rig.host, "a.txt", "fine\n");
            Rig.write(rig.host, ".env", "DB_PASSWORD=" + password + "\n");
            Rig.write(rig.host, "config.yml", "password: " + password + "\n");
            Rig.write(rig.host, "token.txt", "token " + KEY + "\n");
            Rig.write(rig.host, "private/plan.txt", "planned-in-private\n");
            Files.createSymbolicLink(rig.host.resolve("out"), Path.of("/etc/passwd"));
            Rig.gitInit(rig.host);
            Rig.write(rig.host, "config.yml", "password: ${DB}\n");
            Rig.write(rig.host, "token.txt", "gone\n");
            Files.delete(rig.host.resolve(".env"));
            Rig.run(rig.host, "rm", "-r", "private", "out");
            commit(rig, "Clean up " + KEY);
            in(rig, 10);
            String objects =
                    Rig.run(
                            rig.guest,
                            "sh",
                            "-c",
                            "git cat-file --batch --batch-all-objects; git log --format=%B");
            assertThat(objects)
                    .contains("fine", "${DB}", "gone", "(message left out")
                    .doesNotContain(KEY, password, "planned-in-private", "/etc/passwd");
            assertThat(rig.link.wire.toString(StandardCharsets.UTF_8))
                    .doesNotContain(KEY, password, "planned-in-private");
            assertThat(said(rig))
                    .contains(
                            "The last 2 commits went in",
                            ".env in ",
                            "config.yml in ",
                            "token.txt in ",
                            "private/plan.txt in ",
                            "out in ",
                            "the message of ")
                    .doesNotContain(KEY, password);
        }
    }

    @Test
    void nothingOfTheHostsRepositoryGoesAlong() throws Exception {
        try (Rig rig = grown()) {
            Rig.run(rig.host, "git", "remote", "add", "origin", "https://dev@example.org/it.git");
            Rig.run(rig.host, "git", "branch", "other");
            Rig.run(rig.host, "git", "tag", "v1");
            in(rig, 10);
            assertThat(git(rig, "for-each-ref", "--format=%(refname)"))
                    .isEqualTo("refs/heads/main\n");
            assertThat(git(rig, "remote")).isEmpty();
            assertThat(Files.exists(rig.guest.resolve(".git/hooks"))).isFalse();
            String head = Rig.run(rig.host, "git", "rev-parse", "HEAD").strip();
            assertThat(git(rig, "log", "--format=%H")).hasLineCount(4).contains(head);
        }
    }

    @Test
    void aDirectoryWithoutHistoryStartsAllTheSame() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "a\n");
            in(rig, 10);
            assertThat(git(rig, "log", "--format=%s")).isEqualTo("Baseline\n");
            assertThat(said(rig)).isEqualTo("There is no history to let in.");
        }
    }
}
