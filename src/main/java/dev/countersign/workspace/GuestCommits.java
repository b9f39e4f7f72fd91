package dev.countersign.workspace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectInserter;

/// Reads from the guest what the agent committed since the baseline: as data, bounded, every length
/// and name checked. No object, ref or configuration of the guest's repository comes to the host.
///
/// What git says there is claimed. A lie can hide or bend the guest's own work and nothing else: a
/// content is taken only if its bytes have the id that the commit names, and what is shown is what
/// would be applied.
final class GuestCommits {
    /// Whose commit ends the list: the one that the copy-in made.
    static final String BASELINE = "baseline@countersign.invalid";

    static final int MOST = 300;
    private static final int FILES = 20_000;
    private static final int MESSAGE = 32 << 10;
    private static final int BLOB = TextDiff.LARGEST;
    private static final int HEAD = 8 << 20;
    private static final long ALL = 64L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String SCRIPT = "/dev/countersign/guest/commits.py";
    private static final ObjectMapper JSON =
            JsonMapper.builder(
                            com.fasterxml.jackson.core.JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(8)
                                                    .maxStringLength(1 << 17)
                                                    .maxDocumentLength(HEAD)
                                                    .build())
                                    .build())
                    .build();

    /// One path of a commit. Modes are git's: `100644`, `100755`, `120000`, `160000`, or `000000`
    /// for nothing.
    record Change(String path, String oldMode, String newMode, String oldId, String newId) {}

    /// One commit, all of it claimed.
    ///
    /// @param more how many of its paths are not listed
    record Commit(
            String id,
            boolean merge,
            String author,
            Instant at,
            String message,
            boolean cut,
            List<Change> changes,
            int more) {}

    /// @param commits oldest first
    /// @param contents by git's id; those that are too large are missing
    /// @param whole whether the baseline was found below them
    record Log(List<Commit> commits, Map<String, byte[]> contents, boolean whole) {}

    private final WorkspaceSettings settings;

    GuestCommits(WorkspaceSettings settings) {
        this.settings = settings;
    }

    /// @throws CountersignException EXHAUSTED if there are too many, MISSING if there is no
    ///   repository, FAILED if the guest does not answer as it should
    Log read(Link link) throws CountersignException {
        List<String> argv = new ArrayList<>();
        if (settings.guestUser() != null) {
            // The repository is the agent's, and so is its configuration.
            argv.addAll(List.of("runuser", "-u", settings.guestUser(), "--"));
        }
        argv.addAll(List.of("python3", "-S", "-E", "-I", "-"));
        argv.addAll(List.of(settings.guestRoot(), BASELINE));
        for (long limit : new long[] {MOST, FILES, MESSAGE, BLOB, ALL}) {
            argv.add(Long.toString(limit));
        }
        try (GuestProcess process = link.start(argv)) {
            Thread watchdog = Thread.ofVirtual().start(() -> endLate(process));
            try {
                give(process, script());
                return log(process.stdout());
            } finally {
                watchdog.interrupt();
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The guest did not say what the agent committed: "
                            + GuestText.of(Failures.text(e)).visible()
                            + ". Review the files instead: countersign review.");
        }
    }

    /// What it answers, or that it does not, says more than a pipe that broke.
    private static void give(GuestProcess process, byte[] script) {
        try (OutputStream in = process.stdin()) {
            in.write(script);
        } catch (IOException e) {
            return;
        }
    }

    private static void endLate(GuestProcess process) {
        try {
            if (!process.waitFor(PATIENCE)) {
                process.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] script() throws IOException {
        try (InputStream in = GuestCommits.class.getResourceAsStream(SCRIPT)) {
            return java.util.Objects.requireNonNull(in, SCRIPT).readAllBytes();
        }
    }

    /// Reads frames until the last one.
    static Log log(InputStream from) throws IOException, CountersignException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(from));
        List<Commit> commits = new ArrayList<>();
        Map<String, byte[]> contents = new HashMap<>();
        int files = 0;
        long bytes = 0;
        while (true) {
            byte kind = in.readByte();
            int headLength = in.readInt();
            int blobLength = in.readInt();
            if (headLength < 0 || headLength > HEAD || blobLength < 0 || blobLength > BLOB) {
                throw new IOException("a frame larger than agreed");
            }
            JsonNode head = json(exactly(in, headLength));
            byte[] blob = exactly(in, blobLength);
            switch (kind) {
                case 'c' -> {
                    Commit commit = commit(head);
                    files += commit.changes.size();
                    bytes += headLength;
                    commits.add(commit);
                }
                case 'b' -> {
                    bytes += blob.length;
                    String id = word(head, "id");
                    if (!id.equals(id(blob))) {
                        throw new IOException("a content that is not what its name says");
                    }
                    contents.put(id, blob);
                }
                case 'e' -> throw missing(head.path("text").asText());
                case 'm' -> throw tooMany();
                case 'z' -> {
                    return new Log(
                            List.copyOf(commits),
                            Map.copyOf(contents),
                            head.path("whole").asBoolean());
                }
                default -> throw new IOException("a frame of an unknown kind");
            }
            if (commits.size() > MOST || files > FILES || bytes > ALL + HEAD) {
                throw tooMany();
            }
        }
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        // Grows with what really comes, not with what was said.
        byte[] all = in.readNBytes(length);
        if (all.length < length) {
            throw new EOFException("the answer broke off");
        }
        return all;
    }

    private static JsonNode json(byte[] head) throws IOException {
        try {
            return JSON.readTree(head);
        } catch (JsonProcessingException e) {
            throw new IOException("a frame that can't be read", e);
        }
    }

    private static Commit commit(JsonNode head) throws IOException {
        List<Change> changes = new ArrayList<>();
        for (JsonNode row : head.path("files")) {
            if (row.size() != 5) {
                throw new IOException("a change that can't be read");
            }
            changes.add(
                    new Change(
                            row.get(4).asText(),
                            mode(row.get(0).asText()),
                            mode(row.get(1).asText()),
                            object(row.get(2).asText()),
                            object(row.get(3).asText())));
        }
        // Beyond the year 9999 other programs give up.
        long at = Math.clamp(head.path("at").asLong(), 0, 253_402_300_799L);
        return new Commit(
                object(head.path("id").asText()),
                head.path("parents").asInt() > 1,
                head.path("author").asText(),
                Instant.ofEpochSecond(at),
                cut(head.path("message").asText()),
                head.path("cut").asBoolean(),
                List.copyOf(changes),
                Math.max(0, head.path("more").asInt()));
    }

    private static String cut(String text) {
        return text.length() <= MESSAGE ? text : text.substring(0, MESSAGE);
    }

    private static String word(JsonNode head, String name) throws IOException {
        return object(head.path(name).asText());
    }

    private static String object(String id) throws IOException {
        if (!id.matches("[0-9a-f]{40}")) {
            throw new IOException("an object's name that is none");
        }
        return id;
    }

    private static String mode(String mode) throws IOException {
        if (!mode.matches("[0-7]{6}")) {
            throw new IOException("a mode that is none");
        }
        return mode;
    }

    private static String id(byte[] blob) {
        try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
            return formatter.idFor(Constants.OBJ_BLOB, blob).name();
        }
    }

    private static CountersignException tooMany() {
        return new CountersignException(
                Kind.EXHAUSTED,
                "The agent made more than %d commits, or more in them than is looked at at a time. Review the files instead: countersign review."
                        .formatted(MOST));
    }

    private static CountersignException missing(String why) {
        return new CountersignException(
                Kind.MISSING,
                "The guest's repository can't be read: "
                        + GuestText.of(why.strip()).visible()
                        + ". Review the files instead: countersign review.");
    }
}
