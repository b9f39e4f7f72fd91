package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.Client;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.egress.TlsServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A whole session whose guest uses the host's credentials and looks for what was kept from it;
/// then a search for all of it, in every form, in all that the session leaves: the guest's disk and
/// memory, what it was started from, journal, logs, index, staging and exports.
@Tag("vm")
class CanarySearchVmTest {
    private static final String PASSPHRASE = "correct horse battery " + random(8);

    /// What an agent does that wants to know everything.
    private static final String CURIOUS =
            """
            version: 1
            first: go
            again: more
            steps:
              go:
                say: I ask the server and look around.
                calls:
                  - bash: {command: "curl -sS -i -H \\"Authorization: Bearer $STORED_TOKEN\\" \\"$STORED_URL/user\\" | tee stored.txt"}
                  - bash: {command: "curl -sS -i -H \\"Authorization: Bearer $MADE_TOKEN\\" \\"$MADE_URL/user\\" | tee made.txt"}
                  - bash: {command: "env; find . -type f -exec cat {} +; cat /proc/self/environ | tr '\\\\0' '\\\\n' > seen.txt"}
                next: done
              done:
                say: Done.
              more:
                say: Nothing more.
            """;

    private final List<String> served = new CopyOnWriteArrayList<>();
    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.set();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        if (desk != null) {
            desk.clear();
        }
    }

    private static String random(int bytes) {
        byte[] made = new byte[bytes];
        new SecureRandom().nextBytes(made);
        return HexFormat.of().formatHex(made);
    }

    /// Tells everybody what it was asked with, as careless servers do.
    private void serve(HttpExchange exchange) throws IOException {
        String sent = String.join(",", TlsServer.got(exchange, "Authorization"));
        served.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent);
        exchange.getResponseHeaders().add("X-Echo", sent);
        TlsServer.answer(
                exchange,
                200,
                "you are known by %s, in hex %s\n"
                        .formatted(
                                sent,
                                HexFormat.of()
                                        .formatHex(
                                                sent.replaceFirst(".* ", "")
                                                        .getBytes(StandardCharsets.UTF_8))));
    }

    private void commanded(String input, String... words) throws IOException, InterruptedException {
        Path in = Files.writeString(desk.work.resolve("typed"), input);
        Process process =
                desk.command(words).redirectErrorStream(true).redirectInput(in.toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Files.delete(in);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static void write(Path root, String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void P6_whatStaysOnTheHostIsNowhereInWhatASessionLeaves() throws Exception {
        Map<String, String> secrets = new LinkedHashMap<>();
        secrets.put("stored credential", "stored-" + random(20));
        secrets.put("credential of a command", "made-" + random(20));
        secrets.put("passphrase", PASSPHRASE);
        Path repository = desk.repository("shop", "app.py", "print('shop')\n");
        plant(repository, secrets);
        Path command =
                Files.writeString(
                        desk.work.resolve("made"), secrets.get("credential of a command") + "\n");

        KeyStore keys = TlsServer.certificate(desk.work);
        Path trusted = Files.writeString(desk.work.resolve("trusted.pem"), TlsServer.pem(keys));
        try (TlsServer server = new TlsServer(keys, this::serve);
                Client engine = desk.engine(Map.of("SSL_CERT_FILE", trusted.toString()))) {
            String url = "https://localhost:" + server.port();
            commanded(PASSPHRASE + "\n", "credential", "unlock");
            commanded(
                    secrets.get("stored credential") + "\n",
                    "credential",
                    "add",
                    "stored",
                    "--url",
                    url,
                    "--path",
                    "/user",
                    "--env",
                    "STORED_TOKEN",
                    "--url-env",
                    "STORED_URL",
                    "--repository",
                    repository.toString());
            commanded(
                    "",
                    "credential",
                    "add",
                    "made",
                    "--url",
                    url,
                    "--path",
                    "/user",
                    "--env",
                    "MADE_TOKEN",
                    "--url-env",
                    "MADE_URL",
                    "--repository",
                    repository.toString(),
                    "--",
                    "cat",
                    command.toString());

            SessionId id =
                    engine.start(
                                    new StartRequest(
                                            repository.toString(),
                                            "mini",
                                            "look around",
                                            Mode.POST_HOC,
                                            null,
                                            null,
                                            "packages",
                                            desk.scenario(CURIOUS),
                                            1024,
                                            null))
                            .id();
            letRun(engine, id);

            // Both were used from inside the guest, and what it has of them is worth nothing.
            assertThat(served)
                    .as(Desk.story(engine, id))
                    .containsExactly(
                            "GET /user Bearer " + secrets.get("stored credential"),
                            "GET /user Bearer " + secrets.get("credential of a command"));
            assertThat(Desk.facts(engine, id, Fact.CredentialUsed.class))
                    .extracting(Fact.CredentialUsed::credential)
                    .containsExactly("stored", "made");
            assertThat(desk.inGuest(id, "cat /workspace/stored.txt"))
                    .contains("HTTP/1.1 200", "you are known by Bearer ")
                    .doesNotContain(secrets.get("stored credential"));
            String placeholder =
                    desk.inGuest(
                            id, "sed -n 's/^STORED_TOKEN=//p' /workspace/seen.txt | head -n 1");
            assertThat(placeholder).isNotEmpty().isNotEqualTo(secrets.get("stored credential"));
            String ask =
                    "curl -sS -o /dev/null -w '%%{http_code}' -H 'Authorization: Bearer %s' http://127.0.0.1:4101/o/api/stored/"
                            .formatted(placeholder);
            assertThat(desk.inGuest(id, ask + "user")).isEqualTo("200");
            // Another path, another method, or somebody else's key: refused.
            assertThat(desk.inGuest(id, ask + "repos")).isEqualTo("403");
            assertThat(desk.inGuest(id, ask + "user -X POST")).isEqualTo("403");
            assertThat(desk.inGuest(id, ask.replace(placeholder, "another-" + random(8)) + "user"))
                    .isEqualTo("403");

            Map<String, String> controls = controls(id);
            engine.createCheckpoint(id, "searched");
            engine.freeze(Optional.of(id));
            assertThat(Desk.facts(engine, id, Fact.CredentialRevoked.class))
                    .singleElement()
                    .satisfies(one ->
                            assertThat(one.credentials())
                                    .containsExactlyInAnyOrder("stored", "made"));

            Found found = search(id, secrets, controls);
            assertThat(found.controls())
                    .as("markers of the search itself")
                    .contains(
                            "on disk, plain: disk",
                            "on disk, in base64: disk",
                            "on disk, in hex: disk",
                            "in percent form: disk",
                            "in memory: disk",
                            "on disk, plain: now.raw",
                            "on disk, plain: checkpoint.raw")
                    // It was never on a disk, so it can only have been found in the memory.
                    .doesNotContain("in memory: now.raw", "in memory: checkpoint.raw");
            assertThat(found.secrets()).as("secrets that left the host").isEmpty();

            engine.thaw(id);
            Desk.awaitState(engine, id, SessionState.REVIEW);
            assertThat(desk.inGuest(id, ask + "user")).as("revoked").isEqualTo("403");

            // A token that was planted there shows itself in a file of the workspace: an incident.
            String planted =
                    Files.readString(desk.home.resolve("sessions/" + id + "/canaries.json"));
            String token = planted.replaceFirst("(?s).*?\"([a-z2-7]{40})\".*", "$1");
            desk.inGuest(id, "printf 'x%s' | base64 -w0 > /workspace/notes.txt".formatted(token));
            Desk.awaitState(engine, id, SessionState.FROZEN);
            assertThat(Desk.facts(engine, id, Fact.CanaryLeft.class))
                    .first()
                    .satisfies(left -> {
                        assertThat(left.way()).isEqualTo("staged");
                        assertThat(left.place().raw()).isEqualTo("notes.txt");
                    });
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        }
    }

    /// Files that are denied by name, by rule and by what they hold, and an `.env`.
    private void plant(Path repository, Map<String, String> secrets) throws IOException {
        String environment = random(20);
        secrets.put(".env", environment);
        write(repository, ".env", "DB_PASSWORD=" + environment + "\nDEBUG=true\n");
        String npm = random(20);
        secrets.put(".npmrc", npm);
        write(repository, ".npmrc", "//registry.example.org/:_authToken=" + npm + "\n");
        String file = random(20);
        secrets.put("credentials.json", file);
        write(repository, "config/credentials.json", "{\"password\": \"" + file + "\"}\n");
        String source = random(20);
        secrets.put("a key in source", source);
        write(repository, "settings.py", "API_SECRET_KEY = \"" + source + "\"\n");
        String plan = "plan-of-" + random(20);
        secrets.put("a file that a rule excludes", plan);
        write(repository, "private/plan.txt", "We call it " + plan + ".\n");
        write(repository, ".countersign.yaml", "version: 1\nexclude: [\"private/**\"]\n");
        String key = random(48);
        secrets.put("a private key", key);
        write(
                repository,
                "deploy/server.pem",
                "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n");
    }

    private static void letRun(Client engine, SessionId id) {
        Set<String> answered = new HashSet<>();
        Desk.await(
                "the end of the agent",
                () -> {
                    try {
                        for (ApprovalView one : engine.approvals(Optional.of(id))) {
                            if (answered.add(one.id())) {
                                engine.allow(one.id(), one.digest(), null);
                            }
                        }
                        SessionState state = engine.session(id).state();
                        assertThat(state)
                                .as(Desk.story(engine, id))
                                .isNotEqualTo(SessionState.FAILED);
                        return state == SessionState.REVIEW;
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /// What the search must find: a search that finds nothing could be one that can't.
    private Map<String, String> controls(SessionId id) throws IOException, InterruptedException {
        Map<String, String> controls = new LinkedHashMap<>();
        for (String name :
                List.of(
                        "on disk, plain",
                        "on disk, in base64",
                        "on disk, in hex",
                        "in percent form",
                        "in memory")) {
            controls.put(name, "marker-" + random(20));
        }
        List<String> values = new ArrayList<>(controls.values());
        Forms percent = new Forms(values.get(3));
        desk.inGuest(
                id,
                """
                mkdir -p /var/lib/control && cd /var/lib/control
                printf '%%s' '%s' > plain
                printf '%%s' 'x%s' | base64 -w0 > base64
                printf '%%s' '%s' | od -An -tx1 | tr -d ' \\n' > hex
                printf '%%s' '%s' > percent
                sync
                setsid python3 -c 'import sys, time; kept = sys.argv[1][::-1]; time.sleep(100000)' '%s' </dev/null >/dev/null 2>&1 &
                """
                        .formatted(
                                values.get(0),
                                values.get(1),
                                values.get(2),
                                percent.percent(),
                                new StringBuilder(values.get(4)).reverse()));
        Desk.await(
                "the marker in memory",
                () -> {
                    try {
                        return desk.inGuest(id, "pgrep -fc 'kept = sys' || true").startsWith("1");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new AssertionError(e);
                    }
                });
        return controls;
    }

    /// @param secrets of the host that were found, each with where
    /// @param controls that were found, each with where
    private record Found(List<String> secrets, Set<String> controls) {}

    private Found search(SessionId id, Map<String, String> secrets, Map<String, String> controls)
            throws IOException, InterruptedException {
        Map<String, String> wanted = new LinkedHashMap<>(secrets);
        wanted.putAll(controls);
        ByteSearch search = new ByteSearch(wanted);
        Path own = Files.createDirectory(desk.work.resolve("searched"));
        for (String format : List.of("jsonl", "ocsf", "otlp")) {
            Desk.Ended export =
                    desk.run(
                            Duration.ofMinutes(2),
                            "journal",
                            "export",
                            id.value(),
                            "--format",
                            format);
            assertThat(export.code()).as(export.output()).isZero();
            Files.writeString(own.resolve("export." + format), export.output());
        }
        Path disk = desk.home.resolve("lima").resolve(id.value()).resolve("disk");
        image(disk, own.resolve("now.raw"));
        image(disk, own.resolve("checkpoint.raw"), "-l", snapshot(disk));
        List<String> hits = new ArrayList<>(search.in(own));
        hits.addAll(search.in(desk.home));
        assertThat(search.files())
                .as("places that were searched")
                .contains(
                        "log.jsonl", "cidata.iso", "disk", "engine.log", "export.ocsf", "qemu.pid");
        Set<String> found = new HashSet<>();
        List<String> left = new ArrayList<>();
        for (String hit : hits) {
            String name = hit.substring(0, hit.indexOf(": "));
            if (controls.containsKey(name)) {
                found.add(hit);
            } else {
                left.add(hit);
            }
        }
        return new Found(left, found);
    }

    private static String snapshot(Path disk) throws IOException, InterruptedException {
        String listed = run("qemu-img", "snapshot", "-U", "-l", disk.toString());
        // ID, tag and so on; the newest is the last.
        return listed.strip().lines().toList().getLast().strip().split(" +")[1];
    }

    private static void image(Path disk, Path raw, String... more)
            throws IOException, InterruptedException {
        List<String> argv =
                new ArrayList<>(List.of("qemu-img", "convert", "-U", "-f", "qcow2", "-O", "raw"));
        argv.addAll(List.of(more));
        argv.addAll(List.of(disk.toString(), raw.toString()));
        run(argv.toArray(String[]::new));
    }

    private static String run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
