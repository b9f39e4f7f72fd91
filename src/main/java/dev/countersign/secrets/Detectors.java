package dev.countersign.secrets;

import dev.countersign.secrets.Scanner.Mode;
import dev.countersign.secrets.TokenFormats.Format;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that is known about secrets: one pass for keywords, then the detectors of those found. Each
/// looks at a bounded window, so the whole is linear in the text. A new provider is a line in
/// `token-formats.tsv`; a new form is a [Detector] in the list below.
final class Detectors {
    /// No secret is longer, so that a stream can be cut safely.
    static final int LONGEST_SECRET = Structures.LONGEST_BLOCK;

    private static final List<Detector> ALL = new ArrayList<>();
    private static final Keywords KEYWORDS;

    /// The tokens and blocks that are known by their own form; the first in the list.
    private static final Keywords FORMATS;

    static {
        for (Format format : TokenFormats.all()) {
            ALL.add(new Detector(format.keyword(), (text, start, _, _) -> format.at(text, start)));
        }
        add("-----begin", (text, start, _, mode) -> Structures.block(text, start, mode));
        add("---- begin ssh2", (text, start, _, _) -> Structures.ssh2(text, start));
        add("\"d\"", (text, start, _, _) -> Structures.jwk(text, start));
        add("\"k\"", (text, start, _, _) -> Structures.jwk(text, start));
        add("eyj", (text, start, _, mode) -> Structures.jwt(text, start, mode));
        FORMATS = Keywords.of(ALL.stream().map(Detector::keyword).toList(), true);
        add("://", (text, start, _, mode) -> Structures.url(text, start, mode));
        add("basic ", (text, start, _, mode) -> Structures.basic(text, start, mode));
        add("bearer ", (text, start, _, mode) -> Structures.bearer(text, start, mode));
        add(
                "authorization: token ",
                (text, start, _, mode) ->
                        Structures.bearer(text, start + "authorization: ".length(), mode));
        add("auth\"", (text, start, _, _) -> Structures.dockerAuth(text, start));
        add("code=", (text, start, _, _) -> Structures.code(text, start));
        add("@tcp(", (text, start, _, mode) -> Structures.dsn(text, start, mode));
        add("@unix(", (text, start, _, mode) -> Structures.dsn(text, start, mode));
        for (String hash :
                List.of(
                        "$2a$", "$2b$", "$2x$", "$2y$", "$apr1$", "$1$", "$5$", "$6$", "$y$",
                        "$argon2")) {
            add(hash, (text, start, _, _) -> Structures.passwordHash(text, start));
        }
        for (String head : Structures.DER_HEADS) {
            add(head, (text, start, _, _) -> Structures.derKey(text, start));
        }
        add("ls0tls1crudjti", (text, start, _, _) -> Structures.codedBlock(text, start));
        add("jdbc:oracle:", (text, start, _, mode) -> Structures.oracle(text, start, mode));
        for (String reader : List.of("sudo -s", "kinit ", "passwd ", "docker login ", "chpasswd")) {
            add(reader, (text, start, _, mode) -> Structures.sudo(text, start, mode));
        }
        add("eyjhdxrocyi6", (text, start, _, _) -> Structures.codedDockerAuth(text, start));
        add("putty-user-key-file-", (text, start, _, _) -> Structures.putty(text, start));
        for (String call :
                List.of(
                        "basicauth(",
                        "basic_auth ",
                        "basic_auth(",
                        "auth=(",
                        "auth = (",
                        "getconnection(",
                        "credentials(",
                        "credential(",
                        "new pdo(",
                        "mysqli_connect(",
                        "mysql_connect(",
                        "mysqli(",
                        "pg_connect(",
                        "jwt.sign(",
                        "jwt.encode(",
                        "jwt.decode(",
                        "jwt.verify(",
                        "passwordauthentication(",
                        ".login(",
                        "createhmac(",
                        "hmac.new(")) {
            add(call, (_, start, assignments, _) -> assignments.argument(start + call.length()));
        }
        for (String call :
                List.of(
                        "client(",
                        "client.init(",
                        "client.new(",
                        "newclient(",
                        "api(",
                        "apiclient(",
                        "oauthhandler(",
                        "oauth1handler(",
                        "oauth1(",
                        "set_access_token(",
                        "linebot.new(",
                        "linebotapi(",
                        "webhookhandler(",
                        "gateway(",
                        "pusher(",
                        "pusher.new(",
                        "fernet(",
                        "totp(",
                        "totp.new(",
                        "defaultconfig(",
                        "mandrill(",
                        "mailchimp(",
                        "mailgun(",
                        "mailjet(",
                        "algoliasearch(",
                        "algoliasearch.client(",
                        "searchclient.create(",
                        "twilio(",
                        "stripe(",
                        "messageencryptor.new(",
                        "messageverifier.new(",
                        "wallet(",
                        "secretkeyspec(",
                        "awscredentials(",
                        "keycredential(",
                        "servicecredentials(",
                        "analytics(",
                        "bot(",
                        "newbotapi(",
                        ".login(",
                        "slack(",
                        "webclient(",
                        "octokit(",
                        "gitlab(",
                        "jira(",
                        "connect(",
                        "sendgrid(",
                        "setapikey(",
                        "set_api_key(",
                        "api_key(",
                        "settoken(",
                        "set_token(",
                        "with_token(",
                        "withtoken(",
                        "accesstoken(",
                        "provider :")) {
            add(call, (_, start, assignments, _) -> assignments.literal(start + call.length()));
        }
        add("insert into ", (_, start, assignments, _) -> assignments.inserted(start));
        for (String words :
                List.of("identified by ", "convertto-securestring ", "identified by password ")) {
            add(
                    words,
                    (_, start, assignments, _) ->
                            assignments.passwordBehind(start + words.length()));
        }
        for (String command : CommandLines.keywords()) {
            add(command, (text, start, _, mode) -> CommandLines.at(text, start, command, mode));
        }
        for (String word :
                List.of(
                        "pass",
                        "pwd",
                        "psw",
                        "pw",
                        "secret",
                        "token",
                        "key",
                        "cred",
                        "auth",
                        "bearer",
                        "jwt",
                        "salt",
                        "nonce",
                        "seed",
                        "api",
                        "pepper",
                        "hmac",
                        "phrase",
                        "access",
                        "session",
                        "license",
                        "webhook",
                        "private",
                        "signature",
                        "cipher",
                        "encrypt",
                        "kennwort",
                        "senha",
                        "contrasena",
                        "hash",
                        "csrf",
                        "sid",
                        "cookie",
                        "serial",
                        "psk",
                        "pword",
                        "clave",
                        "appid",
                        "subscription",
                        "_pat",
                        "iv")) {
            add(word, (_, start, assignments, _) -> assignments.at(start, start + word.length()));
        }
        KEYWORDS = Keywords.of(ALL.stream().map(Detector::keyword).toList(), true);
    }

