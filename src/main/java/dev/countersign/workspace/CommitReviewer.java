package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns what the guest says of its commits into something that can be decided: by the same rules
/// for names, links, secrets and what runs on the host as the files.
final class CommitReviewer {
    private static final String NOTHING = "000000";
    private static final String LINK = "120000";
    private static final String SUBMODULE = "160000";
    private static final String EXECUTABLE = "100755";

    /// A commit with the changes behind its hunks.
    record Proposed(AgentCommit shown, List<Part> parts) {}

    /// @param prefix what its hunks' ids begin with: the same change may be in several commits
    record Part(StagedChange change, String prefix) {
        String id(StagedChange.Piece piece) {
            return prefix + piece.id();
        }
    }

    record Built(CommitReview review, List<Proposed> commits) {}

    private final WorkspaceSettings settings;
    private final ContentStore contents;
    private final SecretDoor door;
    private final Hidden hidden;

    /// Whether the host has something at a path that the guest never saw.
    interface Hidden {
        boolean hides(String path);
    }

    CommitReviewer(WorkspaceSettings settings, ContentStore contents, Hidden hidden) {
        this.settings = settings;
        this.contents = contents;
        this.door = new SecretDoor(settings.secrets());
        this.hidden = hidden;
    }

    Built build(GuestCommits.Log log) throws IOException {
        List<Proposed> all = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        StringBuilder digest = new StringBuilder();
        if (!log.whole() && !log.commits().isEmpty()) {
            notes.add(
                    "The baseline is not below these commits: the agent wrote the history anew, so"
                            + " its first commit shows all of its files as new.");
        }
        for (GuestCommits.Commit commit : log.commits()) {
            Proposed one = propose(commit, log.contents());
            all.add(one);
            digest.append(one.shown().id()).append('\n');
            if (commit.more() > 0) {
                notes.add(
                        "%d more paths of commit %s are not shown and not taken."
                                .formatted(commit.more(), commit.id().substring(0, 12)));
                digest.append(commit.more()).append('\n');
            }
        }
        CommitReview review =
                new CommitReview(
                        Digest.of(digest.toString()).hex(),
                        all.stream().map(Proposed::shown).toList(),
                        List.copyOf(notes));
        return new Built(review, List.copyOf(all));
    }

    private Proposed propose(GuestCommits.Commit commit, Map<String, byte[]> blobs)
            throws IOException {
        String message = message(commit);
        String author = CommitMessages.name(commit.author());
        StringBuilder all = new StringBuilder("commit\0").append(message.length());
        all.append('\0').append(message).append('\0').append(author);
        for (GuestCommits.Change change : commit.changes()) {
            all.append('\0').append(change.path().length()).append(change);
        }
        String id = Digest.of(all.toString()).hex().substring(0, 32);
        List<ReviewedFile> files = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        for (GuestCommits.Change change : commit.changes()) {
            Optional<RelativePath> path = GuestPaths.checked(change.path());
            Optional<String> blocked =
                    path.isEmpty()
                            ? Optional.of("a name that the host can't have")
                            : obstacle(path.get(), change, blobs);
            if (blocked.isPresent()) {
                files.add(blocked(change.path(), blocked.get()));
            } else {
                StagedChange staged = staged(path.orElseThrow(), change, blobs);
                Part part = new Part(staged, "c" + id.substring(0, 12) + "-");
                parts.add(part);
                files.add(file(part));
            }
        }
        AgentCommit shown =
                new AgentCommit(
                        id,
                        GuestText.of(commit.id()),
                        GuestText.of(author),
                        commit.at(),
                        commit.merge(),
                        GuestText.of(message),
                        List.copyOf(files));
        return new Proposed(shown, List.copyOf(parts));
    }

    private String message(GuestCommits.Commit commit) {
        byte[] raw = commit.message().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return door.byContent(new RelativePath("message"), raw)
                .map(why -> "(message left out: it holds a secret, " + why + ")")
                .orElseGet(() -> CommitMessages.kept(commit.message(), commit.cut()));
    }

