package dev.countersign.secrets;

import dev.countersign.secrets.Scanner.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Texts with secrets and look-alikes, made from templates and a seed, so that no secret and
/// nothing that looks like one stands in the source.
final class LabelledCorpus {
    private static final Pattern MADE =
            Pattern.compile("«(!?)(b64u|b64|b32|apr1|[A-Za-z]+)(\\d*)(?::(\\w*))?»");
    private static final int VARIANTS = 3;

    /// @param start of the secret in the text; -1 if it holds none; 0 with end 0 if anywhere
    record Text(String kind, String path, String text, int start, int end) {
        boolean positive() {
            return start >= 0;
        }
    }

    /// @param found positives that a finding overlaps
    /// @param exact of these, with the same first and last character
    /// @param wrong findings in look-alikes, and beside the secret
    record Score(
            int positives, int lookAlikes, int found, int exact, int wrong, List<String> misses) {
        double recall() {
            return (double) found / positives;
        }

        double precision() {
            return (double) found / (found + wrong);
        }
    }

    private LabelledCorpus() {}

    static List<Text> tuning() {
        return made("corpus-tuning.txt", 1);
    }

    static List<Text> heldOut() {
        return made("corpus-held-out.txt", 2);
    }

    static List<Text> outsider() {
        return made("corpus-outsider.txt", 3);
    }

    static Score score(List<Text> corpus, Mode mode) {
        Scanner scanner = new Scanner();
        int positives = 0;
        int found = 0;
        int exact = 0;
        int wrong = 0;
        List<String> misses = new ArrayList<>();
        for (Text text : corpus) {
            positives += text.positive() ? 1 : 0;
            boolean hit = false;
            for (Finding finding :
                    scanner.scan(text.path(), text.text().getBytes(StandardCharsets.UTF_8), mode)) {
                int line = lineStart(text.text(), finding.line());
                int start = line + finding.start();
                int end = line + finding.end();
                if (text.positive()
                        && (text.end() == 0 || (start < text.end() && end > text.start()))) {
                    int newline = text.text().indexOf('\n', text.start());
                    int textEnd = newline < 0 ? text.end() : Math.min(newline, text.end());
                    if (!hit && text.end() > 0 && !(start == text.start() && end == textEnd)) {
                        misses.add(
                                "inexact "
                                        + text.kind()
                                        + " "
                                        + text.path()
                                        + ": "
                                        + text.text()
                                        + " ["
                                        + start
                                        + ","
                                        + end
                                        + "]");
                    }
                    exact += !hit && start == text.start() && end == textEnd ? 1 : 0;
                    hit = true;
                } else {
                    wrong++;
                    misses.add(
                            "wrong "
                                    + text.kind()
                                    + " "
                                    + text.path()
                                    + ": "
                                    + text.text()
                                    + " ["
                                    + finding.rule()
                                    + "]");
                }
            }
            found += hit ? 1 : 0;
            if (text.positive() && !hit) {
                misses.add("missed " + text.kind() + " " + text.path() + ": " + text.text());
            }
        }
        return new Score(positives, corpus.size() - positives, found, exact, wrong, misses);
    }

    private static int lineStart(String text, int line) {
        int at = 0;
        for (int i = 1; i < line; i++) {
            at = text.indexOf('\n', at) + 1;
        }
        return at;
    }

    private static List<Text> made(String resource, long seed) {
        Random random = new Random(seed);
        Set<Text> texts = new LinkedHashSet<>();
        for (String line : lines(resource)) {
            String[] cells = line.substring(2).split("\t", 3);
            for (int i = 0; i < VARIANTS; i++) {
                texts.add(made(cells[0], cells[1], cells[2], line.charAt(0) == '+', random));
            }
        }
        return List.copyOf(texts);
    }

