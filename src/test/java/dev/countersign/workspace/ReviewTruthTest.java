package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a review says of changes that are easy to say too little of.
class ReviewTruthTest {
    private static final byte[] OLD = {0, 1, 2, 3};
    private static final byte[] NEW = {0, 9, 9, 9};

    @TempDir Path dir;

    private static void executable(Rig rig, String path) throws Exception {
        Rig.run(rig.guest, "chmod", "+x", path);
    }

    private static String note(Hunk hunk) {
        return String.valueOf(hunk.note());
    }

    @Test
    void bytesAndModeOfABinaryFileAreDecidedOneByOne() throws Exception {
        try (Rig rig = new Rig(dir)) {
            for (String name : List.of("one.bin", "two.bin")) {
                Rig.writeBytes(rig.host, name, OLD);
            }
            rig.in();
            for (String name : List.of("one.bin", "two.bin")) {
                Rig.writeBytes(rig.guest, name, NEW);
                executable(rig, name);
            }
            rig.workspace.collect();
            ReviewedFile file = rig.file("one.bin");
            assertThat(file.change()).isEqualTo(ChangeKind.BINARY);
            assertThat(file.hunks())
                    .extracting(ReviewTruthTest::note)
                    .satisfiesExactly(
                            first -> assertThat(first).contains("no lines to show"),
                            second -> assertThat(second).isEqualTo("becomes executable"));
            rig.applyHunk("one.bin", 0);
            assertThat(Files.readAllBytes(rig.host.resolve("one.bin"))).isEqualTo(NEW);
            assertThat(Rig.executable(rig.host.resolve("one.bin"))).isFalse();
            assertThat(rig.file("one.bin").change()).isEqualTo(ChangeKind.MODE);
            rig.applyHunk("two.bin", 1);
            assertThat(Files.readAllBytes(rig.host.resolve("two.bin"))).isEqualTo(OLD);
            assertThat(Rig.executable(rig.host.resolve("two.bin"))).isTrue();
            rig.applyAll();
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.tree(rig.host)).isEqualTo(Rig.tree(rig.guest));
        }
    }

    @Test
    void aChangeOfModeAloneGoesWithWhateverTheHostHas() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.writeBytes(rig.host, "tool.bin", OLD);
            rig.in();
            executable(rig, "tool.bin");
            rig.workspace.collect();
            Rig.writeBytes(rig.host, "tool.bin", NEW);
            assertThat(rig.file("tool.bin").hunks())
                    .singleElement()
                    .satisfies(h -> assertThat(h.state()).isEqualTo(HunkState.NEW));
            rig.applyAll();
            assertThat(Files.readAllBytes(rig.host.resolve("tool.bin"))).isEqualTo(NEW);
            assertThat(Rig.executable(rig.host.resolve("tool.bin"))).isTrue();
        }
    }

    @Test
    void whatACriticalLinkLeadsToIsCriticalToo() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "scripts/env.sh", "A=1\n");
            Rig.write(rig.host, "checks/all", "true\n");
            Rig.write(rig.host, "plain", "1\n");
            Files.createSymbolicLink(rig.host.resolve("there"), Path.of("scripts/env.sh"));
            Files.createSymbolicLink(rig.host.resolve(".envrc"), Path.of("there"));
            Files.createSymbolicLink(rig.host.resolve(".husky"), Path.of("./checks"));
            Files.createSymbolicLink(rig.host.resolve("also"), Path.of("plain"));
            rig.in();
            Rig.write(rig.guest, "scripts/env.sh", "A=2\n");
            Rig.write(rig.guest, "checks/all", "evil\n");
            Rig.write(rig.guest, "plain", "2\n");
            rig.workspace.collect();
            for (String path : List.of("scripts/env.sh", "checks/all")) {
                ReviewedFile file = rig.file(path);
                assertThat(file.level()).as(path).isEqualTo(Level.CRITICAL);
                assertThat(file.runsOnHost()).isTrue();
                assertThat(file.hunks().getFirst().byDefault()).isTrue();
                assertThat(file.reasons().toString()).contains("leads here");
            }
            assertThat(rig.file("plain").level()).isEqualTo(Level.MEDIUM);
            rig.applyAll();
            assertThat(Rig.read(rig.host, "scripts/env.sh")).isEqualTo("A=1\n");
            assertThat(Rig.read(rig.host, "plain")).isEqualTo("2\n");
        }
    }

    @Test
    void linksThatLeadInCirclesEnd() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "d/file", "1\n");
            Files.createSymbolicLink(rig.host.resolve("d/again"), Path.of("."));
            Files.createSymbolicLink(rig.host.resolve("d/more"), Path.of("../d"));
            Files.createSymbolicLink(rig.host.resolve("self"), Path.of("self"));
            rig.in();
            Rig.write(rig.guest, "d/file", "2\n");
            rig.workspace.collect();
            assertThat(rig.file("d/file").level()).isEqualTo(Level.MEDIUM);
        }
    }

    @Test
    void aConflictInAnotherEncodingShowsItsSides() throws Exception {
        byte[] host = "gr\u00fc\u00dfe\n".getBytes(StandardCharsets.ISO_8859_1);
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "a.txt", "hello\n");
            rig.in();
            Rig.write(rig.guest, "a.txt", "hi\n");
            rig.workspace.collect();
            Rig.writeBytes(rig.host, "a.txt", host);
            Conflict conflict = Objects.requireNonNull(rig.file("a.txt").conflict());
            assertThat(conflict.host()).hasToString("gr\u00fc\u00dfe↵");
            assertThat(conflict.note()).contains("Latin-1");
            rig.workspace.resolve("a.txt", conflict.digest(), new Resolution.KeepHost());
            assertThat(Files.readAllBytes(rig.host.resolve("a.txt"))).isEqualTo(host);
        }
    }
}
