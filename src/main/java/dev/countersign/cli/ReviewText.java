package dev.countersign.cli;

import dev.countersign.api.CommitsView;
import dev.countersign.api.ReviewView;
import dev.countersign.domain.GuestText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A review for a person: worst files first, each hunk with its id and its lines.
final class ReviewText {
    private final Ink ink;

    ReviewText(Ink ink) {
        this.ink = ink;
    }

    List<String> lines(ReviewView review) {
        if (review.files().isEmpty()) {
            return List.of("Nothing is staged in session " + review.session() + ".");
        }
        List<String> lines = new ArrayList<>();
        review.files().stream()
                .sorted(Comparator.comparing(ReviewView.File::level).reversed())
                .forEach(file -> file(review.session().toString(), file, lines));
        lines.add("review " + review.id());
        return List.copyOf(lines);
    }

    /// The agent's commits, oldest first; how to take them last.
    List<String> lines(CommitsView commits) {
        if (commits.commits().isEmpty()) {
            return List.of(
                    "The agent committed nothing in session "
                            + commits.session()
                            + ". What it wrote: countersign review "
                            + commits.session());
        }
        List<String> lines = new ArrayList<>();
        for (CommitsView.Commit commit : commits.commits()) {
            lines.add(
                    "%s  %s  %s%s"
                            .formatted(
                                    ink.strong("commit " + commit.commit().visible()),
                                    commit.author().visible(),
                                    commit.at(),
                                    commit.merge() ? "  merge, against its first parent" : ""));
            commit.message()
                    .visibleLines()
                    .lines()
                    .forEach(line -> lines.add(line.isEmpty() ? "" : "    " + line));
            commit.files().forEach(file -> file(commits.session().toString(), file, lines));
        }
        commits.notes().forEach(note -> lines.add(GuestText.of(note).visible()));
        lines.add("commits " + commits.id());
        lines.add(
                ink.faint(
                        "Take all of it, made anew as yours, with `countersign apply %s --commits --all --seen %s --to branch:NAME` (or patch:FILE for git am, or pr:NAME)."
                                .formatted(commits.session(), commits.id())));
        return List.copyOf(lines);
    }

    private void file(String session, ReviewView.File file, List<String> lines) {
        lines.add(
                "%s  %s  %s  +%d -%d%s"
                        .formatted(
                                ink.level(file.level(), "%-8s".formatted(file.level().word())),
                                ink.strong(file.path().visible()),
                                file.change(),
                                file.added(),
                                file.removed(),
                                file.runsOnHost() ? "  runs on the host later" : ""));
        file.reasons().forEach(r -> lines.add("          " + GuestText.of(r).visible()));
        if (file.generated() != null && !file.hunks().isEmpty()) {
            lines.add("          folded, " + GuestText.of(file.generated()).visible());
            file.hunks().forEach(h -> lines.add(ink.faint("  " + h.id() + "  " + state(h))));
            return;
        }
        for (ReviewView.Hunk hunk : file.hunks()) {
            lines.add(
                    ink.faint(
                            "  @@ -%d,%d +%d,%d @@ %s  %s"
                                    .formatted(
                                            hunk.oldStart(),
                                            hunk.oldLines(),
                                            hunk.newStart(),
                                            hunk.newLines(),
                                            hunk.id(),
                                            state(hunk))));
            hunk.lines().forEach(line -> lines.add(line(line)));
            if (hunk.note() != null) {
                lines.add("  " + GuestText.of(hunk.note()).visible());
            }
        }
        if (file.conflict() != null) {
            conflict(session, file.path(), file.conflict(), lines);
        }
    }

    private static String state(ReviewView.Hunk hunk) {
        if (hunk.byDefault()) {
            return "rejected by default: critical; apply it by --hunk if you want it";
        }
        return hunk.state().equals("changed") ? "changed since you saw it" : hunk.state();
    }

    private void conflict(
            String session, GuestText path, ReviewView.Conflict conflict, List<String> lines) {
        if (conflict.note() != null) {
            lines.add("          " + GuestText.of(conflict.note()).visible());
        }
        if (conflict.merged() != null) {
            lines.add(ink.faint("  both, with what differs between markers:"));
            conflict.merged().visibleLines().lines().forEach(line -> lines.add("  │ " + line));
        }
        lines.add(
                "          solve it: countersign resolve %s %s --seen %s --take host|agent|FILE"
                        .formatted(session, path.visible(), conflict.digest()));
    }

    private String line(ReviewView.Line line) {
        String text = line.text().visibleLines().replace("\n", "↵");
        return switch (line.kind()) {
            case "added" -> ink.good("  +" + text);
            case "removed" -> ink.bad("  -" + text);
            default -> "   " + text;
        };
    }
}
