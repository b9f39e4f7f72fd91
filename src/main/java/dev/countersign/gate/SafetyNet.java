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

    /// Whether there is anything that a checkpoint could be taken of. Requests say which it is.
    default boolean exists() {
        return true;
    }

    /// Where no VM is: the gateway alone, in front of an agent that runs anywhere.
    SafetyNet NONE =
            new SafetyNet() {
                @Override
                public void beforeRelease(String why) {}

                @Override
                public boolean exists() {
                    return false;
                }
            };
}
