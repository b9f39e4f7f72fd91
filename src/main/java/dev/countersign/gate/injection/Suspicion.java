package dev.countersign.gate.injection;

import dev.countersign.domain.GuestText;

/// One thing in a text that looks like it was put there for an agent.
///
/// @param kind a stable word: `hidden-text`, `hidden-instruction`, `instruction`
/// @param why a clause for the developer
/// @param excerpt what it says, at most 200 characters; hidden letters are written as what they
///   stand for
public record Suspicion(String kind, String why, GuestText excerpt) {}
