package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a real process with -9 at every step of a restore and of the rewriting of kept contents
/// ([ApplyCrashTest] does the same to an apply and an undo).
class KillTest {
    private static final int DEAD = 18;
    private static final int ALIVE = 3;

    @TempDir Path dir;

    private static Workspace open(Path at, FaultPoint faults) throws Exception {
        return Workspace.open(
                WorkspaceSettings.standard(at.resolve("host"), at.resolve("state"))
                        .withGuest(at.resolve("guest").toString(), null, Rig.helper()),
                fact ->
                        new dev.countersign.domain.Entry(
                                0,
                                java.time.Instant.EPOCH,
                                new dev.countersign.domain.SessionId("s-test"),
                                0,
                                fact),
                Clock.systemUTC(),
                faults,
                Rig.NoWatch::new);
    }

    /// Child: does one thing and kills itself at the step that it is told.
    public static void main(String[] args) throws Exception {
        Path at = Path.of(args[0]);
        AtomicInteger left = new AtomicInteger(Integer.parseInt(args[1]));
        FaultPoint kill =
                _ -> {
                    if (left.decrementAndGet() == 0) {
                        killSelf();
                    }
                };
        // Opening does what it has to before the steps count.
        boolean whileOpening = args[2].equals("open");
        AtomicInteger counts = new AtomicInteger(whileOpening ? 1 : 0);
        try (LocalLink link = new LocalLink();
                Workspace workspace =
                        open(
                                at,
                                step -> {
                                    if (counts.get() == 1) {
                                        kill.reached(step);
                                    }
                                })) {
            counts.set(1);
            if (!whileOpening) {
                workspace.restored("mark", 1, link);
            }
            // Closing is no step of it.
            counts.set(2);
        }
    }

    private static void killSelf() {
        try {
            new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Check {
        void after(Path at) throws Exception;
    }

    /// @return how often the child could be killed before it came to its end
    private int killAtEachStep(Path template, String what, Check check) throws Exception {
        for (int k = 1; ; k++) {
            Path at = Files.createDirectories(dir.resolve(what + k));
            Rig.copyTree(template, at);
            Process child =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-Xshare:auto",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    KillTest.class.getName(),
                                    at.toString(),
                                    Integer.toString(k),
                                    what)
                            .redirectErrorStream(true)
                            .start();
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = child.waitFor();
            check.after(at);
            Rig.clear(at);
            if (code == 0) {
                return k - 1;
            }
            assertThat(code).as(said).isEqualTo(137);
        }
    }

    private static void let(Rig rig) {
        rig.workspace.close();
        rig.link.close();
    }

    @Test
    void P3_aKillMinusNineAtAnyStepOfARestoreLosesNothing() throws Exception {
        Path template = dir.resolve("template");
        Map<String, String> host;
        try (Rig rig = new Rig(template)) {
            Rig.write(rig.host, "f", "1\n");
            Rig.write(rig.host, "mine", "1\n");
            rig.in();
            Rig.write(rig.guest, "early", "agent, early\n");
            rig.workspace.collect();
            rig.workspace.mark("mark");
            Path saved = Files.createDirectories(dir.resolve("vm"));
            Rig.copyTree(rig.guest, saved);
            Rig.write(rig.guest, "late", "agent, late\n");
            Rig.write(rig.host, "mine", "edited\n");
            rig.workspace.beginRestore();
            host = Rig.tree(rig.host);
            let(rig);
            Rig.copyTree(saved, rig.guest);
        }
        int killed =
                killAtEachStep(
                        template,
                        "restore",
                        at -> {
                            try (LocalLink link = new LocalLink();
                                    Workspace workspace = open(at, FaultPoint.none())) {
                                // The next engine takes the restore up where it is not done yet.
                                if (workspace.epoch() == 0) {
                                    workspace.restored("mark", 1, link);
                                } else {
                                    workspace.connect(link);
                                }
                                workspace.collect();
                                assertThat(Rig.tree(at.resolve("host"))).isEqualTo(host);
                                assertThat(workspace.review().files())
                                        .extracting(f -> f.path().raw() + " " + f.epoch())
                                        .containsExactlyInAnyOrder("early 1", "late 0");
                                assertThat(Rig.tree(at.resolve("guest")))
                                        .containsEntry("mine", "edited\n");
                            }
                        });
        assertThat(killed).isGreaterThanOrEqualTo(3);
    }

    @Test
    void P3_aKillMinusNineWhileKeptContentsAreWrittenAnewLosesNothing() throws Exception {
        Path template = dir.resolve("template");
        List<byte[]> alive = new ArrayList<>();
        try (Rig rig = new Rig(template)) {
            Rig.write(rig.host, "f", "1\n");
            rig.in();
            Random random = new Random(3);
            for (int i = 0; i < DEAD + ALIVE; i++) {
                byte[] bytes = new byte[(1 << 20) - 1000];
                random.nextBytes(bytes);
                Rig.writeBytes(rig.guest, "g" + i, bytes);
                if (i >= DEAD) {
                    alive.add(bytes);
                }
            }
            rig.workspace.collect();
            for (int i = 0; i < DEAD; i++) {
                Files.delete(rig.guest.resolve("g" + i));
            }
            rig.workspace.collect();
            let(rig);
        }
        int killed =
                killAtEachStep(
                        template,
                        "open",
                        at -> {
                            try (Workspace workspace = open(at, FaultPoint.none())) {
                                workspace.apply(
                                        new Choice.All(workspace.review().id()), Target.tree());
                            }
                            for (int i = 0; i < ALIVE; i++) {
                                assertThat(at.resolve("host/g" + (DEAD + i)))
                                        .hasBinaryContent(alive.get(i));
                            }
                        });
        // Bytes and entry of each that is alive, and the steps around them.
        assertThat(killed).isGreaterThan(2 * ALIVE);
    }

    /// A pack that is mostly dead is moved into the last one; that one held nothing before.
    @Test
    void P3_whatIsMovedIntoAPackThatHeldNothingStays() throws Exception {
        Random random = new Random(4);
        byte[] alive = new byte[1000];
        random.nextBytes(alive);
        byte[] dead = new byte[(1 << 20) - 1000];
        try (ContentStore store = new ContentStore(dir, FaultPoint.none())) {
            store.put(alive);
            for (int i = 0; i < DEAD; i++) {
                random.nextBytes(dead);
                store.put(dead);
            }
        }
        Files.createFile(dir.resolve("packs/000002.pack"));
        Files.createFile(dir.resolve("packs/000002.idx"));
        Digest digest = Digest.of(alive);
        try (ContentStore store = new ContentStore(dir, FaultPoint.none())) {
            store.keepOnly(Set.of(digest));
            assertThat(store.bytes(digest)).isEqualTo(alive);
        }
        try (ContentStore store = new ContentStore(dir, FaultPoint.none())) {
            assertThat(store.bytes(digest)).isEqualTo(alive);
        }
    }
}
