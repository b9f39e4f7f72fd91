package dev.countersign.gate.risk;

import java.util.List;
import java.util.Map;

/// What the host knows of the workspace in the guest when it rates a call.
///
/// @param root absolute path in the guest
/// @param links symbolic links as they were at the last collection: workspace path to target. Links
///   that the guest made since are unknown here; what is written through one is still caught when
///   it is collected.
/// @param shared globs of directories that several services depend on: a change there is `high`
public record WorkspaceView(String root, Map<String, String> links, List<String> shared) {
    private static final WorkspaceView STANDARD =
            new WorkspaceView("/workspace", Map.of(), List.of());

    /// Keeps copies.
    public WorkspaceView {
        links = Map.copyOf(links);
        shared = List.copyOf(shared);
    }

    /// `/workspace`, no links known, no shared directories named.
    public static WorkspaceView standard() {
        return STANDARD;
    }
}
