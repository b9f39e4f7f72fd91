package dev.countersign.engine;

/// Tells the developer on the desktop that something waits. It gets attention and opens the window;
/// nothing is ever decided from a notice, because any program of the user can forge its answer.
public interface DeskNotices extends AutoCloseable {
    /// Shows the one notice, in the place of the one before. Where no notice can be shown, nothing
    /// happens. May block for as long as the desktop takes.
    ///
    /// @param title ours, plain text
    /// @param body ours, plain text
    /// @param urgent for high and critical requests
    /// @param review runs when the developer chooses to look, at most once for this notice
    void show(String title, String body, boolean urgent, Runnable review);

    /// Takes the notice away, if one is shown.
    void withdraw();

    @Override
    void close();

    /// Where there is no desktop.
    DeskNotices NONE =
            new DeskNotices() {
                @Override
                public void show(String title, String body, boolean urgent, Runnable review) {
                    // Nobody would see it.
                }

                @Override
                public void withdraw() {
                    // Nothing was shown.
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };
}
