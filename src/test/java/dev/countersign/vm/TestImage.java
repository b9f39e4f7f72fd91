package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.vm.image.GuestImage;
import dev.countersign.vm.image.GuestImages;
import dev.countersign.vm.image.ImageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The guest image that tests and benchmarks use: the newest below `$COUNTERSIGN_HOME/images`.
public final class TestImage {
    private TestImage() {}

    static Optional<GuestDisk> newest(Map<String, String> environment)
            throws IOException, CountersignException {
        Path images = usersHome(environment).resolve("images");
        if (!Files.isDirectory(images)) {
            return Optional.empty();
        }
        Optional<GuestImage> built =
                GuestImages.under(usersHome(environment), environment).find(ImageSettings.BASE);
        if (built.isPresent()) {
            GuestImage image = built.get();
            return Optional.of(
                    new GuestDisk(
                            image.disk(),
                            image.kernel(),
                            image.initrd(),
                            image.cmdline(),
                            image.digest(),
                            image.diskDigest(),
                            image.kernelDigest()));
        }
        try (Stream<Path> all = Files.list(images)) {
            Optional<Path> newest =
                    all.filter(dir -> Files.exists(dir.resolve("cmdline.txt")))
                            .max(Comparator.comparingLong(TestImage::time));
            return newest.isEmpty() ? Optional.empty() : Optional.of(described(newest.get()));
        }
    }

    /// Where this user's images and bases lie, as the product itself finds it.
    public static Path usersHome(Map<String, String> environment) {
        String own = environment.get("COUNTERSIGN_HOME");
        String data = environment.get("XDG_DATA_HOME");
        if (own != null) {
            return Path.of(own);
        }
        return data != null
                ? Path.of(data, "countersign")
                : Path.of(System.getProperty("user.home"), ".local/share/countersign");
    }

    private static long time(Path file) {
        return file.toFile().lastModified();
    }

    /// One that was put there by hand, by looking at it.
    private static GuestDisk described(Path dir) throws IOException, CountersignException {
        Digest disk = Disk.digest(dir.resolve("disk.qcow2"));
        Digest kernel = Disk.digest(dir.resolve("kernel"));
        return new GuestDisk(
                dir.resolve("disk.qcow2"),
                dir.resolve("kernel"),
                dir.resolve("initrd"),
                Files.readString(dir.resolve("cmdline.txt")).strip(),
                Digest.of(disk.hex() + kernel.hex() + time(dir.resolve("initrd"))),
                disk,
                kernel);
    }
}
