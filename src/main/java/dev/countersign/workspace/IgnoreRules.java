package dev.countersign.workspace;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.ignore.IgnoreNode;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/// What stays out because `.gitignore` or the settings say so. Only the host's files count: the
/// agent's edit of a `.gitignore` takes effect once it is applied. What git tracks is never
/// ignored.
final class IgnoreRules {
    /// Directories that builds and package managers fill. Only their names: whether one is left out
    /// is for the rules to say.
    private static final List<String> GENERATED =
            List.of(
                    "node_modules",
                    "target",
                    "build",
                    "dist",
                    "out",
                    ".venv",
                    "venv",
                    "__pycache__",
                    ".gradle",
                    ".tox",
                    ".mypy_cache",
                    ".pytest_cache",
                    ".ruff_cache",
                    ".next",
                    ".nuxt",
                    ".cache",
                    "vendor",
                    "coverage");

    private final Path root;
    private final IgnoreNode excludes;
    private final List<IgnoreNode> top = new ArrayList<>();
    private final Map<String, IgnoreNode> nested = new ConcurrentHashMap<>();
    private final Set<String> prunedNames;
    private final Set<String> prunedPaths;
    private final Set<String> tracked = new HashSet<>();
    private final Set<String> trackedDirectories = new HashSet<>();

    IgnoreRules(Path root, List<String> excludePatterns) {
        this.root = root;
        this.excludes = parse(String.join("\n", excludePatterns));
        @Nullable Path git = gitDirectory(root);
        if (git != null) {
            readTracked(git.resolve("index"));
            IgnoreNode exclude = read(git.resolve("info").resolve("exclude"));
            if (exclude != null) {
                top.add(exclude);
            }
        }
        this.prunedNames = findPrunedNames();
        this.prunedPaths = findPrunedPaths();
    }

    /// Whether a change of this file may change the rules.
    static boolean about(String path) {
        return path.equals(".gitignore") || path.endsWith("/.gitignore");
    }

    /// Whether a directory as such stays out, given that none above it does.
    boolean skips(String directory) {
        return excludedItself(directory, true)
                || (!tracked(directory) && ignoredItself(directory, true));
    }

    /// The repository's directory, also of a worktree or submodule, where it can be found without
    /// git's configuration.
    static @Nullable Path gitDirectory(Path root) {
        Path git = root.resolve(".git");
        if (Files.isDirectory(git, LinkOption.NOFOLLOW_LINKS)) {
            return git;
        }
        if (!Files.isRegularFile(git, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try {
            String text = Files.readString(git).strip();
            if (!text.startsWith("gitdir: ")) {
                return null;
            }
            Path found = root.resolve(text.substring("gitdir: ".length())).normalize();
            return Files.isDirectory(found) ? found : null;
        } catch (IOException e) {
            return null;
        }
    }

    private void readTracked(Path index) {
        if (!Files.isRegularFile(index)) {
            return;
        }
        try {
            DirCache cache = DirCache.read(index.toFile(), FS.DETECTED);
            for (int i = 0; i < cache.getEntryCount(); i++) {
                String path = cache.getEntry(i).getPathString();
                tracked.add(path);
                for (int slash = path.lastIndexOf('/');
                        slash > 0 && trackedDirectories.add(path.substring(0, slash)); ) {
                    slash = path.lastIndexOf('/', slash - 1);
                }
            }
        } catch (IOException | RuntimeException e) {
            // JGit throws unchecked exceptions for some damaged or newer indexes. Without the
            // index, the patterns alone decide.
            tracked.clear();
            trackedDirectories.clear();
        }
    }

    /// Whether git tracks this file, or a file below this directory.
    boolean tracked(String path) {
        return tracked.contains(path) || trackedDirectories.contains(path);
    }

    /// Whether the settings exclude it, given that no directory above it is excluded.
    boolean excludedItself(String path, boolean directory) {
        return Boolean.TRUE.equals(excludes.checkIgnored(path, directory));
    }

    /// Whether a pattern names it, given that no directory above it is ignored.
    boolean ignoredItself(String path, boolean directory) {
        int slash = path.lastIndexOf('/');
        for (String at = slash < 0 ? "" : path.substring(0, slash); ; ) {
            IgnoreNode node = nested.computeIfAbsent(at, this::nodeIn);
            String relative = at.isEmpty() ? path : path.substring(at.length() + 1);
            Boolean verdict = node.checkIgnored(relative, directory);
            if (verdict != null) {
                return verdict;
            }
            if (at.isEmpty()) {
                break;
            }
            int up = at.lastIndexOf('/');
            at = up < 0 ? "" : at.substring(0, up);
        }
        for (IgnoreNode node : top) {
            Boolean verdict = node.checkIgnored(path, directory);
            if (verdict != null) {
                return verdict;
            }
        }
        return false;
    }

    /// Whether it or a directory above it is excluded.
    boolean excluded(String path) {
        return anyPrefix(path, this::excludedItself);
    }

    /// Whether it or a directory above it is ignored and git does not track it.
    boolean ignored(String path) {
        return !tracked(path) && anyPrefix(path, this::ignoredItself);
    }

    private interface Check {
        boolean test(String path, boolean directory);
    }

    private static boolean anyPrefix(String path, Check check) {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (check.test(path.substring(0, slash), true)) {
                return true;
            }
        }
        return check.test(path, false);
    }

    /// Directory names that the guest need not look into, wherever they are.
    Set<String> prunedNames() {
        return prunedNames;
    }

    private Set<String> findPrunedNames() {
        Set<String> names = new HashSet<>();
        for (String name : GENERATED) {
            boolean everywhere =
                    ignoredItself(name, true) && ignoredItself("some-directory/" + name, true);
            boolean inUse =
                    trackedDirectories.stream()
                            .anyMatch(d -> d.equals(name) || d.endsWith("/" + name));
            if (everywhere && !inUse) {
                names.add(name);
            }
        }
        return names;
    }

    /// Directories that the guest need not look into.
    Set<String> prunedPaths() {
        return prunedPaths;
    }

    private Set<String> findPrunedPaths() {
        Set<String> paths = new HashSet<>();
        for (String name : GENERATED) {
            if (ignoredItself(name, true) && !tracked(name)) {
                paths.add(name);
            }
        }
        return paths;
    }

    private IgnoreNode nodeIn(String directory) {
        Path at = directory.isEmpty() ? root : root.resolve(directory);
        IgnoreNode node = read(at.resolve(".gitignore"));
        return node == null ? new IgnoreNode() : node;
    }

    private static @Nullable IgnoreNode read(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            IgnoreNode node = new IgnoreNode();
            node.parse(in);
            return node;
        } catch (IOException e) {
            return null;
        }
    }

    private static IgnoreNode parse(String patterns) {
        IgnoreNode node = new IgnoreNode();
        try {
            node.parse(new ByteArrayInputStream(patterns.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new IllegalStateException("memory can be read", e);
        }
        return node;
    }
}
