package dev.countersign.journal;

import dev.countersign.domain.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/// Shows that one record is in a signed log, without the rest of the log (RFC 9162 §2.1.3).
///
/// @param record the record's line, without its line feed
/// @param path the sibling hashes from the bottom up
public record InclusionProof(SignedHead head, long index, String record, List<Digest> path) {
    /// Whether the head is signed by this key and the path leads from the record to its root.
    public boolean holds(VerifierKey key) {
        byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
        byte[] leaf = Merkle.leaf(Digest.sha256(), bytes, 0, bytes.length);
        return head.signedBy(key)
                && Merkle.included(
                        index,
                        head.size(),
                        leaf,
                        path.stream().map(hash -> HexFormat.of().parseHex(hash.hex())).toList(),
                        head.rootBytes());
    }
}
