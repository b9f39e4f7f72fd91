package dev.countersign.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The guest image that tests and benchmarks use: the newest below `$COUNTERSIGN_HOME/images`.
final class TestImage {
    private TestImage() {}

    static Optional<GuestDisk> newest(Map<String, String> environment)
            throws IOException, CountersignException {
        String home = environment.get("COUNTERSIGN_HOME");
        Path images = Path.of(home == null ? "/nonexistent" : home, "images");
        if (!Files.isDirectory(images)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(images)) {
            Optional<Path> newest =
                    all.filter(dir -> Files.exists(dir.resolve("disk.qcow2")))
                            .max(Comparator.comparingLong(TestImage::time));
            return newest.isEmpty() ? Optional.empty() : Optional.of(described(newest.get()));
        }
    }

    private static long time(Path file) {
        return file.toFile().lastModified();
    }

    /// By the image's manifest, or, for one that was put there by hand, by looking at it.
    private static GuestDisk described(Path dir) throws IOException, CountersignException {
        Path manifest = dir.resolve("manifest.json");
        if (Files.exists(manifest)) {
            JsonNode json = new ObjectMapper().readTree(manifest.toFile());
            return new GuestDisk(
                    dir.resolve("disk.qcow2"),
                    dir.resolve("kernel"),
                    dir.resolve("initrd"),
                    json.path("cmdline").asText(),
                    new Digest(json.path("digest").asText()),
                    new Digest(json.path("disk").asText()),
                    new Digest(json.path("kernel").asText()));
        }
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
