package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import java.util.List;

/// What an apply or an undo did.
///
/// @param refused what was left alone, each as path, colon, reason
public record ApplyOutcome(
        String transaction, String to, List<GuestText> paths, int hunks, List<GuestText> refused) {}