    /// As for files of the guest.
    private Optional<String> obstacle(
            RelativePath path, GuestCommits.Change change, Map<String, byte[]> blobs) {
        if (GuestPaths.git(path)) {
            return Optional.of("it would be part of a git repository's own files");
        }
        Optional<String> secret = SecretDoor.byName(path);
        if (secret.isPresent()) {
            return secret.map(why -> why + "; such files are never applied");
        }
        if (path.parts().stream().anyMatch(part -> part.startsWith(Transactions.IN_TREE))) {
            return Optional.of("the name is one of Countersign's own");
        }
        if (change.oldMode().equals(SUBMODULE) || change.newMode().equals(SUBMODULE)) {
            return Optional.of("a submodule: its commit is not here to be reviewed");
        }
        for (String mode : List.of(change.oldMode(), change.newMode())) {
            if (!mode.equals(NOTHING) && !mode.startsWith("100") && !mode.equals(LINK)) {
                return Optional.of("neither a file nor a link");
            }
        }
        byte[] old = content(change.oldMode(), change.oldId(), blobs);
        byte[] now = content(change.newMode(), change.newId(), blobs);
        if (old == null || now == null) {
            return Optional.of(
                    "too large to be compared; take the file itself (countersign apply)");
        }
        if (change.newMode().equals(LINK)
                && !GuestPaths.staysInside(
                        path, new String(now, java.nio.charset.StandardCharsets.UTF_8))) {
            return Optional.of("a link that leaves the workspace");
        }
        if (hidden.hides(path.value())) {
            return Optional.of("the host has a file there that stayed out of the guest");
        }
        return door.byContent(path, now)
                .filter(_ -> door.byContent(path, old).isEmpty())
                .map(why -> "holds a secret: " + why);
    }

    private static byte @Nullable [] content(String mode, String id, Map<String, byte[]> blobs) {
        return mode.equals(NOTHING) ? new byte[0] : blobs.get(id);
    }

    private StagedChange staged(
            RelativePath path, GuestCommits.Change change, Map<String, byte[]> blobs)
            throws IOException {
        Item old = item(path, change.oldMode(), change.oldId(), blobs);
        Item now = item(path, change.newMode(), change.newId(), blobs);
        return new StagedChange(path, old, now, 0, Optional.empty(), contents);
    }

    private Item item(RelativePath path, String mode, String id, Map<String, byte[]> blobs)
            throws IOException {
        if (mode.equals(NOTHING)) {
            return Item.Absent.HERE;
        }
        byte[] bytes = java.util.Objects.requireNonNull(blobs.get(id));
        if (mode.equals(LINK)) {
            return new Item.LinkTo(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
        }
        HostForm form = settings.hostForm();
        byte[] hosts = form.concerns(path) ? form.of(bytes) : bytes;
        contents.put(hosts);
        return StagedChange.file(hosts, mode.equals(EXECUTABLE));
    }

    private static ReviewedFile file(Part part) {
        StagedChange change = part.change();
        List<Hunk> hunks = new ArrayList<>();
        for (StagedChange.Piece piece : change.pieces) {
            Level level = change.levels.getOrDefault(piece.id(), change.judgement.level());
            boolean critical = level == Level.CRITICAL;
            hunks.add(
                    new Hunk(
                            part.id(piece),
                            critical ? HunkState.REJECTED : HunkState.NEW,
                            critical,
                            level,
                            piece.oldStart(),
                            piece.oldLines(),
                            piece.newStart(),
                            piece.newLines(),
                            piece.lines(),
                            piece.note()));
        }
        return new ReviewedFile(
                GuestText.of(change.path.value()),
                change.kind,
                change.judgement.level(),
                change.judgement.reasons(),
                change.judgement.runsOnHost(),
                change.added(),
                change.removed(),
                0,
                List.copyOf(hunks),
                null,
                null,
                change.generated.orElse(null),
                null);
    }

    private static ReviewedFile blocked(String path, String why) {
        return new ReviewedFile(
                GuestText.of(path),
                ChangeKind.BLOCKED,
                Level.CRITICAL,
                List.of(why),
                false,
                0,
                0,
                0,
                List.of(),
                null,
                null,
                null,
                null);
    }
}
