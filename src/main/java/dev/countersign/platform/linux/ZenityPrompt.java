package dev.countersign.platform.linux;

import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Messages;
import dev.countersign.ui.common.NativePrompt;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The dialog as a child process, where the window is not painted by GTK. `zenity` can't keep a
/// button off until it may be pressed, so this one never allows: it denies or goes to the window.
public final class ZenityPrompt implements NativePrompt {
    private static final Logger LOG = LoggerFactory.getLogger(ZenityPrompt.class);
    private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

    /// Seconds; the request's own time limit denies, this only ends a forgotten process.
    private static final int LONGEST = 3600;

    private final @Nullable Path program;

    ZenityPrompt(@Nullable Path program) {
        this.program = program;
    }

    /// With the `zenity` of that search path, if it has one.
    public static ZenityPrompt ofPath(@Nullable String path) {
        return new ZenityPrompt(
                path == null
                        ? null
                        : SEPARATOR
                                .splitAsStream(path)
                                .filter(each -> !each.isEmpty())
                                .map(each -> Path.of(each, "zenity"))
                                .filter(Files::isExecutable)
                                .findFirst()
                                .orElse(null));
    }

    @Override
    public Optional<Dialog> open(Question question, Listener listener) {
        Path zenity = program;
        if (zenity == null) {
            return Optional.empty();
        }
        Process process;
        try {
            process =
                    new ProcessBuilder(
                                    zenity.toString(),
                                    "--question",
                                    "--default-cancel",
                                    "--no-markup",
                                    "--width=560",
                                    "--timeout=" + LONGEST,
                                    "--title=" + Messages.text("app.name"),
                                    "--ok-label=" + NativePrompt.label(Reply.REVIEW),
                                    "--cancel-label=" + NativePrompt.label(Reply.DENY),
                                    // It reads C escapes in its text.
                                    "--text=" + words(question).replace("\\", "\\\\"))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.warn("zenity was not started", e);
            return Optional.empty();
        }
        Shown shown = new Shown(process);
        var _ = process.onExit().thenAccept(ended -> Fx.later(() -> shown.ended(ended, listener)));
        return Optional.of(shown);
    }

    /// Our sentence and what we say of it. The call itself is read in the window.
    private static String words(Question question) {
        return question.sentence()
                + "\n\n"
                + question.points().stream()
                        .map(point ->
                                point.name().isEmpty()
                                        ? "    " + point.value()
                                        : point.name() + ": " + point.value())
                        .collect(Collectors.joining("\n"))
                + "\n\n"
                + question.under()
                + " "
                + question.foot();
    }

    private static final class Shown implements Dialog {
        private final Process process;
        private boolean closed;

        Shown(Process process) {
            this.process = process;
        }

        /// 0 is its first button, 1 its second, Escape and closing; all else, such as a display
        /// that is gone, is no answer.
        void ended(Process ended, Listener listener) {
            if (closed) {
                return;
            }
            switch (ended.exitValue()) {
                case 0 -> listener.replied(Reply.REVIEW);
                case 1 -> listener.replied(Reply.DENY);
                default -> {
                    LOG.warn("zenity ended with {} and gave no answer", ended.exitValue());
                    listener.gone();
                }
            }
        }

        @Override
        public void allowable(boolean now) {
            // It has no such button.
        }

        @Override
        public void again() {
            // It never allows.
        }

        @Override
        public void toFront() {
            // A window of another process: the desktop's own means bring it up.
        }

        @Override
        public void close() {
            closed = true;
            process.destroy();
        }
    }
}
