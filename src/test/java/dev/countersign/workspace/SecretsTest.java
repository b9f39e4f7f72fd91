package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.RelativePath;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
            byte[] token = CANARY.getBytes(StandardCharsets.UTF_8);
            Rig.write(rig.host, "url.txt", "https://u:" + CANARY + "@example.test/x\n");
            Rig.write(rig.host, "reversed", new StringBuilder(CANARY).reverse() + "\n");
            Rig.write(rig.host, "HEX", HexFormat.of().withUpperCase().formatHex(token));
            Rig.writeBytes(rig.host, "wide-be", env.getBytes(StandardCharsets.UTF_16BE));
            Rig.writeBytes(rig.host, "wide-bom", env.getBytes(StandardCharsets.UTF_16));
            Rig.writeBytes(rig.host, "mime", Base64.getMimeEncoder().encode(raw));
            Rig.write(rig.host, ".env.example", "API_TOKEN=\n");
            Rig.write(rig.host, "plain.txt", "production\n");
            CopyInReport report = rig.in();
            assertThat(Rig.tree(rig.guest).keySet())
                    .as("of `.env` files the names")
                    .containsExactlyInAnyOrder(
                            ".env.example",
                            "plain.txt",
                            ".env",
                            ".env.local",
                            ".env.production",
                            "app/.env",
                            "prod.env");
            assertThat(Rig.read(rig.guest, ".env"))
                    .contains("API_TOKEN=" + Placeholders.VALUE, "MODE=production")
                    .doesNotContain("mine");
            assertThat(report.leftOut()).hasSize(names.length + 14);
            Rig.write(rig.host, "later.txt", "now " + CANARY + "\n");
            Rig.write(rig.host, "plain.txt", "and now " + CANARY + "\n");
            rig.workspace.collect();
            String wire = rig.link.wire.toString(StandardCharsets.ISO_8859_1);
            assertThat(wire).contains("plain.txt").doesNotContain(CANARY);
            assertThat(Rig.tree(rig.guest))
                    .containsKey(".env.example")
                    .doesNotContainKey("plain.txt");
            String reversed = new StringBuilder(CANARY).reverse().toString();
            String hex = HexFormat.of().formatHex(CANARY.getBytes(StandardCharsets.UTF_8));
            assertThat(wire.replace("\0", "").toLowerCase(java.util.Locale.ROOT))
                    .as("in any disguise")
                    .doesNotContain(
                            CANARY.toLowerCase(java.util.Locale.ROOT),
                            reversed.toLowerCase(java.util.Locale.ROOT),
                            hex);
            assertThat(Rig.tree(rig.guest).toString()).doesNotContain(CANARY);
            assertThat(Rig.run(rig.guest, "git", "log", "-p", "--all")).doesNotContain(CANARY);
            assertThat(rig.facts.toString()).doesNotContain(CANARY);
        }
    }

    @Test
    void placeholdersKeepNamesAndSayNothingOfValues() {
        String env =
                """
                # old: c4n4ryQ7x9ZpL2mK8vT1
                export DB_URL="postgres://u:c4n4ryQ7x9ZpL2mK8vT1@db:5432/x"
                PORT=3000
                PIN=1234
                EMPTY=
                MODE='production'
                KEY="-----BEGIN PRIVATE KEY-----
                c4n4ryQ7x9ZpL2mK8vT1AAAA=
                SECRET=c4n4ryQ7x9ZpL2mK8vT1
                -----END PRIVATE KEY-----"
                c4n4ryQ7x9ZpL2mK8vT1=
                lower_case=c4n4ryQ7x9ZpL2mK8vT1
                words without a name c4n4ryQ7x9ZpL2mK8vT1
                """;
        String text =
                new String(
                        Placeholders.of(env.getBytes(StandardCharsets.UTF_8)).orElseThrow(),
                        StandardCharsets.UTF_8);
        assertThat(text.lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "export DB_URL=postgres://countersign-placeholder.invalid/",
                        "PORT=3000",
                        "PIN=0",
                        "EMPTY=",
                        "MODE=production",
                        "KEY=countersign-placeholder",
                        "lower_case=countersign-placeholder");
        assertThat(Placeholders.of("no names\n".getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(Placeholders.of(new byte[] {'A', '=', 0})).isEmpty();
    }

    @Test
    void P6_anotherValueSendsNothingAnotherNameSendsTheName() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            rig.in();
            String before = Rig.read(rig.guest, ".env");
            Rig.write(rig.host, ".env", "A=another" + CANARY + "\n");
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, ".env")).isEqualTo(before);
            Rig.write(rig.host, ".env", "A=another" + CANARY + "\nNEW=" + CANARY + "\n");
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, ".env"))
                    .isEqualTo(before + "NEW=" + Placeholders.VALUE + "\n");
            assertThat(rig.review().files()).isEmpty();
            assertThat(rig.link.wire.toString(StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"kill", "reconnect", "restore", "touch"})
    void placeholdersAreNobodysChangeAfter(String what) throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            Rig.write(rig.host, "app/prod.env", "B=" + CANARY + "\nPORT=80\n");
            Rig.write(rig.host, "a.txt", "one\n");
            rig.in();
            rig.workspace.collect();
            rig.workspace.mark("c");
            Map<String, String> before = Rig.tree(rig.guest);
            switch (what) {
                case "kill" -> rig.reopenAsAfterAKill();
                case "reconnect" -> {
                    rig.reopen();
                    rig.workspace.connect(rig.link);
                }
                case "restore" -> {
                    rig.workspace.beginRestore();
                    rig.workspace.restored("c", 1, rig.link);
                }
                default ->
                        Files.setLastModifiedTime(
                                rig.guest.resolve(".env"), FileTime.from(java.time.Instant.EPOCH));
            }
            rig.workspace.collect();
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.tree(rig.guest)).isEqualTo(before);
            assertThat(rig.facts).noneMatch(f -> f instanceof dev.countersign.domain.Fact.Staged);
            // It is still watched: what the agent makes of it is blocked, and its way back is seen.
            Rig.write(rig.guest, ".env", "A=evil\n");
            rig.workspace.collect();
            assertThat(rig.file(".env").change()).isEqualTo(ChangeKind.BLOCKED);
            Rig.write(rig.guest, ".env", java.util.Objects.requireNonNull(before.get(".env")));
            rig.workspace.collect();
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"A=other", "A=other\nNEW=more", "A=true", "no names", ""})
    void whatTheHostMakesOfItsEnvWhileNoEngineRunsIsNotTheAgents(String host) throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            Rig.write(rig.host, "a.txt", "one\n");
            rig.in();
            if (host.isEmpty()) {
                Files.delete(rig.host.resolve(".env"));
            } else {
                Rig.write(rig.host, ".env", host + "\n");
            }
            rig.reopenAsAfterAKill();
            rig.workspace.collect();
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.read(rig.guest, ".env"))
                    .isEqualTo(
                            Placeholders.of(host.getBytes(StandardCharsets.UTF_8))
                                    .map(text -> new String(text, StandardCharsets.UTF_8))
                                    .orElse(null));
            assertThat(rig.facts).noneMatch(f -> f instanceof dev.countersign.domain.Fact.Staged);
        }
    }

    @Test
    void aPushWhoseEndNobodyWroteDownIsNotTheAgents() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            rig.in();
            String more = "A=" + CANARY + "\nNEW=" + CANARY + "\n";
            for (String name : List.of(".env", "fresh.env")) {
                Rig.write(rig.host, name, more);
                Rig.writeBytes(
                        rig.guest,
                        name,
                        Placeholders.of(more.getBytes(StandardCharsets.UTF_8)).orElseThrow());
            }
            rig.reopenAsAfterAKill();
            assertThat(rig.review().files()).isEmpty();
            assertThat(rig.facts).noneMatch(f -> f instanceof dev.countersign.domain.Fact.Staged);
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, ".env")).as("it is brought up").doesNotContain("NEW");
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void whatTheHostChangedWhileTheGuestsWasBlockedComesWhenItIsNot() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            rig.in();
            String given = java.util.Objects.requireNonNull(Rig.read(rig.guest, ".env"));
            Rig.write(rig.guest, ".env", "A=evil\n");
            Rig.write(rig.host, ".env", "A=" + CANARY + "\nNEW=" + CANARY + "\n");
            rig.workspace.collect();
            assertThat(rig.file(".env").change()).isEqualTo(ChangeKind.BLOCKED);
            assertThat(Rig.read(rig.guest, ".env")).as("never replaced").isEqualTo("A=evil\n");
            Rig.write(rig.guest, ".env", given);
            rig.workspace.collect();
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, ".env")).contains("NEW=" + Placeholders.VALUE);
            assertThat(rig.review().files()).isEmpty();
        }
    }

    @Test
    void P2_anEnvOfTheAgentsOwnIsStillBlockedAfterAKill() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, ".env", "A=" + CANARY + "\n");
            Rig.write(rig.host, ".gitignore", "local.env\n");
            rig.in();
            String given = java.util.Objects.requireNonNull(Rig.read(rig.guest, ".env"));
            // Of the same size as what it was given.
            Rig.write(rig.guest, ".env", given.replace("placeholder", "0laceh0lder"));
            Rig.write(rig.guest, "new.env", given);
            Rig.write(rig.guest, "local.env", "A=mine\n");
            rig.reopenAsAfterAKill();
            assertThat(rig.review().files())
                    .extracting(f -> f.path().raw(), ReviewedFile::change)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(".env", ChangeKind.BLOCKED),
                            org.assertj.core.groups.Tuple.tuple("new.env", ChangeKind.BLOCKED));
            Rig.write(rig.host, "local.env", "A=" + CANARY + "\n");
            rig.workspace.collect();
            rig.workspace.collect();
            assertThat(rig.file("local.env").change())
                    .as("the host has one of this name by now")
                    .isEqualTo(ChangeKind.BLOCKED);
            assertThat(Rig.read(rig.guest, "local.env")).isEqualTo("A=mine\n");
        }
    }

    @Test
    void P2_whatTheAgentMakesOfPlaceholdersIsNeverMappedBack() throws Exception {
        try (Rig rig = new Rig(dir)) {
            String env = "A=" + CANARY + "\n";
            Rig.write(rig.host, ".env", env);
            rig.in();
            Rig.write(rig.guest, ".env", "A=evil\n");
            rig.workspace.collect();
            assertThat(rig.file(".env").change()).isEqualTo(ChangeKind.BLOCKED);
            rig.applyAll();
            assertThat(Rig.read(rig.host, ".env")).isEqualTo(env);
            Files.delete(rig.guest.resolve(".env"));
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, ".env")).as("it comes anew").contains("A=");
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.read(rig.host, ".env")).isEqualTo(env);
        }
    }

    @Test
    void P6_aFileThatTurnsOutToHoldASecretLeavesTheGuestAndThatIsSaid() throws Exception {
        try (Rig rig = new Rig(dir)) {
            Rig.write(rig.host, "app/settings.py", "TOKEN = '" + CANARY + "'\n");
            Rig.write(rig.host, "other.py", "x = 1\n");
            rig.in();
            assertThat(Rig.tree(rig.guest)).containsKey("app/settings.py");
            Rig.write(rig.host, ".env", "TOKEN=" + CANARY + "\n");
            rig.workspace.collect();
            rig.workspace.collect();
            assertThat(Rig.tree(rig.guest)).containsOnlyKeys("other.py", ".env");
            assertThat(rig.facts)
                    .filteredOn(f ->
                            f instanceof dev.countersign.domain.Fact.Noticed n
                                    && n.topic().equals("secrets"))
                    .singleElement()
                    .asString()
                    .contains("app/settings.py", "was readable there")
                    .doesNotContain(CANARY);
            assertThat(Rig.read(rig.host, "app/settings.py")).contains(CANARY);
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
    void aSecretThatTheAgentWroteIsToldOfAndLandsOnlyIfItIsNamed() throws Exception {
        SecretFilter filter =
                (path, content) ->
                        new String(content, StandardCharsets.UTF_8).contains("hush")
                                ? java.util.Optional.of("hush (line 1)")
                                : java.util.Optional.empty();
        try (Rig rig = new Rig(dir, s -> s.withSecrets(filter))) {
            String lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n";
            Rig.write(rig.host, "a", lines);
            rig.in();
            Rig.write(rig.guest, "a", "fine\n" + lines + "key = hush\n");
            rig.workspace.collect();
            ReviewedFile file = rig.file("a");
            assertThat(file.level()).isEqualTo(dev.countersign.domain.Level.CRITICAL);
            assertThat(file.reasons()).contains("what it adds looks like a secret: hush");
            assertThat(file.hunks()).hasSize(2);
            assertThat(file.hunks().get(0).level())
                    .isNotEqualTo(dev.countersign.domain.Level.CRITICAL);
            assertThat(file.hunks().get(1).level())
                    .isEqualTo(dev.countersign.domain.Level.CRITICAL);
            rig.applyAll();
            assertThat(Rig.read(rig.host, "a")).isEqualTo("fine\n" + lines);
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
