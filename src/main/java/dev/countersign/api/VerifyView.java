package dev.countersign.api;

import org.jspecify.annotations.Nullable;

/// What a check of a log can say, and no more.
///
/// @param entries how many were read
/// @param verifiedTo the last entry that a signed head covers, or -1
/// @param problem the first thing that is wrong, with its entry; null if none was found
/// @param anchor the last anchor outside of this machine, or `none`
public record VerifyView(
        boolean ok, long entries, long verifiedTo, @Nullable String problem, String anchor) {}
