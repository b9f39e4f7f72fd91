package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One file a value, mode 0600 in a directory of mode 0700, **not encrypted**: it keeps other users
/// of the machine out, not somebody who reads the disk or runs as the same user.
public final class FileKeyStore implements KeyStore {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}");

    private final Path directory;

    /// @param directory made with mode 0700 at the first write
    public FileKeyStore(Path directory) {
        this.directory = directory;
    }

    @Override
    public Optional<byte[]> get(String name) throws CountersignException {
        Path file = file(name);
        try {
            return Files.exists(file) ? Optional.of(PrivateFiles.read(file)) : Optional.empty();
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    @Override
    public void put(String name, byte[] value) throws CountersignException {
        Path file = file(name);
        try {
            PrivateFiles.replace(file, value);
        } catch (IOException e) {
            throw failed("written", file, e);
        }
    }

    @Override
    public void remove(String name) throws CountersignException {
        Path file = file(name);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed("removed", file, e);
        }
    }

    @Override
    public List<String> names() throws CountersignException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> NAME.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw failed("listed", directory, e);
        }
    }

    @Override
    public Protection protection() {
        return new Protection(
                "file",
                false,
                "Keys lie in files that only this user may read (0600), not encrypted.");
    }

    private Path file(String name) throws CountersignException {
        return directory.resolve(checked(name));
    }

    static String checked(String name) throws CountersignException {
        if (!NAME.matcher(name).matches()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The key's name is not usable: it must be a-z, 0-9, '.' and '-', at most 64."
                            + " Choose another name.");
        }
        return name;
    }

    private static CountersignException failed(String what, Path file, IOException e) {
        return new CountersignException(
                Kind.FAILED,
                "The key file " + file + " could not be " + what + ": " + e.getMessage(),
                e);
    }
}
