package dev.countersign.secrets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What the name of a setting says about its value.
final class KeyNames {
    /// How much a name promises, from the least on.
    enum Promise {
        /// Nothing at all, or that the value is public.
        NOTHING,
        /// It speaks of a secret, but names something beside it: `token_url`, `password_field`.
        BESIDE,
        /// It may be one: `key`, `auth`, `session`.
        PERHAPS,
        /// What is drawn at random for a password or a cipher: `salt`, `nonce`, `password_hash`.
        SALT,
        SECRET,
        PASSWORD
    }

    private static final List<String> PASSWORDS =
            List.of(
                    "password",
                    "passwd",
                    "passphrase",
                    "passcode",
                    "passwort",
                    "passwrd",
                    "passwords",
                    "pasword",
                    "pwd",
                    "pswd",
                    "contrasena",
                    "senha",
                    "motdepasse",
                    "kennwort");
    private static final Set<String> PASSWORD_WORDS =
            Set.of(
                    "pass",
                    "pw",
                    "psw",
                    "dbpass",
                    "userpass",
                    "mypass",
                    "adminpass",
                    "rootpass",
                    "upass",
                    "pgpass",
                    "mysqlpass",
                    "ftppass",
                    "smtppass",
                    "sshpass",
                    "mailpass",
                    "ldappass",
                    "requirepass",
                    "masterpass",
                    "keypass",
                    "storepass",
                    "authpass",
                    "loginpass",
                    "psk",
                    "dbpw",
                    "rootpw",
                    "userpw",
                    "adminpw",
                    "bindpw",
                    "sudopw",
                    "mypw",
                    "masterauth",
                    "pword",
                    "clave",
                    "passe",
                    "mdp");
    private static final List<String> SECRETS =
            List.of("secret", "token", "secrets", "tokens", "credential", "credentials");
    private static final Set<String> SECRET_WORDS =
            Set.of("creds", "cred", "bearer", "jwt", "authtok", "authorization", "apitok");
    private static final Set<String> PERHAPS =
            Set.of(
                    "key",
                    "keys",
                    "auth",
                    "api",
                    "session",
                    "sessionid",
                    "jsessionid",
                    "phpsessid",
                    "sessid",
                    "sid",
                    "license",
                    "licence",
                    "serial",
                    "signature",
                    "hmac",
                    "webhook",
                    "private",
                    "access",
                    "cipher",
                    "csrf",
                    "xsrf",
                    "seeds",
                    "appid",
                    "authentication",
                    "encryption",
                    "crypt",
                    "sig",
                    "otp",
                    "phrase",
                    "certificate",
                    "subscription",
                    "pat");
    private static final Set<String> SALTS =
            Set.of("salt", "nonce", "seed", "pepper", "iv", "salts", "cnonce");
    private static final Set<String> DIGESTS =
            Set.of(
                    "hash",
                    "hashes",
                    "sha",
                    "sha1",
                    "sha256",
                    "sha512",
                    "md5",
                    "digest",
                    "checksum",
                    "fingerprint",
                    "integrity",
                    "thumbprint",
                    "commit",
                    "revision",
                    "etag",
                    "rev",
                    "crc",
                    "shasum",
                    "hashed");

    /// With one of these in front, `key` is a secret one.
    private static final Set<String> KEY_KINDS =
            Set.of(
                    "api",
                    "access",
                    "secret",
                    "private",
                    "priv",
                    "auth",
                    "encryption",
                    "encrypt",
                    "signing",
                    "sign",
                    "signature",
                    "account",
                    "storage",
                    "master",
                    "service",
                    "shared",
                    "license",
                    "licence",
                    "hmac",
                    "crypto",
                    "cipher",
                    "aes",
                    "des",
                    "app",
                    "application",
                    "client",
                    "consumer",
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
                    "decrypt",
                    "authentication",
                    "token",
                    "rsa",
                    "ssh",
                    "server",
                    "oauth",
                    "merchant",
                    "write",
                    "ingest",
                    "ingestion",
                    "instrumentation",
                    "wallet",
                    "pre",
                    "psk",
                    "secure",
                    "symmetric",
                    "user",
                    "developer",
                    "dev",
                    "base",
                    "maps",
                    "validation",
                    "unseal",
                    "recovery",
                    "speech",
                    "translator",
                    "vision",
                    "search",
                    "rest",
                    "vault",
                    "machine");

