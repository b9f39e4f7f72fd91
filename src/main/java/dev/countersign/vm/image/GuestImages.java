package dev.countersign.vm.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The guest images of this user, each below `images/DIGEST/`, named by the digest of the recipe
/// and its inputs. An image is there complete or not at all, and is never written again.
///
/// ```java
/// GuestImages images = GuestImages.under(home, System.getenv());
/// GuestImage image = images.resolve(ImageSettings.BASE, progress::step);
/// ```
public final class GuestImages {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String MANIFEST = "manifest.json";
    private static final String UNFINISHED = ".build-";

    private final Path images;
    private final Recipe recipe;
    private final ImageBuilder builder;
    private final String architecture;
    private final Map<String, String> environment;
    private final Clock clock;

    GuestImages(
            Path images, Recipe recipe, ImageBuilder builder, String architecture, Clock clock) {
        this(images, recipe, builder, architecture, Map.of(), clock);
    }

    private GuestImages(
            Path images,
            Recipe recipe,
            ImageBuilder builder,
            String architecture,
            Map<String, String> environment,
            Clock clock) {
        this.environment = environment;
        this.images = images;
        this.recipe = recipe;
        this.builder = builder;
        this.architecture = architecture;
        this.clock = clock;
    }

    /// Set in the environment to anything, it has images built in a virtual machine also where they
    /// could be built without one.
    public static final String IN_MACHINE = "COUNTERSIGN_IMAGE_IN_VM";

    /// The images below `home` (the product's state directory), built by the bundled recipe with
    /// the programs on `PATH`.
    public static GuestImages under(Path home, Map<String, String> environment) {
        String machine = System.getProperty("os.arch", "");
        return new GuestImages(
                home.resolve("images"),
                Recipe.bundled(),
                new FittingBuilder(
                        environment,
                        Path.of("/var/tmp"),
                        !environment.getOrDefault(IN_MACHINE, "").isEmpty()),
                machine.equals("aarch64") ? "aarch64" : "x86_64",
                environment,
                Clock.systemUTC());
    }

    /// The toolchains that settings may name, with the Debian packages that each stands for.
    public NavigableMap<String, List<String>> toolchains() {
        return recipe.toolchains();
    }

    /// The name that an image of these settings has, built or not.
    ///
    /// @throws CountersignException `USAGE`, if a toolchain or package is named that cannot be
    public Digest digest(ImageSettings settings) throws CountersignException {
        Digest base = recipe.digest(settings, architecture);
        return settings.agents().isEmpty() ? base : AgentDisk.digest(base, settings.agents());
    }

    /// The newest image of these toolchains and packages that has at least these agents, made by
    /// the recipe that this program came with.
    public Optional<GuestImage> findWith(ImageSettings settings) throws CountersignException {
        Optional<GuestImage> exact = find(settings);
        if (exact.isPresent()) {
            return exact;
        }
        for (GuestImage image : list()) {
            ImageSettings has = image.settings();
            if (has.with(List.of()).equals(settings.with(List.of()))
                    && has.agents().containsAll(settings.agents())
                    && image.architecture().equals(architecture)
                    && image.digest().equals(digest(has))) {
                return Optional.of(image);
            }
        }
        return Optional.empty();
    }

    /// The architecture that images are built for here, `x86_64` or `aarch64`.
    public String architecture() {
        return architecture;
    }

    /// Builds the image of these settings on top of the one without agents, which is built first if
    /// it is missing, or finds it. As [#build].
    ///
    /// @param files brings what each agent consists of
    public GuestImage buildWithAgents(
            ImageSettings settings, AgentFiles files, BuildProgress progress)
            throws CountersignException, InterruptedException {
        if (settings.agents().isEmpty()) {
            return build(settings, progress);
        }
        GuestImage base =
                build(
                        settings.with(List.of()),
                        (what, percent) -> progress.step(what, percent * 6 / 10));
        return build(
                settings,
                (what, percent) -> progress.step(what, 60 + percent * 4 / 10),
                unfinished ->
                        new AgentDisk(environment)
                                .build(base, settings, files, unfinished, progress));
    }

