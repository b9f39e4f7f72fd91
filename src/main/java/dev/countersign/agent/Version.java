package dev.countersign.agent;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A program's version: three numbers.
public record Version(int major, int minor, int patch) implements Comparable<Version> {
    private static final Pattern FORM =
            Pattern.compile("(?<![0-9.])([0-9]{1,6})\\.([0-9]{1,6})\\.([0-9]{1,6})(?![0-9.])");
    private static final Comparator<Version> ORDER =
            Comparator.comparingInt(Version::major)
                    .thenComparingInt(Version::minor)
                    .thenComparingInt(Version::patch);

    /// The first version in this text, such as `codex-cli 0.169.0`. What follows the third number
    /// (`-beta.1`) makes it older than any release and is no version here.
    public static Optional<Version> in(String text) {
        Matcher found = FORM.matcher(text);
        if (!found.find() || text.startsWith("-", found.end())) {
            return Optional.empty();
        }
        int[] numbers =
                Arrays.stream(new int[] {1, 2, 3})
                        .map(group -> Integer.parseInt(found.group(group)))
                        .toArray();
        return Optional.of(new Version(numbers[0], numbers[1], numbers[2]));
    }

    @Override
    public int compareTo(Version other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
