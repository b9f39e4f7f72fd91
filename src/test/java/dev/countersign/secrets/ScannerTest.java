package dev.countersign.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.countersign.domain.CountersignException;
import dev.countersign.secrets.Scanner.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScannerTest {
    private static final Made MADE = new Made(20261123);
    private final Scanner scanner = new Scanner();

    /// A text with one secret in it.
    record Case(String name, String path, String text, String secret, String rule) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case in(String path, String before, String secret, String after, String rule) {
        return new Case(
                rule + " in " + path + ": " + before, path, before + secret + after, secret, rule);
    }

    static Stream<Case> secrets() {
        String password = MADE.password(14);
        String key = MADE.key(32);
        String hex = "a1" + MADE.of(Made.HEX, 38);
        String uuid = "3f2504e0-4f89-" + "41d3-9a0c-" + MADE.of(Made.HEX, 12);
        String basic =
                Base64.getEncoder()
                        .encodeToString(("deploy:" + password).getBytes(StandardCharsets.UTF_8));
        return Stream.of(
                in("a.py", "t = '", "ghp" + "_" + MADE.of(Made.ALNUM, 36), "'\n", "github-token"),
                in(
                        "a.py",
                        "x = \"",
                        "github" + "_pat_" + MADE.of(Made.ALNUM, 60),
                        "\"",
                        "github-token"),
                in("a.js", "f('", "glpat" + "-" + MADE.of(Made.ALNUM, 20), "')", "gitlab-token"),
                in("a.txt", "", "AKIA" + MADE.of(Made.BASE32, 16), " ok", "aws-access-key-id"),
                in(
                        "a.json",
                        "{\"k\":\"",
                        "AIza" + MADE.of(Made.ALNUM, 35),
                        "\"}",
                        "google-api-key"),
                in(
                        "a.go",
                        "s := \"",
                        "xoxb" + "-" + MADE.of("0123456789", 12) + "-" + MADE.of(Made.ALNUM, 24),
                        "\"",
                        "slack-token"),
                in("a.rb", "k = '", "sk_" + "live_" + MADE.of(Made.ALNUM, 24), "'", "stripe-key"),
                in(
                        "a.env",
                        "X=",
                        "sk-" + "ant-" + "api03-" + MADE.of(Made.ALNUM, 93),
                        "\n",
                        "anthropic-key"),
                in("a.env", "X=", "sk-" + "proj-" + MADE.of(Made.ALNUM, 74), "\n", "openai-key"),
                in(
                        ".npmrc",
                        "//host/:_authToken=",
                        "npm" + "_" + MADE.of(Made.ALNUM, 36),
                        "\n",
                        "npm-token"),
                in(
                        "a.md",
                        "Use ",
                        "hf" + "_" + MADE.of(Made.LETTERS, 34),
                        ".",
                        "huggingface-token"),
                in(
                        "a.ts",
                        "`",
                        "SG" + "." + MADE.of(Made.ALNUM, 22) + "." + MADE.of(Made.ALNUM, 43),
                        "`",
                        "sendgrid-key"),
                in(
                        "a.cfg",
                        "bot ",
                        "1234567890" + ":AA" + MADE.of(Made.ALNUM, 33),
                        "\n",
                        "telegram-token"),
                in(
                        "a.cs",
                        "\"AccountName=x;AccountKey=",
                        MADE.of(Made.ALNUM, 86) + "==",
                        ";Suffix=y\"",
                        "azure-storage-key"),
                in(
                        "a.tf",
                        "t = \"",
                        "dop" + "_v1_" + MADE.of(Made.HEX, 64),
                        "\"",
                        "digitalocean-token"),
                in("a.hcl", "token \"", "hvs" + "." + MADE.of(Made.ALNUM, 90), "\"", "vault-token"),
                in("key.pem", "", MADE.pem("RSA "), "\n", "private-key"),
                in("key", "x\n", MADE.pem("OPENSSH "), "\n", "private-key"),
                in(
                        "a.json",
                        "{\"pem\":\"",
                        MADE.pem("").replace("\n", "\\n"),
                        "\"}",
                        "private-key"),
                in("a.http", "Cookie: s=", MADE.jwt(), "; a=b", "jwt"),
                in(
                        "a.yml",
                        "url: postgres://app:",
                        password.replace("!", "_"),
                        "@db:5432/x",
                        "url-password"),
                in("a.sh", "git clone https://oauth2:", key, "@git.corp/x", "url-password"),
                in("a.http", "Authorization: Basic ", basic, "\n", "basic-auth"),
                in("a.sh", "curl -H 'Authorization: Bearer ", key, "' x", "bearer-token"),
                in("a.sh", "mysqldump --password=", password, " db", "password-assignment"),
                in("a.sh", "tool login --password ", password, " x", "password-assignment"),
                in("a.sh", "curl -s -u admin:", password, " https://x", "command-line-password"),
                in("a.yaml", "db:\n  password: ", password, "\n", "password-assignment"),
                in("a.yaml", "  clientSecret: \"", key, "\"\n", "secret-assignment"),
                in("a.json", "{ \"db_password\" : \"", password, "\" }", "password-assignment"),
                in(
                        "a.properties",
                        "spring.datasource.password=",
                        password,
                        "\n",
                        "password-assignment"),
                in(".env", "export API_KEY=", key, "\n", "secret-assignment"),
                in(".env", "SECRET_ACCESS_KEY='", key, "'\n", "secret-assignment"),
                in(".env", "SERVICE_TOKEN=", hex, "\n", "secret-assignment"),
                in("a.ini", "api_key = ", uuid, "\n", "secret-assignment"),
                in("A.java", "String dbPassword = \"", password, "\";", "password-assignment"),
                in("A.java", "config.setPassword(\"", password, "\");", "password-assignment"),
                in("A.java", "p.put(\"client.secret\", \"", key, "\");", "secret-assignment"),
                in("a.py", "PASSWORD: str = \"", password, "\"", "password-assignment"),
                in("a.py", "conn(user='x', passwd='", password, "')", "password-assignment"),
                in("a.php", "'password' => '", password, "',", "password-assignment"),
                in("a.go", "apiToken := \"", key, "\"", "secret-assignment"),
                in("a.xml", "<password>", password, "</password>", "password-assignment"),
                in("a.xml", "<add key=\"ApiSecret\" value=\"", key, "\"/>", "secret-assignment"),
                in("a.cs", "\"Server=x;Password=", password, ";User=y\"", "password-assignment"),
                in("a.py", "s = '{\\\"token\\\": \\\"", key, "\\\"}'", "secret-assignment"),
                in("a.toml", "auth_key = \"", key, "\"", "secret-assignment"),
                in(
                        "a.json",
                        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"",
                        MADE.of(Made.ALNUM, 43),
                        "\"}",
                        "private-key"),
                in("a.py", "co = cohere.Client(\"", key, "\")", "secret-assignment"),
                in("a.rb", "provider :x, 'the-app', '", key, "'", "secret-assignment"),
                in("a.erl", "{jwt_secret, <<\"", key, "\">>}", "secret-assignment"),
                in("a.txt", "Unseal Key 1: ", MADE.key(43), "\n", "secret-assignment"),
                in("a.env", "EXT_PAT=", MADE.key(52), "\n", "secret-assignment"),
                in("a.csv", "name,password\nanna,", password, ",\n", "password-assignment"),
                in("a.sh", "snyk auth ", uuid, "\n", "command-line-password"));
    }

    /// People write these; a log or a feed shows them no more, and a file of them enters the guest.
    @Test
    void redactModeFindsPasswordsAsPeopleMakeThem() {
        for (String secret : List.of("harbour-violet-teapot", "Harvest-1994", "MyTulip57!")) {
            for (String line :
                    List.of(
                            "DB_PASS=" + secret,
                            "password = \"" + secret + "\"",
                            "mysql://shop:" + secret + "@db01/shop")) {
                List<Finding> found =
                        scanner.scan("a.env", line.getBytes(StandardCharsets.UTF_8), Mode.REDACT);
                assertThat(found).as(line).hasSize(1);
                assertThat(line.substring(found.getFirst().start(), found.getFirst().end()))
                        .as(line)
                        .isEqualTo(secret);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void bothModesFindTheSecretAtItsPlace(Case given) {
        for (Mode mode : Mode.values()) {
            List<Finding> found =
                    scanner.scan(given.path(), given.text().getBytes(StandardCharsets.UTF_8), mode);
            assertThat(found).as("%s %s", mode, given.text()).hasSize(1);
            Finding finding = found.getFirst();
            assertThat(finding.rule()).isEqualTo(given.rule());
            String line = given.text().split("\n", -1)[finding.line() - 1];
            assertThat(line.substring(finding.start(), finding.end()))
                    .isEqualTo(given.secret().split("\n", 2)[0]);
        }
    }

    static Stream<Case> lookAlikes() {
        String sha256 = MADE.of(Made.HEX, 64);
        String sha1 = MADE.of(Made.HEX, 40);
        String key = MADE.key(32);
        List<Case> all = new ArrayList<>();
        for (String text :
                List.of(
                        "password = os.environ['DB_PASSWORD']",
                        "password = getpass.getpass()",
                        "const password = req.body.password;",
                        "String password = config.getPassword();",
                        "password = \"changeme\"",
                        "password: \"<your password>\"",
                        "PASSWORD_HASH_ITERATIONS = 100000",
                        "token_url = \"https://idp.corp/oauth/token42\"",
                        "public_key = \"" + key + "\"",
                        "primary_key = \"" + key + "\"",
                        "tokenizer = \"cl100k_base_v2_final_000\"",
                        "max_tokens = \"4096\"",
                        "secret_name = \"prod/db/password-0001\"",
                        "secretKeyRef:\n  name: db\n  key: password",
                        "if (password == null) throw new X(\"password required\");",
                        "api_key=\"YOUR_API_KEY_0123456789abc\"",
                        "api_key = \"xxxxxxxxxxxxxxxxxxxxxxxx\"",
                        "auth_token = \"****************\"",
                        "url = \"https://user:password@example.com/\"",
                        "url = \"postgres://postgres:postgres@localhost/db\"",
                        "url = \"https://${USER}:${TOKEN}@host/\"",
                        "Authorization: Bearer <token>",
                        "Authorization: Basic <credentials>",
                        "\"integrity\": \"sha512-" + MADE.of(Made.ALNUM, 86) + "==\"",
                        "\"resolved\": \"https://r/x-1.0.0.tgz#" + sha1 + "\"",
                        "checksum = \"" + sha256 + "\"",
                        "commit " + sha1,
                        "passwordField.setText(\"\");",
                        "<input type=\"password\" name=\"password\" placeholder=\"Password\">",
                        "label_password = \"Enter your password here\"",
                        "password_reset_path = \"/account/password/reset1\"",
                        "disk = \"/dev/sda1\"; task-us = 1",
                        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
                        "-----BEGIN RSA PRIVATE "
                                + "KEY-----\n...\n-----END RSA PRIVATE "
                                + "KEY-----",
                        "ghp_short",
                        "token: ${{ secrets.GITHUB_TOKEN }}",
                        "password: !vault |",
                        "bypass = \"A1b2C3d4!x\"",
                        "compass: N42e17x!",
                        "password: \u30d1\u30b9\u30ef\u30fc\u30c9",
                        "password: reset-password-form",
                        "GITHUB_TOKEN=ghp" + "_" + "x".repeat(36),
                        "do_token = \"dop" + "_v1_" + "0".repeat(64) + "\"",
                        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                        "SecretArn: arn:aws:secretsmanager:eu:1:secret:prod/db-xmTql2",
                        "password: ENC[AES256_GCM,data:x1Y2z3,iv:" + key + "=,type:str]",
                        "SITE_KEY=" + key,
                        "NAME_PAT = r\"[a-zA-Z](?:[a-zA-Z0-9-]*)9x\"",
                        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
                        "TWILIO_ACCOUNT_SID=AC" + MADE.of(Made.HEX, 32),
                        "csrf_token_header = \"X-CSRF-Token-v2\"")) {
            all.add(new Case(text, text.contains(": ") ? "a.yaml" : "a.py", text, "", ""));
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("lookAlikes")
    void blockModeIsSilentAboutPlaceholdersReferencesAndHashes(Case given) {
        assertThat(
                        scanner.scan(
                                given.path(),
                                given.text().getBytes(StandardCharsets.UTF_8),
                                Mode.BLOCK))
                .isEmpty();
    }

    @Test
    void linesAndColumnsAreThoseThatAnEditorShows() {
        String secret = MADE.password(12);
        String text = "a\n\u00e4\u20ac password = \"" + secret + "\"\n";
        Finding found =
                scanner.scan("a.py", text.getBytes(StandardCharsets.UTF_8), Mode.BLOCK).getFirst();
        assertThat(found.line()).isEqualTo(2);
        assertThat(text.split("\n", -1)[1].substring(found.start(), found.end())).isEqualTo(secret);
    }

    @Test
    void aDirectoryIsWalkedInOrderLinksAndObjectStoresLeftOut(@TempDir Path root)
            throws IOException, CountersignException {
        String line = "password = \"" + MADE.password(12) + "\"\n";
        Files.createDirectories(root.resolve(".git/objects"));
        Files.createDirectories(root.resolve("b"));
        for (String name : List.of("b/x.py", "a.py", ".git/config", ".git/objects/x.py")) {
            Files.writeString(root.resolve(name), line);
        }
        Files.createSymbolicLink(root.resolve("link.py"), root.resolve("a.py"));
        assertThat(
                        scanner.scan(root, Mode.BLOCK).stream()
                                .map(f -> root.relativize(Path.of(f.path())).toString()))
                .containsExactly(".git/config", "a.py", "b/x.py");
        assertThatThrownBy(() -> scanner.scan(root.resolve("none"), Mode.BLOCK))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("There is no file");
    }

    @Test
    void aLargeFileIsScannedInPartsWithRightLines(@TempDir Path root)
            throws IOException, CountersignException {
        String secret = "password = \"" + MADE.password(12) + "\"\n";
        String filler = "nothing to see here, only some ordinary words in a line\n".repeat(100);
        StringBuilder text = new StringBuilder();
        List<Integer> lines = new ArrayList<>();
        for (int i = 0; i < 3600; i++) {
            text.append(filler);
            if (i % 300 == 7) {
                lines.add((i + 1) * 100 + lines.size() + 1);
                text.append(secret);
            }
        }
        Path file = Files.writeString(root.resolve("big.py"), text);
        assertThat(Files.size(file)).isGreaterThan(2L * (8 << 20));
        assertThat(scanner.scan(file, Mode.BLOCK).stream().map(Finding::line)).isEqualTo(lines);
    }

    @Test
    void hostileTextsHoldNothingUp() {
        for (String piece :
                List.of(
                        "password=",
                        "eyJ",
                        "://a:",
                        "-----BEGIN ",
                        "\"",
                        "\\",
                        "key\"",
                        "bearer ")) {
            byte[] text = piece.repeat((1 << 18) / piece.length()).getBytes(StandardCharsets.UTF_8);
            assertTimeoutPreemptively(
                    java.time.Duration.ofSeconds(30),
                    () -> scanner.scan("x.txt", text, Mode.REDACT),
                    piece);
        }
    }
}
