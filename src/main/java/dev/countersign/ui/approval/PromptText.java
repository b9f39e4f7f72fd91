package dev.countersign.ui.approval;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.SessionView;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.NativePrompt.Line;
import dev.countersign.ui.common.NativePrompt.Piece;
import dev.countersign.ui.common.NativePrompt.Point;
import dev.countersign.ui.common.NativePrompt.Question;
import dev.countersign.ui.common.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a dialog of the desktop says about a request. Nothing of the call is cut in silence: what
/// does not fit into the frame is counted, and then the request can't be allowed from there.
final class PromptText {
    private static final int COLUMNS = 72;
    private static final int LONGEST = 4000;
    private static final int MOST_LINES = 12;
    private static final int MOST_POINTS = 3;
    private static final int LONGEST_POINT = 240;
    private static final int MOST_SAID = 120;

    private final List<Line> lines = new ArrayList<>();
    private int height;
    private int left;

    private PromptText() {}

    /// @param place of the request among those that wait, from 1
    static Question of(ApprovalView request, @Nullable SessionView session, int place, int all) {
        PromptText text = new PromptText();
        request.calls().forEach(call -> text.call(call, request.calls().size() > 1));
        List<String> effects = effects(request);
        boolean allowable =
                text.left == 0
                        && effects.size() <= MOST_POINTS
                        && effects.stream().allMatch(each -> each.length() <= LONGEST_POINT)
                        && request.kind().equals("calls")
                        && request.proof() == null;
        String name = session == null ? request.session().value() : session.name();
        return new Question(
                text("approval.sentence", name, request.title()),
                under(session, place, all),
                text.framed(),
                points(request, allowable),
                Guest.line(request.agentText(), MOST_SAID),
                foot(request),
                allowable);
    }

    private static String under(@Nullable SessionView session, int place, int all) {
        Path folder = session == null ? null : Path.of(session.directory()).getFileName();
        return folder == null
                ? text("prompt.held", place, all)
                : text("prompt.held-in", folder.toString(), place, all);
    }

    private static String foot(ApprovalView request) {
        String digest = request.digest().brief();
        return request.deadline() == null
                ? text("prompt.foot", digest)
                : text("prompt.foot-deadline", Words.second(request.deadline()), digest);
    }

    private void call(ApprovalView.Call call, boolean several) {
        if (several) {
            add(List.of(Guest.line(call.tool(), COLUMNS)), false);
        }
        int number = 0;
        for (List<GuestText> argv : call.argv()) {
            number++;
            command(Integer.toString(number), argv);
        }
        GuestText command = call.command();
        if (command != null && !Arguments.saidByWords(call, command)) {
            if (!call.argv().isEmpty()) {
                add(List.of(text("prompt.exact")), false);
            }
            add(wrapped(command), false);
        }
        GuestText path = call.path();
        if (path != null) {
            add(wrapped(path), true);
        }
        for (Arguments.Argument each : Arguments.of(call.argumentsJson()).all()) {
            if (each.value().equals(command) || each.value().equals(path)) {
                continue;
            }
            if (!each.name().raw().isEmpty()) {
                add(List.of(Guest.line(each.name(), COLUMNS) + ":"), false);
            }
            add(wrapped(each.value()), false);
        }
    }

    /// All of a text, or its beginning, and then it is counted as left out.
    private List<String> wrapped(GuestText text) {
        if (text.raw().length() > LONGEST) {
            left += Guest.lineCount(text);
            return List.of(Guest.line(text, COLUMNS));
        }
        return Guest.wrapped(text, COLUMNS);
    }

    /// The words of a command, each in its frame, in as many lines as they need.
    private void command(String number, List<GuestText> argv) {
        List<Piece> row = new ArrayList<>();
        int width = 0;
        int high = 1;
        String first = number;
        for (GuestText word : argv) {
            List<String> parts =
                    word.raw().isEmpty() ? List.of(text("approval.empty-word")) : wrapped(word);
            int wide = parts.size() > 1 ? COLUMNS : parts.getFirst().length() + 3;
            if (!row.isEmpty() && width + wide > COLUMNS) {
                line(first, row, high);
                first = " ";
                row = new ArrayList<>();
                width = 0;
                high = 1;
            }
            row.add(new Piece(String.join("\n", parts), true));
            high = Math.max(high, parts.size());
            width += wide;
        }
        line(first, row, high);
    }

    private void line(String number, List<Piece> row, int high) {
        if (height + high <= MOST_LINES) {
            lines.add(new Line(number, List.copyOf(row)));
            height += high;
        } else {
            left += high;
        }
    }

    private void add(List<String> texts, boolean framed) {
        texts.forEach(each -> line("", List.of(new Piece(each, framed)), 1));
    }

    private List<Line> framed() {
        List<Line> all = new ArrayList<>(lines);
        if (left > 0) {
            all.add(new Line("", List.of(new Piece(text("prompt.more", left), false))));
        }
        return all;
    }

    private static List<Point> points(ApprovalView request, boolean allowable) {
        List<Point> points = new ArrayList<>();
        List<String> reasons =
                request.calls().stream()
                        .flatMap(call -> call.reasons().stream())
                        .distinct()
                        .toList();
        points.add(
                new Point(
                        text("prompt.level"),
                        mark(request.level()) + " " + Words.level(request.level())));
        each(points, text("approval.why"), reasons);
        each(points, text("approval.effects"), effects(request));
        each(
                points,
                text("approval.undo"),
                request.undo().isEmpty() ? List.of(text("approval.undo-unknown")) : request.undo());
        each(
                points,
                text("prompt.asked-by"),
                request.calls().stream().map(ApprovalView.Call::rule).distinct().toList());
        if (request.warning() != null) {
            points.add(new Point(text("prompt.warning"), request.warning()));
        }
        if (!allowable) {
            points.add(
                    new Point(
                            text("approval.allow"),
                            request.kind().equals("plan")
                                    ? text("prompt.plan")
                                    : request.proof() != null
                                            ? text("prompt.proof")
                                            : text("prompt.long")));
        }
        return points;
    }

    private static void each(List<Point> points, String name, List<String> values) {
        String shown = name;
        for (String value : values.subList(0, Math.min(values.size(), MOST_POINTS))) {
            boolean cut = value.length() > LONGEST_POINT;
            points.add(new Point(shown, cut ? value.substring(0, LONGEST_POINT) + "…" : value));
            shown = "";
        }
    }

    private static List<String> effects(ApprovalView request) {
        return request.calls().stream()
                .flatMap(call -> call.effects().stream())
                .distinct()
                .toList();
    }

    /// The level's shape, as in the window.
    private static String mark(Level level) {
        return switch (level) {
            case LOW -> "○";
            case MEDIUM -> "◆";
            case HIGH -> "▲";
            case CRITICAL -> "⯃";
        };
    }
}
