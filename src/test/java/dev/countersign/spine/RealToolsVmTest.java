package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApplyRequest;
import dev.countersign.api.Client;
import dev.countersign.api.ReviewView;
import dev.countersign.api.Selection;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Tools as developers use them change many files in a real guest, while an editor on the host
/// saves again and again: what is listed is what the guest has, and nothing that the host wrote.
@Tag("vm")
class RealToolsVmTest {
    private static final int SOURCES = 200;
    private static final int OF_THE_BRANCH = 1500;

    /// Not the agent's to bring back, by `.gitignore`.
    private static final String IGNORED = "node_modules/\n__pycache__/\n";

    /// Digests of all files of the guest's tree that count.
    private static final String TREE =
            """
            cd /workspace && find . -type d \\( -name .git -o -name node_modules -o -name __pycache__ \\) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
            """;

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

    @Test
    void P3_whatToolsDoInTheGuestIsListedAndWhatAnEditorSavesOnTheHostArrives()
            throws IOException, InterruptedException, CountersignException {
        Path repository = repository();
        Optional<String> npm = npm(repository);
        try (Client engine = desk.engine()) {
            SessionId id = engine.start(Desk.request(repository, desk.scenario(Desk.WAITING))).id();
            Desk.request(engine, id);
            Map<String, String> baseline = guestTree(id);
            assertThat(baseline).isEqualTo(hostTree(repository));

            try (Editor editor = new Editor(repository.resolve("notes"))) {
                checkout(id);
                int between = editor.saves();
                install(id, npm);
                format(id);
                assertThat(editor.saves()).as("it saved all the while").isGreaterThan(between);
            }
            Desk.await(
                    "what the editor saved to be in the guest",
                    () -> notes(guestTree(id)).equals(notes(hostTree(repository))));

            Map<String, String> made = guestTree(id);
            Set<String> expected = differing(hostTree(repository), made);
            assertThat(expected)
                    .as("tools did their work")
                    .hasSizeGreaterThan(OF_THE_BRANCH)
                    .contains("big/d7/f7.txt", "src/m1.py")
                    .noneMatch(path -> path.startsWith("notes/"));
            Desk.await("the review to list it", () -> paths(review(engine, id)).equals(expected));
            ReviewView seen = engine.review(id);

            // Before it is taken, all that both sides have is compared in full.
            engine.createCheckpoint(id, "after");
            assertThat(engine.review(id).id()).as("the watches had told all").isEqualTo(seen.id());
            assertThat(Desk.notices(engine, id, "workspace"))
                    .noneMatch(said -> said.contains("full comparison"));

            List<String> hunks =
                    seen.files().stream()
                            .flatMap(file -> file.hunks().stream())
                            .map(ReviewView.Hunk::id)
                            .toList();
            engine.apply(id, new ApplyRequest(Selection.hunks(hunks), "tree"));
            assertThat(hostTree(repository)).as("byte for byte").isEqualTo(made);
            assertThat(engine.verify(id).ok()).isTrue();
            engine.delete(id, true);
        }
    }

    private Path repository() throws IOException {
        Path repository = desk.repository("shop", ".gitignore", IGNORED);
        for (int i = 0; i < SOURCES; i++) {
            write(repository, "src/m" + i + ".py", "value = " + i + "   \nother=  2\n");
        }
        for (int i = 0; i < Editor.NOTES; i++) {
            write(repository, "notes/n" + i, "first\n");
        }
        write(
                repository,
                "web/package.json",
                "{\"name\":\"web\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{\"one\":\"file:../one\"}}\n");
        write(
                repository,
                "one/package.json",
                "{\"name\":\"one\",\"version\":\"1.0.0\",\"dependencies\":{\"two\":\"file:../two\"}}\n");
        write(repository, "two/package.json", "{\"name\":\"two\",\"version\":\"1.0.0\"}\n");
        for (int i = 0; i < 100; i++) {
            write(repository, "one/lib/l" + i + ".js", "module.exports = " + i + ";\n");
        }
        return repository;
    }

