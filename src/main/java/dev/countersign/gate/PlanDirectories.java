package dev.countersign.gate;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.gate.risk.Rating;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Finds the places that a plan names: in its text, and in the calls that come with it.
final class PlanDirectories {
    private static final int MOST = 32;

    /// A path as it stands in prose: with a slash or a file name's ending, no spaces.
    private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{N}_@.+/-]{2,255}");

    private static final Pattern ENDING = Pattern.compile("[^/]+\\.[A-Za-z][A-Za-z0-9]{0,7}");

    private PlanDirectories() {}

    /// Directories end in `/`, files do not. The whole workspace is never meant by one.
    static List<GuestText> of(GuestText text, List<Rating> calls, String root) {
        Set<String> found = new LinkedHashSet<>();
        var tokens = TOKEN.matcher(text.raw());
        while (tokens.find() && found.size() < MOST) {
            place(tokens.group(), root).ifPresent(found::add);
        }
        for (Rating call : calls) {
            for (String path : call.writes()) {
                if (found.size() < MOST && !path.startsWith("/")) {
                    found.add(directoryOf(path));
                }
            }
        }
        return found.stream().map(GuestText::of).toList();
    }

    private static Optional<String> place(String token, String root) {
        String path = token;
        while (path.endsWith(".") || path.endsWith("-")) {
            path = path.substring(0, path.length() - 1);
        }
        if (path.startsWith(root + "/")) {
            path = path.substring(root.length() + 1);
        }
        while (path.startsWith("./")) {
            path = path.substring(2);
        }
        boolean directory = path.endsWith("/");
        if (directory) {
            path = path.substring(0, path.length() - 1);
        }
        if (!directory && path.indexOf('/') < 0 && !ENDING.matcher(path).matches()) {
            return Optional.empty();
        }
        try {
            RelativePath relative = new RelativePath(path);
            boolean file = !directory && ENDING.matcher(relative.name()).matches();
            return Optional.of(file ? directoryOf(path) : path + "/");
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// A file's directory; for a file at the top, the file alone.
    private static String directoryOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? path : path.substring(0, slash + 1);
    }
}
