package dev.countersign.workspace;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jgit.ignore.IgnoreNode;
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
    private final Includes includes;
    private final List<IgnoreNode> top = new ArrayList<>();
    private final Map<String, IgnoreNode> nested = new ConcurrentHashMap<>();
    private final Set<String> prunedNames;
    private final Set<String> prunedPaths;
    private final Set<String> tracked = new HashSet<>();
    private final Set<String> trackedDirectories = new HashSet<>();
    private boolean unreadIndex;

    /// @param excludePatterns what stays out in any case
    /// @param includePatterns what enters although a `.gitignore` names it
    IgnoreRules(Path root, List<String> excludePatterns, List<String> includePatterns) {
        this.root = root;
        this.excludes = parse(String.join("\n", excludePatterns));
        this.includes = new Includes(includePatterns);
        @Nullable Path git = gitDirectory(root);
        if (git != null) {
            readTracked(git.resolve("index"));
            IgnoreNode exclude = read(common(git).resolve("info").resolve("exclude"));
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
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    /// What all worktrees of a repository share.
    private static Path common(Path git) {
        Path file = git.resolve("commondir");
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return git;
        }
        try {
            Path found = git.resolve(Files.readString(file).strip()).normalize();
            return Files.isDirectory(found) ? found : git;
        } catch (IOException | InvalidPathException e) {
            return git;
        }
    }

    private void readTracked(Path index) {
        if (!Files.isRegularFile(index)) {
            return;
        }
        try {
            Optional<List<String>> paths = GitIndex.paths(Files.readAllBytes(index));
            // Without it, the patterns alone decide.
            unreadIndex = paths.isEmpty();
            for (String path : paths.orElse(List.of())) {
                tracked.add(path);
                for (int slash = path.lastIndexOf('/');
                        slash > 0 && trackedDirectories.add(path.substring(0, slash)); ) {
                    slash = path.lastIndexOf('/', slash - 1);
                }
            }
        } catch (IOException e) {
            unreadIndex = true;
        }
    }

    /// Whether git keeps a list of what it tracks that could not be read.
    boolean unreadIndex() {
        return unreadIndex;
    }

    /// What git tracks by now and did not before, or no more, though a pattern names it: that alone
    /// makes a difference.
    Set<String> trackedOtherwise(IgnoreRules before) {
        Set<String> other = new TreeSet<>();
        for (String path : tracked) {
            if (!before.tracked.contains(path) && anyPrefix(path, this::ignoredItself)) {
                other.add(path);
            }
        }
        for (String path : before.tracked) {
            if (!tracked.contains(path) && anyPrefix(path, this::ignoredItself)) {
                other.add(path);
            }
        }
        return other;
    }

    /// Whether git tracks this file, or a file below this directory.
    boolean tracked(String path) {
        return tracked.contains(path) || trackedDirectories.contains(path);
    }

    /// Whether the settings exclude it, given that no directory above it is excluded.
    boolean excludedItself(String path, boolean directory) {
        return Boolean.TRUE.equals(excludes.checkIgnored(path, directory));
    }

    /// Whether it is ignored, given that no directory above it is.
    boolean ignoredItself(String path, boolean directory) {
        if (includes.none()) {
            return named(path, directory);
        }
        if (includes.covers(path, directory) || (directory && includes.leads(path))) {
            return false;
        }
        // Directories on the way to what is included are gone into; what else they hold is not
        // meant.
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String above = path.substring(0, slash);
            if (includes.leads(above) && named(above, true)) {
                return true;
            }
        }
        return named(path, directory);
    }

    /// Whether a pattern names it, given that none names a directory above it.
    private boolean named(String path, boolean directory) {
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

    /// Whether a directory above it is ignored, be it that git tracks something in it.
    boolean belowIgnored(String path) {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (ignoredItself(path.substring(0, slash), true)) {
                return true;
            }
        }
        return false;
    }

    /// Whether the developer's own patterns bring it in.
    boolean included(String path, boolean directory) {
        return includes.covers(path, directory);
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
            if (everywhere && !inUse && !includes.mention(name)) {
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

    static IgnoreNode parse(String patterns) {
        IgnoreNode node = new IgnoreNode();
        try {
            node.parse(new ByteArrayInputStream(patterns.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new IllegalStateException("memory can be read", e);
        }
        return node;
    }
}