    /// The image of these settings, if it was built.
    public Optional<GuestImage> find(ImageSettings settings) throws CountersignException {
        return read(images.resolve(digest(settings).hex()));
    }

    /// All images that are here, the newest first; also those of older recipes.
    public List<GuestImage> list() throws CountersignException {
        if (Files.notExists(images)) {
            return List.of();
        }
        List<GuestImage> found = new ArrayList<>();
        for (Path directory : entries()) {
            read(directory).ifPresent(found::add);
        }
        found.sort(Comparator.comparing(GuestImage::built).reversed());
        return found;
    }

    /// The image of these settings; built now if it is not there.
    public GuestImage resolve(ImageSettings settings, BuildProgress progress)
            throws CountersignException, InterruptedException {
        Optional<GuestImage> found = find(settings);
        return found.isPresent() ? found.get() : build(settings, progress);
    }

    /// Builds the image of these settings, or finds it. A second builder, also one in another
    /// process, waits for the first. When it fails, is interrupted, or the program ends, nothing is
    /// left.
    ///
    /// @throws CountersignException `MISSING` a program or right, `EXHAUSTED` no space, `FAILED`
    ///   with the end of the build's own log
    public GuestImage build(ImageSettings settings, BuildProgress progress)
            throws CountersignException, InterruptedException {
        if (!settings.agents().isEmpty()) {
            throw new IllegalArgumentException("agents come in by buildWithAgents");
        }
        return build(
                settings,
                progress,
                unfinished ->
                        builder.build(
                                new ImageBuilder.Order(
                                        recipe,
                                        recipe.packages(settings, architecture),
                                        architecture,
                                        unfinished),
                                progress));
    }

    /// Puts an image's files into a directory.
    @FunctionalInterface
    private interface Making {
        void into(Path unfinished) throws CountersignException, InterruptedException, IOException;
    }

    private GuestImage build(ImageSettings settings, BuildProgress progress, Making making)
            throws CountersignException, InterruptedException {
        Digest digest = digest(settings);
        Path target = images.resolve(digest.hex());
        try {
            Files.createDirectories(images);
            try (FileChannel channel =
                            FileChannel.open(
                                    images.resolve("building.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = lock(channel)) {
                if (!lock.isValid()) {
                    throw new IOException("the lock on " + images + " was lost");
                }
                Optional<GuestImage> meanwhile = read(target);
                if (meanwhile.isPresent()) {
                    return meanwhile.get();
                }
                sweep();
                return buildLocked(settings, digest, target, progress, making);
            }
        } catch (FileLockInterruptionException e) {
            InterruptedException interrupted = new InterruptedException();
            interrupted.initCause(e);
            throw interrupted;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The guest image could not be written below %s: %s. Make room or correct the directory's rights, then try again."
                            .formatted(images, e.getMessage()),
                    e);
        }
    }

    /// Removes an image. Warm bases made of it are not touched.
    public void delete(Digest digest) throws CountersignException {
        try {
            removeTree(images.resolve(digest.hex()));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "Image %s could not be removed: %s.".formatted(digest.brief(), e.getMessage()),
                    e);
        }
    }

