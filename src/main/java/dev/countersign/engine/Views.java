package dev.countersign.engine;

import dev.countersign.api.ApplyView;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.ReviewView;
import dev.countersign.api.SessionView;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.session.CheckpointRecord;
import dev.countersign.session.Projection;
import dev.countersign.session.Session;
import dev.countersign.workspace.ApplyOutcome;
import dev.countersign.workspace.Hunk;
import dev.countersign.workspace.Review;
import dev.countersign.workspace.ReviewedFile;

/// Says in the words of `api` what the rooms say in theirs. Nothing is decided here.
final class Views {
    private static final int NAME_LENGTH = 40;

    private Views() {}

    static SessionView of(Session session, int waiting) {
        var order = session.order();
        var standing = session.standing();
        Projection projection = session.projection();
        return new SessionView(
                order.id(),
                nameOf(order.task()),
                order.directory().toString(),
                order.agent(),
                order.task(),
                order.mode(),
                order.tier(),
                order.dataClass(),
                standing.state(),
                standing.why(),
                projection.agentRunning(),
                projection.linkUp(),
                projection.startKind(),
                projection.accelerator(),
                standing.epoch(),
                waiting,
                session.stagedHunks(),
                projection.lastSeq(),
                projection.inputTokens(),
                projection.outputTokens(),
                order.created(),
                projection.lastActivity());
    }

    /// The task's first words: what fits a list.
    private static String nameOf(GuestText task) {
        String line = task.visible().strip();
        if (line.length() <= NAME_LENGTH) {
            return line.isEmpty() ? "No task" : line;
        }
        int end = line.lastIndexOf(' ', NAME_LENGTH);
        return line.substring(0, end > NAME_LENGTH / 2 ? end : NAME_LENGTH) + "…";
    }

    static ApprovalView of(ApprovalRequest request) {
        return new ApprovalView(
                request.id(),
                request.session(),
                request.kind(),
                request.title(),
                request.level(),
                request.calls().stream().map(Views::of).toList(),
                request.agentText(),
                request.undo(),
                request.gate(),
                request.digest(),
                request.opened(),
                request.deadline(),
                request.planDirectories(),
                request.state() == ApprovalRequest.State.OPEN ? "open" : "decided",
                request.answer(),
                request.by(),
                request.note(),
                request.warning());
    }

    private static ApprovalView.Call of(ApprovalRequest.Call call) {
        return new ApprovalView.Call(
                call.id(),
                call.tool(),
                call.argumentsJson(),
                call.command(),
                call.argv(),
                call.path(),
                call.cwd(),
                call.level(),
                EffectSentences.of(call.effects()),
                call.reasons(),
                call.rule());
    }

    static CheckpointView of(CheckpointRecord checkpoint) {
        return new CheckpointView(
                checkpoint.id(),
                checkpoint.name(),
                checkpoint.automatic(),
                checkpoint.why(),
                checkpoint.at(),
                checkpoint.epoch(),
                checkpoint.seq(),
                checkpoint.bytes());
    }

    static ReviewView of(SessionId session, Review review) {
        return new ReviewView(
                review.id(), session, review.files().stream().map(Views::of).toList());
    }

    private static ReviewView.File of(ReviewedFile file) {
        return new ReviewView.File(
                file.path(),
                file.change().word(),
                file.level(),
                file.reasons(),
                file.runsOnHost(),
                file.added(),
                file.removed(),
                file.hunks().stream().map(Views::of).toList());
    }

    private static ReviewView.Hunk of(Hunk hunk) {
        return new ReviewView.Hunk(
                hunk.id(),
                hunk.state().word(),
                hunk.oldStart(),
                hunk.oldLines(),
                hunk.newStart(),
                hunk.newLines(),
                hunk.lines().stream()
                        .map(line -> new ReviewView.Line(line.kind().word(), line.text()))
                        .toList(),
                hunk.note());
    }

    static ApplyView of(ApplyOutcome outcome) {
        return new ApplyView(
                outcome.transaction(),
                outcome.to(),
                outcome.paths(),
                outcome.hunks(),
                outcome.refused());
    }
}
