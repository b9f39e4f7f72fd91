package dev.countersign.api;

import org.jspecify.annotations.Nullable;

/// What critical requests need beside the answer.
///
/// @param choice `none`, `phrase` or `totp`
/// @param uri of a secret that was just made, for an authenticator app; shown once
/// @param secret the same, for typing
public record SecondFactorView(String choice, @Nullable String uri, @Nullable String secret) {}
