package dev.countersign.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks a log's heads by themselves: name, order, signatures.
final class Heads {
    private Heads() {}

    static @Nullable String fault(List<SignedHead> heads, String origin, VerifierKey key) {
        long size = 0;
        for (int i = 0; i < heads.size(); i++) {
            SignedHead head = heads.get(i);
            if (!head.origin().equals(origin)) {
                return "head " + i + " is of another log: " + visible(head.origin());
            }
            if (head.size() < size) {
                return "head " + i + " is smaller than the one before";
            }
            size = head.size();
        }
        return heads.parallelStream()
                .filter(head -> !head.signedBy(key))
                .findFirst()
                .map(head ->
                        "the head over "
                                + head.size()
                                + " entries is not signed by key "
                                + key.fingerprint())
                .orElse(null);
    }

    private static String visible(String text) {
        return dev.countersign.domain.GuestText.of(text).visible();
    }
}
