package dev.countersign.gate.policy;

import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionId;

/// For whom a rule is looked up.
///
/// @param repository the repository's directory on the host
/// @param mode the session's mode after its data class was applied
public record Scope(SessionId session, String repository, Mode mode) {}
