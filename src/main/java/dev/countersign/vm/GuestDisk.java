package dev.countersign.vm;

import dev.countersign.domain.Digest;
import java.nio.file.Path;

/// A guest image on the host. The files are never written.
///
/// @param disk qcow2 without a backing file
/// @param kernel booted directly
/// @param cmdline the kernel's command line
/// @param digest of the whole image; part of a warm base's key
/// @param diskDigest of `disk`
/// @param kernelDigest of `kernel`
public record GuestDisk(
        Path disk,
        Path kernel,
        Path initrd,
        String cmdline,
        Digest digest,
        Digest diskDigest,
        Digest kernelDigest) {}
