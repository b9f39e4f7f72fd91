package dev.countersign.secrets;

import dev.countersign.secrets.KeyNames.Promise;
import dev.countersign.secrets.Scanner.Mode;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Tells a secret's value from a placeholder, a reference, code or plain words.
final class Values {
    private static final List<String> REFERENCES =
            List.of(
                    "${",
                    "$(",
                    "$env",
                    "$ENV",
                    "{{",
                    "<",
                    "%(",
                    "%{",
                    "#{",
                    "@Microsoft.KeyVault",
                    "!",
                    "process.env",
                    "os.environ",
                    "os.getenv",
                    "System.getenv",
                    "env.",
                    "ENV[",
                    "secrets.",
                    "vars.",
                    "var.",
                    "vault:",
                    "ref+",
                    "ref:",
                    "ENC[",
                    "ENC(",
                    "arn:",
                    "file:",
                    "op://",
                    "keychain:",
                    "{cipher}",
                    "\u27e8redacted");
    private static final List<String> PLACEHOLDERS =
            List.of(
                    "example",
                    "placeholder",
                    "changeme",
                    "change_me",
                    "change-me",
                    "change_this",
                    "changeit",
                    "your",
                    "xxxx",
                    "****",
                    "....",
                    "dummy",
                    "sample",
                    "fake",
                    "todo",
                    "redacted",
                    "replace",
                    "insert",
                    "enter",
                    "undefined",
                    "notreal",
                    "not-a-real",
                    "not_a_real",
                    "mock",
                    "fixme",
                    "secret",
                    "password",
                    "passwd",
                    "token",
                    "api_key",
                    "apikey",
                    "api-key",
                    "foobar",
                    "1234567",
                    "abcdef",
                    "qwerty",
                    "deadbeef");
    private static final List<String> HASHES =
            List.of(
                    "sha1-", "sha256-", "sha384-", "sha512-", "sha256:", "sha512:", "md5:", "$2a$",
                    "$2b$", "$2y$", "$argon2", "$6$", "$5$", "{SHA}", "{SSHA}", "pbkdf2");
    private static final Set<String> WORDS =
            Set.of(
                    "null",
                    "none",
                    "nil",
                    "true",
                    "false",
                    "yes",
                    "no",
                    "on",
                    "off",
                    "undefined",
                    "string",
                    "text",
                    "str",
                    "bool",
                    "boolean",
                    "int",
                    "integer",
                    "object",
                    "bytes",
                    "required",
                    "optional",
                    "incorrect",
                    "invalid",
                    "missing",
                    "expired",
                    "wrong",
                    "must",
                    "should",
                    "cannot",
                    "failed",
                    "error",
                    "empty",
                    "hidden",
                    "prompt",
                    "input",
                    "field",
                    "type",
                    "name",
                    "default",
                    "disabled",
                    "enabled",
                    "auto",
                    "unset",
                    "expected",
                    "unexpected",
                    "unknown",
                    "with",
                    "from",
                    "this",
                    "self",
                    "and",
                    "not",
                    "the",
                    "for",
                    "password",
                    "secret",
                    "token",
                    "plain",
                    "any",
                    "new",
                    "const",
                    "function",
                    "await",
                    "return",
                    "char",
                    "void",
                    "public",
                    "private",
                    "static",
                    "final",
                    "optional[str]");

    private Values() {}

    static boolean secret(String value, Promise promise, boolean quoted, Mode mode) {
        if (value.isEmpty() || reference(value) || uniform(value)) {
            return false;
        }
        String lower = value.toLowerCase(Locale.ROOT);
        if (WORDS.contains(lower) || (!quoted && code(value))) {
            return false;
        }
        return switch (mode) {
            case REDACT -> redacted(value, promise);
            case BLOCK -> blocked(value, lower, promise);
        };
    }

