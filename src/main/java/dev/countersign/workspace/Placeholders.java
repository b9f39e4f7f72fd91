package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the guest gets in the place of an `.env`: its names with values that say nothing, so that
/// programs start. The text depends on the names alone: another secret makes no other text. Nothing
/// is ever mapped back.
final class Placeholders {
    static final String VALUE = "countersign-placeholder";

    private static final int LARGEST = 1 << 20;
    private static final Pattern NAME =
            Pattern.compile("\\.env([._-][a-z0-9_-]+)*|[a-z0-9_-]+\\.env");
    private static final Pattern COPY =
            Pattern.compile(".*\\.(bak|old|orig|save|tmp|copy|backup|sw[a-p]|gz|zip|txt|\\d+)");
    private static final Pattern ASSIGNMENT =
            Pattern.compile(
                    "\\s*(?<export>export\\s+)?(?<key>[A-Za-z_][A-Za-z0-9_]{0,80})\\s*=(?<value>.*)");

    /// What a name looks like, as opposed to a line of a key's Base64.
    private static final Pattern KEY =
            Pattern.compile("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|[a-z][a-z_]{0,40}");

    private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9+.-]{1,20}://).*");
    private static final Set<String> PLAIN =
            Set.of(
                    "true",
                    "false",
                    "yes",
                    "no",
                    "on",
                    "off",
                    "development",
                    "production",
                    "test",
                    "staging",
                    "local",
                    "debug",
                    "info",
                    "warn",
                    "error",
                    "localhost",
                    "127.0.0.1",
                    "0.0.0.0");

    private Placeholders() {}

    /// Whether a file of this name is one of names and values.
    static boolean fits(RelativePath path, long size) {
        String name = path.name().toLowerCase(Locale.ROOT);
        return size <= LARGEST && NAME.matcher(name).matches() && !COPY.matcher(name).matches();
    }

    /// Names of the content with placeholders; empty if it is no file of assignments.
    static Optional<byte[]> of(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0 || text.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        StringBuilder out = new StringBuilder();
        out.append("# The values stayed on the host. These are placeholders by Countersign;\n");
        out.append("# changes of this file are not taken back.\n");
        int found = 0;
        String inside = "";
        boolean key = false;
        for (String line : text.split("\\R", -1)) {
            if (!inside.isEmpty()) {
                // A value of several lines, none of which is a name.
                inside = closes(line, inside) ? "" : inside;
                continue;
            }
            boolean begins = line.contains("-----BEGIN");
            key = begins || (key && !line.contains("-----END"));
            Matcher m = ASSIGNMENT.matcher(line);
            if (!m.matches()) {
                continue;
            }
            String value = m.group("value").strip();
            String quote = value.isEmpty() ? "" : value.substring(0, 1);
            boolean quoted = quote.equals("\"") || quote.equals("'") || quote.equals("`");
            if (quoted && !closes(value.substring(1), quote)) {
                inside = quote;
                // The end of a key in quotes is passed over with the value.
                key = false;
            }
            if ((key && !begins) || !KEY.matcher(m.group("key")).matches()) {
                continue;
            }
            found++;
            out.append(m.group("export") == null ? "" : "export ");
            out.append(m.group("key")).append('=');
            out.append(placeholder(m.group("key"), value, quoted)).append('\n');
        }
        return found == 0
                ? Optional.empty()
                : Optional.of(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static boolean closes(String rest, String quote) {
        for (int i = 0; i < rest.length(); i++) {
            if (rest.charAt(i) == '\\') {
                i++;
            } else if (rest.charAt(i) == quote.charAt(0)) {
                return true;
            }
        }
        return false;
    }

    private static String placeholder(String key, String value, boolean quoted) {
        String plain = quoted ? value.substring(1).replaceAll("[\"'`].*$", "") : value;
        if (plain.isEmpty() || PLAIN.contains(plain.toLowerCase(Locale.ROOT))) {
            return plain;
        }
        if (key.toUpperCase(Locale.ROOT).endsWith("PORT") && plain.matches("\\d{1,5}")) {
            return plain;
        }
        if (plain.matches("-?\\d+")) {
            return "0";
        }
        Matcher url = SCHEME.matcher(plain);
        return url.matches() ? url.group(1) + VALUE + ".invalid/" : VALUE;
    }
}
