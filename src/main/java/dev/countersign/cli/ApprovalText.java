package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A request as a person must see it before deciding: our own sentence first, then exactly what
/// would run, in full and in a box, then the agent's words apart from it ([P4], [P7], [P10]).
final class ApprovalText {
    private final Ink ink;

    ApprovalText(Ink ink) {
        this.ink = ink;
    }

    List<String> lines(ApprovalView request, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(
                ink.level(request.level(), "● " + request.level().word())
                        + "  "
                        + ink.strong("The agent " + GuestText.of(request.title()).visible()));
        lines.add(
                ink.faint(
                        "  request %s, session %s, %s, %s"
                                .formatted(
                                        request.id(),
                                        request.session(),
                                        Ink.ago(request.opened(), now),
                                        request.gate())));
        if (request.warning() != null) {
            lines.add("  " + ink.bad("warning: " + GuestText.of(request.warning()).visible()));
        }
        boolean several = request.calls().size() > 1;
        for (int i = 0; i < request.calls().size(); i++) {
            call(request.calls().get(i), several ? (i + 1) + ". " : "", lines);
        }
        if (!request.planDirectories().isEmpty()) {
            lines.add("  Approval covers medium calls below:");
            request.planDirectories().forEach(d -> lines.add("    " + d.visible()));
        }
        if (!request.agentText().raw().isBlank()) {
            lines.add("  The agent says (not checked):");
            request.agentText()
                    .visibleLines()
                    .lines()
                    .forEach(line -> lines.add(ink.faint("  > " + line)));
        }
        request.undo().forEach(sentence -> lines.add("  Undo: " + sentence));
        if (request.deadline() != null) {
            lines.add("  Denied by itself at " + request.deadline() + " if nobody answers.");
        }
        if (request.answer() != null) {
            lines.add(
                    "  Decided: "
                            + request.answer()
                            + (request.note() == null ? "" : ", " + request.note().visible()));
        }
        ApprovalView.Proof proof = request.proof();
        if (proof != null) {
            lines.add(
                    proof.kind().equals("phrase")
                            ? "  To allow it, type: " + proof.phrase()
                            : "  To allow it, the code of your authenticator app is needed.");
        }
        ApprovalView.Equal equal = request.equal();
        if (equal != null) {
            lines.add(
                    "  %d requests show the same: %s"
                            .formatted(equal.ids().size(), String.join(", ", equal.ids())));
        }
        lines.add("  digest " + request.digest());
        return List.copyOf(lines);
    }

    private void call(ApprovalView.Call call, String number, List<String> lines) {
        lines.add(
                "  ┌ %s%s in %s, %s"
                        .formatted(
                                number,
                                call.tool().visible(),
                                call.cwd().visible(),
                                ink.level(call.level())));
        if (call.command() != null) {
            call.command().visibleLines().lines().forEach(line -> lines.add("  │ " + line));
            if (call.argv().isEmpty()) {
                lines.add("  ├ could not be read as plain commands");
            }
            call.argv().forEach(argv -> lines.add("  ├ runs " + words(argv)));
        } else {
            if (call.path() != null) {
                lines.add("  │ " + call.path().visible());
            }
            call.argumentsJson().visibleLines().lines().forEach(line -> lines.add("  │ " + line));
        }
        call.reasons().forEach(reason -> lines.add("  ├ why: " + GuestText.of(reason).visible()));
        if (!call.effects().isEmpty()) {
            lines.add("  ├ effect: " + String.join(", ", call.effects()));
        }
        lines.add("  └ asked by " + GuestText.of(call.rule()).visible());
    }

    /// Each word in its own brackets, so that a blank inside one is seen.
    private static String words(List<GuestText> argv) {
        return String.join(" ", argv.stream().map(word -> "[" + word.visible() + "]").toList());
    }

    /// The commands that answer it, for where nobody is asked.
    static List<String> commands(ApprovalView request) {
        List<String> commands = new ArrayList<>();
        String code = request.proof() == null ? "" : " --code CODE";
        commands.add(
                "  allow:  countersign approvals allow "
                        + request.id()
                        + "@"
                        + request.digest()
                        + code);
        if (request.kind().equals("hosts")) {
            commands.add("          … --for once|session|repository [--until DATE]");
        }
        if (!request.kind().equals("plan") && request.calls().size() > 1) {
            commands.add("          … --call N for each that is allowed; the others are denied");
        }
        ApprovalView.Equal equal = request.equal();
        if (equal != null) {
            commands.add(
                    "  all %d: countersign approvals allow %s@%s"
                            .formatted(equal.ids().size(), request.id(), equal.digest()));
        }
        commands.add("  deny:   countersign approvals deny " + request.id() + " [--note TEXT]");
        return List.copyOf(commands);
    }
}
