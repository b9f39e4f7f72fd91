package dev.countersign.api;

import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One apply or undo of a session's past.
///
/// @param paths the files that it changed; the first thousand
/// @param refused how many paths were left alone
/// @param undoOf the transaction that it took back
/// @param next whether it is the one that `undo` would take back
public record AppliedView(
        String transaction,
        Instant at,
        String to,
        List<GuestText> paths,
        int files,
        int hunks,
        int refused,
        @Nullable String undoOf,
        boolean next) {}
