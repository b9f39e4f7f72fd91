package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds on this host, as this user, without root. Linux only.
final class HostBuilder implements ImageBuilder {
    private static final Logger LOG = LoggerFactory.getLogger(HostBuilder.class);
    private static final String SCRATCH = "countersign-image-";

    /// Where the recipe runs.
    enum Place {
        /// In user name spaces of this user.
        NAME_SPACES("recipe/build.sh", 6L << 30),
        /// In a virtual machine of its own, which has them: for systems that give none. That
        /// machine has no network, no agent and no workspace.
        MACHINE("builder/build.sh", 10L << 30);

        private final String script;

        /// Bytes that it needs free.
        private final long space;

        Place(String script, long space) {
            this.script = script;
            this.space = space;
        }

        /// Program to the Debian package that has it.
        private Map<String, String> programs(String architecture) {
            return switch (this) {
                case NAME_SPACES ->
                        Map.of(
                                "mmdebstrap", "mmdebstrap",
                                "newuidmap", "uidmap",
                                "unshare", "util-linux",
                                "mke2fs", "e2fsprogs",
                                "qemu-img", "qemu-utils",
                                "tar", "tar");
                case MACHINE ->
                        Map.of(
                                "apt-get",
                                "apt",
                                "dpkg-deb",
                                "dpkg",
                                "mke2fs",
                                "e2fsprogs",
                                "qemu-system-" + architecture,
                                "qemu-system",
                                "tar",
                                "tar");
            };
        }
    }

    private final Map<String, String> environment;
    private final Path scratches;
    private final Place place;

    /// @param scratches where to keep what is thrown away; other users must be able to enter it, as
    ///   the build's root is one of the user's sub-ids
    HostBuilder(Map<String, String> environment, Path scratches, Place place) {
        Map<String, String> own = new HashMap<>(environment);
        // mke2fs lies where a normal user's PATH may not look.
        own.merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        own.put("LC_ALL", "C.UTF-8");
        this.environment = Map.copyOf(own);
        this.scratches = scratches;
        this.place = place;
    }

    @Override
    public void build(Order order, BuildProgress progress)
            throws CountersignException, InterruptedException {
        checkHost(order);
        try {
            sweep();
            Path scratch =
                    Files.createTempDirectory(
                            scratches, SCRATCH + ProcessHandle.current().pid() + "-");
            try {
                Files.setPosixFilePermissions(
                        scratch, PosixFilePermissions.fromString("rwx--x--x"));
                order.recipe().unpackInto(scratch.resolve("recipe"));
                if (place == Place.MACHINE) {
                    BundledFiles.of("builder", "build.sh").unpackInto(scratch.resolve("builder"));
                }
                run(order, scratch, progress);
            } finally {
                remove(scratch);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The guest image could not be built below %s: %s. Make room or correct the rights, then try again."
                            .formatted(scratches, e.getMessage()),
                    e);
        }
    }

    private void run(Order order, Path scratch, BuildProgress progress)
            throws IOException, CountersignException, InterruptedException {
        Path logFile =
                Objects.requireNonNull(order.into().getParent(), "an image has a parent")
                        .resolve("build.log");
        ProcessBuilder command =
                new ProcessBuilder(
                        "sh", scratch.resolve(place.script).toString(), order.into().toString());
        command.environment().clear();
        command.environment().putAll(environment);
        command.environment().put("SCRATCH", scratch.toString());
        command.environment().put("RECIPE", scratch.resolve("recipe").toString());
        command.environment().put("QEMU", "qemu-system-" + order.architecture());
        command.environment().put("SUITE", order.recipe().suite());
        command.environment().put("ARCHITECTURE", Recipe.debianName(order.architecture()));
        command.environment().put("DISK_BYTES", Long.toString(order.recipe().diskBytes()));
        command.environment().put("SOURCE_DATE_EPOCH", order.recipe().sourceDateEpoch());
        Path packages = scratch.resolve("packages");
        Files.writeString(packages, String.join("\n", order.packages()));
        // Root of the new user namespace can't enter the developer's own directories, and some of
        // the programs want to go back to where they were started.
        command.directory(scratch.toFile());
        command.redirectInput(packages.toFile());
        command.redirectErrorStream(true);
        Process process = command.start();
        BuildLog log = new BuildLog(progress);
        Thread reader =
                Thread.ofPlatform()
                        .daemon()
                        .name("image-build-log")
                        .start(() -> follow(process, log, logFile));
        boolean ended = false;
        try {
            int code = process.waitFor();
            ended = true;
            reader.join();
            if (code != 0) {
                throw log.failure(code, logFile);
            }
        } finally {
            if (!ended) {
                end(process);
            }
        }
    }

