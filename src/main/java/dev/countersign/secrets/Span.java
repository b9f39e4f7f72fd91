package dev.countersign.secrets;

/// A secret's place in a text.
record Span(int start, int end, String rule) {}
