package dev.countersign.secrets;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.secrets.KeyNames.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Finds secrets in files and texts. Stateless, safe for many threads, linear in its input.
public final class Scanner {
    /// What the answer is used for.
    public enum Mode {
        /// Before a file enters the guest: precision first.
        BLOCK,
        /// Before something is written, shown or sent: recall first.
        REDACT
    }

    private static final int PART = 8 << 20;

    /// A file that is a secret as a whole is no longer.
    private static final int WHOLE = 512;

    private static final Set<String> OBJECT_STORES = Set.of("objects", "lfs");

    /// Finds the secrets of one file, or of all files below a directory. Links are not followed, of
    /// `.git` the object store is left out.
    ///
    /// @return in order of path, line and column
    /// @throws CountersignException if something can't be read, naming it
    public List<Finding> scan(Path path, Mode mode) throws CountersignException {
        try {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new CountersignException(
                        Kind.USAGE, "There is no file or directory " + shown(path) + " to scan.");
            }
            List<Finding> found = new ArrayList<>();
            for (Path file : files(path)) {
                scanFile(file, mode, found);
            }
            return found;
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    shown(path)
                            + " could not be scanned: "
                            + GuestText.of(String.valueOf(e.getMessage())).visible()
                            + ". Make it readable or leave it out.",
                    e);
        }
    }

    private static List<Path> files(Path path) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes a) {
                        Path parent = at.getParent();
                        boolean store =
                                parent != null
                                        && parent.endsWith(".git")
                                        && OBJECT_STORES.contains(at.getFileName().toString());
                        return store ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
                        if (a.isRegularFile()) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        files.sort(null);
        return files;
    }

    /// Large files go by parts that overlap by the longest secret, cut behind a line where
    /// possible.
    private void scanFile(Path file, Mode mode, List<Finding> found) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] part = in.readNBytes(PART);
            Lines lines = new Lines(file.toString());
            while (part.length == PART) {
                int cut = part.length - Detectors.LONGEST_SECRET;
                while (cut > PART / 2 && part[cut - 1] != '\n') {
                    cut--;
                }
                lines.add(part, cut, mode, found);
                byte[] kept = Arrays.copyOfRange(part, cut, part.length);
                byte[] more = in.readNBytes(PART - kept.length);
                part = Arrays.copyOf(kept, kept.length + more.length);
                System.arraycopy(more, 0, part, kept.length, more.length);
            }
            lines.add(part, part.length, mode, found);
        }
    }

    /// Finds the secrets of one file's content.
    ///
    /// @param path names the file in the findings; its ending says how assignments are read
    public List<Finding> scan(String path, byte[] content, Mode mode) {
        List<Finding> found = new ArrayList<>();
        new Lines(path).add(content, content.length, mode, found);
        return found;
    }

    /// Counts lines over the parts of a file and turns places into lines and columns.
    private static final class Lines {
        private final String path;
        private final FileStyle style;
        private int line = 1;

        Lines(String path) {
            this.path = path;
            this.style = FileStyle.of(path);
        }

        /// @param cut findings that begin behind it belong to the next part
        void add(byte[] part, int cut, Mode mode, List<Finding> found) {
            String text = text(part);
            boolean wide = text.length() != part.length;
            boolean binary = !wide && text.indexOf('\0', 0, Math.min(text.length(), 8192)) >= 0;
            int at = 0;
            int lineStart = 0;
            Columns columns = new Columns(text, wide);
            List<Span> spans = Detectors.find(text, binary ? FileStyle.MACHINE : style, mode);
            if (path.endsWith("pgpass") || path.endsWith("pgpass.conf")) {
                spans = pgpass(text, mode);
            }
            char separator = path.endsWith(".csv") ? ',' : path.endsWith(".tsv") ? '\t' : 0;
            if (separator != 0 && line == 1) {
                List<Span> all = new ArrayList<>(spans);
                all.addAll(Tables.secrets(text, separator, mode));
                spans = Detectors.merged(all);
            }
            if (spans.isEmpty()
                    && line == 1
                    && text.length() <= WHOLE
                    && style != FileStyle.PROSE
                    && style != FileStyle.MACHINE) {
                spans = whole(text, mode);
            }
            for (Span span : spans) {
                if (!wide && span.start() >= cut) {
                    break;
                }
                for (; at < span.start(); at++) {
                    if (text.charAt(at) == '\n') {
                        line++;
                        lineStart = at + 1;
                    }
                }
                int newline = text.indexOf('\n', span.start(), span.end());
                int end = newline < 0 ? span.end() : newline;
                found.add(
                        new Finding(
                                path,
                                line,
                                columns.of(lineStart, span.start()),
                                columns.of(lineStart, end),
                                span.rule()));
            }
            for (; at < (wide ? text.length() : cut); at++) {
                if (text.charAt(at) == '\n') {
                    line++;
                }
            }
        }

        /// `host:port:database:user:password`, a line each (libpq, "The Password File").
        private static List<Span> pgpass(String text, Mode mode) {
            List<Span> found = new ArrayList<>();
            Matcher line = PGPASS.matcher(text);
            while (line.find()) {
                if (mode == Mode.REDACT || !Values.placeholder(line.group(1))) {
                    found.add(new Span(line.start(1), line.end(1), "password-assignment"));
                }
            }
            return found;
        }

        private static final Pattern PGPASS =
                Pattern.compile(
                        "(?m)^[^#:\\s][^:\\n]{0,255}:[0-9*]{1,5}:[^:\\n]{1,64}:[^:\\n]{1,64}:([^\\s]{4,256})$");

        /// A file that holds nothing but a secret and is named after it: `master.key`.
        private List<Span> whole(String text, Mode mode) {
            String value = text.strip();
            String name = path.substring(path.lastIndexOf('/') + 1);
            boolean telling =
                    KeyNames.of(name).compareTo(Promise.PERHAPS) >= 0 && !name.endsWith(".pub");
            boolean alone = value.length() >= 16 && value.chars().noneMatch(c -> c <= ' ');
            int from = text.indexOf(value);
            return telling
                            && alone
                            && Values.secret(value, Promise.SECRET, Values.Stand.REMOTE, mode)
                    ? List.of(new Span(from, from + value.length(), "secret-file"))
                    : List.of();
        }

        /// Byte by byte, so that nothing is lost in what is not UTF-8; UTF-16 by its mark.
        private static String text(byte[] part) {
            if (part.length >= 2 && part[0] == (byte) 0xFF && part[1] == (byte) 0xFE) {
                return new String(part, StandardCharsets.UTF_16);
            }
            if (part.length >= 2 && part[0] == (byte) 0xFE && part[1] == (byte) 0xFF) {
                return new String(part, StandardCharsets.UTF_16);
            }
            return new String(part, StandardCharsets.ISO_8859_1);
        }
    }

    /// Columns in UTF-16 units of a line as it is shown, not in bytes. Asked from left to right, so
    /// that a long line is counted once.
    private static final class Columns {
        private final String text;
        private final boolean wide;
        private int start = -1;
        private int counted;
        private int column;

        Columns(String text, boolean wide) {
            this.text = text;
            this.wide = wide;
        }

        int of(int lineStart, int at) {
            if (wide) {
                return at - lineStart;
            }
            if (lineStart != start || at < counted) {
                start = lineStart;
                counted = lineStart;
                column = 0;
            }
            byte[] between = text.substring(counted, at).getBytes(StandardCharsets.ISO_8859_1);
            column += new String(between, StandardCharsets.UTF_8).length();
            counted = at;
            return column;
        }
    }

    private static String shown(Path path) {
        return GuestText.of(path.toString()).visible();
    }
}
