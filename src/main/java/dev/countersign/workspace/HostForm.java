package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;

/// How a file of the guest is written on the host, where the two differ: what it says of places
/// that only the guest knows. Asked before the file is staged; so what is reviewed is what is
/// applied.
public interface HostForm {
    /// Every file is the same on both sides.
    HostForm SAME =
            new HostForm() {
                @Override
                public boolean concerns(RelativePath path) {
                    return false;
                }

                @Override
                public byte[] of(byte[] guests) {
                    return guests;
                }
            };

    /// Whether a file may differ; its name alone tells.
    boolean concerns(RelativePath path);

    /// Shown each file of the guest's, as the guest wrote it, before it is staged. Changes nothing.
    default void arrives(RelativePath path, byte[] guests) {}

    /// The host's form, the same for the same bytes. The host's form of the host's form is itself.
    byte[] of(byte[] guests);
}