    private static void write(Path repository, String path, String text) throws IOException {
        Path file = repository.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /// The guest has node and, where its image says so, npm. This machine's npm goes in with the
    /// files otherwise; it is nothing but scripts.
    private static Optional<String> npm(Path repository) throws IOException, InterruptedException {
        Process asked = new ProcessBuilder("sh", "-c", "npm root -g").start();
        String root =
                new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (asked.waitFor() != 0) {
            return Optional.empty();
        }
        Path home = Path.of(root).resolve("npm").toRealPath();
        Process pack =
                new ProcessBuilder(
                                "tar",
                                "-C",
                                String.valueOf(home.getParent()),
                                "--exclude=docs",
                                "--exclude=man",
                                "-czf",
                                repository.resolve("npm.tgz").toString(),
                                String.valueOf(home.getFileName()))
                        .inheritIO()
                        .start();
        assertThat(pack.waitFor()).isZero();
        return Optional.of(
                "tar -xzf /workspace/npm.tgz -C /tmp; alias npm='node /tmp/npm/bin/npm-cli.js'");
    }

    private String asAgent(SessionId id, String script) throws IOException, InterruptedException {
        return desk.inGuest(
                id,
                "runuser -u agent -- env HOME=/home/agent sh -e 2>&1 <<'END'\ncd /workspace\n"
                        + script
                        + "\nEND\n");
    }

    /// A branch of many files, away from it and back, more than once.
    private void checkout(SessionId id) throws IOException, InterruptedException {
        asAgent(
                id,
                """
                first=$(git branch --show-current)
                git checkout -q -b big
                python3 - <<'PY'
                import os
                for i in range(%d):
                    os.makedirs(f"big/d{i %% 30}", exist_ok=True)
                    with open(f"big/d{i %% 30}/f{i}.txt", "w") as out:
                        out.write(f"of the branch {i}\\n" * (1 + i %% 40))
                PY
                sed -i 's/other=/another=/' src/m1*.py
                git add big src
                git -c user.name=Agent -c user.email=agent@example.org commit -q -m big
                git checkout -q "$first"
                git checkout -q big
                git checkout -q "$first"
                test ! -e big
                git checkout -q big
                """
                        .formatted(OF_THE_BRANCH));
    }

    private void install(SessionId id, Optional<String> npm)
            throws IOException, InterruptedException {
        boolean own = asAgent(id, "command -v npm || echo none").endsWith("/npm");
        if (!own && npm.isEmpty()) {
            System.err.println("npm is neither in the guest nor on this machine: not tried");
            return;
        }
        String said =
                asAgent(
                        id,
                        (own ? "" : npm.orElseThrow() + "\n")
                                + """
                                cd web
                                npm install --install-links --offline --no-audit --no-fund
                                ls node_modules/one/lib | wc -l
                                """);
        assertThat(said).endsWith("100");
    }

    /// As formatters do: in place, by another file, and with caches beside.
    private void format(SessionId id) throws IOException, InterruptedException {
        asAgent(
                id,
                """
                sed -i 's/ *$//; s/= */= /' src/*.py
                python3 - <<'PY'
                import os, pathlib
                for file in sorted(pathlib.Path("src").glob("m?.py")):
                    with open(str(file) + ".tmp", "w") as out:
                        out.write("# formatted\\n" + file.read_text())
                    os.replace(str(file) + ".tmp", file)
                PY
                python3 -m compileall -q src
                rm src/m42.py
                mv src/m43.py src/moved.py
                """);
    }

    private static ReviewView review(Client engine, SessionId id) {
        try {
            return engine.review(id);
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> paths(ReviewView review) {
        return review.files().stream()
                .map(file -> file.path().raw())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Map<String, String> guestTree(SessionId id) {
        try {
            Map<String, String> tree = new TreeMap<>();
            desk.inGuest(id, TREE)
                    .lines()
                    .forEach(line -> tree.put(line.substring(68), line.substring(0, 64)));
            return tree;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> hostTree(Path repository) {
        try (Stream<Path> all = Files.walk(repository)) {
            Map<String, String> tree = new TreeMap<>();
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                tree.put(
                        repository.relativize(file).toString(),
                        Digest.of(Files.readAllBytes(file)).hex());
            }
            return tree;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> notes(Map<String, String> tree) {
        return tree.entrySet().stream()
                .filter(file -> file.getKey().startsWith("notes/"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Set<String> differing(Map<String, String> one, Map<String, String> other) {
        Set<String> paths = new TreeSet<>(one.keySet());
        paths.addAll(other.keySet());
        paths.removeIf(path -> one.getOrDefault(path, "").equals(other.getOrDefault(path, "")));
        return paths;
    }

    /// Saves files in turn, each time in another of the ways that editors have, until closed.
    private static final class Editor implements AutoCloseable {
        static final int NOTES = 6;
        private static final long BETWEEN_SAVES = 20_000_000;

        private final Path directory;
        private final AtomicBoolean closed = new AtomicBoolean();
        private final Thread thread;
        private volatile int saves;
        private volatile Optional<IOException> failed = Optional.empty();

        Editor(Path directory) {
            this.directory = directory;
            this.thread = Thread.ofPlatform().name("editor").start(this::run);
        }

        int saves() {
            return saves;
        }

        private void run() {
            try {
                for (int n = 1; !closed.get(); n++) {
                    save(directory.resolve("n" + n % NOTES), n);
                    saves = n;
                    LockSupport.parkNanos(BETWEEN_SAVES);
                }
            } catch (IOException e) {
                failed = Optional.of(e);
            }
        }

        private void save(Path file, int n) throws IOException {
            String text = ("saved for the " + n + "th time\n").repeat(1 + n % 50);
            Path beside = directory.resolve("." + file.getFileName() + ".tmp");
            Path backup = directory.resolve(file.getFileName() + "~");
            switch (n % 4) {
                case 0 -> {
                    Files.writeString(beside, text);
                    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
                }
                case 1 -> {
                    Files.move(file, backup);
                    Files.writeString(file, text);
                    Files.delete(backup);
                }
                case 2 -> {
                    Files.createLink(backup, file);
                    Files.writeString(beside, text);
                    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
                    Files.delete(backup);
                }
                default -> {
                    try (var out = Files.newBufferedWriter(file)) {
                        for (String line : text.split("(?<=\n)")) {
                            out.write(line);
                            out.flush();
                        }
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            closed.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (failed.isPresent()) {
                throw failed.get();
            }
        }
    }
}
