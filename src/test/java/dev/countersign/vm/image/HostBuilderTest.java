package dev.countersign.vm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real builder with a recipe whose build.sh does something small.
class HostBuilderTest {
    @TempDir Path directory;
    private Path scratches;
    private Path into;

    @BeforeEach
    void makeDirectories() throws IOException {
        scratches = Files.createDirectory(directory.resolve("scratches"));
        into = Files.createDirectories(directory.resolve("images/new"));
    }

    @Test
    void aMissingProgramIsNamedWithItsPackage() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("bin"));
        HostBuilder builder =
                new HostBuilder(
                        Map.of("PATH", empty.toString()), scratches, HostBuilder.Place.NAME_SPACES);

        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> builder.build(order("exit 0"), BuildProgress.NONE))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.MISSING))
                .withMessageContaining("mmdebstrap")
                .withMessageContaining("newuidmap (package uidmap)")
                .withMessageContaining("installer/setup.sh");
    }

    @Test
    void whatAMachineNeedsIsNamedToo() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("bin"));
        HostBuilder builder =
                new HostBuilder(
                        Map.of("PATH", empty.toString()), scratches, HostBuilder.Place.MACHINE);

        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> builder.build(order("exit 0"), BuildProgress.NONE))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.MISSING))
                .withMessageContaining("apt-get (package apt)")
                .withMessageContaining("qemu-system-x86_64");
    }

    @Test
    void whereThereAreNoNameSpacesTheImageIsBuiltInAMachine()
            throws IOException, InterruptedException {
        // Programs that are there and refused, as where the system forbids name spaces.
        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String name :
                List.of("unshare", "newuidmap", "mmdebstrap", "mke2fs", "qemu-img", "tar")) {
            Path program = bin.resolve(name);
            Files.writeString(program, "#!/bin/sh\necho 'not permitted' >&2\nexit 1\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        FittingBuilder builder =
                new FittingBuilder(Map.of("PATH", bin.toString()), scratches, false);
        List<String> steps = new ArrayList<>();

        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> builder.build(order("exit 0"), (what, _) -> steps.add(what)))
                .as("the machine's own needs are what is missing here")
                .withMessageContaining("dpkg-deb (package dpkg)");
        assertThat(steps).anyMatch(step -> step.contains("virtual machine"));
    }

    @Test
    void theScriptGetsPackagesAndInputsAndSaysHowFarItIs()
            throws IOException, CountersignException, InterruptedException {
        List<String> steps = new ArrayList<>();
        builder()
                .build(
                        order(
                                """
                                echo "@ 40 $SUITE $ARCHITECTURE $DISK_BYTES"
                                cat >"$1/packages.versions"
                                """),
                        (what, percent) -> steps.add(percent + " " + what));

        assertThat(steps).containsExactly("40 bookworm amd64 21474836480");
        assertThat(into.resolve("packages.versions")).hasContent("bash\npython3");
        assertThat(scratches).isEmptyDirectory();
    }

    @Test
    void aFailureCarriesTheEndOfTheLogAndLeavesNoScratch() throws IOException {
        HostBuilder builder = builder();
        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() ->
                        builder.build(
                                order("mkdir \"$SCRATCH/half\"; echo the reason >&2;" + " exit 7"),
                                BuildProgress.NONE))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.FAILED))
                .withMessageContaining("code 7")
                .withMessageContaining("the reason");
        assertThat(scratches).isEmptyDirectory();
        assertThat(directory.resolve("images/build.log")).content().contains("the reason");
    }

    @Test
    void whatBelongsToSubIdsIsRemovedToo() throws IOException {
        // Ids that only exist in the build's name space: plain removal is refused.
        String script =
                """
                mkdir "$SCRATCH/theirs" && touch "$SCRATCH/theirs/file"
                unshare --map-root-user --map-auto -- chown -R 33:33 "$SCRATCH/theirs"
                unshare --map-root-user --map-auto -- chmod 700 "$SCRATCH/theirs"
                exit 1
                """;

        HostBuilder builder = builder();
        assertThatExceptionOfType(CountersignException.class)
                .isThrownBy(() -> builder.build(order(script), BuildProgress.NONE));
        assertThat(scratches).isEmptyDirectory();
    }

    @Test
    void anInterruptEndsTheWholeTreeOfProcesses() throws IOException, InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Object> outcome = new AtomicReference<>();
        HostBuilder builder = builder();
        ImageBuilder.Order order =
                order(
                        """
                        trap 'exit 143' TERM
                        sleep 1000 & echo "@ 1 $!"
                        wait
                        """);
        AtomicReference<String> child = new AtomicReference<>("");
        Thread building =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                builder.build(
                                        order,
                                        (what, _) -> {
                                            child.set(what);
                                            started.countDown();
                                        });
                            } catch (CountersignException | InterruptedException e) {
                                outcome.set(e);
                            } finally {
                                started.countDown();
                            }
                        });
        started.await();
        building.interrupt();
        building.join();

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(ProcessHandle.of(Long.parseLong(child.get())).filter(ProcessHandle::isAlive))
                .isEmpty();
        assertThat(scratches).isEmptyDirectory();
    }

    @Test
    void theScratchOfAKilledProgramIsSweptAndThatOfALivingOneStays()
            throws IOException, CountersignException, InterruptedException {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Path abandoned =
                Files.createDirectory(scratches.resolve("countersign-image-" + ended.pid() + "-1"));
        Path living =
                Files.createDirectory(
                        scratches.resolve(
                                "countersign-image-" + ProcessHandle.current().pid() + "-1"));
        Path foreign = Files.createDirectory(scratches.resolve("countersign-image-notes"));

        builder().build(order("exit 0"), BuildProgress.NONE);

        assertThat(abandoned).doesNotExist();
        assertThat(living).exists();
        assertThat(foreign).exists();
    }

    private HostBuilder builder() throws IOException {
        // mmdebstrap and the disk tools are looked for, not run, by these scripts.
        Path bin = Files.createDirectories(directory.resolve("bin"));
        for (String name : List.of("mmdebstrap", "qemu-img", "mke2fs")) {
            Path program = bin.resolve(name);
            if (Files.notExists(program)) {
                Files.writeString(program, "#!/bin/sh\nexit 1\n");
                Files.setPosixFilePermissions(
                        program, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        assumeTrue(
                nameSpacesWork(), "this user gets no user name space with sub-ids on this machine");
        return new HostBuilder(
                Map.of("PATH", bin + ":" + System.getenv("PATH") + ":/usr/sbin:/sbin"),
                scratches,
                HostBuilder.Place.NAME_SPACES);
    }

    private static boolean nameSpacesWork() throws IOException {
        Process probe =
                new ProcessBuilder("unshare", "--map-root-user", "--map-auto", "--", "true")
                        .redirectErrorStream(true)
                        .start();
        probe.getInputStream().readAllBytes();
        try {
            return probe.waitFor() == 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ImageBuilder.Order order(String script) throws IOException {
        Path recipe = directory.resolve("recipe");
        if (Files.notExists(recipe)) {
            Recipe.bundled().unpackInto(recipe);
        }
        Files.writeString(recipe.resolve("build.sh"), "#!/bin/sh\n" + script);
        return new ImageBuilder.Order(
                Recipe.read(recipe), new TreeSet<>(List.of("bash", "python3")), "x86_64", into);
    }
}
