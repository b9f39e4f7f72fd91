package dev.countersign.workspace;

import java.util.List;
import org.eclipse.jgit.ignore.IgnoreNode;

/// What enters the guest although `.gitignore` names it, in the developer's own words. A pattern
/// that names a directory stands for all below it; one with a slash in it is looked for below
/// directories that are ignored as a whole.
final class Includes {
    private final IgnoreNode patterns;
    private final List<String> anchored;
    private final List<String> all;

    Includes(List<String> patterns) {
        this.all = patterns;
        this.patterns = IgnoreRules.parse(String.join("\n", patterns));
        this.anchored =
                patterns.stream()
                        .map(Includes::plain)
                        .filter(pattern -> pattern.indexOf('/') > 0)
                        .toList();
    }

    private static String plain(String pattern) {
        String whole = pattern.startsWith("/") ? pattern.substring(1) : pattern;
        return whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole;
    }

    boolean none() {
        return all.isEmpty();
    }

    /// Whether it, or a directory above it, is named.
    boolean covers(String path, boolean directory) {
        if (all.isEmpty()) {
            return false;
        }
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (Boolean.TRUE.equals(patterns.checkIgnored(path.substring(0, slash), true))) {
                return true;
            }
        }
        return Boolean.TRUE.equals(patterns.checkIgnored(path, directory));
    }

    /// Whether something below this directory may be named.
    boolean leads(String directory) {
        for (String pattern : anchored) {
            String beginning = pattern;
            for (char wild : new char[] {'*', '?', '['}) {
                int at = beginning.indexOf(wild);
                beginning = at < 0 ? beginning : beginning.substring(0, at);
            }
            if (beginning.startsWith(directory + "/")
                    || (beginning.length() < pattern.length()
                            && (directory + "/").startsWith(beginning))) {
                return true;
            }
        }
        return false;
    }

    /// Whether a pattern speaks of this name anywhere.
    boolean mention(String name) {
        return all.stream().anyMatch(pattern -> ("/" + pattern + "/").contains("/" + name + "/"));
    }
}
