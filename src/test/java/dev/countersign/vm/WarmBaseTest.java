package dev.countersign.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.vm.lima.Instance;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmBaseTest {
    private static GuestKit kit(String path, int mode, String content, String script) {
        return new GuestKit(
                List.of(new GuestFile(path, mode, content.getBytes(StandardCharsets.UTF_8))),
                script);
    }

    @Test
    void everyPartOfAKitIsPartOfItsDigest() {
        GuestKit kit = kit("/a/b", 0644, "x", "true");
        assertThat(kit.digest()).isEqualTo(kit("/a/b", 0644, "x", "true").digest());
        assertThat(
                        List.of(
                                kit("/a/c", 0644, "x", "true").digest(),
                                kit("/a/b", 0755, "x", "true").digest(),
                                kit("/a/b", 0644, "y", "true").digest(),
                                kit("/a/b", 0644, "x", "false").digest(),
                                GuestKit.empty().digest()))
                .doesNotContain(kit.digest())
                .doesNotHaveDuplicates();
    }

    @Test
    void argumentsAreComparedWithoutWhatDiffersBetweenInstances() {
        assertThat(
                        WarmBase.normalised(
                                argv("base-1", 4000, "52:55:55:00:00:01"), instance("base-1")))
                .isEqualTo(
                        WarmBase.normalised(
                                argv("s-2", 5000, "52:55:55:00:00:02"), instance("s-2")))
                .isNotEqualTo(
                        WarmBase.normalised(
                                argv("s-2", 5000, "52:55:55:00:00:02").stream()
                                        .map(word -> word.replace("1024", "2048"))
                                        .toList(),
                                instance("s-2")));
    }

    private static Instance instance(String name) {
        return new Instance(Path.of("/l"), name);
    }

    private static List<String> argv(String name, int port, String mac) {
        return List.of(
                "qemu",
                "-m",
                "1024",
                "-drive",
                "file=/l/" + name + "/disk",
                "-netdev",
                "user,hostfwd=tcp:127.0.0.1:" + port + "-:22",
                "-device",
                "virtio-net-pci,mac=" + mac,
                "-name",
                "lima-" + name,
                "-incoming",
                "defer");
    }

    @Test
    void aFileThatLooksUntouchedIsFoundOutByItsDigest(@TempDir Path dir) throws Exception {
        for (String name : WarmBase.FILES) {
            Files.writeString(dir.resolve(name), "content of " + name);
        }
        WarmBase base =
                new WarmBase(
                        dir, new WarmBase.Manifest(1, "", "", List.of(), WarmBase.sealed(dir)));
        base.checkOutside();
        base.checkInside();
        Path memory = dir.resolve(WarmBase.MEMORY);
        var time = Files.getLastModifiedTime(memory);

        Files.writeString(memory, "CONTENT of memory");
        Files.setLastModifiedTime(memory, time);

        base.checkOutside();
        assertThatThrownBy(base::checkInside)
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("memory was changed");
        Files.delete(memory);
        assertThatThrownBy(base::checkOutside).isInstanceOf(CountersignException.class);
    }

    @Test
    void aSleepOfTheHostIsSeenByTheTwoClocksDrawingApart() {
        AtomicLong millis = new AtomicLong(1_000_000);
        AtomicLong nanos = new AtomicLong(5);
        Clock clock =
                new Clock() {
                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        return Instant.ofEpochMilli(millis.get());
                    }
                };
        SleepWatch watch = new SleepWatch(clock, nanos::get);
        millis.addAndGet(60_000);
        nanos.addAndGet(60_000_000_000L);
        assertThat(watch.slept()).isFalse();
        millis.addAndGet(60_000);
        nanos.addAndGet(5_000_000_000L);
        assertThat(watch.slept()).isTrue();
        assertThat(watch.slept()).isFalse();
    }

    @Test
    void versionsAreComparedByNumber() {
        assertThat(VmDoctor.atLeast("2.10.0", 2, 9)).isTrue();
        assertThat(VmDoctor.atLeast("QEMU emulator version 7.2.22 (Debian)", 6, 2)).isTrue();
        assertThat(VmDoctor.atLeast("OpenSSH_8.4p1", 8, 5)).isFalse();
        assertThat(VmDoctor.atLeast("no version", 1, 0)).isFalse();
    }
}
