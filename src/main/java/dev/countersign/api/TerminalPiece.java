package dev.countersign.api;

/// A piece of what an agent's terminal shows.
///
/// @param text may be printed to a terminal as it is: it passed the filter, and holds nothing but
///   text, colours and cursor moves
/// @param ended the agent has ended: nothing follows
public record TerminalPiece(String text, boolean ended) {}
