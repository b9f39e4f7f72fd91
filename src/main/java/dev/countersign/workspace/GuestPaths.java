package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a name that came from the guest may be.
final class GuestPaths {
    private GuestPaths() {}

    /// The path, if it can be one on the host at all.
    static Optional<RelativePath> checked(@Nullable String raw) {
        if (raw == null) {
            return Optional.empty();
        }
        try {
            RelativePath path = new RelativePath(raw);
            if (ascii(raw)) {
                return Optional.of(path);
            }
            // An unpaired surrogate would become another name on disk.
            boolean whole =
                    new String(raw.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                            .equals(raw);
            return whole && !Path.of(raw).isAbsolute() ? Optional.of(path) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /// Whether a component is git's own directory on some file system: case is ignored, as are
    /// characters that HFS+ passes over and the trailing dots and spaces and short name of NTFS.
    static boolean git(RelativePath path) {
        return git(path.value());
    }

    private static boolean git(String path) {
        int begin = 0;
        for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', begin)) {
            if (gitName(path.substring(begin, at))) {
                return true;
            }
            begin = at + 1;
        }
        return gitName(path.substring(begin));
    }

    private static boolean gitName(String part) {
        char first = part.isEmpty() ? 'x' : part.charAt(0);
        if (first < 0x80 && first != '.' && first != 'g' && first != 'G') {
            // Nearly all names; what is passed over is never ASCII.
            return false;
        }
        StringBuilder plain = new StringBuilder();
        part.codePoints()
                .filter(c -> Character.getType(c) != Character.FORMAT)
                .forEach(plain::appendCodePoint);
        String name = plain.toString().toLowerCase(Locale.ROOT).replaceAll("[. ]+$", "");
        return name.equals(".git") || name.equals("git~1");
    }

    /// These paths without those that lie below another of them.
    static List<String> outermost(NavigableSet<String> paths) {
        List<String> out = new ArrayList<>();
        for (String path : paths) {
            boolean below = false;
            for (int at = path.indexOf('/'); at > 0 && !below; at = path.indexOf('/', at + 1)) {
                below = paths.contains(path.substring(0, at));
            }
            if (!below) {
                out.add(path);
            }
        }
        return out;
    }

    /// What a sorted map has at this path and below it. A view; "" is everything.
    static <T> NavigableMap<String, T> below(NavigableMap<String, T> map, String path) {
        // '0' follows '/'.
        return path.isEmpty() ? map : map.subMap(path + "/", true, path + "0", false);
    }

    /// Two paths with the same key are one file on a host that folds names.
    static String key(String path, boolean foldsCase) {
        String composed = Normalizer.normalize(path, Normalizer.Form.NFC);
        return foldsCase ? composed.toLowerCase(Locale.ROOT) : composed;
    }

    /// Whether a link at `path` stays inside the workspace: relative, and never above the root on
    /// the way.
    static boolean staysInside(RelativePath path, String target) {
        if (target.isEmpty() || target.startsWith("/") || target.indexOf('\0') >= 0) {
            return false;
        }
        Deque<String> at = new ArrayDeque<>(path.parts());
        at.removeLast();
        for (String part : target.split("/", -1)) {
            if (part.equals("..")) {
                if (at.pollLast() == null) {
                    return false;
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                if (gitName(part)) {
                    return false;
                }
                at.addLast(part);
            }
        }
        return true;
    }
}
