package dev.countersign.domain;

import java.time.Instant;

/// One line of a session's journal.
///
/// @param seq from 0, without gaps, in the order of recording
/// @param at wall time of the host
/// @param epoch how often the session was restored before this, from 0
public record Entry(long seq, Instant at, SessionId session, int epoch, Fact fact) {}
