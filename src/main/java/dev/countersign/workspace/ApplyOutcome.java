package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an apply or an undo did.
///
/// @param refused what was left alone, each as path, colon, reason
/// @param address of the pull request, as the tool that opened it said
public record ApplyOutcome(
        String transaction,
        String to,
        List<GuestText> paths,
        int hunks,
        List<GuestText> refused,
        @Nullable GuestText address) {
    /// Without a pull request.
    public ApplyOutcome(
            String transaction,
            String to,
            List<GuestText> paths,
            int hunks,
            List<GuestText> refused) {
        this(transaction, to, paths, hunks, refused, null);
    }
}