    /// In front of `key`, these make it no secret.
    private static final Set<String> PLAIN_KEYS =
            Set.of(
                    "public",
                    "pub",
                    "primary",
                    "foreign",
                    "sort",
                    "partition",
                    "cache",
                    "index",
                    "map",
                    "group",
                    "routing",
                    "object",
                    "message",
                    "config",
                    "registry",
                    "hot",
                    "shortcut",
                    "arrow",
                    "unique",
                    "natural",
                    "composite",
                    "row",
                    "column",
                    "field",
                    "dict",
                    "lookup",
                    "i18n",
                    "translation",
                    "bucket",
                    "s3",
                    "by",
                    "sorting",
                    "property",
                    "parameter",
                    "param",
                    "enter",
                    "escape",
                    "press",
                    "modifier",
                    "issue",
                    "project",
                    "storage_object",
                    "publishable",
                    "hash",
                    "range",
                    "json",
                    "item",
                    "data",
                    "any",
                    "issuer",
                    "no",
                    "known",
                    "missing",
                    "site",
                    "recv",
                    "dedupe",
                    "dedup",
                    "idempotency",
                    "encrypted",
                    "ed",
                    "host_public",
                    "measurement");

    /// Behind a telling word, these name something else than the secret.
    private static final Set<String> ELSEWHERE =
            Set.of(
                    "url",
                    "uri",
                    "urls",
                    "path",
                    "file",
                    "filename",
                    "dir",
                    "directory",
                    "name",
                    "names",
                    "id",
                    "ids",
                    "type",
                    "types",
                    "length",
                    "len",
                    "size",
                    "count",
                    "field",
                    "fields",
                    "label",
                    "policy",
                    "expiry",
                    "expires",
                    "expiration",
                    "timeout",
                    "ttl",
                    "prefix",
                    "suffix",
                    "header",
                    "headers",
                    "param",
                    "params",
                    "parameter",
                    "format",
                    "pattern",
                    "regex",
                    "regexp",
                    "class",
                    "index",
                    "version",
                    "alg",
                    "algorithm",
                    "algo",
                    "placeholder",
                    "hint",
                    "error",
                    "errors",
                    "message",
                    "msg",
                    "title",
                    "desc",
                    "description",
                    "prompt",
                    "reset",
                    "endpoint",
                    "column",
                    "table",
                    "attr",
                    "attribute",
                    "strength",
                    "min",
                    "max",
                    "required",
                    "enabled",
                    "disabled",
                    "flag",
                    "provider",
                    "store",
                    "manager",
                    "ref",
                    "reference",
                    "arn",
                    "encoder",
                    "generator",
                    "validator",
                    "service",
                    "factory",
                    "handler",
                    "parser",
                    "reader",
                    "writer",
                    "builder",
                    "renderer",
                    "request",
                    "response",
                    "page",
                    "form",
                    "input",
                    "button",
                    "link",
                    "screen",
                    "view",
                    "dialog",
                    "text",
                    "textbox",
                    "box",
                    "mode",
                    "kind",
                    "status",
                    "state",
                    "limit",
                    "source",
                    "location",
                    "env",
                    "variable",
                    "lifetime",
                    "age",
                    "date",
                    "time",
                    "at",
                    "usage",
                    "scope",
                    "scopes",
                    "info",
                    "help",
                    "example",
                    "rule",
                    "rules",
                    "test_name",
                    "issuer",
                    "audience",
                    "host",
                    "port",
                    "domain",
                    "realm",
                    "region",
                    "bits",
                    "rounds",
                    "iterations",
                    "cost",
                    "position",
                    "pos",
                    "offset",
                    "start",
                    "end",
                    "line",
                    "symbol",
                    "set",
                    "list",
                    "map",
                    "method",
                    "function",
                    "func",
                    "callback",
                    "template",
                    "tag",
                    "word",
                    "code_name",
                    "schema",
                    "icon",
                    "image",
                    "css",
                    "style",
                    "visible",
                    "visibility",
                    "show",
                    "hide",
                    "toggle",
                    "changed",
                    "updated",
                    "created",
                    "invalid",
                    "valid",
                    "mismatch",
                    "match",
                    "missing",
                    "empty",
                    "binding",
                    "resolver",
                    "stream",
                    "frequency",
                    "event",
                    "color");

    /// Words behind the telling one that change nothing.
    private static final Set<String> NEUTRAL =
            Set.of(
                    "value",
                    "val",
                    "string",
                    "str",
                    "base64",
                    "b64",
                    "prod",
                    "production",
                    "dev",
                    "development",
                    "staging",
                    "stage",
                    "default",
                    "new",
                    "old",
                    "current",
                    "primary",
                    "secondary",
                    "plain",
                    "plaintext",
                    "live",
                    "test",
                    "testing",
                    "key",
                    "keys",
                    "data",
                    "var",
                    "hex",
                    "raw",
                    "one",
                    "two",
                    "a",
                    "b",
                    "x",
                    "bytes",
                    "array",
                    "buf",
                    "buffer",
                    "literal",
                    "const",
                    "confirm",
                    "confirmation",
                    "again",
                    "repeat",
                    "encoded",
                    "enc",
                    "encrypted",
                    "clear",
                    "backup",
                    "local",
                    "real",
                    "main",
                    "my",
                    "base",
                    "spec",
                    "tmp",
                    "temp",
                    "in",
                    "for",
                    "to",
                    "user",
                    "admin",
                    "root");

