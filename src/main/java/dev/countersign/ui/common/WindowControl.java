package dev.countersign.ui.common;

import dev.countersign.domain.SessionId;

/// What the rest of the program may ask of an open window. Every method may be called from any
/// thread.
public interface WindowControl {
    /// Brings the window to the front, as far as the desktop allows it.
    void toFront();

    /// Shows the requests that wait, this one first, without taking the place of one that is being
    /// read.
    void showApproval(String requestId);

    /// Shows a session.
    void showSession(SessionId id);

    /// Closes the window. Sessions go on.
    void close();
}
