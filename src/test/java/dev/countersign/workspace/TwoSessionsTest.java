package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.platform.HostWatches;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two sessions work on one directory. Each has a base of its own, and takes what was applied from
/// the other as the developer's edit.
class TwoSessionsTest {
    @TempDir Path dir;

    /// One session of the pair: its guest, its state, its link.
    private static final class Session implements AutoCloseable {
        final Path guest;
        final LocalLink link = new LocalLink();
        final Workspace workspace;

        Session(Path host, Path at) throws Exception {
            guest = Files.createDirectories(at.resolve("guest"));
            workspace =
                    Workspace.open(
                            WorkspaceSettings.standard(host, at.resolve("state"))
                                    .withGuest(guest.toString(), null, Rig.helper()),
                            fact ->
                                    new dev.countersign.domain.Entry(
                                            0,
                                            java.time.Instant.EPOCH,
                                            new dev.countersign.domain.SessionId("s-two"),
                                            0,
                                            fact),
                            Clock.systemUTC(),
                            HostWatches::ofThisSystem);
            workspace.copyIn(link, Progress.none());
            workspace.connect(link);
        }

        List<String> listed() throws CountersignException {
            return workspace.review().files().stream().map(f -> f.path().raw()).toList();
        }

        /// What is in conflict is not part of it.
        void applyAll() throws CountersignException {
            Review review = workspace.review();
            if (review.files().stream().anyMatch(f -> f.change() != ChangeKind.CONFLICT)) {
                workspace.apply(new Choice.All(review.id()), Target.tree());
            }
        }

        @Override
        public void close() {
            workspace.close();
            link.close();
        }
    }

