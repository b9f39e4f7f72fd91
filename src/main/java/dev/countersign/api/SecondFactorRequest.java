package dev.countersign.api;

import org.jspecify.annotations.Nullable;

/// What to do about the second factor of critical requests.
///
/// @param action `show`, `none`, `phrase`, `totp` (makes a secret, shown once) or `confirm` (its
///   first code)
/// @param code of the authenticator app: to confirm, and to change away from one
public record SecondFactorRequest(String action, @Nullable String code) {}
