package dev.countersign.vm;

import dev.countersign.domain.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/// What the product puts into a guest before any session: files, and a script that sets them up
/// (units enabled and started). It is part of the warm base, so a session pays nothing for it.
///
/// @param files written in order, owned by root
/// @param setupScript run once by `sh -e` as root after the files are there; may be empty
public record GuestKit(List<GuestFile> files, String setupScript) {
    /// Keeps a copy of the list.
    public GuestKit {
        files = List.copyOf(files);
    }

    /// A kit with nothing in it.
    public static GuestKit empty() {
        return new GuestKit(List.of(), "");
    }

    /// The digest of all of it, length-prefixed, so that no part can run into another.
    public Digest digest() {
        MessageDigest sha = Digest.sha256();
        for (GuestFile file : files) {
            feed(sha, file.path().getBytes(StandardCharsets.UTF_8));
            feed(sha, ByteBuffer.allocate(4).putInt(file.mode()).array());
            feed(sha, file.bytes());
        }
        feed(sha, setupScript.getBytes(StandardCharsets.UTF_8));
        return new Digest(HexFormat.of().formatHex(sha.digest()));
    }

    private static void feed(MessageDigest sha, byte[] part) {
        sha.update(ByteBuffer.allocate(4).putInt(part.length).array());
        sha.update(part);
    }
}
