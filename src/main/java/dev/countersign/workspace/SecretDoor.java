package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Keeps secrets of the host out of the guest ([P6]): by name before anything is read, by content
/// before anything is sent, and by memory of what names kept out, so that a copy of it under
/// another name stays out too.
final class SecretDoor {
    private static final Pattern EXAMPLE =
            Pattern.compile(".*[._-](example|sample|template|dist|defaults?|schema)");
    private static final Set<String> NAMES =
            Set.of(
                    ".netrc",
                    "_netrc",
                    ".npmrc",
                    ".yarnrc",
                    ".pypirc",
                    ".pgpass",
                    ".my.cnf",
                    ".git-credentials",
                    ".dockercfg",
                    ".dockerconfigjson",
                    ".vault-token",
                    ".terraformrc",
                    "terraform.rc",
                    "credentials",
                    "credentials.json",
                    "credentials.toml",
                    "credentials.yml",
                    "credentials.yaml",
                    "kubeconfig",
                    "secrets.yml",
                    "secrets.yaml",
                    "secrets.json",
                    "secrets.toml",
                    "master.key",
                    "local.settings.json",
                    "terraform.tfvars",
                    ".htpasswd",
                    "wp-config.php",
                    "keystore.properties",
                    "authinfo",
                    ".authinfo");
    private static final List<String> ENDINGS =
            List.of(
                    ".pem",
                    ".key",
                    ".p12",
                    ".pfx",
                    ".jks",
                    ".keystore",
                    ".kdbx",
                    ".kdb",
                    ".ppk",
                    ".asc.key",
                    ".tfstate",
                    ".tfstate.backup",
                    ".auto.tfvars",
                    ".ovpn",
                    ".mobileprovision",
                    ".agekey",
                    ".gpg");
    private static final Set<String> DIRECTORIES =
            Set.of(".aws", ".ssh", ".gnupg", ".azure", ".kube", ".gcloud", ".password-store");
    private static final Pattern ACCOUNT =
            Pattern.compile(".*service[-_]?account.*\\.json|.*client[-_]secret.*\\.json");

    /// Wrappings of editors and people: `.env~`, `#.env#`, `.env.swp`, `.env.bak`, `.env.2`.
    private static final Pattern WRAPPED =
            Pattern.compile(
                    "[#.~]*(?<name>\\.?[^#~]+?)(~|#|\\.sw[a-p]|\\.bak|\\.old|\\.orig|\\.save|\\.tmp|\\.copy"
                            + "|\\.backup|\\.\\d{1,14}|[ _-]copy|\\.gz|\\.zip|\\.txt)+");

    private static final List<Shape> SHAPES =
            List.of(
                    new Shape(
                            "private key",
                            "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\\s\\\\nr]*"
                                    + "(?:[A-Za-z-]+: [^\\n]*\\n|\\s)*[A-Za-z0-9+/=\\\\]{16}",
                            "PRIVATE KEY"),
                    new Shape("putty private key", "PuTTY-User-Key-File-\\d", "PuTTY-User"),
                    new Shape("AWS access key", "\\b(?:AKIA|ASIA)[A-Z2-7]{16}\\b", "AKIA", "ASIA"),
                    new Shape(
                            "GitHub token",
                            "\\bgh[pousr]_[A-Za-z0-9]{36,}",
                            "ghp_",
                            "gho_",
                            "ghu_",
                            "ghs_",
                            "ghr_"),
                    new Shape("GitHub token", "\\bgithub_pat_[A-Za-z0-9_]{60,}", "github_pat_"),
                    new Shape("GitLab token", "\\bglpat-[A-Za-z0-9_-]{20,}", "glpat-"),
                    new Shape(
                            "model provider key",
                            "\\bsk-(?:ant-|proj-)[A-Za-z0-9_-]{24,}",
                            "sk-ant-",
                            "sk-proj-"),
                    new Shape("Google key", "\\bAIza[A-Za-z0-9_-]{35}\\b", "AIza"),
                    new Shape("Slack token", "\\bxox[abeoprs]-[A-Za-z0-9-]{20,}", "xox"),
                    new Shape("Stripe key", "\\b[rs]k_live_[A-Za-z0-9]{20,}", "k_live_"),
                    new Shape("npm token", "\\bnpm_[A-Za-z0-9]{36}\\b", "npm_"));

    /// @param keywords one of them is in every match: a quick look comes before the slow one
    private record Shape(String name, Pattern pattern, List<String> keywords) {
        Shape(String name, String pattern, String... keywords) {
            this(name, Pattern.compile(pattern), List.of(keywords));
        }

        boolean likely(String text) {
            return keywords.stream().anyMatch(text::contains);
        }
    }

