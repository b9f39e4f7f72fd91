package dev.countersign.cli;

import dev.countersign.api.ApprovalView;
import dev.countersign.domain.CountersignException;

/// What is done about a request that opens while a session is followed.
@FunctionalInterface
interface Asker {
    /// Called once for each request that is open, on the following thread.
    void opened(ApprovalView request) throws CountersignException;

    /// It was decided, here or elsewhere.
    default void decided(String requestId) throws CountersignException {}

    /// A line was typed.
    default void typed(String line) throws CountersignException {}

    /// Input ended: nobody can be asked any more.
    default void inputEnded() {}
}
