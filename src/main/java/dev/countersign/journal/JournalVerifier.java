package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Checks logs from their files, without an engine and without a secret. Reads only.
public final class JournalVerifier {
    private static final String PER_SESSION = "journal";

    private JournalVerifier() {}

    /// Checks one log: its directory, its `log.jsonl`, or a session's directory. The key is that of
    /// the installation whose home the log lies in, if there is one, else what the log itself
    /// claims.
    ///
    /// @throws CountersignException USAGE if there is no log at this path, FAILED if it can't be
    ///   read
    public static Verification verify(Path fileOrDirectory) throws CountersignException {
        Path directory = directory(fileOrDirectory);
        return verify(directory, installationKey(directory), known(directory));
    }

    /// As above, with a key that the caller trusts.
    public static Verification verify(Path fileOrDirectory, VerifierKey key)
            throws CountersignException {
        Path directory = directory(fileOrDirectory);
        Verification found = verify(directory, Optional.of(key), known(directory));
        return found.withTrust("given");
    }

    /// Checks the list of logs and every log of a home, also those that are missing.
    ///
    /// @return the list first, then the sessions in order of their ids
    public static List<Verification> verifyAll(Path home) throws CountersignException {
        List<Verification> all = new ArrayList<>();
        Path manifest = home.resolve(Manifest.NAME);
        if (Files.exists(manifest.resolve(SignedLog.FILE))) {
            all.add(verify(manifest));
        }
        Map<SessionId, Manifest.Known> known = Manifest.read(manifest.resolve(SignedLog.FILE));
        List<SessionId> sessions =
                Stream.concat(present(home).stream(), known.keySet().stream())
                        .distinct()
                        .sorted()
                        .toList();
        for (SessionId session : sessions) {
            Path directory = Journals.directory(home, session);
            Manifest.Known listed = known.get(session);
            if (Files.exists(directory.resolve(SignedLog.FILE))) {
                all.add(verify(directory));
            } else if (listed != null && !listed.deleted()) {
                all.add(missing(directory, listed));
            }
        }
        return all;
    }

