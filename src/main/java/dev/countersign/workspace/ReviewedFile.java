package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One staged file against the baseline.
///
/// @param path shown through `visible()`, given back as it is in a [Choice]
/// @param level how much it can hurt once it is on the host: the worst of its hunks
/// @param reasons why the level, or why it is blocked
/// @param runsOnHost whether something on the host would run it later
/// @param epoch the epoch that it was made in; an older one than the review's was left behind by a
///   restore and is applied only when it is named
/// @param movedFrom the removed file whose content it has; taking that one away is decided there
/// @param movedTo where a removed file's content went
/// @param generated why it is taken for a program's output, to be shown folded; never set where it
///   is critical
/// @param conflict the sides, where the host changed the same place
public record ReviewedFile(
        GuestText path,
        ChangeKind change,
        Level level,
        List<String> reasons,
        boolean runsOnHost,
        int added,
        int removed,
        int epoch,
        List<Hunk> hunks,
        @Nullable GuestText movedFrom,
        @Nullable GuestText movedTo,
        @Nullable String generated,
        @Nullable Conflict conflict) {}
