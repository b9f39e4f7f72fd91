package dev.countersign.api;

import dev.countersign.domain.GuestText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an apply or an undo did.
///
/// @param refused paths that were left alone, each with the reason after a colon
/// @param address of the pull request that was opened
public record ApplyView(
        String transaction,
        String to,
        List<GuestText> paths,
        int hunks,
        List<GuestText> refused,
        @Nullable GuestText address) {
    /// Without a pull request.
    public ApplyView(
            String transaction,
            String to,
            List<GuestText> paths,
            int hunks,
            List<GuestText> refused) {
        this(transaction, to, paths, hunks, refused, null);
    }
}
