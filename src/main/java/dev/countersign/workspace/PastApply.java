package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An apply or an undo of this session that came to its end.
///
/// @param paths the files that it changed; the first thousand
/// @param files how many it changed
/// @param refused how many paths were left alone
/// @param undoOf the transaction that it took back
public record PastApply(
        String transaction,
        Instant at,
        String to,
        List<GuestText> paths,
        int files,
        int hunks,
        int refused,
        @Nullable String undoOf) {}
