package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What real git wrote is read as git itself lists it.
class GitIndexTest {
    @TempDir Path dir;

    @BeforeEach
    void fill() {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            Rig.write(dir, "d" + i % 7 + "/" + "x".repeat(random.nextInt(90)) + i, i + "\n");
        }
        Rig.write(dir, "ünïcode/ß", "1\n");
        Rig.write(dir, "a".repeat(200) + "/" + "b".repeat(200) + "/" + "c".repeat(200), "1\n");
        String deep = ("e".repeat(200) + "/").repeat(18);
        Rig.write(dir, deep + "beyond the length that an entry can say", "1\n");
    }

    private List<String> listed() throws Exception {
        String all = Rig.run(dir, "git", "-c", "core.quotePath=false", "ls-files", "-z");
        return Arrays.asList(all.split("\0"));
    }

    @ParameterizedTest
    @CsvSource({"sha1, 2", "sha1, 4", "sha256, 2", "sha256, 4"})
    void everyVersionAndObjectFormatIsRead(String format, int version) throws Exception {
        Rig.run(dir, "git", "init", "-q", "-b", "main", "--object-format=" + format);
        Rig.run(dir, "git", "config", "index.version", Integer.toString(version));
        Rig.run(dir, "git", "add", "-A");
        Rig.write(dir, "later", "1\n");
        // Makes entries with more flags.
        Rig.run(dir, "git", "add", "-N", "later");
        byte[] index = Files.readAllBytes(dir.resolve(".git/index"));
        assertThat(index[7]).as("version").isBetween((byte) version, (byte) (version + 1));
        assertThat(GitIndex.paths(index)).isPresent();
        assertThat(new TreeSet<>(GitIndex.paths(index).orElseThrow()))
                .isEqualTo(new TreeSet<>(listed()));
    }

    @Test
    void damageAndSplitListsAreToldAndNeverLoop() throws Exception {
        Rig.run(dir, "git", "init", "-q", "-b", "main");
        Rig.run(dir, "git", "config", "index.version", "4");
        Rig.run(dir, "git", "add", "-A");
        byte[] index = Files.readAllBytes(dir.resolve(".git/index"));
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = Arrays.copyOf(index, random.nextInt(index.length + 1));
            for (int k = random.nextInt(4); k > 0 && damaged.length > 0; k--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            var _ = GitIndex.paths(damaged);
        }
        assertThat(GitIndex.paths(new byte[0])).isEmpty();
        assertThat(GitIndex.paths(Arrays.copyOf(index, index.length / 2))).isEmpty();
        Rig.run(dir, "git", "update-index", "--split-index");
        Rig.write(dir, "more", "1\n");
        Rig.run(dir, "git", "add", "more");
        assertThat(GitIndex.paths(Files.readAllBytes(dir.resolve(".git/index")))).isEmpty();
    }
}
