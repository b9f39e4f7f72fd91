package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.List;

/// One staged file against the baseline.
///
/// @param path shown through `visible()`, given back as it is in a [Choice]
/// @param level how much it can hurt once it is on the host
/// @param reasons why the level, or why it is blocked
/// @param runsOnHost whether something on the host would run it later
/// @param epoch the epoch that it was made in; an older one than the review's was left behind by a
///   restore and is applied only when it is named
public record ReviewedFile(
        GuestText path,
        ChangeKind change,
        Level level,
        List<String> reasons,
        boolean runsOnHost,
        int added,
        int removed,
        int epoch,
        List<Hunk> hunks) {}
