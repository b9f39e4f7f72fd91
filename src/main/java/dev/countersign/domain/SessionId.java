package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// Names a session: two to twenty of `a-z0-9-`, short because socket paths that contain it must
/// stay below 104 bytes.
public record SessionId(@JsonValue String value) implements Comparable<SessionId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9-]{1,19}");
    private static final String ALPHABET = "abcdefghjkmnpqrstvwxyz23456789";

    /// @throws IllegalArgumentException if the text is not of the shape above
    @JsonCreator
    public SessionId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a session id: " + GuestText.of(value).visible());
        }
    }

    /// A new one, such as `s-k3v9x2`.
    public static SessionId random(RandomGenerator random) {
        StringBuilder text = new StringBuilder("s-");
        for (int i = 0; i < 6; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new SessionId(text.toString());
    }

    @Override
    public int compareTo(SessionId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
