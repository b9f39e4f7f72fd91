package dev.countersign.workspace;

import java.util.List;

/// All that is staged.
///
/// @param id digest of all that is listed: a [Choice.All] with it covers exactly this
/// @param epoch grows with every restore
/// @param paused why staging takes nothing more at the moment; empty if it does
public record Review(String id, int epoch, String paused, List<ReviewedFile> files) {}
