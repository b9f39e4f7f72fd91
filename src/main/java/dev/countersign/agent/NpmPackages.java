package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Fetches agents from npm's registry, as the developer's own npm is set up. Nothing of a package
/// is run on the host: it is fetched as one archive, compared with its pinned digest, unpacked, and
/// what the profile names is taken out.
///
/// An exact version is asked for, never a range: npm under an older Node answers a range with an
/// older version, silently.
public final class NpmPackages {
    private final Map<String, String> environment;

    /// @param environment of the developer: npm finds its own settings there
    public NpmPackages(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /// What an agent is made from on a machine of this architecture, as one digest.
    ///
    /// @throws CountersignException `USAGE` if the agent needs no image, or is not made for it
    public static Digest pin(AgentProfile profile, String architecture)
            throws CountersignException {
        StringBuilder text = new StringBuilder("countersign-agent-v1");
        for (AgentProfile.NpmPackage one : packages(profile, architecture)) {
            List<String> parts = new ArrayList<>(List.of(one.spec(), one.integrity()));
            new TreeMap<>(one.take()).forEach((from, to) -> parts.addAll(List.of(from, to)));
            one.replace()
                    .forEach(each -> parts.addAll(List.of(each.file(), each.from(), each.to())));
            for (String part : parts) {
                text.append('\n').append(part.length()).append(':').append(part);
            }
        }
        return Digest.of(text.toString());
    }

    private static List<AgentProfile.NpmPackage> packages(AgentProfile profile, String architecture)
            throws CountersignException {
        AgentProfile.Program program = profile.program();
        List<AgentProfile.NpmPackage> all = program == null ? List.of() : program.packages();
        List<AgentProfile.NpmPackage> fitting =
                all.stream()
                        .filter(one ->
                                one.architecture().equals("any")
                                        || one.architecture().equals(architecture))
                        .toList();
        boolean made =
                all.stream().allMatch(one -> one.architecture().equals("any"))
                        || fitting.stream().anyMatch(one -> !one.architecture().equals("any"));
        if (all.isEmpty() || !made) {
            throw new CountersignException(
                    Kind.USAGE,
                    all.isEmpty()
                            ? "%s is not built into images: %s."
                                    .formatted(
                                            profile.name(),
                                            program == null
                                                    ? "it is in every guest already"
                                                    : "its profile names no packages")
                            : "No package of %s for %s is known. Take another agent."
                                    .formatted(profile.name(), architecture));
        }
        return fitting;
    }

    /// Puts the agent's files into `into`, laid out as in the guest.
    ///
    /// @param into an empty directory; what is fetched lies beside it meanwhile
    public void fetch(AgentProfile profile, String architecture, Path into)
            throws CountersignException, InterruptedException {
        Path beside = Objects.requireNonNull(into.toAbsolutePath().getParent());
        try {
            for (AgentProfile.NpmPackage one : packages(profile, architecture)) {
                Path work = Files.createTempDirectory(beside, ".npm-");
                try {
                    Path archive = pack(one, work);
                    check(one, archive);
                    Path unpacked = Files.createDirectory(work.resolve("unpacked"));
                    run(
                            List.of(
                                    "tar",
                                    "-xzf",
                                    archive.toString(),
                                    "-C",
                                    unpacked.toString(),
                                    "--no-same-owner"),
                            work,
                            one.spec());
                    take(one, unpacked, into);
                    for (AgentProfile.Replacement each : one.replace()) {
                        replace(each, into);
                    }
                } finally {
                    remove(work);
                }
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "%s could not be fetched into %s: %s. Make room, then try again."
                            .formatted(profile.name(), into, e.getMessage()),
                    e);
        }
    }

    private Path pack(AgentProfile.NpmPackage one, Path work)
            throws CountersignException, InterruptedException, IOException {
        run(
                List.of(
                        "npm",
                        "pack",
                        "--silent",
                        "--ignore-scripts",
                        "--pack-destination",
                        work.toString(),
                        one.spec()),
                work,
                one.spec());
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(() ->
                            new CountersignException(
                                    Kind.FAILED,
                                    "npm brought nothing for %s. Try `npm pack %s` yourself."
                                            .formatted(one.spec(), one.spec())));
        }
    }