    /// The keywords of all shapes by their first two bytes: nearly every place of nearly every file
    /// is passed over by one look.
    private static final byte[][][] KEYWORDS = keywords();

    private static byte[][][] keywords() {
        byte[][][] byHead = new byte[1 << 16][][];
        SHAPES.stream()
                .flatMap(shape -> shape.keywords().stream())
                .forEach(word -> {
                    byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
                    int head = ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
                    byte[][] before = byHead[head] == null ? new byte[0][] : byHead[head];
                    byHead[head] = Arrays.copyOf(before, before.length + 1);
                    byHead[head][before.length] = bytes;
                });
        return byHead;
    }

    private static boolean anyKeyword(byte[] content) {
        if (content.length == 0) {
            return false;
        }
        int head = content[0] & 0xff;
        for (int i = 1; i < content.length; i++) {
            head = ((head << 8) | (content[i] & 0xff)) & 0xffff;
            byte[][] words = KEYWORDS[head];
            if (words != null && begins(content, i - 1, words)) {
                return true;
            }
        }
        return false;
    }

    private static boolean begins(byte[] content, int at, byte[][] words) {
        for (byte[] word : words) {
            int end = at + word.length;
            if (end <= content.length && Arrays.equals(content, at, end, word, 0, word.length)) {
                return true;
            }
        }
        return false;
    }

    private static final Pattern ASSIGNMENT =
            Pattern.compile(
                    "(?m)^\\s*(?:export\\s+)?[A-Za-z_][A-Za-z0-9_.-]*\\s*[=:]\\s*[\"']?([^\\s\"'#]{10,512})");
    private static final int SHORTEST_VALUE = 10;
    private static final int WINDOW = 8;

    private final SecretFilter filter;
    private final byte[] key = new byte[32];

    /// HMAC of contents that a name kept out, and of their Base64.
    private final Set<String> deniedContents = new HashSet<>();

    /// Values in them and how they may be written, by their first eight bytes.
    private final Map<Long, Set<Value>> values = new HashMap<>();

    private record Value(String text) {}

    SecretDoor(SecretFilter filter) {
        this.filter = filter;
        new SecureRandom().nextBytes(key);
    }

    /// Endings of nearly all files of a source tree, and of no file with keys or credentials unless
    /// its name begins like one.
    private static final Set<String> PLAIN =
            Set.of(
                    "c", "h", "cc", "cpp", "hpp", "cs", "css", "go", "html", "java", "js", "jsx",
                    "kt", "md", "mjs", "py", "rb", "rs", "scala", "scss", "svg", "swift", "ts",
                    "tsx", "vue");

    /// Whether a look at first character and ending says that the name is nobody's secret.
    private static boolean plainly(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0
                && PLAIN.contains(name.substring(dot + 1))
                && Character.isLetter(name.charAt(0))
                && !name.regionMatches(true, 0, "id_", 0, 3);
    }

    /// Why the name alone keeps it out.
    static Optional<String> byName(RelativePath path) {
        boolean dotted = path.value().startsWith(".") || path.value().contains("/.");
        if (!dotted && plainly(path.name())) {
            return Optional.empty();
        }
        for (String part : dotted ? path.parts() : List.<String>of()) {
            if (DIRECTORIES.contains(part.toLowerCase(Locale.ROOT))) {
                return Optional.of("below " + part + ", which holds credentials");
            }
        }
        if (path.value().toLowerCase(Locale.ROOT).endsWith(".docker/config.json")) {
            return Optional.of("may hold registry credentials");
        }
        String name = path.name().toLowerCase(Locale.ROOT);
        if (secretName(name)) {
            return Optional.of("named like a file with keys or credentials");
        }
        Matcher wrapped = WRAPPED.matcher(name);
        if (wrapped.matches()) {
            String inner = wrapped.group("name");
            if (secretName(inner) || secretName("." + inner)) {
                return Optional.of("named like a copy of a file with keys or credentials");
            }
        }
        return Optional.empty();
    }

    private static boolean secretName(String name) {
        if (EXAMPLE.matcher(name).matches()) {
            return false;
        }
        return name.equals(".env")
                || name.startsWith(".env.")
                || name.startsWith(".env-")
                || name.startsWith(".env_")
                || name.equals(".envrc.local")
                || (name.endsWith(".env") && !name.equals("example.env"))
                || NAMES.contains(name)
                || ((name.startsWith("id_rsa")
                                || name.startsWith("id_dsa")
                                || name.startsWith("id_ecdsa")
                                || name.startsWith("id_ed25519"))
                        && !name.endsWith(".pub"))
                || ENDINGS.stream().anyMatch(name::endsWith)
                || ACCOUNT.matcher(name).matches();
    }

