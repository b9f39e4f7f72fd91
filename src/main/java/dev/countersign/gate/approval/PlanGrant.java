package dev.countersign.gate.approval;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.time.Instant;
import java.util.List;

/// An approved plan: medium calls below these directories run until it ends.
///
/// @param directories workspace paths; one that ends in `/` covers what is below it, any other the
///   file alone
/// @param digest of the plan request that the developer approved
public record PlanGrant(
        SessionId session,
        int epoch,
        String requestId,
        List<GuestText> directories,
        Digest digest,
        Instant granted,
        Instant expires) {
    /// Keeps a copy.
    public PlanGrant {
        directories = List.copyOf(directories);
    }

    /// Whether every one of these paths is covered. Paths below `/tmp` always are.
    public boolean covers(List<String> paths) {
        return paths.stream().allMatch(this::covers);
    }

    private boolean covers(String path) {
        return path.startsWith("/tmp/")
                || path.startsWith("/var/tmp/")
                || directories.stream()
                        .map(GuestText::raw)
                        .anyMatch(dir ->
                                dir.endsWith("/")
                                        ? path.startsWith(dir) || dir.equals(path + "/")
                                        : path.equals(dir));
    }
}