    private FileLock lock(FileChannel channel) throws IOException, CountersignException {
        try {
            return channel.lock();
        } catch (OverlappingFileLockException e) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "A guest image is being built by this program already. Wait for it to end.",
                    e);
        }
    }

    private GuestImage buildLocked(
            ImageSettings settings,
            Digest digest,
            Path target,
            BuildProgress progress,
            Making making)
            throws IOException, CountersignException, InterruptedException {
        Path unfinished = Files.createTempDirectory(images, UNFINISHED);
        // When the program is told to end, it ends after this build has been stopped and taken
        // away.
        CountDownLatch gone = new CountDownLatch(1);
        Thread building = Thread.currentThread();
        Thread atExit = new Thread(() -> stopAndWait(building, gone), "stop-image-build");
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            making.into(unfinished);
            progress.step("Taking the image's digest", 99);
            Manifest manifest =
                    new Manifest(
                            Manifest.VERSION,
                            digest,
                            architecture,
                            recipe.suite(),
                            recipe.cmdline(architecture),
                            recipe.diskBytes(),
                            seal(unfinished.resolve("disk.qcow2")),
                            seal(unfinished.resolve("kernel")),
                            seal(unfinished.resolve("initrd")),
                            settings.toolchains(),
                            settings.packages(),
                            clock.instant().toString(),
                            versions(unfinished.resolve("packages.versions")),
                            settings.agents().isEmpty() ? null : settings.agents());
            Files.delete(unfinished.resolve("packages.versions"));
            Path written = unfinished.resolve(MANIFEST);
            Files.write(
                    written,
                    JSON.writeValueAsBytes(manifest),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.DSYNC);
            // A directory without a manifest that can be read is no image; it may be in the way.
            removeTree(target);
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            progress.step("The guest image is built", 100);
            return read(target).orElseThrow(() -> new IOException("its manifest cannot be read"));
        } finally {
            removeTree(unfinished);
            gone.countDown();
            unhook(atExit);
        }
    }

    private static void unhook(Thread atExit) {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The program is ending, and the hook runs already: it waits for nothing any more.
            atExit.setName("stop-image-build (done)");
        }
    }

    // Flushes the file, forbids writing and gives its digest.
    private static Digest seal(Path file) throws IOException {
        MessageDigest sha = Digest.sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                sha.update(buffer, 0, n);
            }
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        return new Digest(HexFormat.of().formatHex(sha.digest()));
    }

    private static NavigableMap<String, String> versions(Path file) throws IOException {
        NavigableMap<String, String> versions = new TreeMap<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] words = line.split(" ");
            if (words.length == 3) {
                versions.put(words[0], words[1]);
            }
        }
        return versions;
    }

    private Optional<GuestImage> read(Path directory) {
        Path file = directory.resolve(MANIFEST);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            Manifest manifest = JSON.readValue(file.toFile(), Manifest.class);
            Path disk = directory.resolve("disk.qcow2");
            Path kernel = directory.resolve("kernel");
            Path initrd = directory.resolve("initrd");
            if (manifest.version() != Manifest.VERSION
                    || !directory.endsWith(manifest.digest().hex())
                    || !Stream.of(disk, kernel, initrd).allMatch(Files::isRegularFile)) {
                return Optional.empty();
            }
            return Optional.of(
                    new GuestImage(
                            manifest.digest(),
                            directory,
                            disk,
                            kernel,
                            initrd,
                            manifest.cmdline(),
                            manifest.disk(),
                            manifest.kernel(),
                            manifest.initrd(),
                            manifest.diskBytes(),
                            manifest.architecture(),
                            new ImageSettings(
                                    manifest.toolchains(),
                                    manifest.packages(),
                                    manifest.agents() == null ? List.of() : manifest.agents()),
                            Instant.parse(manifest.built()),
                            manifest.versions()));
        } catch (IOException | DateTimeException e) {
            // Half an image, or one of a later version: not ours to use, and built anew if asked
            // for.
            return Optional.empty();
        }
    }

    // What a build left that was killed. Called under the lock, so nobody builds now.
    private void sweep() throws IOException, CountersignException {
        for (Path directory : entries()) {
            Path name = directory.getFileName();
            if (name != null && name.toString().startsWith(UNFINISHED)) {
                removeTree(directory);
            }
        }
    }

    private List<Path> entries() throws CountersignException {
        try (Stream<Path> all = Files.list(images)) {
            return all.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The images in %s cannot be listed: %s. Correct the directory's rights."
                            .formatted(images, e.getMessage()),
                    e);
        }
    }

    private static void stopAndWait(Thread building, CountDownLatch gone) {
        building.interrupt();
        try {
            if (!gone.await(30, TimeUnit.SECONDS)) {
                // The next build sweeps what is left.
                building.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeTree(Path tree) throws IOException {
        if (Files.notExists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(
                tree,
                Set.of(),
                Integer.MAX_VALUE,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @org.jspecify.annotations.Nullable IOException failure)
                            throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
