package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.platform.HostWatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What makes watches lose events: the kernel's own events on both sides, and nobody asks for a
/// comparison. In the end both trees are equal and a full comparison finds nothing that was missed.
@EnabledOnOs(OS.LINUX)
class SyncTortureTest {
    private static final int BURST = 9000;
    private static final int FEW_WATCHES = 40;

    @TempDir Path dir;

    private static Rig live(Path dir, Rig.Change change) throws Exception {
        Rig rig = new Rig(dir, change);
        rig.workspace.close();
        rig.workspace =
                Workspace.open(
                        rig.settings,
                        rig.recorder(),
                        Clock.systemUTC(),
                        FaultPoint.none(),
                        HostWatches::ofThisSystem);
        return rig;
    }

    private Rig live() throws Exception {
        return live(dir, settings -> settings);
    }

    /// As [Rig#eventually], for what moves very much.
    private static void inTime(Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
        CountDownLatch never = new CountDownLatch(1);
        while (!holds.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it never came");
            }
            boolean _ = never.await(50, TimeUnit.MILLISECONDS);
        }
    }

    private static int count(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? 0 : names.length;
    }

    /// Applies what the agent made and lets deletions go; then nothing may be left to find.
    private static void settled(Rig rig) throws Exception {
        inTime(() -> {
            Workspace.HeldDeletions held = rig.workspace.heldDeletions();
            if (!held.digest().isEmpty()) {
                letGo(rig, held);
                return false;
            }
            if (!rig.review().files().isEmpty()) {
                rig.applyAll();
                return false;
            }
            return same(rig);
        });
        assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
    }

    private static void letGo(Rig rig, Workspace.HeldDeletions held) {
        try {
            rig.workspace.deleteHeld(held.digest());
        } catch (CountersignException e) {
            // Other ones wait by now: they are looked at again.
            assertThat(e.kind()).isEqualTo(CountersignException.Kind.CONFLICT);
        }
    }

    private static boolean same(Rig rig) {
        try {
            return Rig.tree(rig.host).equals(Rig.tree(rig.guest));
        } catch (UncheckedIOException e) {
            // Something went while it was looked at: they are not at rest yet.
            return false;
        }
    }

    private static Process helper(Rig rig) {
        return rig.link.processes.getLast();
    }

    private static void signal(String name, Process process) throws Exception {
        Rig.run(Path.of("/"), "kill", "-" + name, Long.toString(process.pid()));
    }

    @Test
    void P3_aHundredThousandFilesInOneDirectoryArrive() throws Exception {
        try (Rig rig = live()) {
            Rig.write(rig.host, "first", "1\n");
            rig.in();
            Path many = Files.createDirectories(rig.host.resolve("many"));
            for (int i = 0; i < 100_000; i++) {
                Files.writeString(many.resolve("f" + i), i + "\n");
            }
            inTime(() -> count(rig.guest.resolve("many")) == 100_000);
            assertThat(rig.guest.resolve("many/f99999")).hasContent("99999\n");
            assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
            Files.writeString(many.resolve("f77777"), "edited\n");
            Rig.eventually(() -> "edited\n".equals(Rig.read(rig.guest, "many/f77777")));
        }
    }

    @Test
    void P3_burstsOfThousandsOnBothSidesAtOnceArrive() throws Exception {
        try (Rig rig = live()) {
            Rig.write(rig.host, "first", "1\n");
            rig.in();
            for (int i = 0; i < BURST; i++) {
                String path = i % 40 + "/f" + i;
                Rig.write(rig.host, "host/" + path, "1\n");
                Rig.write(rig.guest, "guest/" + path, "1\n");
                Rig.write(rig.host, "host/" + path, "22\n");
                Rig.write(rig.guest, "guest/" + path, "22\n");
            }
            inTime(() ->
                    rig.workspace.stagedPaths("guest") == BURST
                            && "22\n"
                                    .equals(
                                            Rig.read(
                                                    rig.guest,
                                                    "host/"
                                                            + (BURST - 1) % 40
                                                            + "/f"
                                                            + (BURST - 1))));
            settled(rig);
        }
    }

    @Test
    void P3_aDirectoryThatIsRenamedWhileItIsWrittenLosesNothing() throws Exception {
        try (Rig rig = live()) {
            Rig.write(rig.host, "first", "1\n");
            rig.in();
            for (Path root : List.of(rig.host, rig.guest)) {
                String side = root.equals(rig.host) ? "h" : "g";
                for (int i = 0; i < 150; i++) {
                    Path at = root.resolve(side + (i == 0 ? 0 : i - 1));
                    for (int k = 0; k < 8; k++) {
                        Rig.write(at, "deep/er/f" + (i + k) % 30, side + i + " " + k + "\n");
                    }
                    if (i > 0) {
                        Files.move(at, root.resolve(side + i));
                    }
                    Rig.write(root, side + i + "/deep/er/after", side + i + "\n");
                    Rig.write(root, side + i + "/deep/new" + i % 5 + "/x", side + i + "\n");
                }
            }
            settled(rig);
            assertThat(Rig.tree(rig.host).keySet())
                    .contains("h149/deep/er/after", "g149/deep/er/after")
                    .noneMatch(path -> path.startsWith("h148/") || path.startsWith("g148/"));
            // It is still watched where it is now.
            Rig.write(rig.host, "h149/deep/er/after", "last\n");
            Rig.eventually(() -> "last\n".equals(Rig.read(rig.guest, "h149/deep/er/after")));
        }
    }

    @Test
    void P3_filesThatComeAndGoInLoopsEndAsTheyWereLeft() throws Exception {
        try (Rig rig = live()) {
            Rig.write(rig.host, "first", "1\n");
            rig.in();
            for (int i = 0; i < 3000; i++) {
                for (Path root : List.of(rig.host, rig.guest)) {
                    String name = (root.equals(rig.host) ? "h" : "g") + i % 7;
                    Rig.write(root, "loop/" + name, i + "\n");
                    if (i % 3 == 0) {
                        Files.delete(root.resolve("loop/" + name));
                    } else if (i % 3 == 1) {
                        Files.move(
                                root.resolve("loop/" + name),
                                root.resolve("loop/to-" + name),
                                StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
            settled(rig);
            assertThat(count(rig.host.resolve("loop"))).isPositive();
        }
    }

    @Test
    void aFileWhereADirectoryWasAndTheOtherWayRoundArrive() throws Exception {
        try (Rig rig = live()) {
            Rig.write(rig.host, "a/deep/f", "1\n");
            Rig.write(rig.host, "b", "1\n");
            rig.in();
            Files.delete(rig.host.resolve("a/deep/f"));
            Files.delete(rig.host.resolve("a/deep"));
            Files.delete(rig.host.resolve("a"));
            Rig.write(rig.host, "a", "2\n");
            Files.delete(rig.host.resolve("b"));
            Rig.write(rig.host, "b/now/deep", "2\n");
            Rig.eventually(() ->
                    "2\n".equals(Rig.read(rig.guest, "a"))
                            && "2\n".equals(Rig.read(rig.guest, "b/now/deep")));
            settled(rig);
            assertThat(List.copyOf(rig.facts)).noneMatch(f -> f instanceof Fact.Noticed);
        }
    }

    @Test
    void P3_whatHappensWhileTheGuestsSideStandsStillIsFoundThoughItsQueueOverflowed()
            throws Exception {
        try (Rig rig = live()) {
            Rig.write(rig.host, "first", "1\n");
            rig.in();
            Process helper = helper(rig);
            signal("STOP", helper);
            // More events than a kernel keeps for one reader (fs.inotify.max_queued_events).
            int queue =
                    Integer.parseInt(
                            Files.readString(Path.of("/proc/sys/fs/inotify/max_queued_events"))
                                    .strip());
            for (int i = 0; i < queue / 2 + 1000; i++) {
                Rig.write(rig.guest, "noise", i + "\n");
                Rig.write(rig.guest, "noise2", i + "\n");
            }
            for (int i = 0; i < BURST / 3; i++) {
                Rig.write(rig.guest, "new/" + i % 50 + "/f" + i, "1\n");
                Rig.write(rig.host, "host/" + i % 50 + "/f" + i, "1\n");
            }
            signal("CONT", helper);
            inTime(() -> rig.workspace.stagedPaths("new") == BURST / 3);
            // No event told of this directory; it is watched nevertheless.
            Rig.write(rig.guest, "new/7/later", "1\n");
            inTime(() -> rig.workspace.stagedPaths("new") == BURST / 3 + 1);
            settled(rig);
        }
    }

    private static final String LIMIT =
            "echo " + FEW_WATCHES + " > /proc/sys/user/max_inotify_watches && exec \"$@\"";

    private static List<String> withFewWatches(List<String> command) {
        List<String> all = new java.util.ArrayList<>();
        all.addAll(List.of("unshare", "--user", "--map-root-user", "sh", "-c", LIMIT, "sh"));
        all.addAll(command);
        return all;
    }

    private static boolean watchesCanBeLimited() throws Exception {
        try {
            return new ProcessBuilder(withFewWatches(List.of("true"))).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void P3_aGuestWithoutWatchesLeftIsScanned() throws Exception {
        assumeTrue(watchesCanBeLimited(), "no user name spaces here");
        try (Rig rig =
                live(dir, s -> s.withGuest(s.guestRoot(), null, withFewWatches(Rig.helper())))) {
            for (int i = 0; i < 3 * FEW_WATCHES; i++) {
                Rig.write(rig.host, "d" + i + "/f", "1\n");
            }
            rig.in();
            for (int i = 0; i < 3 * FEW_WATCHES; i++) {
                Rig.write(rig.guest, "d" + i + "/f", "2\n");
            }
            inTime(() -> rig.review().files().size() == 3 * FEW_WATCHES);
            settled(rig);
        }
    }

    @Test
    void P3_aGuestWhoseWatchesRunOutWhileItWorksIsScanned() throws Exception {
        assumeTrue(watchesCanBeLimited(), "no user name spaces here");
        try (Rig rig =
                live(dir, s -> s.withGuest(s.guestRoot(), null, withFewWatches(Rig.helper())))) {
            Rig.write(rig.host, "d/f", "1\n");
            rig.in();
            for (int i = 0; i < 3 * FEW_WATCHES; i++) {
                Rig.write(rig.guest, "d" + i + "/f", "1\n");
            }
            inTime(() -> rig.review().files().size() == 3 * FEW_WATCHES);
            Rig.write(rig.guest, "d" + (3 * FEW_WATCHES - 1) + "/f", "2\n");
            settled(rig);
        }
    }

    @Test
    void P3_aHostWithoutWatchesLeftIsScannedAndThatIsSaid() throws Exception {
        assumeTrue(watchesCanBeLimited(), "no user name spaces here");
        Process child =
                new ProcessBuilder(
                                withFewWatches(
                                        List.of(
                                                Path.of(
                                                                System.getProperty("java.home"),
                                                                "bin",
                                                                "java")
                                                        .toString(),
                                                "-XX:TieredStopAtLevel=1",
                                                "--enable-native-access=ALL-UNNAMED",
                                                "-cp",
                                                System.getProperty("java.class.path"),
                                                SyncTortureTest.class.getName(),
                                                dir.toString())))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
    }

    /// Child: more directories than watches on the host.
    public static void main(String[] args) throws Exception {
        try (Rig rig = live(Path.of(args[0]), settings -> settings)) {
            for (int i = 0; i < 3 * FEW_WATCHES; i++) {
                Rig.write(rig.host, "d" + i + "/f", "1\n");
            }
            rig.in();
            for (int i = 0; i < 3 * FEW_WATCHES; i++) {
                Rig.write(rig.host, "d" + i + "/f", "2\n");
            }
            inTime(() -> same(rig));
            assertThat(List.copyOf(rig.facts))
                    .anyMatch(f ->
                            f instanceof Fact.Noticed n
                                    && n.toString().contains("max_user_watches"));
        }
    }
}