    private static void check(AgentProfile.NpmPackage one, Path archive)
            throws CountersignException, IOException {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-512", e);
        }
        try (InputStream in = Files.newInputStream(archive)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                sha.update(buffer, 0, n);
            }
        }
        String found = "sha512-" + Base64.getEncoder().encodeToString(sha.digest());
        if (!found.equals(one.integrity())) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "%s from the registry is not the pinned one: its digest is %s. It is not built in."
                            .formatted(one.spec(), found));
        }
    }

    /// A package's files lie below one directory, whose name is the packer's own matter.
    private static void take(AgentProfile.NpmPackage one, Path unpacked, Path into)
            throws CountersignException, IOException {
        Path root;
        try (Stream<Path> top = Files.list(unpacked)) {
            root = top.filter(Files::isDirectory).findFirst().orElse(unpacked);
        }
        for (Map.Entry<String, String> wanted : new TreeMap<>(one.take()).entrySet()) {
            Path from = root.resolve(wanted.getKey()).normalize();
            Path to = into.resolve(wanted.getValue()).normalize();
            if (!Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
                throw new CountersignException(
                        Kind.FAILED,
                        "%s has no %s. Correct the agent's profile."
                                .formatted(one.spec(), wanted.getKey()));
            }
            Files.createDirectories(Objects.requireNonNull(to.getParent()));
            if (to.equals(into)) {
                try (Stream<Path> children = Files.list(from)) {
                    for (Path child : children.toList()) {
                        Files.move(child, into.resolve(child.getFileName()));
                    }
                }
            } else {
                Files.move(from, to);
            }
        }
    }

    /// Writes one replacement into a fetched agent.
    ///
    /// @param into as in [#fetch]
    /// @throws CountersignException if what it replaces is not there exactly once
    public static void replace(AgentProfile.Replacement wanted, Path into)
            throws CountersignException, IOException {
        Path file = into.resolve(wanted.file());
        byte[] from = wanted.from().getBytes(StandardCharsets.UTF_8);
        // As large as the agent's program; it is looked through byte by byte.
        byte[] all = Files.readAllBytes(file);
        int at = indexOf(all, from, 0);
        if (at < 0 || indexOf(all, from, at + 1) >= 0) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "What the agent's profile replaces in %s is not there exactly once. It is not built in."
                            .formatted(wanted.file()));
        }
        byte[] to = wanted.to().getBytes(StandardCharsets.UTF_8);
        System.arraycopy(to, 0, all, at, to.length);
        Files.write(file, all);
    }

    private static int indexOf(byte[] all, byte[] wanted, int start) {
        for (int i = start; i <= all.length - wanted.length; i++) {
            if (all[i] == wanted[0]
                    && Arrays.equals(all, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }

    private void run(List<String> argv, Path directory, String what)
            throws CountersignException, InterruptedException, IOException {
        ProcessBuilder builder = new ProcessBuilder(argv).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING,
                    "%s is fetched with %s, which is not on this machine. Install it (on Debian: apt-get install npm), then try again."
                            .formatted(what, argv.getFirst()),
                    e);
        }
        boolean ended = false;
        try {
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .strip();
            int code = process.waitFor();
            ended = true;
            if (code != 0) {
                throw new CountersignException(
                        Kind.FAILED,
                        "%s could not be fetched: %s ended with %d: %s. Check how npm is set up: npm config get registry."
                                .formatted(
                                        what,
                                        argv.getFirst(),
                                        code,
                                        GuestText.of(
                                                        said.substring(
                                                                Math.max(0, said.length() - 400)))
                                                .visible()));
            }
        } finally {
            if (!ended) {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
