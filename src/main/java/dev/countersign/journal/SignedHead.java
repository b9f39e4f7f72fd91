package dev.countersign.journal;

import dev.countersign.domain.Digest;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was signed about a log at one moment: C2SP tlog-checkpoint inside a signed-note.
///
/// @param origin names the log: `countersign/KEY-FINGERPRINT/SESSION`
/// @param size how many entries it covers: 0 to `size - 1`
/// @param root the Merkle root over them
/// @param at the host's wall time of signing, carried in the extension line `time …`
/// @param note the signed text itself, signature included
public record SignedHead(String origin, long size, Digest root, Instant at, String note) {
    private static final String SIGNATURE = "\u2014 ";
    private static final String TIME = "time ";
    private static final int KEY_ID = 4;

    static SignedHead sign(SigningKey key, String origin, long size, byte[] root, Instant at) {
        String text =
                origin
                        + "\n"
                        + size
                        + "\n"
                        + Base64.getEncoder().encodeToString(root)
                        + "\n"
                        + TIME
                        + at
                        + "\n";
        byte[] signature = key.sign(text.getBytes(StandardCharsets.UTF_8));
        byte[] blob = Arrays.copyOf(key.verifier().id(origin), KEY_ID + signature.length);
        System.arraycopy(signature, 0, blob, KEY_ID, signature.length);
        String note =
                text
                        + "\n"
                        + SIGNATURE
                        + origin
                        + " "
                        + Base64.getEncoder().encodeToString(blob)
                        + "\n";
        return new SignedHead(origin, size, new Digest(HexFormat.of().formatHex(root)), at, note);
    }

    /// Reads a note. Says nothing about who signed it: [#signedBy].
    ///
    /// @throws IllegalArgumentException if the text is no such note
    public static SignedHead parse(String note) {
        int blank = note.indexOf("\n\n");
        if (blank < 0 || !note.endsWith("\n")) {
            throw new IllegalArgumentException("not a signed note");
        }
        if (!note.substring(blank + 2).lines().allMatch(line -> line.startsWith(SIGNATURE))) {
            throw new IllegalArgumentException("something that is no signature stands below it");
        }
        return unsigned(note.substring(0, blank + 1), note);
    }

    /// The signed part of a note alone: everything above its empty line.
    ///
    /// @throws IllegalArgumentException if the text is no such part
    static void requireText(String text) {
        unsigned(text, text);
    }

    private static SignedHead unsigned(String text, String note) {
        List<String> lines = text.lines().toList();
        if (lines.size() != 4 || !lines.get(3).startsWith(TIME)) {
            throw new IllegalArgumentException("not a head of this program");
        }
        try {
            byte[] root = Base64.getDecoder().decode(lines.get(2));
            long size = Long.parseLong(lines.get(1));
            if (size < 0) {
                throw new IllegalArgumentException("a head of negative size");
            }
            return new SignedHead(
                    lines.get(0),
                    size,
                    new Digest(HexFormat.of().formatHex(root)),
                    Instant.parse(lines.get(3).substring(TIME.length())),
                    note);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("a head without a time", e);
        }
    }

    /// Whether one of the note's signatures was made by this key, under the log's own name.
    public boolean signedBy(VerifierKey key) {
        byte[] blob = signature(key);
        int blank = note.indexOf("\n\n");
        return blob != null
                && key.verifies(
                        note.substring(0, blank + 1).getBytes(StandardCharsets.UTF_8),
                        Arrays.copyOfRange(blob, KEY_ID, blob.length));
    }

    private byte @Nullable [] signature(VerifierKey key) {
        byte[] id = key.id(origin);
        String start = SIGNATURE + origin + " ";
        for (String line : note.substring(note.indexOf("\n\n") + 2).lines().toList()) {
            if (line.startsWith(start)) {
                try {
                    byte[] blob = Base64.getDecoder().decode(line.substring(start.length()));
                    boolean canonical = line.endsWith(Base64.getEncoder().encodeToString(blob));
                    if (canonical
                            && blob.length > KEY_ID
                            && Arrays.equals(blob, 0, KEY_ID, id, 0, KEY_ID)) {
                        return blob;
                    }
                } catch (IllegalArgumentException e) {
                    return null;
                }
            }
        }
        return null;
    }

    byte[] rootBytes() {
        return HexFormat.of().parseHex(root.hex());
    }
}
