package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.platform.HostWatches;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What enters the guest and what comes back, in the kinds of repositories that there are.
class RoadRulesTest {
    @TempDir Path dir;

    private static Map<String, LeftOut.Reason> leftOut(CopyInReport report) {
        return report.leftOut().stream()
                .collect(Collectors.toMap(left -> left.path().raw(), LeftOut::reason));
    }

    private static void live(Rig rig) throws Exception {
        rig.workspace.close();
        rig.workspace =
                Workspace.open(
                        rig.settings,
                        rig.recorder(),
                        Clock.systemUTC(),
                        FaultPoint.none(),
                        HostWatches::ofThisSystem);
    }

    private static void git(Path at, String... words) throws Exception {
        List<String> all =
                new java.util.ArrayList<>(
                        List.of(
                                "git",
                                "-c",
                                "protocol.file.allow=always",
                                "-c",
                                "user.name=Dev",
                                "-c",
                                "user.email=dev@example.org"));
        all.addAll(List.of(words));
        Rig.run(at, all.toArray(String[]::new));
    }

    // -- .gitignore

    @Test
    void whatPatternsNameStaysOutAndIsListedAndIncludesBringItIn() throws Exception {
        try (Rig rig =
                new Rig(
                        dir,
                        s ->
                                s.withIncludes(
                                                List.of(
                                                        "gen/kept/",
                                                        "vendor",
                                                        "*.local",
                                                        ".env",
                                                        "out/a/*.h"))
                                        .withExcludes(List.of("private/")))) {
            Rig.write(
                    rig.host,
                    ".gitignore",
                    "gen/\nvendor/\n*.local\nlogs/\nout/\n.env\nprivate/x.local\n");
            Rig.write(rig.host, "gen/kept/a", "1\n");
            Rig.write(rig.host, "gen/other", "1\n");
            Rig.write(rig.host, "vendor/lib/b", "1\n");
            Rig.write(rig.host, "x.local", "1\n");
            Rig.write(rig.host, "logs/y.local", "1\n");
            Rig.write(rig.host, "logs/z", "1\n");
            Rig.write(rig.host, "out/a/api.h", "1\n");
            Rig.write(rig.host, "out/a/api.o", "1\n");
            Rig.write(rig.host, "out/b/api.h", "1\n");
            Rig.write(rig.host, ".env", "TOKEN=tk-9vQ2xLm4\n");
            Rig.write(rig.host, "private/x.local", "1\n");
            Rig.write(rig.host, "src/a", "1\n");
            Rig.gitInit(rig.host);
            Map<String, LeftOut.Reason> left = leftOut(rig.in());
            assertThat(Rig.tree(rig.guest).keySet())
                    .containsExactlyInAnyOrder(
                            ".env",
                            ".gitignore",
                            "gen/kept/a",
                            "vendor/lib/b",
                            "x.local",
                            "out/a/api.h",
                            "src/a");
            assertThat(Rig.read(rig.guest, ".env"))
                    .as("its names alone")
                    .contains("TOKEN=countersign-placeholder")
                    .doesNotContain("tk-9vQ2xLm4");
            assertThat(left)
                    .containsEntry("gen/other", LeftOut.Reason.IGNORED)
                    .containsEntry("logs/", LeftOut.Reason.IGNORED)
                    .containsEntry("out/a/api.o", LeftOut.Reason.IGNORED)
                    .containsEntry("out/b/", LeftOut.Reason.IGNORED)
                    .containsEntry("private/", LeftOut.Reason.EXCLUDED)
                    .containsEntry(".env", LeftOut.Reason.SECRET_NAME);
            // The same rules hold for what the agent makes.
            Rig.write(rig.guest, "gen/kept/made", "1\n");
            Rig.write(rig.guest, "gen/made", "1\n");
            Rig.write(rig.guest, "vendor/lib/made", "1\n");
            Rig.write(rig.guest, "out/a/made.h", "1\n");
            Rig.write(rig.guest, "private/made", "1\n");
            rig.workspace.collect();
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw())
                    .containsExactlyInAnyOrder("gen/kept/made", "vendor/lib/made", "out/a/made.h");
            assertThat(rig.workspace.notCollected())
                    .extracting(l -> l.path().raw())
                    .contains("gen/made", "private/made");
        }
    }

    @Test
    void oneStarBringsInEverythingThatIsIgnoredButNoSecret() throws Exception {
        try (Rig rig = new Rig(dir, s -> s.withIncludes(List.of("*")))) {
            Rig.write(rig.host, ".gitignore", "node_modules/\n*.log\n.env\n");
            Rig.write(rig.host, "node_modules/m/index.js", "1\n");
            Rig.write(rig.host, "a.log", "1\n");
            Rig.write(rig.host, ".env", "TOKEN=tk-9vQ2xLm4\n");
            Rig.gitInit(rig.host);
            rig.in();
            Rig.write(rig.guest, "node_modules/m/index.js", "2\n");
            rig.workspace.collect();
            assertThat(Rig.tree(rig.guest).keySet()).contains("node_modules/m/index.js", "a.log");
            assertThat(Rig.read(rig.guest, ".env")).doesNotContain("tk-9vQ2xLm4");
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw())
                    .containsExactly("node_modules/m/index.js");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatGitTracksThoughAPatternNamesItEntersAtOnceAndLeavesNever() throws Exception {
        try (Rig rig = new Rig(dir)) {
            live(rig);
            Rig.write(rig.host, ".gitignore", "build/\n*.gen\n");
            Rig.write(rig.host, "build/out/keep", "1\n");
            Rig.write(rig.host, "build/out/other", "1\n");
            Rig.write(rig.host, "a.gen", "1\n");
            Rig.write(rig.host, "src/a", "1\n");
            Rig.gitInit(rig.host);
            rig.in();
            assertThat(Rig.tree(rig.guest).keySet()).containsOnly(".gitignore", "src/a");
            git(rig.host, "add", "-f", "build/out/keep", "a.gen");
            Rig.eventually(() ->
                    "1\n".equals(Rig.read(rig.guest, "build/out/keep"))
                            && "1\n".equals(Rig.read(rig.guest, "a.gen")));
            assertThat(Rig.read(rig.guest, "build/out/other")).isNull();
            // Its directory is watched from now on, on both sides.
            Rig.write(rig.host, "build/out/keep", "2\n");
            Rig.eventually(() -> "2\n".equals(Rig.read(rig.guest, "build/out/keep")));
            Rig.write(rig.guest, "build/out/keep", "3\n");
            Rig.eventually(() -> rig.review().files().size() == 1);
            // What the agent has already is not taken from it.
            git(rig.host, "rm", "-q", "--cached", "a.gen");
            Rig.write(rig.host, "a.gen", "4\n");
            Rig.eventually(() -> "4\n".equals(Rig.read(rig.guest, "a.gen")));
            assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
            assertThat(Rig.read(rig.guest, "build/out/other")).isNull();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void anotherBranchBringsItsFilesAndItsRules() throws Exception {
        try (Rig rig = new Rig(dir)) {
            live(rig);
            Rig.write(rig.host, ".gitignore", "build/\n");
            for (int i = 0; i < 300; i++) {
                Rig.write(rig.host, "d" + i % 9 + "/f" + i, i + "\n");
            }
            Rig.gitInit(rig.host);
            git(rig.host, "checkout", "-q", "-b", "other");
            for (int i = 0; i < 300; i += 2) {
                Rig.write(rig.host, "d" + i % 9 + "/f" + i, "other " + i + "\n");
            }
            Rig.write(rig.host, "build/tracked", "1\n");
            Rig.write(rig.host, "e/new", "1\n");
            Files.delete(rig.host.resolve("d1/f1"));
            git(rig.host, "add", "-A", "-f");
            git(rig.host, "commit", "-q", "-m", "other");
            git(rig.host, "checkout", "-q", "main");
            rig.in();
            git(rig.host, "checkout", "-q", "other");
            Rig.eventually(() -> Rig.tree(rig.host).equals(Rig.tree(rig.guest)));
            assertThat(Rig.read(rig.guest, "build/tracked")).isEqualTo("1\n");
            git(rig.host, "checkout", "-q", "main");
            Rig.eventually(() -> Rig.tree(rig.host).equals(Rig.tree(rig.guest)));
            assertThat(rig.review().files()).isEmpty();
            assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
        }
    }

    // -- kinds of repositories

    @Test
    void aSubmodulesFilesEnterAndItsRepositoryDoesNot() throws Exception {
        Path library = Files.createDirectories(dir.resolve("library"));
        Rig.write(library, ".gitignore", "*.o\n");
        Rig.write(library, "lib.c", "1\n");
        Rig.gitInit(library);
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "main.c", "1\n");
            Rig.gitInit(rig.host);
            git(rig.host, "submodule", "--quiet", "add", library.toString(), "sub");
            git(rig.host, "commit", "-q", "-m", "with a submodule");
            Rig.write(rig.host, "sub/lib.o", "1\n");
            Map<String, LeftOut.Reason> left = leftOut(rig.in());
            assertThat(Rig.tree(rig.guest).keySet())
                    .containsExactlyInAnyOrder(
                            ".gitmodules", "main.c", "sub/.gitignore", "sub/lib.c");
            assertThat(left)
                    .containsEntry("sub/.git", LeftOut.Reason.GIT)
                    .containsEntry("sub/lib.o", LeftOut.Reason.IGNORED);
            Rig.write(rig.guest, "sub/lib.c", "2\n");
            Rig.write(rig.guest, "sub/.git", "gitdir: /elsewhere\n");
            rig.workspace.collect();
            String git = Rig.read(rig.host, "sub/.git");
            rig.applyAll();
            assertThat(Rig.read(rig.host, "sub/lib.c")).isEqualTo("2\n");
            assertThat(Rig.read(rig.host, "sub/.git")).isEqualTo(git);
        }
    }

    @Test
    void aWorktreeKeepsTheRulesOfItsRepository() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Path main = Files.createDirectories(dir.resolve("main"));
            Rig.write(main, "a", "1\n");
            Rig.write(main, "forced.log", "1\n");
            Rig.gitInit(main);
            Files.delete(rig.host);
            git(main, "worktree", "add", "-q", "-b", "other", rig.host.toString());
            Rig.write(main, ".git/info/exclude", "*.log\nscratch/\n");
            Rig.write(rig.host, "scratch/x", "1\n");
            Rig.write(rig.host, "b.log", "1\n");
            String before = Rig.read(rig.host, ".git");
            Map<String, LeftOut.Reason> left = leftOut(rig.in());
            assertThat(Rig.tree(rig.guest).keySet()).containsExactlyInAnyOrder("a", "forced.log");
            assertThat(left)
                    .containsEntry("scratch/", LeftOut.Reason.IGNORED)
                    .containsEntry("b.log", LeftOut.Reason.IGNORED)
                    .containsEntry(".git", LeftOut.Reason.GIT);
            Rig.write(rig.guest, "a", "2\n");
            rig.workspace.collect();
            rig.applyAll();
            assertThat(Rig.read(rig.host, "a")).isEqualTo("2\n");
            assertThat(Rig.read(rig.host, ".git")).isEqualTo(before);
            Rig.run(rig.host, "git", "diff", "--stat");
        }
    }

    @Test
    void aSparseCheckoutIsWhatIsThereAndNothingElseSeemsDeleted() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".gitignore", "*.gen\n");
            for (String part : List.of("in", "out")) {
                Rig.write(rig.host, part + "/a", "1\n");
                Rig.write(rig.host, part + "/b.gen", "1\n");
            }
            Rig.gitInit(rig.host);
            git(rig.host, "add", "-f", "in/b.gen", "out/b.gen");
            git(rig.host, "commit", "-q", "-m", "second");
            git(rig.host, "sparse-checkout", "set", "--sparse-index", "in");
            assertThat(rig.host.resolve("out")).doesNotExist();
            rig.in();
            assertThat(Rig.tree(rig.guest).keySet())
                    .containsExactlyInAnyOrder(".gitignore", "in/a", "in/b.gen");
            Rig.write(rig.guest, "in/a", "2\n");
            Rig.write(rig.guest, "out/new", "1\n");
            rig.workspace.collect();
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw())
                    .containsExactlyInAnyOrder("in/a", "out/new");
        }
    }

    @Test
    void pointersOfLfsAndLineEndsAndEmptyAndOddFilesAreBytes() throws Exception {
        String pointer =
                "version https://git-lfs.example.org/spec/v1\noid sha256:"
                        + "ab".repeat(32)
                        + "\nsize 12345\n";
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".gitattributes", "*.bin filter=lfs\n*.txt text eol=crlf\n");
            Rig.write(rig.host, "big.bin", pointer);
            Rig.write(rig.host, "dos.txt", "a\r\nb\r\nc");
            Rig.write(rig.host, "mixed", "a\r\nb\nc\r");
            Rig.write(rig.host, "empty", "");
            Rig.writeBytes(rig.host, "latin", new byte[] {'a', (byte) 0xe4, 0, '\n'});
            Rig.write(rig.host, "name with space and ünïcode", "1\n");
            rig.in();
            assertThat(Rig.tree(rig.guest)).isEqualTo(Rig.tree(rig.host));
            Rig.write(rig.guest, "dos.txt", "a\r\nB\r\nc");
            rig.workspace.collect();
            rig.applyAll();
            assertThat(Rig.tree(rig.host)).isEqualTo(Rig.tree(rig.guest));
            assertThat(Rig.read(rig.host, "dos.txt")).isEqualTo("a\r\nB\r\nc");
        }
    }

    // -- names

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesThatAreNotUtf8AreListedAndBlockedOnBothSides() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a", "1\n");
            Rig.run(rig.host, "sh", "-c", "printf x > \"$(printf 'bad\\377name')\"");
            CopyInReport report = rig.in();
            assertThat(report.leftOut())
                    .filteredOn(left -> left.reason() == LeftOut.Reason.BAD_NAME)
                    .hasSize(1);
            assertThat(Rig.tree(rig.guest).keySet()).containsExactly("a");
            Rig.run(rig.guest, "sh", "-c", "printf y > \"$(printf 'worse\\376')\"");
            rig.workspace.collect();
            assertThat(rig.review().files()).isEmpty();
            assertThat(rig.workspace.notCollected())
                    .anyMatch(left -> left.reason() == LeftOut.Reason.BAD_NAME);
            // The one of the host was neither touched nor taken for deleted.
            assertThat(Rig.run(rig.host, "sh", "-c", "ls | wc -l").strip()).isEqualTo("2");
        }
    }

    @Test
    void namesThatAreOneOnAHostThatFoldsCaseAreBlockedUntilOneIsGone() throws Exception {
        try (Rig rig = new Rig(dir)) {
            rig.workspace.close();
            rig.workspace =
                    Workspace.open(
                            rig.settings,
                            rig.recorder(),
                            Clock.systemUTC(),
                            FaultPoint.none(),
                            Rig.NoWatch::new,
                            new FoldedNames(true));
            Rig.write(rig.host, "README", "1\n");
            Rig.write(rig.host, "d/a", "1\n");
            rig.in();
            Rig.write(rig.guest, "readme", "2\n");
            Rig.write(rig.guest, "D/A", "2\n");
            Rig.write(rig.guest, "d/new", "2\n");
            rig.workspace.collect();
            assertThat(rig.file("readme").change()).isEqualTo(ChangeKind.BLOCKED);
            assertThat(rig.file("D/A").change()).isEqualTo(ChangeKind.BLOCKED);
            rig.applyAll();
            assertThat(Rig.tree(rig.host))
                    .isEqualTo(Map.of("README", "1\n", "d/a", "1\n", "d/new", "2\n"));
            Files.delete(rig.guest.resolve("D/A"));
            Files.delete(rig.guest.resolve("d/a"));
            Rig.write(rig.guest, "D/A", "3\n");
            rig.workspace.collect();
            assertThat(rig.file("D/A").change()).isNotEqualTo(ChangeKind.BLOCKED);
        }
    }

    @Test
    void twoFormsOfOneNameAreOneOnlyWhereTheHostSaysSo() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "caf\u00e9", "1\n");
            rig.in();
            Rig.write(rig.guest, "cafe\u0301", "2\n");
            rig.workspace.collect();
            assertThat(rig.file("cafe\u0301").change()).isEqualTo(ChangeKind.BLOCKED);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whetherTheHostFoldsCaseIsAskedOfItsNames() throws Exception {
        Rig.write(dir, "Some", "1\n");
        assertThat(FoldedNames.foldsCase(dir)).isFalse();
        Rig.write(dir, "SOME", "2\n");
        assertThat(FoldedNames.foldsCase(dir)).isFalse();
    }

    // -- sizes

    @Test
    void moreFilesThanTheLimitAreRefusedWithTheNextStep() throws Exception {
        try (Rig rig =
                new Rig(
                        dir,
                        s ->
                                s.withLimits(
                                        new Limits(
                                                1 << 20, 1 << 24, 20, Duration.ofSeconds(60))))) {
            for (int i = 0; i < 30; i++) {
                Rig.write(rig.host, "f" + i, "1\n");
            }
            assertThatThrownBy(rig::in)
                    .isInstanceOf(CountersignException.class)
                    .hasMessageContaining("30 files, more than the limit of 20")
                    .hasMessageContaining("Exclude directories");
            assertThat(Rig.tree(rig.guest)).isEmpty();
        }
    }

    @Test
    void aFileLargerThanTheLimitIsListedAndWhatTheGuestMakesThereIsBlocked() throws Exception {
        try (Rig rig =
                new Rig(
                        dir,
                        s ->
                                s.withLimits(
                                        new Limits(
                                                1 << 20, 1 << 24, 100, Duration.ofSeconds(60))))) {
            Rig.write(rig.host, "small", "1\n");
            Rig.writeBytes(rig.host, "large", new byte[(1 << 20) + 1]);
            assertThat(leftOut(rig.in())).containsEntry("large", LeftOut.Reason.TOO_LARGE);
            Rig.write(rig.guest, "large", "of the guest\n");
            Rig.writeBytes(rig.guest, "grown", new byte[(1 << 20) + 1]);
            rig.workspace.collect();
            assertThat(rig.file("large").change()).isEqualTo(ChangeKind.BLOCKED);
            assertThat(rig.file("grown").change()).isEqualTo(ChangeKind.BLOCKED);
            rig.applyAll();
            assertThat(rig.host.resolve("large")).hasSize((1 << 20) + 1);
            assertThat(rig.host.resolve("grown")).doesNotExist();
        }
    }

    /// Child: copies a file of a gigabyte in, changes it, and has the change come over.
    public static void main(String[] args) throws Exception {
        Path at = Path.of(args[0]);
        try (Rig rig = new Rig(at)) {
            rig.link.remembers = false;
            rig.in();
            Rig.eventually(() -> Files.size(rig.guest.resolve("giant")) == 1L << 30);
            try (var file =
                    java.nio.channels.FileChannel.open(
                            rig.host.resolve("giant"), java.nio.file.StandardOpenOption.WRITE)) {
                file.write(
                        java.nio.ByteBuffer.wrap("edited".getBytes(StandardCharsets.UTF_8)),
                        1L << 29);
            }
            rig.workspace.collect();
        }
    }

    @Test
    void aFileOfAGigabyteGoesThroughAHeapOfNinetySixMegabytes() throws Exception {
        Path host = Files.createDirectories(dir.resolve("host"));
        try (var file = new java.io.RandomAccessFile(host.resolve("giant").toFile(), "rw")) {
            file.setLength(1L << 30);
            file.write("begin".getBytes(StandardCharsets.UTF_8));
        }
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx96m",
                                "-XX:MaxDirectMemorySize=32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                RoadRulesTest.class.getName(),
                                dir.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        assertThat(Files.mismatch(host.resolve("giant"), dir.resolve("guest/giant"))).isEqualTo(-1);
        Optional<String> part = Optional.empty();
        try (var file = new java.io.RandomAccessFile(dir.resolve("guest/giant").toFile(), "r")) {
            byte[] six = new byte[6];
            file.seek(1L << 29);
            file.readFully(six);
            part = Optional.of(new String(six, StandardCharsets.UTF_8));
        }
        assertThat(part).contains("edited");
    }
}
