package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// A SHA-256, as 64 lower-case hex digits.
public record Digest(@JsonValue String hex) {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}");

    /// @throws IllegalArgumentException if the text is not 64 lower-case hex digits
    @JsonCreator
    public Digest {
        if (!SHAPE.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a SHA-256 in hex");
        }
    }

    /// The digest of these bytes.
    public static Digest of(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(sha256().digest(bytes)));
    }

    /// The digest of this text in UTF-8.
    public static Digest of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// A fresh SHA-256, for streams.
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /// The first twelve digits, enough to tell things apart on screen.
    public String brief() {
        return hex.substring(0, 12);
    }

    @Override
    public String toString() {
        return hex;
    }
}
