package dev.countersign.gate;

import dev.countersign.domain.CountersignException;

/// What makes a gated call's effects in the VM revocable: a checkpoint. The session implements it.
@FunctionalInterface
public interface SafetyNet {
    /// Takes a checkpoint before a gated call is released, or returns at once if the last one still
    /// stands because no call ran since.
    ///
    /// @param why for the checkpoint's record, such as `before request a-1f2e: rm -rf build`
    /// @throws CountersignException if there is none: the call must be asked again
    void beforeRelease(String why) throws CountersignException, InterruptedException;
}
