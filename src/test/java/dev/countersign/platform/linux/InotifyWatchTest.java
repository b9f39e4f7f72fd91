package dev.countersign.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.workspace.HostWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The kernel's own events. What must not come is asked for after a later event has come: they come
/// in order.
@EnabledOnOs(OS.LINUX)
class InotifyWatchTest {
    @TempDir Path root;

    private Told told = new Told(Path.of(""));
    private final InotifyWatch watch = new InotifyWatch();

    private static final class Told implements HostWatch.Sink {
        final Set<String> paths = ConcurrentHashMap.newKeySet();
        final List<String> limits = new ArrayList<>();
        private final Path root;

        Told(Path root) {
            this.root = root;
        }

        /// Looks at what it is told of, as the workspace does: what a directory has by then counts.
        @Override
        public void changed(String path) {
            try (Stream<Path> all = Files.walk(root.resolve(path))) {
                all.forEach(file -> paths.add(root.relativize(file).toString()));
            } catch (IOException | UncheckedIOException e) {
                paths.add(path);
            }
            paths.add(path);
        }

        @Override
        public void limited(String why) {
            limits.add(why);
        }

        void await(String path) throws Exception {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            CountDownLatch never = new CountDownLatch(1);
            while (!paths.contains(path)) {
                if (System.nanoTime() > end) {
                    throw new AssertionError(path + " was never told of, but " + paths);
                }
                boolean _ = never.await(2, TimeUnit.MILLISECONDS);
            }
        }
    }

    @BeforeEach
    void begin() throws Exception {
        Files.createDirectories(root.resolve("a/b"));
        Files.createDirectories(root.resolve("skipped/x"));
        Files.writeString(root.resolve("a/b/old"), "1");
        told = new Told(root);
        watch.start(root, path -> path.equals("skipped"), told);
    }

    @AfterEach
    void end() {
        watch.close();
        assertThat(told.limits).isEmpty();
    }

    @Test
    void aWrittenAMovedAndADeletedFileAreTold() throws Exception {
        assertThat(watch.watched()).as("root, a, a/b").isEqualTo(3);
        Files.writeString(root.resolve("a/b/old"), "2");
        told.await("a/b/old");
        Files.writeString(root.resolve("a/new"), "1");
        told.await("a/new");
        Files.move(root.resolve("a/new"), root.resolve("moved"));
        told.await("moved");
        told.paths.clear();
        Files.delete(root.resolve("moved"));
        told.await("moved");
        told.paths.clear();
        assertThat(root.resolve("a/b/old").toFile().setExecutable(true)).isTrue();
        told.await("a/b/old");
    }

    @Test
    void aFileThatStaysOpenIsToldNevertheless() throws Exception {
        try (var out = Files.newOutputStream(root.resolve("a/b/old"), StandardOpenOption.APPEND)) {
            out.write(1);
            told.await("a/b/old");
        }
    }

    @Test
    void aDirectoryThatComesWithFilesIsWatchedBeforeItIsTold() throws Exception {
        for (int i = 0; i < 50; i++) {
            Path deep = Files.createDirectories(root.resolve("n" + i + "/m/k"));
            told.await("n" + i);
            Files.writeString(deep.resolve("f"), "1");
            told.await("n" + i + "/m/k/f");
        }
    }

    @Test
    void aMovedDirectoryIsFollowedUnderItsNewName() throws Exception {
        Files.move(root.resolve("a/b"), root.resolve("c"));
        told.await("c");
        told.await("a/b");
        told.paths.clear();
        Files.writeString(root.resolve("c/old"), "3");
        told.await("c/old");
        assertThat(told.paths).doesNotContain("a/b/old");
    }

    @Test
    void aDirectoryThatIsMovedIntoOneJustMadeIsWatchedThere() throws Exception {
        for (int i = 0; i < 100; i++) {
            Files.createDirectories(root.resolve("from" + i + "/x"));
            told.await("from" + i + "/x");
            // The watch may find it at its new place before it hears that it left the old one.
            Files.createDirectory(root.resolve("to" + i));
            Files.move(root.resolve("from" + i + "/x"), root.resolve("to" + i + "/x"));
            told.await("to" + i + "/x");
            Files.delete(root.resolve("from" + i));
            told.await("from" + i);
            Files.writeString(root.resolve("to" + i + "/x/f"), "1");
            told.await("to" + i + "/x/f");
        }
    }