    /// Proves that an entry is under the log's last signed head.
    ///
    /// @throws CountersignException USAGE if no head covers it, FAILED if the log is not in order
    public static InclusionProof prove(Path fileOrDirectory, long seq) throws CountersignException {
        Path directory = directory(fileOrDirectory);
        try {
            List<SignedHead> heads = HeadFile.read(directory.resolve(HeadFile.NAME)).heads();
            SignedHead head = heads.isEmpty() ? null : heads.getLast();
            if (head == null || seq < 0 || seq >= head.size() || head.size() > Integer.MAX_VALUE) {
                throw new CountersignException(
                        Kind.USAGE,
                        "No signed head of " + directory + " covers entry " + seq + ".");
            }
            List<byte[]> leaves = new ArrayList<>();
            String[] record = {""};
            Path log = directory.resolve(SignedLog.FILE);
            LogScan scan =
                    LogScan.of(
                            log,
                            Files.size(log),
                            head.origin(),
                            List.of(head),
                            (at, _, buffer, from, to, leaf) -> {
                                if (at < head.size()) {
                                    leaves.add(leaf);
                                }
                                if (at == seq) {
                                    record[0] =
                                            new String(
                                                    buffer,
                                                    from,
                                                    to - from,
                                                    StandardCharsets.UTF_8);
                                }
                            });
            if (scan.good() == null) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The journal "
                                + directory
                                + " is not as it was signed; run `countersign journal verify`.");
            }
            List<Digest> path =
                    Merkle.inclusion((int) seq, leaves).stream()
                            .map(hash -> new Digest(HexFormat.of().formatHex(hash)))
                            .toList();
            return new InclusionProof(head, seq, record[0], path);
        } catch (IOException e) {
            throw Failures.of("The journal", directory, "could not be read", e);
        }
    }

    /// @param trusted the key that must have signed
    /// @param known heads that are known from elsewhere
    static Verification verify(
            Path directory, Optional<VerifierKey> trusted, List<SignedHead> known)
            throws CountersignException {
        try {
            return new Check(directory, trusted, known).run();
        } catch (IOException e) {
            throw Failures.of("The journal", directory, "could not be read", e);
        }
    }

    /// One check of one log.
    private static final class Check {
        private final Path directory;
        private final Optional<VerifierKey> trusted;
        private final List<SignedHead> known;
        private @Nullable String problem;
        private @Nullable Long firstBad;

        Check(Path directory, Optional<VerifierKey> trusted, List<SignedHead> known) {
            this.directory = directory;
            this.trusted = trusted;
            this.known = known;
        }

        /// Heads are read before the log: an engine that writes meanwhile is only ever ahead.
        Verification run() throws IOException {
            HeadFile.Content signed = HeadFile.read(directory.resolve(HeadFile.NAME));
            found(signed.fault());
            Claim claim = claim(signed.heads());
            VerifierKey key = trusted.orElse(claim.key());
            List<SignedHead> fitting = fitting(signed.heads(), claim, key);
            List<SignedHead> due = new ArrayList<>(fitting);
            due.addAll(known);
            Path log = directory.resolve(SignedLog.FILE);
            LogScan scan = LogScan.of(log, Files.size(log), claim.origin(), due, LogScan.nobody());
            if (scan.fault() != null) {
                found(scan.fault().says());
                firstBad = scan.fault().entry();
            }
            if (scan.tree().size() > 0 && signed.heads().isEmpty()) {
                found(HeadFile.MISSING);
            }
            return verdict(scan, claim, key);
        }

        private List<SignedHead> fitting(
                List<SignedHead> heads, Claim claim, @Nullable VerifierKey key) {
            if (key == null) {
                found(heads.isEmpty() ? null : "no key is known (" + SignedLog.KEY + ")");
                return List.of();
            }
            if (claim.key() != null && !claim.key().equals(key)) {
                found(
                        "it names the foreign key "
                                + claim.key().fingerprint()
                                + ", not "
                                + key.fingerprint());
            }
            String fault = Heads.fault(heads, claim.origin(), key);
            found(fault);
            if (fault == null) {
                return heads;
            }
            return heads.stream()
                    .filter(head -> head.origin().equals(claim.origin()) && head.signedBy(key))
                    .toList();
        }

        private Verification verdict(LogScan scan, Claim claim, @Nullable VerifierKey key)
                throws IOException {
            SignedHead good = scan.good();
            long covered = good == null ? 0 : good.size();
            return new Verification(
                    claim.origin().isEmpty() ? directory.toString() : claim.origin(),
                    problem == null,
                    scan.tree().size(),
                    covered - 1,
                    good == null ? null : good.at(),
                    scan.tree().size() - covered,
                    problem,
                    firstBad,
                    scan.trailing(),
                    aside(),
                    key == null ? null : key.fingerprint(),
                    trusted.isPresent() ? "installation" : "claimed",
                    "none");
        }

        /// Only the first problem is told.
        private void found(@Nullable String fault) {
            if (problem == null) {
                problem = fault;
            }
        }

        /// What the log says of itself.
        private record Claim(String origin, @Nullable VerifierKey key) {}

        private Claim claim(List<SignedHead> heads) throws IOException {
            Path file = directory.resolve(SignedLog.KEY);
            String inHeads = heads.isEmpty() ? "" : heads.getFirst().origin();
            Claim claim = new Claim(inHeads, null);
            if (Files.exists(file)) {
                String text = Files.readString(file, StandardCharsets.UTF_8).strip();
                try {
                    VerifierKey key = VerifierKey.parse(text);
                    claim = new Claim(text.substring(0, text.indexOf('+')), key);
                } catch (IllegalArgumentException e) {
                    found(SignedLog.KEY + " can't be read: " + e.getMessage());
                }
            }
            String name = nameByPlace(directory);
            if (name != null && !claim.origin().endsWith("/" + name)) {
                found("it is the log " + GuestText.of(claim.origin()) + ", not that of " + name);
            }
            return claim;
        }

        private List<String> aside() throws IOException {
            Path aside = directory.resolve(SignedLog.ASIDE);
            if (!Files.isDirectory(aside)) {
                return List.of();
            }
            try (Stream<Path> files = Files.list(aside)) {
                return files.map(file -> SignedLog.ASIDE + "/" + file.getFileName())
                        .sorted()
                        .toList();
            }
        }
    }

    private static Verification missing(Path directory, Manifest.Known listed) {
        SignedHead head = listed.head();
        String had = head == null ? "" : ": it had " + head.size() + " entries at " + head.at();
        return new Verification(
                directory.toString(),
                false,
                0,
                -1,
                null,
                0,
                "the log of " + listed.session() + " is listed but missing" + had,
                0L,
                0,
                List.of(),
                null,
                "installation",
                "none");
    }

    private static List<SessionId> present(Path home) throws CountersignException {
        Path sessions = home.resolve("sessions");
        if (!Files.isDirectory(sessions)) {
            return List.of();
        }
        try (Stream<Path> directories = Files.list(sessions)) {
            return directories
                    .filter(directory ->
                            Files.exists(directory.resolve(PER_SESSION).resolve(SignedLog.FILE)))
                    .map(directory -> new SessionId(directory.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw Failures.of("The sessions", sessions, "could not be listed", e);
        }
    }

    static Path directory(Path given) throws CountersignException {
        Path path = given.toAbsolutePath().normalize();
        Path parent = path.getParent();
        if (Files.isRegularFile(path) && parent != null && path.endsWith(SignedLog.FILE)) {
            return parent;
        }
        for (Path candidate : List.of(path, path.resolve(PER_SESSION))) {
            if (Files.isRegularFile(candidate.resolve(SignedLog.FILE))) {
                return candidate;
            }
        }
        throw new CountersignException(
                Kind.USAGE,
                "There is no journal at "
                        + given
                        + ". Name a session, its directory, or the file "
                        + SignedLog.FILE
                        + " with "
                        + HeadFile.NAME
                        + " beside it.");
    }

    /// The home that a log lies in by its place, if it lies in one.
    private static @Nullable Path home(Path directory) {
        if (directory.endsWith(Manifest.NAME)) {
            return directory.getParent();
        }
        Path session = directory.getParent();
        Path sessions = session == null ? null : session.getParent();
        return directory.endsWith(PER_SESSION) && sessions != null && sessions.endsWith("sessions")
                ? sessions.getParent()
                : null;
    }

    private static @Nullable String nameByPlace(Path directory) {
        if (home(directory) == null) {
            return null;
        }
        Path named = directory.endsWith(Manifest.NAME) ? directory : directory.getParent();
        return named == null ? null : String.valueOf(named.getFileName());
    }

    private static Optional<VerifierKey> installationKey(Path directory)
            throws CountersignException {
        Path home = home(directory);
        Path file = home == null ? null : home.resolve(Manifest.NAME).resolve(SignedLog.KEY);
        if (file == null || !Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(VerifierKey.parse(Files.readString(file, StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The installation's public key "
                            + file
                            + " can't be read: "
                            + e.getMessage()
                            + ". The engine writes it anew at its next start.",
                    e);
        }
    }

    private static List<SignedHead> known(Path directory) throws CountersignException {
        Path home = home(directory);
        String name = nameByPlace(directory);
        if (home == null || name == null || directory.endsWith(Manifest.NAME)) {
            return List.of();
        }
        Path list = home.resolve(Manifest.NAME).resolve(SignedLog.FILE);
        Manifest.Known known = Manifest.read(list).get(new SessionId(name));
        return known == null || known.head() == null ? List.of() : List.of(known.head());
    }
}
