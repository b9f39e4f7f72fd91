package dev.countersign.engine;

import dev.countersign.api.AppliedView;
import dev.countersign.api.ApplyView;
import dev.countersign.api.ApprovalView;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.CommitsView;
import dev.countersign.api.EgressView;
import dev.countersign.api.PortView;
import dev.countersign.api.ReviewView;
import dev.countersign.api.SessionView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.egress.Grant;
import dev.countersign.egress.SessionEgress;
import dev.countersign.gate.approval.ApprovalBudget;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.EqualRequests;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.policy.Policy;
import dev.countersign.session.CheckpointRecord;
import dev.countersign.session.GuestPorts;
import dev.countersign.session.Projection;
import dev.countersign.session.Session;
import dev.countersign.workspace.AgentCommit;
import dev.countersign.workspace.ApplyOutcome;
import dev.countersign.workspace.CommitReview;
import dev.countersign.workspace.Conflict;
import dev.countersign.workspace.Hunk;
import dev.countersign.workspace.PastApply;
import dev.countersign.workspace.Review;
import dev.countersign.workspace.ReviewedFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
                projection.lastActivity(),
                of(session.budget()),
                projection.models());
    }

    private static SessionView.Budget of(ApprovalBudget budget) {
        Duration typical = budget.typical();
        return new SessionView.Budget(
                budget.prompts(),
                budget.lastHour(),
                budget.perHour(),
                budget.allowed(),
                budget.denied(),
                budget.unanswered(),
                budget.shareAllowed(),
                typical == null ? null : typical.toMillis(),
                budget.hasty(),
                budget.covered());
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

    /// @param equal the open requests that show the same, itself included
    static ApprovalView of(ApprovalRequest request, EqualRequests equal, SecondFactor factor)
            throws CountersignException {
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
                request.warning(),
                equal.requests().size() < 2
                        ? null
                        : new ApprovalView.Equal(equal.ids(), equal.digest()),
                proof(request, factor),
                refused(request));
    }

    private static ApprovalView.@Nullable Proof proof(ApprovalRequest request, SecondFactor factor)
            throws CountersignException {
        if (request.level() != Level.CRITICAL || request.state() != ApprovalRequest.State.OPEN) {
            return null;
        }
        SecondFactor.Choice choice = factor.choice();
        return switch (choice) {
            case NONE -> null;
            case PHRASE ->
                    new ApprovalView.Proof(choice.word(), factor.phraseFor(request).orElse(null));
            case TOTP -> new ApprovalView.Proof(choice.word(), null);
        };
    }

    private static @Nullable List<Integer> refused(ApprovalRequest request) {
        List<GuestText> refused = request.refused();
        if (refused == null) {
            return null;
        }
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < request.calls().size(); i++) {
            if (refused.contains(request.calls().get(i).id())) {
                numbers.add(i + 1);
            }
        }
        return numbers;
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
                call.rule(),
                call.waits());
    }

    static PortView of(GuestPorts.Port port) {
        return new PortView(port.guestPort(), port.hostPort(), port.process());
    }

    static EgressView egress(Session session) throws CountersignException {
        SessionEgress network = session.network();
        List<EgressView.Rule> rules = new ArrayList<>();
        for (Policy policy : session.policy().inForce()) {
            policy.egress()
                    .deny()
                    .forEach(text -> rules.add(new EgressView.Rule("deny", text, policy.source())));
            policy.egress()
                    .allow()
                    .forEach(
                            text -> rules.add(new EgressView.Rule("allow", text, policy.source())));
            policy.egress()
                    .allowPrivate()
                    .forEach(text ->
                            rules.add(new EgressView.Rule("allow-private", text, policy.source())));
        }
        return new EgressView(
                session.id(),
                session.order().egress(),
                rules,
                network.granted().stream().map(Views::of).toList(),
                network.connections(),
                session.policy().trouble().orElse(null));
    }

    static EgressView.Host of(Grant grant) {
        return new EgressView.Host(
                grant.place(), grant.scope(), grant.granted(), grant.until(), grant.requestId());
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

    static CommitsView of(SessionId session, CommitReview review) {
        return new CommitsView(
                review.id(),
                session,
                review.commits().stream().map(Views::of).toList(),
                review.notes());
    }

    private static CommitsView.Commit of(AgentCommit commit) {
        return new CommitsView.Commit(
                commit.id(),
                commit.commit(),
                commit.author(),
                commit.at(),
                commit.merge(),
                commit.message(),
                commit.files().stream().map(Views::of).toList());
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
                file.hunks().stream().map(Views::of).toList(),
                file.movedFrom(),
                file.movedTo(),
                file.generated(),
                of(file.conflict()));
    }

    private static ReviewView.@Nullable Conflict of(@Nullable Conflict conflict) {
        return conflict == null
                ? null
                : new ReviewView.Conflict(
                        conflict.digest(),
                        conflict.base(),
                        conflict.host(),
                        conflict.agent(),
                        conflict.merged(),
                        conflict.note());
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
                hunk.note(),
                hunk.byDefault(),
                hunk.level());
    }

    static List<AppliedView> applied(List<PastApply> past) {
        List<AppliedView> all = new ArrayList<>();
        int last = -1;
        for (int i = 0; i < past.size(); i++) {
            if (past.get(i).to().equals("tree")) {
                last = i;
            }
        }
        for (int i = 0; i < past.size(); i++) {
            PastApply apply = past.get(i);
            all.add(
                    new AppliedView(
                            apply.transaction(),
                            apply.at(),
                            apply.to(),
                            apply.paths(),
                            apply.files(),
                            apply.hunks(),
                            apply.refused(),
                            apply.undoOf(),
                            i == last));
        }
        return List.copyOf(all);
    }

    static ApplyView of(ApplyOutcome outcome) {
        return new ApplyView(
                outcome.transaction(),
                outcome.to(),
                outcome.paths(),
                outcome.hunks(),
                outcome.refused(),
                outcome.address());
    }
}
