package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;

/// Where every room puts what happened in one session. Nothing acts on a fact before this returned.
public interface Recorder {
    /// Appends the fact. Returns once it is as durable as [Fact#durability()] asks.
    ///
    /// @throws CountersignException if it could not be written: the caller must not go on
    Entry record(Fact fact) throws CountersignException;
}