    /// Whose `sid` is its name, not a session.
    private static final Set<String> SID_OWNERS =
            Set.of(
                    "account",
                    "key",
                    "service",
                    "messaging",
                    "application",
                    "app",
                    "verify",
                    "user");

    private KeyNames() {}

    static Promise of(String name) {
        List<String> words = words(name);
        boolean beside = false;
        boolean followed = false;
        if (name.equalsIgnoreCase("signingkey")) {
            return Promise.BESIDE; // The number of a key in git's settings.
        }
        if (name.equalsIgnoreCase("secret_id") || name.equalsIgnoreCase("secret-id")) {
            // What a role of Vault logs in with, in spite of its name.
            return Promise.SECRET;
        }
        for (int i = words.size() - 1; i >= 0; i--) {
            String word = words.get(i);
            Promise here = telling(words, i);
            if (here == null) {
                boolean neutral = neutral(word);
                beside |= !neutral && ELSEWHERE.contains(word);
                followed |= !neutral;
                continue;
            }
            if (here == Promise.NOTHING || beside) {
                return here == Promise.NOTHING ? here : Promise.BESIDE;
            }
            if (!followed) {
                return here;
            }
            return here == Promise.PASSWORD ? Promise.SECRET : Promise.PERHAPS;
        }
        return Promise.NOTHING;
    }

    /// What the word at this place promises; null: nothing by itself.
    private static @Nullable Promise telling(List<String> words, int at) {
        String word = words.get(at);
        if (PASSWORD_WORDS.contains(word) || endsWithAny(word, PASSWORDS)) {
            return Promise.PASSWORD;
        }
        if (DIGESTS.contains(word) || word.endsWith("hash")) {
            return before(words, at, KeyNames::password) || word.startsWith("passw")
                    ? Promise.SALT
                    : Promise.NOTHING;
        }
        if (SALTS.contains(word) || (word.length() > 4 && word.endsWith("salt"))) {
            return Promise.SALT;
        }
        if (SECRET_WORDS.contains(word) || endsWithAny(word, SECRETS)) {
            return Promise.SECRET;
        }
        if (word.equals("key") || word.equals("keys")) {
            if (words.subList(0, at).contains("public")) {
                return Promise.NOTHING;
            }
            if (at == 0) {
                return Promise.PERHAPS;
            }
            String kind = words.get(at - 1);
            return KEY_KINDS.contains(kind)
                    ? Promise.SECRET
                    : PLAIN_KEYS.contains(kind) ? Promise.NOTHING : Promise.PERHAPS;
        }
        if (word.endsWith("key") && word.length() > 4) {
            String kind = word.substring(0, word.length() - 3);
            return KEY_KINDS.contains(kind) || endsWithAny(kind, List.of("api", "secret", "access"))
                    ? Promise.SECRET
                    : PLAIN_KEYS.contains(kind) ? Promise.NOTHING : null;
        }
        if (word.equals("sid") && at > 0 && SID_OWNERS.contains(words.get(at - 1))) {
            return Promise.NOTHING;
        }
        if (word.equals("public") || word.equals("pubkey")) {
            return Promise.NOTHING;
        }
        return PERHAPS.contains(word) || endsWithAny(word, List.of("apikeys", "auth"))
                ? Promise.PERHAPS
                : null;
    }

    private static boolean before(List<String> words, int at, Predicate<String> that) {
        return words.subList(0, at).stream().anyMatch(that);
    }

    private static boolean password(String word) {
        return PASSWORD_WORDS.contains(word) || endsWithAny(word, PASSWORDS);
    }

    private static boolean endsWithAny(String word, List<String> endings) {
        for (String ending : endings) {
            if (word.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    private static boolean neutral(String word) {
        if (NEUTRAL.contains(word)) {
            return true;
        }
        for (int i = 0; i < word.length(); i++) {
            if (!Character.isDigit(word.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// `DB_PASSWORD`, `dbPassword`, `DBPassword`, `db-password`, `db.password`: `db`, `password`.
    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean part = Character.isLetterOrDigit(c);
            boolean hump =
                    part
                            && i > from
                            && Character.isUpperCase(c)
                            && (!Character.isUpperCase(name.charAt(i - 1))
                                    || (i + 1 < name.length()
                                            && Character.isLowerCase(name.charAt(i + 1))));
            if ((!part || hump) && i > from) {
                words.add(name.substring(from, i).toLowerCase(Locale.ROOT));
            }
            if (!part) {
                from = i + 1;
            } else if (hump) {
                from = i;
            }
        }
        if (from < name.length()) {
            words.add(name.substring(from).toLowerCase(Locale.ROOT));
        }
        trimDigits(words);
        return words;
    }

    /// `password2` is a `password`.
    private static void trimDigits(List<String> words) {
        words.replaceAll(word -> {
            int end = word.length();
            while (end > 0 && Character.isDigit(word.charAt(end - 1))) {
                end--;
            }
            return end >= 4 && end < word.length() && !DIGESTS.contains(word)
                    ? word.substring(0, end)
                    : word;
        });
    }
}
