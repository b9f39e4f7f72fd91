package dev.countersign.ui.report;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.SessionView;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Words;
import dev.countersign.ui.report.ReportViewModel.Notable;
import dev.countersign.ui.report.ReportViewModel.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The report as a page of its own: no script, nothing from elsewhere, and what came from the guest
/// is text with its hidden characters written out.
final class ReportHtml {
    private static final String HEAD =
            """
            <!doctype html>
            <html>
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <style>
            :root { color-scheme: light dark; }
            body { font: 14px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
            h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin-top: 1.8em; }
            table { border-collapse: collapse; width: 100%; }
            td, th { text-align: left; vertical-align: top; padding: .25em .75em .25em 0; }
            code { font-family: monospace; overflow-wrap: anywhere; }
            </style>
            """;

    private static final int LONGEST = 20_000;

    private final ReportViewModel model;
    private final StringBuilder out = new StringBuilder(HEAD);

    private ReportHtml(ReportViewModel model) {
        this.model = model;
    }

    static String of(ReportViewModel model) {
        ReportHtml page = new ReportHtml(model);
        page.write();
        return page.out.toString();
    }

    private void write() {
        SessionView session = model.session();
        String name = session == null ? text("app.name") : session.name();
        out.append("<title>").append(escaped(name)).append("</title>\n</head>\n<body>\n");
        out.append("<h1>").append(escaped(name)).append("</h1>\n");
        if (session != null) {
            task(session);
        }
        title(text("report.numbers"));
        out.append("<table>\n");
        number(model.calls(), text("report.calls"));
        number(model.asked(), text("report.asked"));
        number(model.count(Outcome.BY_YOU), text("report.by-you"));
        number(model.count(Outcome.BY_PLAN), text("report.by-plan"));
        number(model.count(Outcome.BY_RULE), text("report.by-rule"));
        number(model.count(Outcome.BY_MODE), text("report.by-mode"));
        number(model.count(Outcome.DENIED), text("report.denied"));
        number(model.checkpoints(), text("report.checkpoints"));
        out.append("</table>\n");
        title(text("report.risky", model.riskyCount()));
        calls(model.risky(), model.riskyCount(), text("report.no-risky"));
        title(text("report.tests", model.testCount(), model.testsFailed()));
        calls(model.tests(), model.testCount(), text("report.no-tests"));
        title(text("report.files"));
        ReportPage.fileLines(model).forEach(this::line);
        title(text("report.unseen"));
        ReportPage.unseenLines().forEach(this::line);
        out.append("</body>\n</html>\n");
    }

    private void task(SessionView session) {
        title(text("report.task"));
        out.append("<p><code>")
                .append(escaped(Guest.line(session.task(), LONGEST)))
                .append("</code></p>\n");
        line(
                text(
                        "report.who",
                        session.agent(),
                        session.mode().word(),
                        session.tier().word(),
                        session.dataClass().word(),
                        Words.state(session.state())));
        Instant first = model.first();
        Instant last = model.last();
        if (first != null && last != null) {
            line(first + " - " + last + " (" + Words.age(Duration.between(first, last)) + ")");
        }
    }

    private void calls(List<Notable> calls, int count, String none) {
        if (calls.isEmpty()) {
            line(none);
            return;
        }
        out.append("<table>\n");
        for (Notable each : calls) {
            out.append("<tr><td>")
                    .append(each.at())
                    .append("</td><td>")
                    .append(escaped(Words.level(each.level())))
                    .append("</td><td><code>")
                    .append(escaped(Guest.line(each.arguments())))
                    .append("</code></td><td>")
                    .append(escaped(ReportPage.outcome(each)))
                    .append("</td></tr>\n");
        }
        out.append("</table>\n");
        if (count > calls.size()) {
            line(text("report.more", count - calls.size()));
        }
    }

    private void number(int count, String words) {
        out.append("<tr><td>")
                .append(count)
                .append("</td><td>")
                .append(escaped(words))
                .append("</td></tr>\n");
    }

    private void title(String words) {
        out.append("<h2>").append(escaped(words)).append("</h2>\n");
    }

    private void line(String words) {
        out.append("<p>").append(escaped(words)).append("</p>\n");
    }

    /// Also of what is the product's own: a name in it may have come from elsewhere.
    private static String escaped(String text) {
        return Guest.line(GuestText.of(text), LONGEST)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
