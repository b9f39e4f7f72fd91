package dev.countersign.secrets;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What the name of a setting says about its value.
final class KeyNames {
    /// How much a name promises.
    enum Promise {
        NOTHING,
        PASSWORD,
        SECRET
    }

    private static final List<String> PASSWORDS =
            List.of("password", "passwd", "passphrase", "passcode", "passwort", "pwd", "psw");
    private static final Set<String> PASSWORD_WORDS = Set.of("pass", "pw", "dbpass", "userpass");
    private static final List<String> SECRETS =
            List.of("secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "authkey");
    private static final Set<String> SECRET_WORDS =
            Set.of("credential", "credentials", "creds", "secrets", "bearer", "jwt");

    /// With one of these in front, `key` is a secret one.
    private static final Set<String> KEY_KINDS =
            Set.of(
                    "api",
                    "access",
                    "secret",
                    "private",
                    "auth",
                    "encryption",
                    "signing",
                    "account",
                    "storage",
                    "master",
                    "service",
                    "shared",
                    "license",
                    "hmac",
                    "crypto",
                    "cipher",
                    "aes",
                    "app",
                    "client",
                    "jwt",
                    "session",
                    "subscription",
                    "integration",
                    "deploy",
                    "webhook",
                    "security",
                    "function",
                    "host",
                    "admin",
                    "sas",
                    "cookie",
                    "decryption",
                    "authentication",
                    "token");

    /// Words behind the telling one that change nothing.
    private static final Set<String> NEUTRAL =
            Set.of(
                    "value",
                    "string",
                    "str",
                    "base64",
                    "b64",
                    "prod",
                    "production",
                    "dev",
                    "staging",
                    "default",
                    "new",
                    "old",
                    "current",
                    "primary",
                    "secondary",
                    "text",
                    "plain",
                    "plaintext",
                    "live",
                    "test",
                    "key",
                    "data",
                    "env",
                    "var",
                    "hex",
                    "raw");

    private KeyNames() {}

    static Promise of(String name) {
        ArrayDeque<String> words = words(name);
        while (words.size() > 1 && neutral(words.getLast())) {
            String last = words.getLast();
            if (last.equals("key") && keyKind(words)) {
                return Promise.SECRET;
            }
            words.removeLast();
        }
        if (words.isEmpty()) {
            return Promise.NOTHING;
        }
        String last = words.getLast();
        if (PASSWORD_WORDS.contains(last) || PASSWORDS.stream().anyMatch(last::endsWith)) {
            return Promise.PASSWORD;
        }
        if (SECRET_WORDS.contains(last)
                || SECRETS.stream().anyMatch(last::endsWith)
                || (last.equals("auth") && name.startsWith("_"))) {
            return Promise.SECRET;
        }
        return Promise.NOTHING;
    }

    private static boolean neutral(String word) {
        return NEUTRAL.contains(word) || word.chars().allMatch(Character::isDigit);
    }

    private static boolean keyKind(ArrayDeque<String> words) {
        String key = words.removeLast();
        boolean kind = !words.isEmpty() && KEY_KINDS.contains(words.getLast());
        words.addLast(key);
        return kind;
    }

    /// `DB_PASSWORD`, `dbPassword`, `db-password` and `db.password` are all `db`, `password`.
    private static ArrayDeque<String> words(String name) {
        ArrayDeque<String> words = new ArrayDeque<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean part = Character.isLetterOrDigit(c);
            boolean hump =
                    part
                            && Character.isUpperCase(c)
                            && i > 0
                            && Character.isLowerCase(name.charAt(i - 1));
            if ((!part || hump) && !word.isEmpty()) {
                words.add(word.toString().toLowerCase(Locale.ROOT));
                word.setLength(0);
            }
            if (part) {
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString().toLowerCase(Locale.ROOT));
        }
        return words;
    }
}