    @Test
    void whatComesAndGoesAtOnceIsToldAsGoneAtMost() throws Exception {
        for (int i = 0; i < 20; i++) {
            // As vim tries whether it may write here.
            Files.writeString(root.resolve("4913"), "");
            Files.delete(root.resolve("4913"));
        }
        // As most editors save.
        Files.writeString(root.resolve("a/b/.old.tmp"), "4");
        Files.move(
                root.resolve("a/b/.old.tmp"),
                root.resolve("a/b/old"),
                StandardCopyOption.ATOMIC_MOVE);
        told.await("a/b/old");
        assertThat(told.paths.size()).as("told: %s", told.paths).isLessThanOrEqualTo(3);
    }

    /// Knows the tree by looking where it is told to, and nowhere else.
    private static final class Mirror implements HostWatch.Sink {
        private final Path root;
        private final NavigableMap<String, String> files = new TreeMap<>();

        Mirror(Path root) {
            this.root = root;
        }

        @Override
        public synchronized void changed(String path) {
            files.remove(path);
            (path.isEmpty() ? files : files.subMap(path + "/", path + "0")).clear();
            look(root.resolve(path));
        }

        private void look(Path at) {
            try {
                if (Files.isDirectory(at)) {
                    try (Stream<Path> all = Files.list(at)) {
                        all.forEach(this::look);
                    }
                } else {
                    files.put(root.relativize(at).toString(), Files.readString(at));
                }
            } catch (IOException | UncheckedIOException e) {
                // Gone again: another word comes.
                files.remove(root.relativize(at).toString());
            }
        }

        @Override
        public void limited(String why) {
            throw new AssertionError(why);
        }

        synchronized Map<String, String> whole() {
            changed("");
            return copy();
        }

        synchronized Map<String, String> copy() {
            return new TreeMap<>(files);
        }
    }

    /// What two hands do at once to a small tree: nothing that they leave may stay unknown.
    @Test
    void P3_whoLooksOnlyWhereItIsToldKnowsTheTree() throws Exception {
        long seed = Long.getLong("countersign.seed", System.nanoTime());
        System.err.println("InotifyWatchTest seed " + seed);
        Random random = new Random(seed);
        Path tree = Files.createDirectory(root.resolve("skipped/tree"));
        Mirror mirror = new Mirror(tree);
        try (InotifyWatch mirrored = new InotifyWatch()) {
            mirrored.start(tree, _ -> false, mirror);
            for (int round = 0; round < 60; round++) {
                for (int i = 0; i < 100; i++) {
                    disturb(tree, random);
                }
                Map<String, String> is = new Mirror(tree).whole();
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                CountDownLatch never = new CountDownLatch(1);
                while (!mirror.copy().equals(is)) {
                    if (System.nanoTime() > end) {
                        assertThat(mirror.copy()).as("seed %s", seed).isEqualTo(is);
                    }
                    boolean _ = never.await(2, TimeUnit.MILLISECONDS);
                }
            }
        }
    }

    private static void disturb(Path tree, Random random) throws Exception {
        Path one = tree.resolve(place(random));
        Path other = tree.resolve(place(random));
        try {
            switch (random.nextInt(7)) {
                case 0, 1 -> Files.writeString(one, "text " + random.nextInt());
                case 2 -> Files.delete(one);
                case 3 -> Files.createDirectory(one);
                case 4, 5 -> Files.move(one, other, StandardCopyOption.ATOMIC_MOVE);
                default -> {
                    // Long on its way, and gone before anybody could have seen it whole.
                    try (var out = Files.newOutputStream(one)) {
                        for (int i = 0; i < 20; i++) {
                            out.write('x');
                        }
                    }
                    Files.delete(one);
                }
            }
        } catch (IOException e) {
            // What can't be done is not done: the other is in its way.
            Thread.onSpinWait();
        }
    }

    private static String place(Random random) {
        String path = "n" + random.nextInt(4);
        for (int depth = random.nextInt(3); depth > 0; depth--) {
            path += "/n" + random.nextInt(4);
        }
        return path;
    }

    @Test
    void aSkippedDirectoryIsNotWatched() throws Exception {
        Files.writeString(root.resolve("skipped/x/f"), "1");
        Files.writeString(root.resolve("skipped/f"), "1");
        Files.writeString(root.resolve("a/b/old"), "5");
        told.await("a/b/old");
        assertThat(told.paths).allMatch(path -> !path.startsWith("skipped/"));
    }

    @Test
    void aBurstOfThousandsLosesNothing() throws Exception {
        for (int i = 0; i < 9000; i++) {
            Path directory = root.resolve("a/" + i % 30);
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("f" + i), "1");
        }
        for (int i = 0; i < 9000; i++) {
            told.await("a/" + i % 30 + "/f" + i);
        }
    }
}
