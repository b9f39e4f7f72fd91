package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.RelativePath;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @TempDir Path dir;

    private static final String CANARY = "c4n4ryQ7x9ZpL2mK8vT1";

    @Test
    void P6_aCanaryInNoDisguiseReachesWireOrGuest() throws Exception {
        try (Rig rig = new Rig(dir)) {
            String env = "# mine\nAPI_TOKEN=" + CANARY + "\nMODE=production\n";
            byte[] raw = env.getBytes(StandardCharsets.UTF_8);
            String[] names = {
                ".env",
                ".env.local",
                ".env.production",
                "app/.env",
                ".env~",
                ".env.swp",
                "#.env#",
                ".env.bak",
                ".env.old",
                ".env.20240101",
                "prod.env",
                ".envrc.local",
                ".netrc",
                ".npmrc",
                ".pypirc",
                "server.pem",
                "server.key",
                "id_rsa",
                "id_ed25519",
                "deploy/id_ecdsa",
                "store.jks",
                "a.p12",
                "a.pfx",
                "b.kdbx",
                ".aws/credentials",
                ".aws/config",
                ".ssh/config",
                ".gnupg/x",
                ".docker/config.json",
                "kubeconfig",
                ".kube/config",
                "terraform.tfstate",
                "terraform.tfstate.backup",
                "my-service-account.json",
                "client_secret_1.json",
                ".git-credentials",
                ".pgpass",
                "secrets.yaml",
                "credentials.json",
                "key.pem.bak",
                "id_rsa.old",
                ".env.txt",
                ".htpasswd",
            };
            for (String name : names) {
                Rig.writeBytes(rig.host, name, raw);
            }
            Rig.writeBytes(rig.host, "copy-under-another-name", raw);
            Rig.write(rig.host, "in-code.py", "token = \"" + CANARY + "\"\n");
            Rig.write(rig.host, "upper/in.yml", "token: '" + CANARY + "'\n");
            Rig.writeBytes(rig.host, "coded", Base64.getEncoder().encode(raw));
            Rig.writeBytes(rig.host, "wide", env.getBytes(StandardCharsets.UTF_16LE));
            Rig.write(
                    rig.host,
                    "value-in-base64",
                    "x "
                            + Base64.getEncoder()
                                    .encodeToString(
                                            ("zz" + CANARY).getBytes(StandardCharsets.UTF_8)));
            Rig.write(
                    rig.host,
                    "hex",
                    HexFormat.of().formatHex(CANARY.getBytes(StandardCharsets.UTF_8)));
            Rig.write(
                    rig.host,
                    "rsa.txt",
                    "-----BEGIN RSA PRIVATE KEY-----\n" + CANARY + CANARY + "\n");
            Rig.write(rig.host, ".env.example", "API_TOKEN=\n");
            Rig.write(rig.host, "plain.txt", "production\n");
            CopyInReport report = rig.in();
            assertThat(Rig.tree(rig.guest)).containsOnlyKeys(".env.example", "plain.txt");
            assertThat(report.leftOut()).hasSize(names.length + 8);
            Rig.write(rig.host, "later.txt", "now " + CANARY + "\n");
            Rig.write(rig.host, "plain.txt", "and now " + CANARY + "\n");
            rig.workspace.collect();
            String wire = rig.link.wire.toString(StandardCharsets.ISO_8859_1);
            assertThat(wire).contains("plain.txt").doesNotContain(CANARY);
            assertThat(Rig.tree(rig.guest)).containsOnlyKeys(".env.example");
            assertThat(Rig.run(rig.guest, "git", "log", "-p", "--all")).doesNotContain(CANARY);
            assertThat(rig.facts.toString()).doesNotContain(CANARY);
        }
    }

    @Test
    void P6_theGivenFilterIsAskedBeforeAByteLeaves() throws Exception {
        SecretFilter filter =
                (path, content) ->
                        new String(content, StandardCharsets.UTF_8).contains("hush")
                                ? java.util.Optional.of("hush (line 1)")
                                : java.util.Optional.empty();
        try (Rig rig =
                new Rig(dir, s -> s.withSecrets(filter).withExcludes(java.util.List.of("big/")))) {
            Rig.write(rig.host, "a", "hush\n");
            Rig.write(rig.host, "b", "fine\n");
            Rig.write(rig.host, "big/x", "fine\n");
            CopyInReport report = rig.in();
            assertThat(Rig.tree(rig.guest)).containsOnlyKeys("b");
            assertThat(report.leftOut())
                    .extracting(LeftOut::reason)
                    .containsExactly(LeftOut.Reason.SECRET_CONTENT, LeftOut.Reason.EXCLUDED);
        }
    }

    @Test
    void P2_aGuestsFileOfASecretsNameIsBlockedAndNeverApplied() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            rig.in();
            Rig.write(rig.guest, ".env", "A=evil\n");
            rig.workspace.collect();
            assertThat(rig.file(".env").change()).isEqualTo(ChangeKind.BLOCKED);
            ApplyOutcome outcome = rig.applyAll();
            assertThat(outcome.paths()).isEmpty();
            assertThat(Rig.read(rig.host, ".env")).isEqualTo("A=" + CANARY + "\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/environment.ts",
                "env.py",
                ".env.example",
                ".env.sample",
                "key.py",
                "keys/readme.md",
                "tokenizer.json",
                "id_rsa.pub",
                "monkey.rs",
                "secrets/__init__.py",
                "config.json",
                "docs/credentials.md",
                "package.json"
            })
    void ordinaryNamesMayEnter(String path) {
        assertThat(SecretDoor.byName(new RelativePath(path))).isEmpty();
    }

    @Test
    void ordinaryContentMayEnter() throws Exception {
        SecretDoor door = new SecretDoor((_, _) -> java.util.Optional.empty());
        door.learn(
                "NODE_ENV=production\nURL=http://localhost:8080/api\nDEBUG=true\nPORT=3000\n"
                        .getBytes(StandardCharsets.UTF_8));
        for (String text :
                new String[] {
                    "production at http://localhost:8080/api\n",
                    "integrity sha512-AbCdEf0123456789AbCdEf0123456789==\n",
                    "assert key.startswith('-----BEGIN PRIVATE KEY-----')\n",
                }) {
            assertThat(door.byContent(new RelativePath("x"), text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isEmpty();
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(new byte[100_000]);
        }
        assertThat(door.byContent(new RelativePath("x.gz"), packed.toByteArray())).isEmpty();
    }
}
