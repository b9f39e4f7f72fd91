package dev.countersign.secrets;

import dev.countersign.secrets.KeyNames.Promise;
import dev.countersign.secrets.Scanner.Mode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Tells a secret's value from a placeholder, a reference, code or plain words.
final class Values {
    /// How a value stands.
    enum Stand {
        /// In quotes, right behind its name and separator.
        QUOTED,
        /// Without quotes, where settings are written so.
        PLAIN,
        /// Somewhere behind its name: in a call, on the next line, in a piece of code.
        REMOTE
    }

    private static final List<String> REFERENCES =
            List.of(
                    "${",
                    "$(",
                    "$env",
                    "$ENV",
                    "$[",
                    "{{",
                    "<",
                    "%(",
                    "%{",
                    "#{",
                    "@{",
                    "@Microsoft.KeyVault",
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
                    "![",
                    ":?",
                    "arn:",
                    "file:",
                    "op://",
                    "keychain:",
                    "{cipher}",
                    "@@",
                    "!vault",
                    "!secret",
                    "!Ref",
                    "!Sub",
                    "!GetAtt",
                    "data.",
                    "local.",
                    "module.",
                    "params.",
                    "self.",
                    "this.",
                    "args.",
                    "config.",
                    "settings.",
                    "\u27e8redacted");

    /// Parts of what people write in place of a secret.
    private static final List<String> PLACEHOLDERS =
            List.of(
                    "example",
                    "placeholder",
                    "changeme",
                    "change_me",
                    "change-me",
                    "change_this",
                    "changethis",
                    "changeit",
                    "xxxx",
                    "****",
                    "....",
                    "dummy",
                    "sample",
                    "todo",
                    "redacted",
                    "undefined",
                    "notreal",
                    "not-a-real",
                    "not_a_real",
                    "fixme",
                    "foobar",
                    "qwerty",
                    "asdfgh",
                    "deadbeef",
                    "cafebabe",
                    "lorem",
                    "yourpass",
                    "your-",
                    "your_",
                    "yourtoken",
                    "yoursecret",
                    "yourkey",
                    "my-secret",
                    "my_secret",
                    "mysecret",
                    "mypassword",
                    "mytoken",
                    "notasecret",
                    "not-a-secret",
                    "not_a_secret",
                    "supersecret",
                    "super-secret",
                    "super_secret",
                    "topsecret",
                    "insecure",
                    "masked",
                    "replaceme",
                    "replace_me",
                    "replace-me",
                    "replace_with",
                    "insert_",
                    "insert-",
                    "goes_here",
                    "goes-here",
                    "goeshere",
                    "_here",
                    "-here",
                    "letmein",
                    "s3cr3t",
                    "p@ssw0rd",
                    "passw0rd",
                    "pa$$w0rd",
                    "pa55word");

    private static final Set<String> WEAK =
            Set.of(
                    "letmein",
                    "qwerty",
                    "asdfgh",
                    "s3cr3t",
                    "p@ssw0rd",
                    "passw0rd",
                    "pa$$w0rd",
                    "pa55word");

