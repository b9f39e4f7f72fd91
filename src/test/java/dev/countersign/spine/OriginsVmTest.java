package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.Client;
import dev.countersign.api.Selection;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real package clients in a real guest, as they are, against the registries that this machine's
/// own tools are set up with; what they wrote down, used on the host. No question is asked.
@Tag("vm")
class OriginsVmTest {
    private static final String TOOLCHAINS = "go, gradle, jdk, maven, npm, python, rust";

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

    private static String tool(Path where, String... words)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(words)
                        .directory(where.toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said.strip() + "\nended " + process.waitFor();
    }

    private boolean host(String program) throws IOException, InterruptedException {
        return tool(desk.work, "sh", "-c", "command -v " + program).endsWith("ended 0");
    }

    private static String lastLine(String said) {
        return said.strip().lines().toList().getLast();
    }

    private String word(String... words) throws IOException, InterruptedException {
        String said = tool(desk.work, words);
        Assumptions.assumeTrue(said.endsWith("ended 0"), "this machine has no " + words[0]);
        List<String> lines = said.lines().toList();
        return lines.get(lines.size() - 2);
    }

    /// Machines that reach the public network by addresses that are not of it need a rule for what
    /// registries lead to.
    private void policy(String more) throws IOException, InterruptedException {
        URI registry = URI.create(word("npm", "config", "get", "registry"));
        Assumptions.assumeTrue(
                tool(desk.work, "curl", "-sSf", "-m", "20", "-o", "/dev/null", registry + "is-odd")
                        .endsWith("ended 0"),
                "no registry is reached from here");
        StringBuilder own = new StringBuilder();
        for (InetAddress address : InetAddress.getAllByName(registry.getHost())) {
            if (address instanceof Inet4Address) {
                own.append("    - \"").append(address.getHostAddress()).append(":443\"\n");
            }
        }
        Path config = Files.createDirectories(desk.home.resolve("config"));
        Files.writeString(
                config.resolve("policy.yaml"), "version: 1\negress:\n  allow-private:\n" + own);
        if (!more.isEmpty()) {
            Files.writeString(config.resolve("images.yaml"), more);
        }
    }

    private void archive(Path repository, String name, Path directory)
            throws IOException, InterruptedException {
        Path real = directory.toRealPath();
        tool(
                desk.work,
                "tar",
                "-C",
                String.valueOf(real.getParent()),
                "--exclude=__pycache__",
                "--exclude=docs",
                "--exclude=man",
                "-czf",
                repository.resolve(name).toString(),
                String.valueOf(real.getFileName()));
    }

    private SessionId start(Client engine, Path repository, int memory)
            throws IOException, CountersignException {
        SessionId id =
                engine.start(
                                new StartRequest(
                                        repository.toString(),
                                        "mini",
                                        "wait",
                                        Mode.POST_HOC,
                                        null,
                                        null,
                                        "packages",
                                        desk.scenario(Desk.WAITING),
                                        memory,
                                        null))
                        .id();
        Desk.request(engine, id);
        Desk.awaitState(engine, id, SessionState.RUNNING);
        return id;
    }

    /// Runs a command as the agent's user, with what a login shell of it has.
    private String asAgent(SessionId id, String command) throws IOException, InterruptedException {
        String quoted = command.replace("'", "'\\''");
        return desk.inGuest(id, "runuser -l agent -c '" + quoted + "' 2>&1; echo \"ended $?\"");
    }

    private static void noQuestion(Client engine, SessionId id) throws CountersignException {
        assertThat(engine.approvals(Optional.of(id))).noneMatch(one -> one.kind().equals("hosts"));
        assertThat(Desk.facts(engine, id, Fact.ConnectionDecided.class))
                .filteredOn(one -> one.allowed())
                .isNotEmpty()
                .allMatch(one -> one.flags().stream().anyMatch(flag -> flag.startsWith("origin ")));
    }

