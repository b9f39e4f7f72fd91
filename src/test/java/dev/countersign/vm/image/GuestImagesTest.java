package dev.countersign.vm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestImagesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir Path home;

    @Test
    void aBuiltImageIsFoundWithAllThatAMachineNeeds()
            throws CountersignException, InterruptedException {
        ImageSettings settings = new ImageSettings(List.of("jdk"), List.of("vim"));
        List<Integer> percents = new ArrayList<>();
        GuestImage built =
                images(GuestImagesTest::writeFiles)
                        .build(settings, (_, percent) -> percents.add(percent));

        GuestImages later = images(GuestImagesTest::neverBuilds);
        assertThat(later.find(settings)).contains(built);
        assertThat(later.resolve(settings, BuildProgress.NONE)).isEqualTo(built);
        assertThat(later.list()).containsExactly(built);
        assertThat(later.find(ImageSettings.BASE)).isEmpty();
        assertThat(built.directory().getFileName()).hasToString(built.digest().hex());
        assertThat(built.diskDigest()).isEqualTo(Digest.of("disk of jdk"));
        assertThat(built.kernelDigest()).isEqualTo(Digest.of("kernel"));
        assertThat(built.cmdline()).startsWith("root=/dev/vda rw console=ttyS0");
        assertThat(built.diskBytes()).isEqualTo(20L << 30);
        assertThat(built.settings()).isEqualTo(settings);
        assertThat(built.built()).isEqualTo(NOW);
        assertThat(built.versions()).containsEntry("bash", "5.2-1").hasSize(2);
        assertThat(percents).isSorted().endsWith(100);
    }

    @Test
    void anImageIsNeverWrittenAgain()
            throws CountersignException, InterruptedException, IOException {
        GuestImage built =
                images(GuestImagesTest::writeFiles).build(ImageSettings.BASE, BuildProgress.NONE);

        for (Path file : List.of(built.disk(), built.kernel(), built.initrd())) {
            assertThat(Files.getPosixFilePermissions(file).toString()).doesNotContain("WRITE");
        }
    }

    @Test
    void aBuildThatFailsLeavesNothing() throws IOException {
        GuestImages images =
                images((order, _) -> {
                    write(order.into().resolve("disk.qcow2"), "half");
                    throw new CountersignException(Kind.FAILED, "the build broke");
                });

        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> images.build(ImageSettings.BASE, BuildProgress.NONE))
                .withMessage("the build broke");
        assertThat(directories()).isEmpty();
    }

    @Test
    void aBuildThatForgetsAFileIsNoImage() throws IOException, CountersignException {
        GuestImages images =
                images((order, _) -> write(order.into().resolve("disk.qcow2"), "alone"));

        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> images.build(ImageSettings.BASE, BuildProgress.NONE))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.FAILED));
        assertThat(directories()).isEmpty();
        assertThat(images.find(ImageSettings.BASE)).isEmpty();
    }

    @Test
    void anInterruptedBuildLeavesNothing() throws InterruptedException, IOException {
        CountDownLatch building = new CountDownLatch(1);
        AtomicReference<Object> outcome = new AtomicReference<>();
        GuestImages images =
                images((order, _) -> {
                    write(order.into().resolve("disk.qcow2"), "half");
                    building.countDown();
                    new CountDownLatch(1).await();
                });
        Thread builder =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                outcome.set(images.build(ImageSettings.BASE, BuildProgress.NONE));
                            } catch (CountersignException | InterruptedException e) {
                                outcome.set(e);
                            }
                        });
        building.await();
        builder.interrupt();
        builder.join();

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(directories()).isEmpty();
    }

    @Test
    void whatAKilledBuildLeftIsSweptAndNotTakenForAnImage()
            throws IOException, CountersignException, InterruptedException {
        GuestImages images = images(GuestImagesTest::writeFiles);
        Path abandoned = home.resolve("images/.build-1234");
        Path half = home.resolve("images").resolve(images.digest(ImageSettings.BASE).hex());
        for (Path directory : List.of(abandoned, half)) {
            Files.createDirectories(directory);
            write(directory.resolve("disk.qcow2"), "half");
        }
        write(half.resolve("manifest.json"), "{\"version\": 1, \"digest\":");

        assertThat(images.find(ImageSettings.BASE)).isEmpty();
        GuestImage built = images.build(ImageSettings.BASE, BuildProgress.NONE);

        assertThat(built.disk()).hasContent("disk of ");
        assertThat(directories()).containsExactly(half);
    }

    @Test
    void anImageThatWasMovedOrLostAFileIsNotUsed()
            throws IOException, CountersignException, InterruptedException {
        GuestImages images = images(GuestImagesTest::writeFiles);
        GuestImage built = images.build(ImageSettings.BASE, BuildProgress.NONE);
        Path elsewhere = home.resolve("images").resolve("0".repeat(64));
        Files.createDirectory(elsewhere);
        try (Stream<Path> files = Files.list(built.directory())) {
            for (Path file : files.toList()) {
                Files.copy(file, elsewhere.resolve(file.getFileName()));
            }
        }
        assertThat(images.list()).containsExactly(built);

        Files.delete(built.initrd());
        assertThat(images.find(ImageSettings.BASE)).isEmpty();
    }

    @Test
    void aSecondBuildOfTheSameImageFindsTheFirstOnes()
            throws CountersignException, InterruptedException {
        AtomicInteger builds = new AtomicInteger();
        GuestImages images =
                images((order, progress) -> {
                    builds.incrementAndGet();
                    writeFiles(order, progress);
                });

        assertThat(images.build(ImageSettings.BASE, BuildProgress.NONE))
                .isEqualTo(images.build(ImageSettings.BASE, BuildProgress.NONE));
        assertThat(builds).hasValue(1);
    }

    @Test
    void aDeletedImageIsGone() throws CountersignException, InterruptedException, IOException {
        GuestImages images = images(GuestImagesTest::writeFiles);
        images.delete(images.build(ImageSettings.BASE, BuildProgress.NONE).digest());

        assertThat(images.list()).isEmpty();
        assertThat(directories()).isEmpty();
    }

    private GuestImages images(ImageBuilder builder) {
        return new GuestImages(
                home.resolve("images"),
                Recipe.bundled(),
                builder,
                "x86_64",
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(home.resolve("images"))) {
            return all.filter(Files::isDirectory).toList();
        }
    }

    private static void writeFiles(ImageBuilder.Order order, BuildProgress progress) {
        progress.step("halfway", 50);
        String with = order.packages().contains("default-jdk-headless") ? "jdk" : "";
        write(order.into().resolve("disk.qcow2"), "disk of " + with);
        write(order.into().resolve("kernel"), "kernel");
        write(order.into().resolve("initrd"), "initrd");
        write(
                order.into().resolve("packages.versions"),
                "bash 5.2-1 amd64\npython3 3.11.2-1 amd64\n");
    }

    private static void neverBuilds(ImageBuilder.Order order, BuildProgress progress) {
        throw new AssertionError("it is there already: " + order + progress);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
