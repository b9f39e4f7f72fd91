package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.StoredConfig;

/// The first session: a small repository with failing tests and the scenario that mends it.
public final class Tour {
    /// The task that the agent is given.
    public static final String TASK =
            "The tests of this repository fail. Find out why, mend it, and bring the rate table up"
                    + " to date.";

    private static final String HOME = "/dev/countersign/tour/";
    private static final List<String> FILES =
            List.of(
                    "README.md",
                    ".gitignore",
                    "rates.json",
                    "billing/__init__.py",
                    "billing/money.py",
                    "billing/invoice.py",
                    "tests/test_invoice.py",
                    "web/format.mjs",
                    "web/rates.mjs",
                    "web/format.test.mjs",
                    "scripts/generate.py",
                    ".countersign.yaml");
    private static final PersonIdent AUTHOR =
            new PersonIdent(
                    "Countersign tour",
                    "tour@countersign.invalid",
                    Instant.parse("2026-11-23T00:00:00Z"),
                    ZoneOffset.UTC);

    private Tour() {}

    /// Writes the sample into a directory that is missing or empty, as a git repository with one
    /// commit on `main`. The developer's own git settings have no part in it.
    ///
    /// @throws CountersignException CONFLICT if the directory holds something
    public static void copyTo(Path directory) throws CountersignException {
        try {
            Files.createDirectories(directory);
            try (Stream<Path> held = Files.list(directory)) {
                if (held.findAny().isPresent()) {
                    throw new CountersignException(
                            Kind.CONFLICT,
                            "The tour's directory is not empty: "
                                    + directory
                                    + ". Name another one, or empty it.");
                }
            }
            for (String name : FILES) {
                Path file = directory.resolve(name);
                Files.createDirectories(java.util.Objects.requireNonNull(file.getParent()));
                try (InputStream in = resource("sample/" + inJar(name))) {
                    Files.copy(in, file);
                }
            }
            commit(directory);
        } catch (IOException | GitAPIException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The tour's repository could not be written to "
                            + directory
                            + ": "
                            + e.getMessage()
                            + ". Name another directory.",
                    e);
        }
    }

    /// Build tools leave `.gitignore` out of archives, so it goes by a plain name there.
    private static String inJar(String name) {
        return name.equals(".gitignore") ? "gitignore" : name;
    }

    private static void commit(Path directory) throws IOException, GitAPIException {
        try (Git git =
                Git.init().setDirectory(directory.toFile()).setInitialBranch("main").call()) {
            StoredConfig config = git.getRepository().getConfig();
            config.setString("core", null, "hooksPath", ".git/hooks");
            config.setString("core", null, "autocrlf", "false");
            config.save();
            git.add().addFilepattern(".").call();
            git.commit()
                    .setMessage("A small shop's sums, with two tests that fail")
                    .setAuthor(AUTHOR)
                    .setCommitter(AUTHOR)
                    .setSign(false)
                    .setNoVerify(true)
                    .call();
        }
    }

    /// The scenario for [dev.countersign.gateway.ScriptedUpstream].
    public static InputStream scenario() {
        return resource("scenario.yaml");
    }

    /// The sample's own test commands, to be run in its directory, on host and guest alike. Each
    /// ends with 0 if its tests pass.
    public static List<List<String>> tests() {
        return List.of(
                List.of("python3", "-m", "unittest", "discover", "-s", "tests"),
                List.of("node", "--test", "web/format.test.mjs"));
    }

    /// Files, relative to the repository, that exist only if a held call ran: the call of level
    /// high, and the one that a rule denies.
    public static Markers markers() {
        return new Markers("tour-markers/generated", "tour-markers/pushed");
    }

    private static InputStream resource(String name) {
        InputStream in = Tour.class.getResourceAsStream(HOME + name);
        if (in == null) {
            throw new IllegalStateException("the program lacks its resource " + name);
        }
        return in;
    }

    /// @param high written by the call that waits for the developer
    /// @param forbidden written by the call that is denied by rule: must never exist
    public record Markers(String high, String forbidden) {}
}