    /// Waits until the guest's file is staged, and applies it.
    private static void apply(Client engine, SessionId id, String path)
            throws CountersignException {
        List<String> hunks = new ArrayList<>();
        Desk.await(
                path + " to be staged",
                () -> {
                    try {
                        hunks.clear();
                        engine.review(id).files().stream()
                                .filter(file -> file.path().raw().equals(path))
                                .forEach(
                                        file -> file.hunks().forEach(hunk -> hunks.add(hunk.id())));
                        return !hunks.isEmpty();
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
        engine.apply(id, new ApplyRequest(Selection.hunks(hunks), "tree"));
    }

    @Test
    void whatIsInstalledInTheGuestIsInstalledOnTheHostByTheSameLockFile()
            throws IOException, InterruptedException, CountersignException {
        policy("");
        Path npm = Path.of(word("npm", "root", "-g")).resolve("npm");
        Path pip = Path.of(word("python3", "-c", "import pip; print(pip.__path__[0])"));
        Path repository = desk.repository("shop", "package.json", "{\"private\":true}\n");
        Files.writeString(repository.resolve("requirements.in"), "six==1.17.0\n");
        archive(repository, "npm.tgz", npm);
        archive(repository, "pip.tgz", pip);
        try (Client engine = desk.engine()) {
            SessionId id = start(engine, repository, 1024);
            assertThat(
                            asAgent(
                                    id,
                                    "curl -sS -w '%{http_code}' -o /dev/null http://127.0.0.1:4101/o/npm/is-odd"))
                    .startsWith("200");
            assertThat(asAgent(id, "curl -sS -X POST http://127.0.0.1:4101/o/npm/is-odd"))
                    .contains("the method is not allowed here");
            assertThat(
                            asAgent(
                                    id,
                                    "cd /tmp && tar -xzf /workspace/npm.tgz && cd /workspace && node /tmp/npm/bin/npm-cli.js install --omit-lockfile-registry-resolved=false is-odd@3.0.1"))
                    .endsWith("ended 0");
            assertThat(asAgent(id, "cat /workspace/package-lock.json"))
                    .contains("http://127.0.0.1:4101/o/npm/is-odd/-/is-odd-3.0.1.tgz");
            // A list of requirements with hashes, made of what pip says that it would install.
            assertThat(
                            asAgent(
                                    id,
                                    "cd /tmp && tar -xzf /workspace/pip.tgz && cd /workspace && PYTHONPATH=/tmp python3 -m pip install --dry-run --quiet --no-cache-dir --ignore-installed --break-system-packages --report /tmp/r.json -r requirements.in && jq -r '.install[] | .metadata.name + \" @ \" + .download_info.url + \" --hash=sha256:\" + .download_info.archive_info.hashes.sha256' /tmp/r.json > requirements.txt && cat requirements.txt"))
                    .contains("http://127.0.0.1:4101/o/pypi/f/", "--hash=sha256:")
                    .endsWith("ended 0");
            noQuestion(engine, id);
            for (String path : List.of("package.json", "package-lock.json", "requirements.txt")) {
                apply(engine, id, path);
            }
            engine.delete(id, true);
        }
        String registry = word("npm", "config", "get", "registry");
        assertThat(Files.readString(repository.resolve("package-lock.json")))
                .contains(
                        "\"resolved\": \"" + registry + "is-odd/-/is-odd-3.0.1.tgz\"",
                        "\"integrity\": \"sha512-")
                .doesNotContain("4101");
        assertThat(
                        tool(
                                repository,
                                "npm",
                                "ci",
                                "--cache",
                                desk.work.resolve("npm-cache").toString()))
                .endsWith("ended 0");
        assertThat(repository.resolve("node_modules/is-odd/package.json")).exists();
        assertThat(Files.readString(repository.resolve("requirements.txt")))
                .contains("https://", "--hash=sha256:")
                .doesNotContain("4101");
        assertThat(
                        tool(
                                repository,
                                "python3",
                                "-m",
                                "pip",
                                "install",
                                "--no-cache-dir",
                                "--no-deps",
                                "--require-hashes",
                                "--target",
                                desk.work.resolve("python").toString(),
                                "-r",
                                "requirements.txt"))
                .endsWith("ended 0");
        assertThat(desk.work.resolve("python/six.py")).exists();
    }

    @Test
    @Tag("rare")
    void toolchainsOfTheImageReadTheirRegistries()
            throws IOException, InterruptedException, CountersignException {
        policy("version: 1\ndefault: {with: [" + TOOLCHAINS + "]}\n");
        assumeImage();
        Path repository = desk.repository("shop", "a.txt", "one\n");
        write(
                repository,
                "m/pom.xml",
                """
                <project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
                <groupId>a</groupId><artifactId>a</artifactId><version>1</version>
                <properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target></properties>
                <dependencies><dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0.13</version></dependency></dependencies>
                </project>
                """);
        write(repository, "m/src/main/java/A.java", "class A { org.slf4j.Logger log; }\n");
        write(
                repository,
                "c/Cargo.toml",
                "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nitoa = \"1\"\n");
        write(
                repository,
                "c/src/main.rs",
                "fn main() { println!(\"{}\", itoa::Buffer::new().format(41 + 1)); }\n");
        write(repository, "g/go.mod", "module example.org/a\n\ngo 1.19\n");
        write(
                repository,
                "g/main.go",
                "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/pkg/errors\"\n)\n\nfunc main() { fmt.Println(errors.New(\"made\")) }\n");
        write(
                repository,
                "r/build.gradle",
                "apply plugin: 'java'\nrepositories { mavenCentral() }\ndependencies { compile 'org.slf4j:slf4j-api:1.7.36' }\ntask show { doLast { configurations.compile.each { println it.name } } }\n");
        List<String> failed = new ArrayList<>();
        try (Client engine = desk.engine()) {
            SessionId id = start(engine, repository, 3072);
            // A registry is there where the host's own tool names one.
            if (host("cargo")) {
                ran(failed, id, "cd /workspace/c && cargo run -q", "42");
            }
            ran(
                    failed,
                    id,
                    "cd /workspace/g && GOFLAGS=-mod=mod go mod tidy && go run . && cat go.sum",
                    "h1:");
            ran(
                    failed,
                    id,
                    "cd /tmp && npm install --prefix /tmp/n is-odd@3.0.1 && ls /tmp/n/node_modules",
                    "is-odd");
            ran(
                    failed,
                    id,
                    "cd /tmp && python3 -m venv v && v/bin/pip install --no-cache-dir six==1.17.0",
                    "Successfully installed six");
            ran(
                    failed,
                    id,
                    "cd /tmp && v/bin/pip install -q --no-cache-dir uv && v/bin/uv pip install -q --no-cache --python v/bin/python itsdangerous==2.2.0 && v/bin/python -c 'import itsdangerous; print(itsdangerous.__name__)'",
                    "itsdangerous");
            ran(
                    failed,
                    id,
                    "cd /workspace/m && mvn -B -ntp -q compile && ls target/classes",
                    "A.class");
            ran(
                    failed,
                    id,
                    "cd /workspace/r && gradle -q --no-daemon show",
                    "slf4j-api-1.7.36.jar");
            // Packages of the system are root's; the agent would ask for it.
            String apt =
                    desk.inGuest(
                            id,
                            "apt-get -q update 2>&1; cd /tmp && apt-get -q download hello 2>&1; ls hello_* ; true");
            if (!apt.contains("hello_2")) {
                failed.add("apt-get\n" + apt);
            }
            assertThat(failed).isEmpty();
            noQuestion(engine, id);
            engine.delete(id, true);
        }
    }

    /// It takes many minutes to build, and is not built for a test.
    private void assumeImage() throws IOException, InterruptedException {
        Process list = desk.command("image", "list", "--json").start();
        String said = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        list.waitFor();
        Assumptions.assumeTrue(
                said.contains("\"" + TOOLCHAINS.replace(", ", "\",\"") + "\""),
                "no image is built: countersign image build --with " + TOOLCHAINS.replace(" ", ""));
    }

    private void ran(List<String> failed, SessionId id, String command, String expected)
            throws IOException, InterruptedException {
        String said = asAgent(id, command);
        boolean well = said.contains(expected) && lastLine(said).equals("ended 0");
        if (!well) {
            failed.add(command + "\n" + said);
        }
    }

    private static void write(Path root, String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
