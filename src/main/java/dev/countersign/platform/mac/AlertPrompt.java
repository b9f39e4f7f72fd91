package dev.countersign.platform.mac;

import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.NativePrompt;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The system's alert by CFUserNotification: out of process, so that it holds up no window. Return
/// presses its default button, which is *Deny*. Its buttons can't be kept off: an answer that comes
/// too early does not count, and the alert is shown again. Not run on a Mac yet.
public final class AlertPrompt implements NativePrompt {
    @Override
    public Optional<Dialog> open(Question question, Listener listener) {
        Shown shown = new Shown(question, listener);
        shown.show();
        return Optional.of(shown);
    }

    private static Map<String, String> texts(Question question) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(CoreFoundation.HEADER, question.sentence());
        texts.put(CoreFoundation.MESSAGE, message(question));
        texts.put(CoreFoundation.DEFAULT_BUTTON, NativePrompt.label(Reply.DENY));
        texts.put(CoreFoundation.ALTERNATE_BUTTON, NativePrompt.label(Reply.REVIEW));
        if (question.allowable()) {
            texts.put(CoreFoundation.OTHER_BUTTON, NativePrompt.label(Reply.ALLOW));
        }
        return texts;
    }

    private static String message(Question question) {
        String lines =
                question.frame().stream()
                        .map(line ->
                                line.number()
                                        + " "
                                        + line.pieces().stream()
                                                .map(AlertPrompt::piece)
                                                .collect(Collectors.joining(" ")))
                        .collect(Collectors.joining("\n"));
        String points =
                question.points().stream()
                        .map(point ->
                                point.name().isEmpty()
                                        ? point.value()
                                        : point.name() + ": " + point.value())
                        .collect(Collectors.joining("\n"));
        return lines + "\n\n" + points + "\n\n" + question.under() + "\n" + question.foot();
    }

    /// Brackets of the word itself are doubled: two words are never taken for one.
    private static String piece(Piece piece) {
        return piece.word()
                ? "[" + piece.text().replace("[", "[[").replace("]", "]]") + "]"
                : piece.text();
    }

    private static final class Shown implements Dialog {
        private final Question question;
        private final Listener listener;
        private @Nullable MemorySegment alert;
        private boolean closed;

        Shown(Question question, Listener listener) {
            this.question = question;
            this.listener = listener;
        }

        /// The alert blocks the thread that waits for it.
        void show() {
            MemorySegment now = CoreFoundation.show(texts(question));
            alert = now;
            Thread.ofPlatform()
                    .daemon()
                    .name("alert")
                    .start(() -> {
                        int button = CoreFoundation.await(now);
                        Fx.later(() -> answered(button));
                    });
            // It does not tell whether it is in front; it is shown so.
            Fx.later(() -> {
                if (!closed) {
                    listener.focused(true);
                }
            });
        }

        private void answered(int button) {
            if (!closed) {
                alert = null;
                listener.replied(
                        button == 1 ? Reply.REVIEW : button == 2 ? Reply.ALLOW : Reply.DENY);
            }
        }

        @Override
        public void allowable(boolean now) {
            // Its buttons are always on: an early answer does not count.
        }

        @Override
        public void again() {
            listener.focused(false);
            show();
        }

        @Override
        public void toFront() {
            // It is shown above all windows.
        }

        @Override
        public void close() {
            closed = true;
            MemorySegment now = alert;
            if (now != null) {
                CoreFoundation.cancel(now);
            }
        }
    }
}