    private static List<String> lines(String resource) {
        try (InputStream in = LabelledCorpus.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Text made(
            String kind, String path, String template, boolean positive, Random random) {
        String plain = template.replace("¦", "").replace('⏎', '\n');
        Maker maker = new Maker(random);
        Matcher match = MADE.matcher(plain);
        StringBuilder text = new StringBuilder();
        int start = positive ? 0 : -1;
        int end = positive ? 0 : -1;
        int at = 0;
        while (match.find()) {
            text.append(plain, at, match.start());
            String value = maker.value(match.group(2), match.group(3), match.group(4));
            if (match.group(1).equals("!")) {
                start = text.length();
                end = start + value.length();
            }
            text.append(value);
            at = match.end();
        }
        text.append(plain.substring(at));
        while (kind.equals("provider")
                && start > 0
                && " '\"=(".indexOf(text.charAt(start - 1)) < 0) {
            start--;
        }
        return new Text(kind, path, text.toString(), start, end);
    }

    /// Makes values of a kind.
    private static final class Maker {
        private static final List<String> NAMES =
                List.of(
                        "orders",
                        "billing",
                        "search",
                        "profile",
                        "gateway",
                        "report",
                        "import",
                        "mailer",
                        "worker",
                        "catalog",
                        "invoice",
                        "stream",
                        "metrics",
                        "archive",
                        "login",
                        "customer",
                        "backup",
                        "photo",
                        "calendar",
                        "review");
        private static final String SIGNS = "!#%*+=?^~";
        private final Random random;
        private final Made made;

        Maker(Random random) {
            this.random = random;
            this.made = new Made(random.nextLong());
        }

        String value(String kind, String number, @Nullable String argument) {
            int length = number.isEmpty() ? 0 : Integer.parseInt(number);
            return switch (kind) {
                case "aln" -> "k" + random.nextInt(10) + made.of(Made.ALNUM, length - 2);
                case "hex" -> made.of(Made.HEX, length);
                case "num" -> made.of("0123456789", length);
                case "lower" -> made.of("bcdfghjklmnpqrstvwxz", length);
                case "b64" -> base64(parsed(argument));
                case "b64u" -> "q7" + made.of(Made.ALNUM + "_-", length - 3) + "Z";
                case "b32" -> made.of(Made.BASE32, parsed(argument));
                case "uuid" ->
                        made.of(Made.HEX, 8)
                                + "-"
                                + made.of(Made.HEX, 4)
                                + "-4"
                                + made.of(Made.HEX, 3)
                                + "-a"
                                + made.of(Made.HEX, 3)
                                + "-"
                                + made.of(Made.HEX, 12);
                case "pw" -> word() + made.of("0123456789", 2 + random.nextInt(3)) + sign(SIGNS);
                case "pwsafe" -> word() + made.of("0123456789", 3) + sign("+=_");
                case "rpw" ->
                        "x" + made.of(Made.ALNUM, 5) + sign(SIGNS) + made.of(Made.ALNUM, 5) + "7";
                case "rpwsafe" -> "x" + made.of(Made.ALNUM, 9) + "7q";
                case "rsecret" -> "z1" + made.of(Made.ALNUM + "!@#%^&*(-_=+)", length - 3) + "k";
                case "basic" ->
                        Base64.getEncoder()
                                .encodeToString(
                                        ("svc-"
                                                        + made.of("0123456789", 3)
                                                        + ":"
                                                        + made.password(12))
                                                .getBytes(StandardCharsets.UTF_8));
                case "bytes" -> bytes(length);
                case "jwt" -> made.jwt();
                case "pem" -> {
                    String block =
                            made.pem(argument == null || argument.isEmpty() ? "" : argument + " ");
                    yield length == 1 ? block.replace("\n", "\\n") : block;
                }
                case "apr1" -> "$apr1$" + made.of(Made.ALNUM, 8) + "$" + made.of(Made.ALNUM, 22);
                case "bcrypt" -> "$2b$12$" + made.of(Made.ALNUM, 53);
                case "name" -> name();
                case "Name" -> capital(name());
                case "NAME" -> name().toUpperCase(Locale.ROOT);
                default -> throw new IllegalArgumentException(kind);
            };
        }

        private static int parsed(@Nullable String argument) {
            return Integer.parseInt(Objects.requireNonNull(argument));
        }

        private String name() {
            return NAMES.get(random.nextInt(NAMES.size()));
        }

        private static String capital(String word) {
            return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
        }

        private String word() {
            return capital(name());
        }

        private String sign(String signs) {
            return String.valueOf(signs.charAt(random.nextInt(signs.length())));
        }

        /// With the padding that the length calls for.
        private String base64(int length) {
            byte[] bytes = new byte[length * 3 / 4];
            random.nextBytes(bytes);
            String text = Base64.getEncoder().encodeToString(bytes);
            return text.substring(0, Math.min(length, text.length()));
        }

        private String bytes(int count) {
            List<String> bytes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                bytes.add("0x%02x".formatted(random.nextInt(256)));
            }
            return String.join(", ", bytes);
        }
    }

    static List<String> kinds(List<Text> corpus) {
        return corpus.stream().filter(Text::positive).map(Text::kind).distinct().sorted().toList();
    }
}
