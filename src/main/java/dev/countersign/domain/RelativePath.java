package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// A path inside a workspace: slashes between components, no empty, `.` or `..` component, no NUL,
/// not absolute, at most 4,096 bytes, 255 a component, 128 deep. Hostile names can't be written as
/// one.
public record RelativePath(@JsonValue String value) implements Comparable<RelativePath> {
    private static final int LONGEST = 4096;
    private static final int LONGEST_COMPONENT = 255;
    private static final int DEEPEST = 128;

    /// @throws IllegalArgumentException naming what is wrong with the path
    @JsonCreator
    public RelativePath {
        String fault = faultOf(value);
        if (fault != null) {
            throw new IllegalArgumentException(
                    "path " + GuestText.of(value).visible() + " " + fault);
        }
    }

    private static @org.jspecify.annotations.Nullable String faultOf(String value) {
        if (value.isEmpty()) {
            return "is empty";
        }
        if (plain(value)) {
            return null;
        }
        if (value.indexOf('\0') >= 0) {
            return "has a NUL";
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            return "is longer than " + LONGEST + " bytes";
        }
        List<String> parts = List.of(value.split("/", -1));
        if (parts.size() > DEEPEST) {
            return "is deeper than " + DEEPEST;
        }
        for (String part : parts) {
            if (part.isEmpty()) {
                return "is absolute or has an empty component";
            }
            if (part.equals(".") || part.equals("..")) {
                return "has a component " + part;
            }
            if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_COMPONENT) {
                return "has a component longer than " + LONGEST_COMPONENT + " bytes";
            }
        }
        return null;
    }

    /// Whether it is beyond doubt: short components of ASCII that do not begin with a dot. Nearly
    /// all are, and a workspace makes one for each of its files.
    private static boolean plain(String value) {
        int deep = 1;
        int begin = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '/') {
                if (i == begin || i - begin > LONGEST_COMPONENT || ++deep > DEEPEST) {
                    return false;
                }
                begin = i + 1;
            } else if (c == 0 || c >= 0x80 || (c == '.' && i == begin)) {
                return false;
            }
        }
        int last = value.length() - begin;
        return last > 0 && last <= LONGEST_COMPONENT && value.length() <= LONGEST;
    }

    /// The components in order.
    public List<String> parts() {
        return List.of(value.split("/", -1));
    }

    /// The last component.
    public String name() {
        return value.substring(value.lastIndexOf('/') + 1);
    }

    /// Below this root. Links on the way are not resolved: opening is the caller's care.
    public Path under(Path root) {
        return root.resolve(value);
    }

    @Override
    public int compareTo(RelativePath other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return GuestText.of(value).visible();
    }
}
