package dev.countersign.api;

import org.jspecify.annotations.Nullable;

/// Solves a conflict.
///
/// @param digest of the conflict that was shown; CONFLICT if a side changed since
/// @param take `host`, `agent` or `text`
/// @param text the developer's own version, for `text`
public record ResolveRequest(String path, String digest, String take, @Nullable String text) {}
