package dev.countersign.workspace;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Which of the guest's paths would be one file on the host. Costs what changed: a path is looked
/// up by what the host would make of its name.
final class FoldedNames {
    private static final int LOOKED_AT = 100;

    private final boolean foldsCase;
    private final Map<String, TreeSet<String>> byKey = new HashMap<>();

    /// @param foldsCase whether the host takes upper and lower case for the same
    FoldedNames(boolean foldsCase) {
        this.foldsCase = foldsCase;
    }

    /// Whether this directory's file system takes upper and lower case for the same: asked of names
    /// that are there, so that nothing is written.
    static boolean foldsCase(Path root) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(root)) {
            int looked = 0;
            for (Path file : all) {
                String name = String.valueOf(file.getFileName());
                String other = swapped(name);
                if (!other.equals(name) && looked++ < LOOKED_AT) {
                    Path twin = file.resolveSibling(other);
                    // Two files that differ in case alone prove that it does not fold.
                    return Files.exists(twin) && Files.isSameFile(file, twin);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Opening the workspace says what is wrong with it.
            return usual();
        }
        return usual();
    }

    private static boolean usual() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac");
    }

    private static String swapped(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.equals(name) ? name.toLowerCase(Locale.ROOT) : upper;
    }

    private boolean plain(String path) {
        return !foldsCase && path.chars().allMatch(c -> c < 0x80);
    }

    /// The guest has this path, or has it no more.
    void set(String path, boolean present) {
        if (plain(path)) {
            return;
        }
        String key = GuestPaths.key(path, foldsCase);
        if (present) {
            byKey.computeIfAbsent(key, _ -> new TreeSet<>()).add(path);
            return;
        }
        TreeSet<String> others = byKey.get(key);
        if (others != null && others.remove(path) && others.isEmpty()) {
            byKey.remove(key);
        }
    }

    /// Another path of the guest that would be the same file.
    Optional<String> twin(String path) {
        TreeSet<String> others = plain(path) ? null : byKey.get(GuestPaths.key(path, foldsCase));
        return others == null
                ? Optional.empty()
                : others.stream().filter(other -> !other.equals(path)).findFirst();
    }

    /// Whether these are two names of one file.
    boolean same(String one, String other) {
        return !one.equals(other)
                && !plain(one)
                && GuestPaths.key(one, foldsCase).equals(GuestPaths.key(other, foldsCase));
    }

    void clear() {
        byKey.clear();
    }
}