    private static String text(String... changed) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lines.add("line " + i);
        }
        for (String change : changed) {
            int at = Integer.parseInt(change.substring(0, change.indexOf(' ')));
            lines.set(at, change.substring(change.indexOf(' ') + 1));
        }
        return String.join("\n", lines) + "\n";
    }

    @Test
    void P2_P3_whatIsAppliedFromOneIsAnEditOfTheHostForTheOther() throws Exception {
        Path host = Files.createDirectories(dir.resolve("host"));
        Rig.write(host, "both", text());
        Rig.write(host, "one", "1\n");
        Rig.write(host, "gone", "1\n");
        try (Session first = new Session(host, dir.resolve("first"));
                Session second = new Session(host, dir.resolve("second"))) {
            Rig.write(first.guest, "both", text("2 of the first"));
            Rig.write(first.guest, "one", "first\n");
            Files.delete(first.guest.resolve("gone"));
            Rig.write(first.guest, "new/of/first", "1\n");
            Rig.write(second.guest, "both", text("17 of the second"));
            Rig.eventually(() -> first.listed().size() == 4 && second.listed().size() == 1);
            first.applyAll();
            // Untouched by the second: its guest has it as if the developer had typed it.
            Rig.eventually(() ->
                    "first\n".equals(Rig.read(second.guest, "one"))
                            && "1\n".equals(Rig.read(second.guest, "new/of/first"))
                            && Rig.read(second.guest, "gone") == null);
            assertThat(second.listed()).as("the second's own work alone").containsExactly("both");
            assertThat(Rig.read(second.guest, "both")).isEqualTo(text("17 of the second"));
            // Other lines of the same file merge, and come back to the first.
            second.applyAll();
            String merged = text("2 of the first", "17 of the second");
            assertThat(Rig.read(host, "both")).isEqualTo(merged);
            Rig.eventually(() -> merged.equals(Rig.read(first.guest, "both")));
            Rig.eventually(() -> first.listed().isEmpty());
            // Taking the first's apply back keeps what the second brought since.
            first.workspace.undo();
            assertThat(Rig.read(host, "both")).isEqualTo(text("17 of the second"));
            assertThat(Rig.read(host, "one")).isEqualTo("1\n");
            Rig.eventually(() ->
                    "1\n".equals(Rig.read(second.guest, "one"))
                            && "1\n".equals(Rig.read(second.guest, "gone"))
                            && Rig.read(second.guest, "new/of/first") == null);
            assertThat(first.listed()).as("the first's work waits again").hasSize(4);
        }
    }

    @Test
    void P3_theSameLinesOfBothAreAConflictForWhoComesSecond() throws Exception {
        Path host = Files.createDirectories(dir.resolve("host"));
        Rig.write(host, "f", text());
        try (Session first = new Session(host, dir.resolve("first"));
                Session second = new Session(host, dir.resolve("second"))) {
            Rig.write(first.guest, "f", text("5 of the first"));
            Rig.write(second.guest, "f", text("5 of the second"));
            Rig.eventually(() -> first.listed().size() == 1 && second.listed().size() == 1);
            first.applyAll();
            Rig.eventually(() ->
                    second.workspace.review().files().getFirst().change() == ChangeKind.CONFLICT);
            second.applyAll();
            assertThat(Rig.read(host, "f")).isEqualTo(text("5 of the first"));
            assertThat(Rig.read(second.guest, "f")).isEqualTo(text("5 of the second"));
        }
    }

    /// Every text is one line and carries its author. No text may be on the host that nobody
    /// applied, none may be listed as a session's that it did not write, and in the end, when all
    /// is applied or in conflict, nothing is lost.
    @Test
    void P2_P3_randomWorkOfTwoSessionsAndTheDeveloperNeverConfusesAuthors() throws Exception {
        long seed = Long.getLong("countersign.seed", System.nanoTime());
        System.err.println("TwoSessionsTest seed " + seed);
        Random random = new Random(seed);
        Path host = Files.createDirectories(dir.resolve("host"));
        for (int i = 0; i < 12; i++) {
            Rig.write(host, "d" + i % 3 + "/f" + i, "host start\n");
        }
        try (Session first = new Session(host, dir.resolve("first"));
                Session second = new Session(host, dir.resolve("second"))) {
            List<Session> both = List.of(first, second);
            for (int op = 0; op < 150; op++) {
                String path = "d" + random.nextInt(3) + "/f" + random.nextInt(14);
                int who = random.nextInt(2);
                Session session = both.get(who);
                switch (random.nextInt(6)) {
                    case 0 -> Rig.write(host, path, "host " + op + "\n");
                    case 1, 2, 3 ->
                            Rig.write(session.guest, path, "session" + who + " " + op + "\n");
                    case 4 -> Files.deleteIfExists(session.guest.resolve(path));
                    default -> {
                        session.workspace.collect();
                        both.get(1 - who).workspace.collect();
                        session.applyAll();
                    }
                }
                if (op % 10 == 9) {
                    for (int i = 0; i < 2; i++) {
                        both.get(i).workspace.collect();
                        checkAuthors(both.get(i), "session" + i);
                    }
                }
            }
            Rig.eventually(() -> {
                for (Session session : both) {
                    session.workspace.collect();
                    session.applyAll();
                }
                return settled(host, first) && settled(host, second);
            });
        }
    }

    private static void checkAuthors(Session session, String author) throws Exception {
        for (ReviewedFile file : session.workspace.review().files()) {
            for (Hunk hunk : file.hunks()) {
                for (Line line : hunk.lines()) {
                    if (line.kind() == Line.Kind.ADDED) {
                        assertThat(line.text().raw()).as("in %s", file.path()).startsWith(author);
                    }
                }
            }
        }
    }

    /// Equal, but for what is in conflict.
    private static boolean settled(Path host, Session session) throws CountersignException {
        Set<String> odd = new TreeSet<>();
        try {
            var there = Rig.tree(session.guest);
            var here = Rig.tree(host);
            odd.addAll(there.keySet());
            odd.addAll(here.keySet());
            odd.removeIf(path -> java.util.Objects.equals(there.get(path), here.get(path)));
        } catch (UncheckedIOException e) {
            return false;
        }
        Set<String> conflicts = new TreeSet<>();
        for (ReviewedFile file : session.workspace.review().files()) {
            if (file.change() == ChangeKind.CONFLICT) {
                conflicts.add(file.path().raw());
            }
        }
        return odd.equals(conflicts);
    }
}
