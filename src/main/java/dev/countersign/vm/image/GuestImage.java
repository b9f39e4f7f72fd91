package dev.countersign.vm.image;

import dev.countersign.domain.Digest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.NavigableMap;

/// An image on this host, complete and never written again.
///
/// @param digest of the recipe and its inputs; the name of the image's directory
/// @param disk qcow2 without a backing file
/// @param kernel booted directly
/// @param cmdline the kernel's command line
/// @param diskDigest of `disk` as it was built
/// @param diskBytes size of the disk as the guest sees it
/// @param architecture `x86_64` or `aarch64`
/// @param versions Debian package to version
public record GuestImage(
        Digest digest,
        Path directory,
        Path disk,
        Path kernel,
        Path initrd,
        String cmdline,
        Digest diskDigest,
        Digest kernelDigest,
        Digest initrdDigest,
        long diskBytes,
        String architecture,
        ImageSettings settings,
        Instant built,
        NavigableMap<String, String> versions) {}