    /// Remembers a file that its name kept out.
    void learn(byte[] content) {
        if (new String(content, StandardCharsets.UTF_8).isBlank()) {
            return;
        }
        deniedContents.add(hmac(content));
        deniedContents.add(hmac(Base64.getEncoder().encode(content)));
        deniedContents.add(hmac(Base64.getMimeEncoder().encode(content)));
        Matcher m = ASSIGNMENT.matcher(new String(content, StandardCharsets.UTF_8));
        while (m.find()) {
            String value = m.group(1);
            if (distinct(value)) {
                remember(value);
            }
        }
    }

    /// A value that other files would not hold by chance: with digits and letters, not a word,
    /// path, address or version.
    private static boolean distinct(String value) {
        boolean digit = value.chars().anyMatch(Character::isDigit);
        boolean letter = value.chars().anyMatch(Character::isLetter);
        long kinds = value.chars().distinct().count();
        boolean plainUrl = value.matches("[a-z]+://[^@]*");
        return value.length() >= SHORTEST_VALUE
                && letter
                && (digit || value.length() >= 20)
                && kinds >= 7
                && !plainUrl
                && !value.startsWith("/")
                && !value.startsWith("./")
                && !value.contains("${");
    }

    private void remember(String value) {
        byte[] raw = value.getBytes(StandardCharsets.UTF_8);
        add(value);
        add(HexFormat.of().formatHex(raw));
        add(HexFormat.of().withUpperCase().formatHex(raw));
        add(new StringBuilder(value).reverse().toString());
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = new byte[raw.length + shift];
            System.arraycopy(raw, 0, shifted, shift, raw.length);
            String coded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // Only whole groups do not depend on what stands before and after.
            int from = shift == 0 ? 0 : 4;
            int until = (shifted.length / 3) * 4;
            if (until - from >= WINDOW) {
                add(coded.substring(from, until));
            }
        }
    }

    private void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= WINDOW) {
            values.computeIfAbsent(window(bytes, 0), _ -> new HashSet<>()).add(new Value(text));
        }
    }

    private static long window(byte[] bytes, int at) {
        long w = 0;
        for (int i = 0; i < WINDOW; i++) {
            w = (w << 8) | (bytes[at + i] & 0xff);
        }
        return w;
    }

    /// Why the content keeps it out.
    Optional<String> byContent(RelativePath path, byte[] content) {
        if (!deniedContents.isEmpty() && deniedContents.contains(hmac(content))) {
            return Optional.of("the same bytes as a file that is kept out");
        }
        byte[] plain = withoutNul(content);
        if (holdsValue(content) || (plain.length != content.length && holdsValue(plain))) {
            return Optional.of("holds a value of a file that is kept out");
        }
        Optional<String> shape = anyKeyword(plain) ? byShape(plain) : Optional.empty();
        return shape.isPresent() ? shape : filter.reason(path, content);
    }

    private static Optional<String> byShape(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        for (Shape shape : SHAPES) {
            if (shape.likely(text)) {
                Matcher m = shape.pattern().matcher(text);
                if (m.find()) {
                    return Optional.of(shape.name() + " (line " + line(text, m.start()) + ")");
                }
            }
        }
        return Optional.empty();
    }

    private boolean holdsValue(byte[] content) {
        if (values.isEmpty() || content.length < WINDOW) {
            return false;
        }
        long w = window(content, 0);
        for (int i = 0; ; i++) {
            Set<Value> here = values.get(w);
            if (here != null) {
                for (Value value : here) {
                    byte[] text = value.text().getBytes(StandardCharsets.UTF_8);
                    if (i + text.length <= content.length
                            && Arrays.equals(content, i, i + text.length, text, 0, text.length)) {
                        return true;
                    }
                }
            }
            if (i + WINDOW >= content.length) {
                return false;
            }
            w = (w << 8) | (content[i + WINDOW] & 0xff);
        }
    }

    /// UTF-16 text becomes plain.
    private static byte[] withoutNul(byte[] content) {
        int nul = 0;
        for (byte b : content) {
            if (b == 0) {
                nul++;
            }
        }
        if (nul == 0 || nul * 4L < content.length) {
            return content;
        }
        byte[] out = new byte[content.length - nul];
        int at = 0;
        for (byte b : content) {
            if (b != 0) {
                out[at++] = b;
            }
        }
        return out;
    }

    private static long line(CharSequence text, int offset) {
        return text.subSequence(0, offset).chars().filter(c -> c == '\n').count() + 1;
    }

    private String hmac(byte[] content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(content));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }
}
