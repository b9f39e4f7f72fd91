package dev.countersign.vm.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A directory of `lima-templates`, as it travels inside the jar.
///
/// @param content path below the directory, with slashes, to bytes
record BundledFiles(NavigableMap<String, byte[]> content) {
    private static final String ROOT = "/dev/countersign/lima-templates/";
    private static final Set<PosixFilePermission> PLAIN =
            PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> PROGRAM =
            PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> DIRECTORY =
            PosixFilePermissions.fromString("rwxr-xr-x");

    /// The directory of that name that this program came with.
    ///
    /// @param landmark a file that lies right in it
    static BundledFiles of(String name, String landmark) {
        String root = ROOT + name + "/";
        URL known = Objects.requireNonNull(BundledFiles.class.getResource(root + landmark));
        try {
            URI uri = known.toURI();
            if (!uri.getScheme().equals("jar")) {
                return read(Objects.requireNonNull(Path.of(uri).getParent()));
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return read(jar.getPath(root));
            }
        } catch (URISyntaxException e) {
            throw new AssertionError("a resource has a well-formed address", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is in this directory.
    static BundledFiles read(Path directory) throws IOException {
        NavigableMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                files.put(
                        directory.relativize(file).toString().replace('\\', '/'),
                        Files.readAllBytes(file));
            }
        }
        return new BundledFiles(files);
    }

    /// Writes all files below `directory`, readable by everyone: a build's root is another user.
    void unpackInto(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, DIRECTORY);
        for (Map.Entry<String, byte[]> file : content.entrySet()) {
            Path target = directory.resolve(file.getKey());
            for (Path made = directory; !made.equals(target.getParent()); ) {
                made = made.resolve(made.relativize(target).getName(0));
                if (Files.notExists(made)) {
                    Files.createDirectory(made);
                    Files.setPosixFilePermissions(made, DIRECTORY);
                }
            }
            Files.write(target, file.getValue());
            Files.setPosixFilePermissions(target, isProgram(file.getValue()) ? PROGRAM : PLAIN);
        }
    }

    // A jar keeps no modes, so the first two bytes say it.
    private static boolean isProgram(byte[] content) {
        return content.length > 2 && content[0] == '#' && content[1] == '!';
    }
}