    /// They mean nothing by themselves; what stands beside them counts.
    private static final Pattern FILLERS =
            Pattern.compile(
                    "(?i)(secrets?|passwords?|passwd|passphrase|pass|tokens?|api[_-]?keys?|keys?|test(?:ing)?|fake|mock|demo|user|admin|root|guest|"
                            + "default|your|my|some|the|here|value|string|access|auth|client|private|public|foo|bar|baz|abc|123|dev|prod)");

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
                    "optional[str]",
                    "passwd",
                    "pass",
                    "username",
                    "user",
                    "login",
                    "bearer",
                    "basic",
                    "var",
                    "let",
                    "val",
                    "nullptr",
                    "is",
                    "in",
                    "of",
                    "or",
                    "are",
                    "was",
                    "has",
                    "to",
                    "a",
                    "an",
                    "value",
                    "key",
                    "xxx",
                    "***",
                    "...",
                    "tbd",
                    "n/a",
                    "your",
                    "you",
                    "it",
                    "that",
                    "when",
                    "if",
                    "will",
                    "be",
                    "can");
    private static final Pattern UUID =
            Pattern.compile(
                    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final Pattern MAIL = Pattern.compile("[\\w.+-]{1,64}@[\\w-]{1,64}(\\.[\\w-]+)+");
    private static final Pattern NUMBERS = Pattern.compile("[0-9a-fx.,:_/+ -]*");
    private static final Pattern WORDY =
            Pattern.compile(
                    "[A-Za-z]+\\d{0,2}(?:[_. /:-]+(?:[A-Za-z]+\\d{0,2}|\\d{1,4}))*[:.!?*]*");
    private static final Pattern CALL = Pattern.compile("[\\w.:$>-]*\\w\\s?[(\\[].*");
    private static final Pattern PASSWORD_HASH =
            Pattern.compile(
                    "(\\$(?:2[abxy]?|5|6|1|apr1|argon2\\w*|y|scrypt|pbkdf2[\\w-]*)\\$|pbkdf2[_:]|\\{S?SHA\\d*}|\\{bcrypt}|sha1\\$|md5\\$|scrypt:).{16,}");

    /// The DER of public keys and certificates in base64.
    private static final Pattern PUBLIC_KEY =
            Pattern.compile(
                    "MFkwEwYHKoZI|MFYwEAYHKoZI|MHYwEAYHKoZI|MIIBIjANBgkq|MIICIjANBgkq|MIGfMA0GCSqG|MCowBQYDK2|MII[CDEFGH][A-Za-z0-9+/]{2}CC[AB]");

    /// `Harvest-1994`
    private static final Pattern WORD_AND_YEAR =
            Pattern.compile("[A-Z][a-z]{3,}[-_](?:19|20)[0-9]{2}[!.?*]?");

    private static final Set<String> LABELS =
            Set.of(
                    "input",
                    "field",
                    "form",
                    "label",
                    "error",
                    "text",
                    "login",
                    "reset",
                    "btn",
                    "button",
                    "icon",
                    "id",
                    "name",
                    "type",
                    "class",
                    "view",
                    "page",
                    "route",
                    "url",
                    "current",
                    "new",
                    "old",
                    "confirm",
                    "change",
                    "forgot",
                    "required",
                    "invalid",
                    "hint",
                    "placeholder",
                    "set",
                    "get",
                    "update",
                    "missing",
                    "wrong",
                    "file",
                    "path",
                    "read",
                    "write",
                    "show",
                    "hide",
                    "enter",
                    "group",
                    "control",
                    "header",
                    "param",
                    "env",
                    "config",
                    "store",
                    "provider",
                    "manager",
                    "service",
                    "handler",
                    "not",
                    "is",
                    "no",
                    "must",
                    "be",
                    "in",
                    "of",
                    "for",
                    "the",
                    "from",
                    "ref",
                    "ui",
                    "app",
                    "web",
                    "db",
                    "database",
                    "server",
                    "host",
                    "cluster",
                    "prod",
                    "staging",
                    "min",
                    "max",
                    "length",
                    "strength",
                    "policy",
                    "rule",
                    "success",
                    "failed",
                    "failure",
                    "expired",
                    "recovery",
                    "link",
                    "email",
                    "mail",
                    "account",
                    "sign",
                    "up",
                    "register",
                    "profile",
                    "settings",
                    "security",
                    "test",
                    "grant",
                    "only",
                    "salt",
                    "hash",
                    "hashed",
                    "encrypted",
                    "plain",
                    "bcrypt",
                    "sha",
                    "crypt");

    /// What only a cluster's controller can open: the length of the sealed key of 4,096 bits, the
    /// key and the rest, in base64.
    private static final Pattern SEALED = Pattern.compile("Ag[A-D][A-Za-z0-9+/]+={0,2}");

    /// Bits that no name and no sentence reaches.
    private static final double SURE = 30;

    private static final double LIKELY = 13;

    private Values() {}

    static boolean secret(String value, Promise promise, Stand stand, Mode mode) {
        int length = value.length();
        if (length < 4 || promise == Promise.NOTHING || reference(value) || uniform(value)) {
            return false;
        }
        String lower = value.toLowerCase(Locale.ROOT);
        boolean block = mode == Mode.BLOCK;
        double chance = WordModel.chance(value);
        if (WORDS.contains(lower) || (chance < 2 * SURE && interpolated(value))) {
            return false;
        }
        if (value.indexOf('\\') >= 0 && escapes(value) * 8 > length) {
            return promise.compareTo(Promise.SALT) >= 0
                    && stand == Stand.QUOTED
                    && escapes(value) >= 12;
        }
        if (stand != Stand.QUOTED && code(value, chance)) {
            return false;
        }
        if (sequence(value)
                || otherThing(value, chance)
                || foreignWords(value)
                || Published.contains(value)) {
            return false;
        }
        if (filled(value, lower, chance, promise, block)) {
            return false;
        }
        if (PASSWORD_HASH.matcher(value).matches()) {
            return promise != Promise.BESIDE;
        }
        boolean spaced = value.indexOf(' ') >= 0;
        if (spaced) {
            return passphraseLike(value, promise, chance);
        }
        return switch (promise) {
            case NOTHING -> false;
            case BESIDE ->
                    !block
                            && random(value, chance, SURE, 20)
                            && !UUID.matcher(value).matches()
                            && !digestLike(value);
            case PERHAPS -> perhaps(value, chance, stand, block);
            case SALT ->
                    (digits(value) < length || length >= 16)
                            && random(value, chance, block ? LIKELY : 8, 8);
            case SECRET -> secret(value, chance, stand, block);
            case PASSWORD -> password(value, lower, chance, stand, block);
        };
    }

    /// Bytes that are written as `\x1f` or `\u001f`.
    private static int escapes(String value) {
        int escapes = 0;
        for (int i = 0; i + 1 < value.length(); i++) {
            if (value.charAt(i) == '\\' && "xu01234567".indexOf(value.charAt(i + 1)) >= 0) {
                escapes++;
            }
        }
        return escapes;
    }

    private static boolean perhaps(String value, double chance, Stand stand, boolean block) {
        if (!block) {
            return random(value, chance, stand == Stand.REMOTE ? SURE : 16, 12);
        }
        return random(value, chance, SURE, 16)
                && digits(value) >= 2
                && !UUID.matcher(value).matches()
                && !digestLike(value)
                && (stand != Stand.REMOTE || mixed(value) >= 3);
    }

    private static boolean secret(String value, double chance, Stand stand, boolean block) {
        int length = value.length();
        if (digits(value) == length && (block || length < 16)) {
            return false;
        }
        if (random(value, chance, block ? LIKELY : 6, 8) && (digits(value) > 0 || length >= 12)) {
            return true;
        }
        if (stand == Stand.REMOTE) {
            return false;
        }
        boolean made = digits(value) > 0 && mixed(value) >= (block ? 3 : 2) && !wordy(value);
        return made && length >= 8 && chance > (block ? -12 : -25);
    }

    private static boolean password(
            String value, String lower, double chance, Stand stand, boolean block) {
        int length = value.length();
        int digits = digits(value);
        if (stand == Stand.REMOTE) {
            return random(value, chance, block ? LIKELY : 8, 6);
        }
        if (!block) {
            return !label(value, lower, digits);
        }
        if (length < 5) {
            return false;
        }
        if (digits == length) {
            return length >= 6 && distinct(value) >= 4;
        }
        boolean allLetters = value.chars().allMatch(Character::isLetter);
        if (random(value, chance, stand == Stand.PLAIN && allLetters ? 14 : 8, 6)) {
            return true;
        }
        String core = trimmed(value);
        boolean letters = core.chars().allMatch(Character::isLetter);
        if (letters || length < 6) {
            return letters && length >= 6 && chance >= 8;
        }
        if (separated(core) && wordy(core)) {
            return WORD_AND_YEAR.matcher(core).matches() && !dummyStem(lower);
        }
        boolean sign = core.chars().anyMatch(c -> "!@#$%^&*+=?~,;|".indexOf(c) >= 0);
        return digits > 0
                ? !dummyStem(lower) && chance > -30
                : sign && mixed(core) >= 2 && chance > -4;
    }

    /// Words that a form or a message shows beside a password, or that name a part of one. Three
    /// and more other words with the same sign between are how people are told to make passwords.
    private static boolean label(String value, String lower, int digits) {
        if (digits > 0 || !wordy(value)) {
            return value.indexOf('|') > 0 && WordModel.chance(value) < LIKELY;
        }
        if (!separated(value)) {
            return Character.isUpperCase(value.charAt(0));
        }
        String[] words = lower.split("[-_.]", -1);
        return words.length < 3
                || lower.indexOf(' ') >= 0
                || lower.indexOf('/') >= 0
                || Arrays.stream(words)
                        .anyMatch(one -> LABELS.contains(one) || FILLERS.matcher(one).matches());
    }

    /// Whether it is mixed as people mix passwords that must be strong, and nothing else is.
    static boolean mixedByHand(String value) {
        return value.length() >= 8
                && value.length() <= 64
                && digits(value) >= 2
                && mixed(value) >= 3
                && !reference(value)
                && !interpolated(value)
                && !otherThing(value, 0)
                && value.indexOf('/') < 0
                && value.indexOf('@') != 0
                && value.chars().anyMatch(Character::isLetter)
                && value.chars().allMatch(c -> c > ' ' && c < 127 && "(){}[]<>\\".indexOf(c) < 0);
    }

    /// Whether it was surely drawn at random, whatever it is called.
    static boolean drawn(String value) {
        return value.length() >= 16
                && digits(value) >= 2
                && WordModel.chance(value) >= SURE
                && distinct(value) >= 7
                && !UUID.matcher(value).matches()
                && !sequence(value)
                && !otherThing(value, SURE)
                && !Published.contains(value);
    }

    static boolean digest(String value) {
        return digestLike(value);
    }

    /// Whether words in it are those of forms, messages or names.
    static boolean labelled(String value) {
        return label(value, value.toLowerCase(Locale.ROOT), 0);
    }

    /// Of words that are not written in ASCII, as translations are.
    private static boolean foreignWords(String value) {
        long foreign = value.chars().filter(c -> c >= 0x80).count();
        boolean signs = value.chars().anyMatch(c -> "!@#$%^&*+=?".indexOf(c) >= 0);
        return foreign > 0 && digits(value) == 0 && (!signs || foreign * 2 > value.length());
    }

    /// Drawn at random, by enough bits for its use, and long enough.
    private static boolean random(String value, double chance, double bits, int length) {
        return value.length() >= length
                && chance >= bits
                && distinct(value) >= Math.min(7, value.length() / 2 + 1);
    }

    /// The stem of `test1234`, `admin!`.
    private static boolean dummyStem(String lower) {
        String stem = lower.replaceAll("[^a-z]", "");
        return FILLERS.matcher(stem).replaceAll("").isEmpty();
    }

    /// Words in a row, or random characters with blanks between as `AUTH_KEY` of a blog has.
    private static boolean passphraseLike(String value, Promise promise, double chance) {
        long blanks = value.chars().filter(c -> c == ' ').count();
        return promise != Promise.BESIDE
                && value.length() >= 16
                && blanks * 5 < value.length()
                && chance / value.length() > 1.2
                && mixed(value) == 4;
    }

    /// Whether it says by itself that it is not the real value.
    private static boolean filled(
            String value, String lower, double chance, Promise promise, boolean block) {
        if (lower.contains("example")) {
            return true;
        }
        for (String placeholder : PLACEHOLDERS) {
            if (lower.contains(placeholder)) {
                String rest = lower.replace(placeholder, "");
                if (!block && promise == Promise.PASSWORD && WEAK.contains(placeholder)) {
                    // People do use it, with something behind.
                    return rest.length() < 2;
                }
                return WordModel.chance(FILLERS.matcher(rest).replaceAll("")) < 24;
            }
        }
        if (chance >= SURE) {
            return false;
        }
        String rest = FILLERS.matcher(value).replaceAll("");
        if (rest.length() == value.length()) {
            return false;
        }
        boolean nothingLeft = rest.chars().filter(Character::isLetterOrDigit).count() <= 3;
        return nothingLeft
                || (promise != Promise.PASSWORD && WordModel.chance(rest) < 10)
                || (WordModel.chance(rest) < 4
                        && wordy(value)
                        && (promise != Promise.PASSWORD || digits(rest) < 2)
                        && (promise != Promise.PASSWORD
                                || !separated(value)
                                || Arrays.stream(lower.split("[-_./: ]", -1))
                                        .anyMatch(one -> FILLERS.matcher(one).matches())));
    }

    /// Whether it looks like text that people put where a secret goes.
    static boolean placeholder(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        double chance = WordModel.chance(value);
        return reference(value)
                || uniform(value)
                || interpolated(value)
                || sequence(value)
                || WORDS.contains(lower)
                || dummyStem(lower)
                || Published.contains(value)
                || filled(value, lower, chance, Promise.PASSWORD, true);
    }

    static boolean reference(String value) {
        for (String reference : REFERENCES) {
            if (value.startsWith(reference)) {
                return true;
            }
        }
        char first = value.charAt(0);
        char last = value.charAt(value.length() - 1);
        return (value.length() > 1
                        && first == '$'
                        && (Character.isLetter(value.charAt(1)) || value.charAt(1) == '_')
                        && value.substring(1).chars().allMatch(Values::nameChar)
                        && WordModel.chance(value) < SURE)
                || (first == '%' && last == '%')
                || (value.startsWith("__") && value.endsWith("__"))
                || (first == '[' && last == ']')
                || (first == '{' && last == '}')
                || (first == '@' && last == '@');
    }

    /// Holds the mark of a value that is put in later.
    private static boolean interpolated(String value) {
        return value.contains("${")
                || value.contains("{{")
                || value.contains("#{")
                || value.contains("$(")
                || value.contains("<%")
                || value.contains("%s")
                || value.contains("{}")
                || value.contains("{0}")
                || value.contains("\\(");
    }

    /// One or two characters over and over, or nothing but signs.
    private static boolean uniform(String value) {
        return (distinct(value) <= 2 && value.length() > 3)
                || (distinct(value) <= 3 && value.length() > 11)
                || value.chars().noneMatch(Character::isLetterOrDigit);
    }

    /// `12345678`, `abcdefgh`, `aaaabbbb`, the alphabet of an encoding.
    private static boolean sequence(String value) {
        int steps = 0;
        for (int i = 1; i < value.length(); i++) {
            int step = value.charAt(i) - value.charAt(i - 1);
            if (step >= -1 && step <= 1) {
                steps++;
            }
        }
        return steps * 2 > value.length()
                || (value.length() >= 12 && steps * 5 > value.length() * 2)
                || periodic(value);
    }

    /// A short piece that repeats: `1a2b1a2b`.
    private static boolean periodic(String value) {
        for (int period = 2; period <= Math.min(10, value.length() / 2); period++) {
            int same = 0;
            for (int i = period; i < value.length(); i++) {
                if (value.charAt(i) == value.charAt(i - period)) {
                    same++;
                }
            }
            if (value.length() >= 8 && same >= (value.length() - period) * 0.9) {
                return true;
            }
        }
        return false;
    }

    /// A path, an address, a date, a list of words: something else than a secret.
    private static boolean otherThing(String value, double chance) {
        if (value.startsWith("http://")
                || value.startsWith("https://")
                || value.startsWith("data:")
                || value.startsWith("./")
                || value.startsWith("../")
                || value.startsWith("~/")) {
            return true;
        }
        if (value.contains("(?:")
                || value.contains("[0-9")
                || value.contains("[a-z")
                || value.contains("[A-Z")) {
            return true;
        }
        if (PUBLIC_KEY.matcher(value).lookingAt()) {
            return true;
        }
        if (value.startsWith("sha256-")
                || value.startsWith("sha512-")
                || value.startsWith("sha384-")
                || value.startsWith("sha1-")
                || value.startsWith("sha256/")
                || value.startsWith("sha1/")
                || value.startsWith("pk_test_")
                || value.startsWith("pk_live_")
                || value.startsWith("pk.eyJ")
                || value.startsWith("LS0tLS1CRUdJTiBDRVJ")
                || value.startsWith("LS0tLS1CRUdJTiBQVUJMSUMg")
                || (value.length() > 200 && SEALED.matcher(value).matches())
                || value.startsWith("sha256:")
                || value.startsWith("ssh-")
                || value.startsWith("ecdsa-sha2")) {
            return true;
        }
        if (value.startsWith("/") && value.indexOf('/', 1) > 0 && chance < SURE) {
            return true;
        }
        if (value.startsWith("/") && digits(value) == 0 && chance < LIKELY) {
            return true;
        }
        if (value.indexOf('@') > 0 && chance < 20 && MAIL.matcher(value).matches()) {
            return true;
        }
        int letters = 0;
        for (int i = 0; i < value.length(); i++) {
            letters += Character.isLetter(value.charAt(i)) ? 1 : 0;
        }
        return letters <= 3
                && value.length() > 7
                && NUMBERS.matcher(value.toLowerCase(Locale.ROOT)).matches()
                && value.chars().anyMatch(c -> "-.:/,".indexOf(c) >= 0)
                && chance < SURE;
    }

    /// Whether it is an expression and not a value, where both may stand.
    private static boolean code(String value, double chance) {
        if (chance >= SURE && value.indexOf('(') < 0) {
            return value.indexOf('[') > 0 && value.endsWith("]");
        }
        if (chance >= 3 * SURE && mixed(value) == 4 && !CALL.matcher(value).matches()) {
            return false;
        }
        return CALL.matcher(value).matches()
                || value.indexOf('{') >= 0
                || value.indexOf('(') >= 0
                || value.startsWith("[")
                || value.startsWith("!")
                || value.startsWith("&")
                || value.startsWith("*")
                || value.startsWith("|")
                || value.contains("->")
                || value.contains("::")
                || value.contains("==")
                || value.contains("&&")
                || value.contains("||")
                || dotted(value, chance);
    }

    /// `config.db.password`: names with dots between.
    private static boolean dotted(String value, double chance) {
        return value.indexOf('.') > 0
                && chance < 6
                && value.chars().allMatch(c -> nameChar(c) || c == '.' || c == ';' || c == '?');
    }

    /// `db_user_name`, `login-button`, `sha256`, `prod/db/password-0001`: words with little
    /// between.
    static boolean wordy(String value) {
        return WORDY.matcher(value).matches() && WordModel.chance(value) < 6;
    }

    private static boolean separated(String value) {
        return value.chars().anyMatch(c -> "_-./: ".indexOf(c) >= 0);
    }

    /// Without the signs that end a label.
    private static String trimmed(String value) {
        int end = value.length();
        while (end > 0 && ":.!?*,;".indexOf(value.charAt(end - 1)) >= 0) {
            end--;
        }
        return value.substring(0, end);
    }

    /// As long as a digest, in hexadecimal digits.
    private static boolean digestLike(String value) {
        int n = value.length();
        return (n == 32 || n == 40 || n == 56 || n == 64 || n == 96 || n == 128)
                && value.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    private static boolean nameChar(int c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    static int digits(String value) {
        int digits = 0;
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) >= '0' && value.charAt(i) <= '9') {
                digits++;
            }
        }
        return digits;
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

    private static int distinct(String value) {
        long low = 0;
        long high = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 64) {
                low |= 1L << c;
            } else {
                high |= 1L << (c & 63);
            }
        }
        return Long.bitCount(low) + Long.bitCount(high);
    }
}
