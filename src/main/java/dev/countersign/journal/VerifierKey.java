package dev.countersign.journal;

import dev.countersign.domain.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// The public half of the key that signs heads: Ed25519, 32 raw bytes in base64. Written in the
/// form of C2SP signed-note: `NAME+HASH+KEY`.
public record VerifierKey(String base64) {
    private static final byte ED25519 = 1;

    /// The fixed start of an Ed25519 key in X.509 form (RFC 8410).
    private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

    /// @throws IllegalArgumentException if it is not 32 bytes in base64
    public VerifierKey {
        if (Base64.getDecoder().decode(base64).length != Merkle.HASH) {
            throw new IllegalArgumentException("not an Ed25519 public key");
        }
    }

    static VerifierKey of(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded.length != X509.length + Merkle.HASH
                || !Arrays.equals(encoded, 0, X509.length, X509, 0, X509.length)) {
            throw new IllegalArgumentException("not an Ed25519 public key");
        }
        return new VerifierKey(
                Base64.getEncoder()
                        .encodeToString(Arrays.copyOfRange(encoded, X509.length, encoded.length)));
    }

    /// Reads `NAME+HASH+KEY`.
    ///
    /// @throws IllegalArgumentException if it is none, or its hash does not fit
    public static VerifierKey parse(String text) {
        String[] parts = text.strip().split("\\+", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a verifier key");
        }
        byte[] key = Base64.getDecoder().decode(parts[2]);
        if (key.length != 1 + Merkle.HASH || key[0] != ED25519) {
            throw new IllegalArgumentException("not an Ed25519 verifier key");
        }
        VerifierKey read =
                new VerifierKey(
                        Base64.getEncoder().encodeToString(Arrays.copyOfRange(key, 1, key.length)));
        if (!HexFormat.of().formatHex(read.id(parts[0])).equals(parts[1])) {
            throw new IllegalArgumentException("the verifier key's hash does not fit");
        }
        return read;
    }

    /// `NAME+HASH+KEY` for this name.
    public String encoded(String name) {
        return name
                + "+"
                + HexFormat.of().formatHex(id(name))
                + "+"
                + Base64.getEncoder().encodeToString(typed());
    }

    /// Twelve hex digits that name the key to people.
    public String fingerprint() {
        return Digest.of(raw()).brief();
    }

    /// The key id of signed-note: the first 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key).
    byte[] id(String name) {
        MessageDigest sha = Digest.sha256();
        sha.update(name.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) '\n');
        sha.update(typed());
        return Arrays.copyOf(sha.digest(), 4);
    }

    boolean verifies(byte[] text, byte[] signature) {
        try {
            byte[] encoded = Arrays.copyOf(X509, X509.length + Merkle.HASH);
            System.arraycopy(raw(), 0, encoded, X509.length, Merkle.HASH);
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(
                    KeyFactory.getInstance("Ed25519")
                            .generatePublic(new X509EncodedKeySpec(encoded)));
            check.update(text);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private byte[] raw() {
        return Base64.getDecoder().decode(base64);
    }

    private byte[] typed() {
        byte[] typed = new byte[1 + Merkle.HASH];
        typed[0] = ED25519;
        System.arraycopy(raw(), 0, typed, 1, Merkle.HASH);
        return typed;
    }
}
