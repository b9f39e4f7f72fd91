package dev.countersign.ui.common;

import static dev.countersign.ui.common.Messages.text;

import java.util.List;
import java.util.Optional;

/// Asks outside of the window, in a dialog of the desktop's own. It only shows and reports: what an
/// answer is worth is decided by whoever asked, and checked once more by the engine. All methods,
/// and all calls of a [Listener], are on the toolkit's thread.
public interface NativePrompt {
    /// Where no dialog of the desktop can be shown.
    NativePrompt NONE = (_, _) -> Optional.empty();

    /// What the button says that was pressed. Return, Escape and closing are [#DENY].
    enum Reply {
        DENY,
        ALLOW,
        REVIEW
    }

    /// The words on a button.
    static String label(Reply reply) {
        return switch (reply) {
            case DENY -> text("approval.deny");
            case ALLOW -> text("approval.allow");
            case REVIEW -> text("prompt.review");
        };
    }

    /// A line of the framed part: text that came from elsewhere, made visible and bounded before.
    ///
    /// @param number of the line's command, or empty
    /// @param pieces in order; a word of a command has a frame of its own, so that two words are
    ///   never taken for one
    record Line(String number, List<Piece> pieces) {}

    /// A part of a [Line].
    ///
    /// @param word whether it stands in a frame
    record Piece(String text, boolean word) {}

    /// What is said about the call, in our own words.
    record Point(String name, String value) {}

    /// What is asked.
    ///
    /// @param sentence ours, first and largest
    /// @param under one line below it
    /// @param frame what would run
    /// @param says the agent's own words, one line; empty: none
    /// @param foot below all: time and digest
    /// @param allowable whether *Allow once* is there at all; what is too long or too grave for a
    ///   dialog can be denied or reviewed in the window only
    record Question(
            String sentence,
            String under,
            List<Line> frame,
            List<Point> points,
            String says,
            String foot,
            boolean allowable) {}

    /// What happens to the dialog.
    interface Listener {
        /// It came to the front, or is no longer there.
        void focused(boolean now);

        /// It was moved or resized, or *Allow once* was pressed before it was ready.
        void disturbed();

        /// A button was pressed. The dialog stays until it is closed.
        void replied(Reply reply);

        /// It went away and nobody answered. The request stays open.
        void gone();
    }

    /// A dialog on screen.
    interface Dialog {
        /// Whether *Allow once* can be pressed; not at first.
        void allowable(boolean now);

        /// The answer did not count: the question is shown again, if it went away with it.
        void again();

        /// To the front, with the focus.
        void toFront();

        /// Takes it away; nothing is reported after that.
        void close();
    }

    /// Shows a question without taking the focus from what the developer does.
    ///
    /// @return the dialog; empty if none can be shown here
    Optional<Dialog> open(Question question, Listener listener);
}
