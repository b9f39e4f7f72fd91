package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The files of `lima-templates/image`, as they travel inside the jar: scripts, the guest's own
/// files and the lists that say what goes in.
final class Recipe {
    private final BundledFiles files;
    private final Properties properties = new Properties();

    private Recipe(BundledFiles files) {
        this.files = files;
        try {
            properties.load(new StringReader(text("recipe.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The recipe that this program came with.
    static Recipe bundled() {
        return new Recipe(BundledFiles.of("image", "build.sh"));
    }

    /// The recipe in this directory.
    static Recipe read(Path directory) throws IOException {
        return new Recipe(BundledFiles.read(directory));
    }

    /// Writes all files below `directory`, readable by everyone: the build's root is another user.
    void unpackInto(Path directory) throws IOException {
        files.unpackInto(directory);
    }

    /// The digest of an image made by this recipe of these inputs.
    Digest digest(ImageSettings settings, String architecture) throws CountersignException {
        MessageDigest sha = Digest.sha256();
        files.content()
                .forEach((name, content) -> {
                    sha.update(
                            (name + "\0" + content.length + "\0").getBytes(StandardCharsets.UTF_8));
                    sha.update(content);
                });
        sha.update(
                (architecture + "\0" + String.join("\n", packages(settings, architecture)))
                        .getBytes(StandardCharsets.UTF_8));
        return new Digest(HexFormat.of().formatHex(sha.digest()));
    }

    /// All packages by name that such an image asks Debian for.
    NavigableSet<String> packages(ImageSettings settings, String architecture)
            throws CountersignException {
        settings.check();
        NavigableSet<String> all = new TreeSet<>();
        lines("packages.list")
                .map(line -> line.replace("@KERNEL_ARCH@", debianName(architecture)))
                .forEach(all::add);
        NavigableMap<String, List<String>> known = toolchains();
        for (String name : settings.toolchains()) {
            List<String> packages = known.get(name);
            if (packages == null) {
                throw new CountersignException(
                        Kind.USAGE,
                        "No toolchain is named \"%s\". Choose from %s, or name Debian packages."
                                .formatted(name, String.join(", ", known.keySet())));
            }
            all.addAll(packages);
        }
        all.addAll(settings.packages());
        return all;
    }

    /// Name of a toolchain to the packages that it stands for.
    NavigableMap<String, List<String>> toolchains() {
        NavigableMap<String, List<String>> known = new TreeMap<>();
        lines("toolchains.list")
                .forEach(line -> {
                    List<String> words = List.of(line.split(" +"));
                    known.put(words.getFirst(), words.subList(1, words.size()));
                });
        return known;
    }

    String suite() {
        return property("suite");
    }

    long diskBytes() {
        return Long.parseLong(property("disk-bytes"));
    }

    String sourceDateEpoch() {
        return property("source-date-epoch");
    }

    /// The kernel's command line on a machine of this architecture.
    String cmdline(String architecture) {
        // The first serial line is Lima's log of the machine; its name differs (QEMU's q35 and
        // virt).
        return property("cmdline")
                .replace("@CONSOLE@", architecture.equals("aarch64") ? "ttyAMA0" : "ttyS0");
    }

    static String debianName(String architecture) {
        return architecture.equals("aarch64") ? "arm64" : "amd64";
    }

    private String property(String key) {
        return Objects.requireNonNull(properties.getProperty(key), key);
    }

    private Stream<String> lines(String name) {
        return text(name)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && line.charAt(0) != '#');
    }

    private String text(String name) {
        return new String(
                Objects.requireNonNull(files.content().get(name), name), StandardCharsets.UTF_8);
    }
}
