package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what the build prints: how far it is, and why it failed. One thread.
final class BuildLog {
    private static final int TAIL = 12;

    private static final Pattern OWN = Pattern.compile("@ (\\d{1,3}) (.*)");
    private static final Pattern TOTAL = Pattern.compile("\\d+ upgraded, (\\d+) newly installed.*");
    private static final Pattern FETCHED = Pattern.compile("Get:(\\d+) .*");
    private static final Pattern NO_PACKAGE =
            Pattern.compile(
                    "E: (?:Unable to locate package|Couldn't find any package by regex|Package) '?([a-z0-9+.-]+)'?.*");

    /// One stretch of the work, from its first percent to the next stretch's first.
    private enum Stretch {
        LISTS("Reading Debian's package lists", 1, 5, ""),
        ESSENTIAL_FETCH("Fetching the base system", 5, 10, "Get:"),
        ESSENTIAL("Installing the base system", 10, 25, "Setting up "),
        FETCH("Fetching packages", 25, 40, "Get:"),
        UNPACK("Unpacking packages", 40, 58, "Unpacking "),
        CONFIGURE("Installing packages", 58, 74, "Setting up "),
        GUEST("Making a guest of it", 74, 80, "");

        private final String text;
        private final int from;
        private final int to;
        private final String counted;

        Stretch(String text, int from, int to, String counted) {
            this.text = text;
            this.from = from;
            this.to = to;
            this.counted = counted;
        }
    }

    private final BuildProgress progress;
    private final Deque<String> tail = new ArrayDeque<>();
    private Stretch stretch = Stretch.LISTS;
    private int total;
    private int done;
    private int percent;

    BuildLog(BuildProgress progress) {
        this.progress = progress;
    }

    /// Takes the next line of the build's output.
    void line(String line) {
        tail.addLast(line);
        if (tail.size() > 200) {
            tail.removeFirst();
        }
        Matcher own = OWN.matcher(line);
        if (own.matches()) {
            say(own.group(2), Integer.parseInt(own.group(1)));
            return;
        }
        Matcher newly = TOTAL.matcher(line);
        if (newly.matches()) {
            total = Integer.parseInt(newly.group(1));
        }
        Stretch next = stretchOf(line);
        if (next.compareTo(stretch) > 0) {
            stretch = next;
            done = 0;
            say(stretch.text, stretch.from);
        }
        if (!stretch.counted.isEmpty() && line.startsWith(stretch.counted)) {
            count(line);
        }
    }

    private void count(String line) {
        Matcher fetched = FETCHED.matcher(line);
        done = fetched.matches() ? Integer.parseInt(fetched.group(1)) : done + 1;
        if (total > 0 && done <= total) {
            say(
                    "%s (%d of %d)".formatted(stretch.text, done, total),
                    stretch.from + (stretch.to - stretch.from) * done / total);
        }
    }

    private Stretch stretchOf(String line) {
        if (line.startsWith("I: ")) {
            return switch (line) {
                case "I: downloading packages with apt..." -> Stretch.ESSENTIAL_FETCH;
                case "I: installing essential packages..." -> Stretch.ESSENTIAL;
                case "I: installing remaining packages inside the chroot..." -> Stretch.FETCH;
                default -> line.startsWith("I: running --customize-hook") ? Stretch.GUEST : stretch;
            };
        }
        boolean remaining = stretch.compareTo(Stretch.FETCH) >= 0;
        if (remaining && line.startsWith("Unpacking ")) {
            return Stretch.UNPACK;
        }
        if (remaining && line.startsWith("Setting up ")) {
            return Stretch.CONFIGURE;
        }
        return stretch;
    }

    private void say(String what, int now) {
        percent = Math.max(percent, Math.min(now, 100));
        progress.step(what, percent);
    }

    /// What to tell the user when the build ended with `code`.
    ///
    /// @param file where the whole log is
    CountersignException failure(int code, Path file) {
        for (String line : tail) {
            Matcher unknown = NO_PACKAGE.matcher(line);
            if (unknown.matches()) {
                return new CountersignException(
                        Kind.USAGE,
                        "Debian has no package \"%s\" for this image. Correct the name in the image's settings."
                                .formatted(unknown.group(1)));
            }
        }
        if (anyLineHas("No space left on device")) {
            return new CountersignException(
                    Kind.EXHAUSTED,
                    "The guest image was not built: no space left on a disk. Make about 6 GB of room below /var/tmp and in the state directory, then try again.");
        }
        if (anyLineHas("Failed to fetch")
                || anyLineHas("Temporary failure resolving")
                || anyLineHas("Could not connect to")) {
            return new CountersignException(
                    Kind.FAILED,
                    "The guest image was not built: a mirror of Debian could not be reached. Check this machine's network and apt's settings, then try again. The log is %s."
                            .formatted(file));
        }
        if (anyLineHas("unshare failed") || anyLineHas("newuidmap") || anyLineHas("newgidmap")) {
            return HostBuilder.noNameSpaces(lastLines());
        }
        return new CountersignException(
                Kind.FAILED,
                "The guest image was not built: the build ended with code %d.%n%s%nThe whole log is %s."
                        .formatted(code, lastLines(), file));
    }

    private boolean anyLineHas(String part) {
        return tail.stream().anyMatch(line -> line.contains(part));
    }

    private String lastLines() {
        List<String> lines = tail.stream().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    }
}