    private static boolean redacted(String value, Promise promise) {
        if (promise == Promise.PASSWORD) {
            return (value.length() >= 4 && value.indexOf(' ') < 0) || mixed(value) >= 3;
        }
        return value.length() >= 8
                && value.indexOf(' ') < 0
                && (mixed(value) >= 2 || value.length() >= 20)
                && !path(value);
    }

    private static boolean blocked(String value, String lower, Promise promise) {
        if (PLACEHOLDERS.stream().anyMatch(lower::contains)
                || HASHES.stream().anyMatch(value::startsWith)
                || path(value)
                || value.indexOf(' ') >= 0
                || distinct(value) < 5) {
            return false;
        }
        if (promise == Promise.PASSWORD) {
            return value.length() >= 6 && mixed(value) >= 2 && !identifier(value);
        }
        if (value.length() < 12 || !digitAndLetter(value)) {
            return false;
        }
        return value.length() < 16 ? mixed(value) >= 3 : entropy(value) >= 3.0;
    }

    /// Bits a character, by the frequencies inside the value (Shannon).
    static double entropy(String value) {
        int[] counts = new int[128];
        int counted = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 128) {
                counts[c]++;
                counted++;
            }
        }
        double bits = 0;
        for (int count : counts) {
            if (count > 0) {
                double p = (double) count / counted;
                bits -= p * Math.log(p) / Math.log(2);
            }
        }
        return bits;
    }

    /// Whether it looks like text that people put where a secret goes.
    static boolean placeholder(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return reference(value)
                || uniform(value)
                || WORDS.contains(lower)
                || PLACEHOLDERS.stream().anyMatch(lower::contains);
    }

    static boolean reference(String value) {
        return REFERENCES.stream().anyMatch(value::startsWith)
                || (value.length() > 1
                        && value.charAt(0) == '$'
                        && (Character.isLetter(value.charAt(1)) || value.charAt(1) == '_')
                        && value.substring(1).chars().allMatch(Values::nameChar))
                || (value.startsWith("%") && value.endsWith("%"))
                || (value.startsWith("__") && value.endsWith("__"))
                || (value.startsWith("[") && value.endsWith("]"));
    }

    /// One or two characters over and over, or nothing but signs.
    private static boolean uniform(String value) {
        return (distinct(value) <= 2 && value.length() > 3)
                || value.chars().noneMatch(Character::isLetterOrDigit);
    }

    private static boolean code(String value) {
        return value.indexOf('(') >= 0
                || value.indexOf('[') >= 0
                || value.indexOf('{') >= 0
                || (value.endsWith(";") && value.indexOf('.') > 0)
                || dotted(value);
    }

    /// `config.db.password`: names with dots between, no digits.
    private static boolean dotted(String value) {
        return value.indexOf('.') > 0
                && value.chars().allMatch(c -> Character.isLetter(c) || c == '.' || c == '_');
    }

    private static boolean path(String value) {
        return (value.startsWith("/") && value.indexOf('/', 1) > 0 && mixed(value) < 4)
                || value.startsWith("./")
                || value.startsWith("../")
                || value.startsWith("~/")
                || value.startsWith("http://")
                || value.startsWith("https://");
    }

    /// `db_user_name`, `loginButton`: words of letters, with `_` or `-` between.
    private static boolean identifier(String value) {
        return value.chars()
                .allMatch(c -> Character.isLetter(c) || c == '_' || c == '-' || c == '.');
    }

    private static boolean nameChar(int c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private static boolean digitAndLetter(String value) {
        return value.chars().anyMatch(Character::isDigit)
                && value.chars().anyMatch(Character::isLetter);
    }

    /// How many of lower, upper, digit and sign occur.
    private static int mixed(String value) {
        int lower = 0;
        int upper = 0;
        int digit = 0;
        int sign = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isLowerCase(c)) {
                lower = 1;
            } else if (Character.isUpperCase(c)) {
                upper = 1;
            } else if (Character.isDigit(c)) {
                digit = 1;
            } else {
                sign = 1;
            }
        }
        return lower + upper + digit + sign;
    }

    private static long distinct(String value) {
        return value.chars().distinct().count();
    }
}