    /// Looks at a text from the place where its keyword was found.
    private record Detector(String keyword, Look look) {}

    private interface Look {
        @Nullable Span at(String text, int start, Assignments assignments, Mode mode);
    }

    private Detectors() {}

    private static void add(String keyword, Look look) {
        ALL.add(new Detector(keyword, look));
    }

    /// The secrets of a text in order, none overlapping.
    static List<Span> find(String text, FileStyle style, Mode mode) {
        List<Span> found = new ArrayList<>();
        Assignments assignments = new Assignments(text, style, mode);
        Keywords known = style == FileStyle.MACHINE ? FORMATS : KEYWORDS;
        known.scan(
                text,
                (keyword, start, _) -> {
                    if (insideBlock(found, start)) {
                        return;
                    }
                    Span span = ALL.get(keyword).look().at(text, start, assignments, mode);
                    if (span != null) {
                        found.add(span);
                    }
                });
        return merged(found);
    }

    /// What stands inside a key block is known already, and may be long.
    private static boolean insideBlock(List<Span> found, int start) {
        return !found.isEmpty()
                && found.getLast().end() > start
                && found.getLast().rule().equals(Structures.BLOCK_RULE);
    }

    /// These know where their secret begins and ends; what a name beside it took for its value may
    /// be more.
    private static final Set<String> EXACT =
            Set.of("url-password", "jwt", "basic-auth", "bearer-token", "command-line-password");

    private static Span both(Span first, Span second) {
        boolean firstByName = first.rule().endsWith("-assignment");
        boolean secondByName = second.rule().endsWith("-assignment");
        if (firstByName && EXACT.contains(second.rule())) {
            return second;
        }
        if (secondByName && EXACT.contains(first.rule())) {
            return first;
        }
        return new Span(
                first.start(),
                Math.max(first.end(), second.end()),
                firstByName ? second.rule() : first.rule());
    }

    /// Overlapping spans become one; the rule of the one that was found by its own form counts, not
    /// that of its name.
    static List<Span> merged(List<Span> found) {
        if (found.size() < 2) {
            return found;
        }
        List<Span> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Span::start).thenComparingInt(Span::end));
        List<Span> merged = new ArrayList<>();
        for (Span span : sorted) {
            Span last = merged.isEmpty() ? null : merged.getLast();
            if (last == null || span.start() >= last.end()) {
                merged.add(span);
            } else {
                merged.set(merged.size() - 1, both(last, span));
            }
        }
        return merged;
    }
}