    private static void follow(Process process, BuildLog log, Path logFile) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter copy = Files.newBufferedWriter(logFile)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.line(line);
                copy.write(line);
                copy.newLine();
            }
        } catch (IOException e) {
            // The build was ended, or the disk is full: the exit code tells.
            log.line("E: its output could not be kept: " + e.getMessage());
        }
    }

    // mmdebstrap takes its mounts and files away when it is asked to end, so every process is asked
    // first.
    private static void end(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        if (!endWithin(all, 20)) {
            all.forEach(ProcessHandle::destroyForcibly);
            endWithin(all, 5);
        }
    }

    // Waits for all of them, also when this thread is interrupted meanwhile.
    private static boolean endWithin(List<ProcessHandle> all, int seconds) {
        CompletableFuture<?>[] ends =
                all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).orTimeout(seconds, TimeUnit.SECONDS).join();
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    // Files in it may belong to sub-ids of the user: only a name space that has them can remove
    // them.
    private void remove(Path scratch) throws IOException {
        List<String> words = new ArrayList<>();
        if (place == Place.NAME_SPACES) {
            words.addAll(List.of("unshare", "--map-root-user", "--map-auto", "--"));
        }
        words.addAll(List.of("rm", "-rf", "--", scratch.toString()));
        ProcessBuilder command = new ProcessBuilder(words);
        command.environment().putAll(environment);
        command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Process process = command.start();
        process.getOutputStream().close();
        if (!endWithin(List.of(process.toHandle()), 60)) {
            process.destroyForcibly();
        }
    }

    // What a build left whose program was killed; the name holds the program's process id.
    private void sweep() throws IOException {
        List<Path> old;
        try (Stream<Path> all = Files.list(scratches)) {
            old = all.filter(HostBuilder::isAbandoned).toList();
        }
        for (Path scratch : old) {
            remove(scratch);
        }
    }

    private static boolean isAbandoned(Path scratch) {
        Path name = scratch.getFileName();
        if (name == null || !name.toString().startsWith(SCRATCH)) {
            return false;
        }
        String pid = name.toString().substring(SCRATCH.length()).replaceFirst("-.*", "");
        try {
            return Files.getOwner(scratch).getName().equals(System.getProperty("user.name"))
                    && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
        } catch (NumberFormatException | IOException e) {
            // Not made by this program, or gone meanwhile.
            return false;
        }
    }

    private void checkHost(Order order) throws CountersignException, InterruptedException {
        if (!onLinux()) {
            throw new CountersignException(
                    Kind.MISSING,
                    "A guest image can be built on Linux only, for now. Build it there with `countersign image build` and copy its directory into %s."
                            .formatted(order.into().getParent()));
        }
        List<String> missing = missing(order.architecture());
        if (!missing.isEmpty()) {
            missing.sort(null);
            throw new CountersignException(
                    Kind.MISSING,
                    "The guest image cannot be built: %s not found. Run installer/setup.sh, or install it."
                            .formatted(String.join(", ", missing)));
        }
        checkSpace(scratches);
        checkSpace(order.into());
        if (place == Place.NAME_SPACES) {
            checkNameSpaces();
        }
    }

    /// The programs that are not here, with their packages.
    private List<String> missing(String architecture) {
        List<String> missing = new ArrayList<>();
        place.programs(architecture)
                .forEach((program, debianPackage) -> {
                    if (!isOnPath(program)) {
                        missing.add(
                                program.equals(debianPackage)
                                        ? program
                                        : program + " (package " + debianPackage + ")");
                    }
                });
        return missing;
    }

    private static boolean onLinux() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
    }

    /// Whether all that name spaces need is here, and this system refuses them all the same. What
    /// can be installed is no refusal.
    boolean refusedNameSpaces(String architecture) throws InterruptedException {
        if (!onLinux() || !missing(architecture).isEmpty()) {
            return false;
        }
        try {
            checkNameSpaces();
            return false;
        } catch (CountersignException e) {
            LOG.info("{}", e.getMessage());
            return true;
        }
    }

    private boolean isOnPath(String program) {
        return Stream.of(environment.getOrDefault("PATH", "").split(":"))
                .filter(directory -> !directory.isEmpty())
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private void checkSpace(Path directory) throws CountersignException {
        try {
            FileStore store = Files.getFileStore(directory);
            if (store.getUsableSpace() < place.space) {
                throw new CountersignException(
                        Kind.EXHAUSTED,
                        "The guest image needs %.1f GB free in %s while it is built; %.1f GB are. Make room, then try again."
                                .formatted(
                                        place.space / 1e9,
                                        directory,
                                        store.getUsableSpace() / 1e9));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkNameSpaces() throws CountersignException, InterruptedException {
        ProcessBuilder probe =
                new ProcessBuilder("unshare", "--map-root-user", "--map-auto", "--", "true");
        probe.environment().putAll(environment);
        try {
            Process process = probe.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .strip();
            if (process.waitFor() != 0) {
                throw noNameSpaces(said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static CountersignException noNameSpaces(String said) {
        return new CountersignException(
                Kind.MISSING,
                "The guest image cannot be built here: this user gets no user name space with sub-ids (%s). Give the user a range in /etc/subuid and /etc/subgid (`usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER`) and allow unprivileged user name spaces."
                        .formatted(said));
    }
}
