package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.secrets.KeyStore;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// The key of this installation that signs heads: Ed25519, kept in a [KeyStore] as PKCS #8 and the
/// public half, one base64 line each.
final class SigningKey {
    static final String NAME = "journal-signing";

    private final PrivateKey secret;
    private final VerifierKey verifier;

    private SigningKey(PrivateKey secret, VerifierKey verifier) {
        this.secret = secret;
        this.verifier = verifier;
    }

    /// Takes the key from the store, or makes one at the first use.
    static SigningKey in(KeyStore store) throws CountersignException {
        Optional<byte[]> kept = store.get(NAME);
        if (kept.isPresent()) {
            return read(kept.get());
        }
        SigningKey fresh = generate();
        Base64.Encoder base64 = Base64.getEncoder();
        String text =
                base64.encodeToString(fresh.secret.getEncoded())
                        + "\n"
                        + fresh.verifier.base64()
                        + "\n";
        store.put(NAME, text.getBytes(StandardCharsets.US_ASCII));
        return fresh;
    }

    static SigningKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new SigningKey(pair.getPrivate(), VerifierKey.of(pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK since 15 has Ed25519", e);
        }
    }

    private static SigningKey read(byte[] kept) throws CountersignException {
        List<String> lines = new String(kept, StandardCharsets.US_ASCII).lines().toList();
        try {
            if (lines.size() != 2) {
                throw new IllegalArgumentException("two lines expected");
            }
            PrivateKey secret =
                    KeyFactory.getInstance("Ed25519")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            Base64.getDecoder().decode(lines.getFirst())));
            SigningKey key = new SigningKey(secret, new VerifierKey(lines.getLast()));
            byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
            if (!key.verifier.verifies(probe, key.sign(probe))) {
                throw new IllegalArgumentException("its halves do not fit");
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The journal's signing key ("
                            + NAME
                            + ") is damaged. Restore it from a backup; without it new logs can be"
                            + " started only after it was moved away.",
                    e);
        }
    }

    byte[] sign(byte[] text) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(secret);
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("a checked key signs", e);
        }
    }

    VerifierKey verifier() {
        return verifier;
    }

    /// The name of a log that this key signs.
    String origin(String log) {
        return "countersign/" + verifier.fingerprint() + "/" + log;
    }
}
