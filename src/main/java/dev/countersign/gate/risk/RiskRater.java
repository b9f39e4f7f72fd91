package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import java.util.List;

/// Rates a call by what it would do.
public final class RiskRater implements AutoCloseable {
    /// Starts the parser's child process with the running `java` and class path.
    public static RiskRater start() {
        return new RiskRater();
    }

    /// Level, effects and reasons of a call.
    public Rating rate(ToolCall call, WorkspaceView workspace) {
        return new Rating(
                ToolKind.UNKNOWN,
                Level.HIGH,
                List.of("unknown"),
                List.of(
                        "a tool that is not known: "
                                + GuestText.of(call.tool().raw()).visible()
                                + workspace.root().substring(0, 0)),
                List.of(),
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                false,
                false);
    }

    @Override
    public void close() {}
}
