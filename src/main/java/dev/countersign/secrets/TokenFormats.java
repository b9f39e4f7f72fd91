package dev.countersign.secrets;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The token shapes of `token-formats.tsv`. Matched by RE2, in time linear in the window.
final class TokenFormats {
    private static final int LONGEST = 1100;
    private static final int BEFORE = 64;
    private static final int BEHIND = 160;

    /// @param inside whether the keyword lies inside the shape and not at its start
    record Format(String rule, String keyword, Pattern shape, boolean inside) {

        /// The token whose keyword stands at this place, if it is one.
        @Nullable Span at(String text, int keywordStart) {
            return inside ? around(text, keywordStart) : from(text, keywordStart);
        }

        private @Nullable Span from(String text, int start) {
            boolean word = wordPart(text.charAt(start));
            if (start > 0
                    && ((word && wordPart(text.charAt(start - 1))) || insideBase64(text, start))) {
                return null;
            }
            Matcher match =
                    shape.matcher(text.substring(start, Math.min(text.length(), start + LONGEST)));
            return match.lookingAt() ? span(text, match, start) : null;
        }

        private @Nullable Span around(String text, int keywordStart) {
            int from = Math.max(0, keywordStart - BEFORE);
            Matcher match =
                    shape.matcher(
                            text.substring(from, Math.min(text.length(), keywordStart + BEHIND)));
            boolean found = match.find();
            // The token of a bot follows its word in an address.
            boolean bounded =
                    found
                            && (from + match.start() == 0
                                    || !wordPart(text.charAt(from + match.start() - 1))
                                    || text.startsWith("/bot", from + match.start() - 4));
            return bounded ? span(text, match, from) : null;
        }

        /// A token that goes on behind its longest form is none.
        private @Nullable Span span(String text, Matcher match, int offset) {
            int end = offset + match.end();
            if (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
                return null;
            }
            if (match.group().endsWith("EXAMPLE") || match.group().endsWith("EXAMPLEKEY")) {
                return null; // The keys that a provider's own manual shows.
            }
            if (mock(match.group().substring(inside ? 0 : keyword.length()))
                    || Published.contains(match.group())
                    || (match.groupCount() > 0
                            && match.group(1) != null
                            && Published.contains(match.group(1)))) {
                return null;
            }
            boolean grouped =
                    match.groupCount() > 0
                            && match.group(1) != null
                            && match.end(1) == match.end()
                            && match.start(1) > match.start();
            int start = offset + (grouped ? match.start(1) : match.start());
            return new Span(rule.endsWith("-webhook") ? address(text, start) : start, end, rule);
        }

        /// `ghp_xxxxxxxx…`, `T00000000/B00000000/XXXX…`: the shape alone, or words in it.
        private static boolean mock(String rest) {
            int run = 0;
            int longest = 0;
            for (int i = 1; i < rest.length(); i++) {
                run = rest.charAt(i) == rest.charAt(i - 1) ? run + 1 : 0;
                longest = Math.max(longest, run);
            }
            String lower = rest.toLowerCase(Locale.ROOT);
            return (longest >= 7 && longest * 4 > rest.length())
                    || lower.contains("xxxxxx")
                    || lower.contains("not-a-real")
                    || lower.contains("placeholder")
                    || lower.startsWith("your-")
                    || lower.startsWith("your_")
                    || lower.startsWith("1234567890abcdef")
                    || lower.startsWith("0123456789abcdef");
        }

        /// Of a webhook the whole address is the secret: where its scheme begins.
        private static int address(String text, int start) {
            int at = start;
            while (at > 0
                    && start - at < 80
                    && (wordPart(text.charAt(at - 1))
                            || ".:/-".indexOf(text.charAt(at - 1)) >= 0)) {
                at--;
            }
            int scheme = text.indexOf("http", at);
            return scheme >= 0 && scheme < start ? scheme : start;
        }

        /// A short keyword in the middle of encoded bytes is chance.
        private boolean insideBase64(String text, int start) {
            char before = text.charAt(start - 1);
            return keyword.length() <= 4
                    && start > 1
                    && (before == '+' || before == '/')
                    && wordPart(text.charAt(start - 2));
        }

        private static boolean wordPart(char c) {
            return c < 128 && (Character.isLetterOrDigit(c) || c == '_');
        }
    }

    private TokenFormats() {}

    static List<Format> all() {
        try (InputStream in = TokenFormats.class.getResourceAsStream("token-formats.tsv");
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        Objects.requireNonNull(in), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(TokenFormats::format)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the token formats are part of the program", e);
        }
    }

    private static Format format(String line) {
        String[] cells = line.split("\t", -1);
        if (cells.length != 3) {
            throw new IllegalStateException("three cells expected: " + line);
        }
        boolean inside = cells[2].startsWith("~");
        return new Format(
                cells[0],
                cells[1],
                Pattern.compile(inside ? cells[2].substring(1) : cells[2]),
                inside);
    }
}
