package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.RelativePath;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the chosen parts of an agent's commits anew on the developer's HEAD: as commits on a new
/// branch, or as a series of mails for `git am`. The developer is author and committer; whom the
/// agent named stands in a trailer.
final class CommitSeries {
    private static final DateTimeFormatter MAIL_DATE =
            DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT);

    private final WorkspaceSettings settings;
    private final ContentStore contents;
    private final Recorder recorder;

    CommitSeries(WorkspaceSettings settings, ContentStore contents, Recorder recorder) {
        this.settings = settings;
        this.contents = contents;
        this.recorder = recorder;
    }

    /// @param hunks ids that were chosen
    record Chosen(CommitReviewer.Built built, Set<String> hunks, Map<String, String> refused) {}

    static Chosen choose(CommitReviewer.Built built, Choice choice) throws CountersignException {
        Set<String> ids = new LinkedHashSet<>();
        Map<String, String> refused = new LinkedHashMap<>();
        Map<String, Hunk> known = new HashMap<>();
        for (AgentCommit commit : built.review().commits()) {
            for (ReviewedFile file : commit.files()) {
                file.hunks().forEach(hunk -> known.put(hunk.id(), hunk));
            }
        }
        switch (choice) {
            case Choice.All(String seen) -> {
                if (!seen.equals(built.review().id())) {
                    throw changed();
                }
                for (AgentCommit commit : built.review().commits()) {
                    commit.files().forEach(file -> all(commit, file, ids, refused));
                }
            }
            case Choice.Hunks(List<String> named) -> {
                if (!known.keySet().containsAll(named)) {
                    throw changed();
                }
                ids.addAll(named);
            }
            case Choice.Files _ ->
                    throw new CountersignException(
                            Kind.USAGE,
                            "A file may be in several commits. Name hunks, or all of a review that"
                                    + " you saw.");
        }
        return new Chosen(built, ids, refused);
    }

    private static void all(
            AgentCommit commit, ReviewedFile file, Set<String> ids, Map<String, String> refused) {
        String at = at(commit, file.path().raw());
        if (file.change() == ChangeKind.BLOCKED) {
            refused.put(at, String.join("; ", file.reasons()));
        }
        for (Hunk hunk : file.hunks()) {
            if (hunk.level() == Level.CRITICAL) {
                refused.put(at, "critical; name its hunk if you want it");
            } else {
                ids.add(hunk.id());
            }
        }
    }

    private static String at(AgentCommit commit, String path) {
        return path + " in " + commit.commit().raw().substring(0, 12);
    }

    private static CountersignException changed() {
        return new CountersignException(
                Kind.CONFLICT,
                "These commits are not what was shown last. Look at them again (countersign session"
                        + " commits), then decide.");
    }

    /// One commit as it will be.
    private record Made(AgentCommit from, Map<String, Step> steps) {}

    private record Step(Item before, byte[] old, Item after, byte[] now) {}

    /// What lies below the series.
    private interface Ground {
        BranchCommit.Committed at(String path) throws IOException;
    }

    private record Rebuilt(
            List<Made> commits,
            List<String> hunks,
            Map<String, String> refused,
            Set<String> paths) {
        List<GuestText> shown() {
            return paths.stream().map(GuestText::of).toList();
        }

        List<GuestText> left() {
            return refused.entrySet().stream()
                    .map(e -> GuestText.of(e.getKey() + ": " + e.getValue()))
                    .toList();
        }
    }

    private Rebuilt rebuild(Chosen chosen, Ground ground) throws IOException {
        Map<String, BranchCommit.Committed> now = new HashMap<>();
        Map<String, String> refused = new LinkedHashMap<>(chosen.refused);
        List<String> taken = new ArrayList<>();
        List<Made> commits = new ArrayList<>();
        Set<String> paths = new LinkedHashSet<>();
        for (CommitReviewer.Proposed commit : chosen.built.commits()) {
            Map<String, Step> steps = new LinkedHashMap<>();
            for (CommitReviewer.Part part : ordered(commit.parts())) {
                Set<String> ids = new HashSet<>();
                for (StagedChange.Piece piece : part.change().pieces) {
                    if (chosen.hunks.contains(part.id(piece))) {
                        ids.add(piece.id());
                    }
                }
                if (ids.isEmpty()) {
                    continue;
                }
                String path = part.change().path.value();
                String at = at(commit.shown(), path);
                BranchCommit.Committed below = look(path, now, ground);
                if (blockedAbove(part.change(), now, ground)) {
                    refused.put(at, "its directory is a file or a link there");
                    continue;
                }
                Optional<StagedChange.Merged> merged =
                        part.change().onto(below.item(), below.content(), ids);
                if (merged.isEmpty() || below.item() instanceof Item.Other) {
                    refused.put(at, "your branch has the same place otherwise");
                    continue;
                }
                int left = ids.size() - merged.get().taken().size();
                if (left > 0) {
                    refused.put(at, left + " hunks touch what your branch has otherwise");
                }
                taken.addAll(merged.get().taken());
                paths.add(path);
                Item after = merged.get().item();
                byte[] bytes = bytes(after, merged.get().content());
                if (!after.equals(below.item())) {
                    steps.put(path, new Step(below.item(), below.content(), after, bytes));
                    now.put(path, new BranchCommit.Committed(after, bytes));
                }
            }
            if (!steps.isEmpty()) {
                commits.add(new Made(commit.shown(), steps));
            }
        }
        return new Rebuilt(commits, taken, refused, paths);
    }

    private byte[] bytes(Item item, byte[] content) throws IOException {
        return item instanceof Item.LinkTo ? StagedChange.bytes(item, contents) : content;
    }

    /// What goes away first: it may be what stands in the way of the rest.
    private static List<CommitReviewer.Part> ordered(List<CommitReviewer.Part> parts) {
        List<CommitReviewer.Part> all = new ArrayList<>(parts);
        all.sort(java.util.Comparator.comparing(part -> !part.change().made.absent()));
        return all;
    }

    private static BranchCommit.Committed look(
            String path, Map<String, BranchCommit.Committed> now, Ground ground)
            throws IOException {
        BranchCommit.Committed here = now.get(path);
        return here == null ? ground.at(path) : here;
    }

    private static boolean blockedAbove(
            StagedChange change, Map<String, BranchCommit.Committed> now, Ground ground)
            throws IOException {
        if (change.made.absent()) {
            return false;
        }
        String path = change.path.value();
        for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
            if (!look(path.substring(0, at), now, ground).item().absent()) {
                return true;
            }
        }
        return false;
    }

    // -- targets

    ApplyOutcome toBranch(Chosen chosen, Target.Branch to)
            throws IOException, CountersignException {
        try (BranchCommit branch = BranchCommit.on(settings.root(), to.name())) {
            Rebuilt all = rebuild(chosen, branch::committed);
            if (all.commits.isEmpty()) {
                return new ApplyOutcome("", to.word(), List.of(), 0, all.left());
            }
            begun(to, all);
            for (Made made : all.commits) {
                made.steps.forEach((path, step) -> branch.change(path, step.after, step.now));
                branch.add(message(made.from, to.message()));
            }
            String id = branch.publish();
            return applied(id, to, all);
        }
    }

    ApplyOutcome toPatches(Chosen chosen, Target.Patch to)
            throws IOException, CountersignException {
        try (BranchCommit head = BranchCommit.reading(settings.root())) {
            Rebuilt all = rebuild(chosen, head::committed);
            if (all.commits.isEmpty()) {
                return new ApplyOutcome("", to.word(), List.of(), 0, all.left());
            }
            begun(to, all);
            write(to.file(), mails(all, head.developer(), to.message()));
            return applied(to.word(), to, all);
        }
    }

    private static void write(Path file, byte[] series) throws IOException, CountersignException {
        try {
            Files.write(file, series, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new CountersignException(
                    Kind.CONFLICT, "The file " + file + " exists already. Choose another name.");
        }
    }

    private void begun(Target to, Rebuilt all) throws CountersignException {
        recorder.record(
                new Fact.ApplyBegun(
                        to.word(), all.paths.stream().map(RelativePath::new).toList(), all.hunks));
    }

    private ApplyOutcome applied(String id, Target to, Rebuilt all) throws CountersignException {
        recorder.record(
                new Fact.Applied(
                        id, to.word(), all.paths.size(), all.hunks.size(), all.refused.size()));
        return new ApplyOutcome(id, to.word(), all.shown(), all.hunks.size(), all.left());
    }

    private static String message(AgentCommit commit, String trailers) {
        return commit.message().raw()
                + "\n\n"
                + trailers.strip()
                + "\nAgent-Author: "
                + commit.author().raw()
                + "\nAgent-Commit: "
                + commit.commit().raw()
                + "\n";
    }

    /// As git-format-patch(1) writes them, in one file.
    private byte[] mails(Rebuilt all, String developer, String trailers) throws IOException {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        int n = 0;
        for (Made made : all.commits) {
            String message = message(made.from, trailers);
            String count =
                    all.commits.size() == 1 ? "" : " %d/%d".formatted(++n, all.commits.size());
            String head =
                    """
                    From %s Mon Sep 17 00:00:00 2001
                    From: %s
                    Date: %s
                    Subject: [PATCH%s] %s
                    MIME-Version: 1.0
                    Content-Type: text/plain; charset=UTF-8
                    Content-Transfer-Encoding: 8bit

                    %s
                    ---

                    """
                            .formatted(
                                    made.from.commit().raw(),
                                    developer,
                                    MAIL_DATE.format(made.from.at().atOffset(ZoneOffset.UTC)),
                                    count,
                                    CommitMessages.subject(message),
                                    CommitMessages.body(message));
            out.write(head.getBytes(StandardCharsets.UTF_8));
            PatchText patch = new PatchText(true);
            made.steps.forEach(
                    (path, step) -> patch.add(path, step.before, step.old, step.after, step.now));
            out.write(patch.bytes());
            out.write("-- \nCountersign\n\n".getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }
}
