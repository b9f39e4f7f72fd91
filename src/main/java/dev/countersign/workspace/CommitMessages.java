package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Makes an agent's commit message one that can be kept: nothing in it is read as a patch, a mail's
/// head, or a statement of somebody else.
final class CommitMessages {
    private static final int LINES = 400;
    private static final int SUBJECT = 200;

    /// What ends a message or begins a patch for mail readers (git's mailinfo.c), a head inside of
    /// the body, and trailers by which people and programs vouch for something.
    private static final Pattern SPEAKS =
            Pattern.compile(
                    "(---|diff -|index: |from |>+from |-{2,}\\s*[8%>]|\\(cherry picked)(.*)"
                            + "|(from|date|subject|sender|cc|to|message-id|mime-version|content-[a-z-]+)\\s*:.*"
                            + "|[a-z][a-z-]*-by\\s*:.*"
                            + "|(agent(-[a-z]+)?|model-provider|countersign-[a-z-]+|change-id|reviewed-on)\\s*:.*",
                    Pattern.CASE_INSENSITIVE);

    private CommitMessages() {}

    /// The first line is the subject; the second, if there is one, is empty.
    static String kept(String raw, boolean cut) {
        List<String> lines = new ArrayList<>();
        String plain = raw.replace("\r\n", "\n").replace('\r', '\n').replace('\t', ' ');
        for (String line : GuestText.of(plain).visibleLines().strip().split("\n", -1)) {
            String one = line.stripTrailing();
            boolean twice = one.isEmpty() && !lines.isEmpty() && lines.getLast().isEmpty();
            if (!twice) {
                lines.add(SPEAKS.matcher(one.strip()).matches() ? "| " + one : one);
            }
        }
        boolean more = cut || lines.size() > LINES;
        if (lines.size() > LINES) {
            lines = new ArrayList<>(lines.subList(0, LINES));
        }
        if (more) {
            lines.add("[…]");
        }
        String subject = lines.getFirst();
        if (subject.isBlank()) {
            lines.set(0, "(no subject)");
        } else if (subject.length() > SUBJECT) {
            lines.set(0, subject.substring(0, SUBJECT) + " […]");
        }
        if (lines.size() > 1 && !lines.get(1).isEmpty()) {
            lines.add(1, "");
        }
        return String.join("\n", lines);
    }

    /// One line that no head of a mail or trailer could be broken with.
    static String name(String raw) {
        String line = GuestText.of(raw).visible().strip();
        return line.length() > SUBJECT ? line.substring(0, SUBJECT) + " […]" : line;
    }

    /// A pull request's title: the first line, or the branch's name where the message has trailers
    /// alone.
    static String title(String message, String branch) {
        String first = subject(message.strip());
        return first.isBlank() || first.startsWith("Agent: ") ? branch : name(first);
    }

    static String description(String message) {
        String all = message.strip();
        return all.startsWith("Agent: ") ? all : body(all);
    }

    static String subject(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    static String body(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? "" : message.substring(end + 1).strip();
    }
}
