package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.secrets.Assignments.Style;
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
import java.util.Locale;
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
    private static final Set<String> SETTINGS =
            Set.of(
                    "env",
                    "properties",
                    "yaml",
                    "yml",
                    "ini",
                    "cfg",
                    "conf",
                    "config",
                    "toml",
                    "npmrc",
                    "netrc",
                    "pypirc",
                    "txt",
                    "md",
                    "log",
                    "tfvars",
                    "service",
                    "pgpass",
                    "htpasswd",
                    "cnf",
                    "envrc",
                    "dockerfile",
                    "editorconfig",
                    "gitconfig",
                    "boto",
                    "credentials",
                    "sh",
                    "bash",
                    "zsh",
                    "fish",
                    "bat",
                    "cmd",
                    "http",
                    "rst",
                    "csv",
                    "");
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
        private final Style style;
        private int line = 1;

        Lines(String path) {
            this.path = path;
            this.style = style(path);
        }

        /// @param cut findings that begin behind it belong to the next part
        void add(byte[] part, int cut, Mode mode, List<Finding> found) {
            String text = text(part);
            boolean wide = text.length() != part.length;
            int at = 0;
            int lineStart = 0;
            for (Span span : Detectors.find(text, style, mode)) {
                if (!wide && span.start() >= cut) {
                    break;
                }
                for (; at < span.start(); at++) {
                    if (text.charAt(at) == '\n') {
                        line++;
                        lineStart = at + 1;
                    }
                }
                int newline = text.indexOf('\n', span.start());
                int end = newline < 0 ? span.end() : Math.min(span.end(), newline);
                found.add(
                        new Finding(
                                path,
                                line,
                                column(text, lineStart, span.start(), wide),
                                column(text, lineStart, end, wide),
                                span.rule()));
            }
            for (; at < (wide ? text.length() : cut); at++) {
                if (text.charAt(at) == '\n') {
                    line++;
                }
            }
        }

        /// In UTF-16 units of the line as it is shown, not in bytes.
        private static int column(String text, int lineStart, int at, boolean wide) {
            String before = text.substring(lineStart, at);
            return wide
                    ? before.length()
                    : new String(
                                    before.getBytes(StandardCharsets.ISO_8859_1),
                                    StandardCharsets.UTF_8)
                            .length();
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

        private static Style style(String path) {
            String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
            String ending = name.substring(name.lastIndexOf('.') + 1);
            boolean settings =
                    SETTINGS.contains(ending)
                            || name.startsWith(".env")
                            || !name.contains(".")
                            || name.startsWith("dockerfile");
            return settings ? Style.SETTINGS : Style.SOURCE;
        }
    }

    private static String shown(Path path) {
        return GuestText.of(path.toString()).visible();
    }
}
