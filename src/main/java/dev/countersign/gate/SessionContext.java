package dev.countersign.gate;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.risk.WorkspaceView;
import java.time.Duration;

/// What the gate must know about the session that a call belongs to. Read once per answer.
public interface SessionContext {
    /// Which session.
    SessionId id();

    /// How often it was restored; a decision counts in its own epoch only.
    int epoch();

    /// The mode that it was started with; the data class may make it stricter.
    Mode mode();

    /// The repository's class.
    DataClass dataClass();

    /// The repository's directory on the host, for rules with a scope.
    String repository();

    /// What the developer asked for.
    GuestText task();

    /// How long a request waits before it is denied; zero or less: for ever.
    Duration askTimeout();

    /// `boundary-enforced` where the call was held on the wire, else `cooperative` ([P8]).
    default String gateWord() {
        return "boundary-enforced";
    }

    /// Where the workspace lies in the guest and what is known of it.
    default WorkspaceView workspace() {
        return WorkspaceView.standard();
    }
}
