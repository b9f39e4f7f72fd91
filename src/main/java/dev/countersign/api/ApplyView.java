package dev.countersign.api;

import dev.countersign.domain.GuestText;
import java.util.List;

/// What an apply or an undo did.
///
/// @param refused paths that were left alone, each with the reason after a colon
public record ApplyView(
        String transaction, String to, List<GuestText> paths, int hunks, List<GuestText> refused) {}
