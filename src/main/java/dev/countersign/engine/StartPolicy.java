package dev.countersign.engine;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Mode;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What policies say of a session that is asked for. The developer's file fills in what the request
/// leaves open; the repository's sets the least that counts, and a request that asks for less is
/// refused by name.
///
/// @param mode of the developer's file; null: not said
/// @param dataClass of the developer's file
/// @param leastMode of the repository's file
/// @param leastClass of the repository's file
/// @param egress the preset of the developer's file; null: not said
public record StartPolicy(
        @Nullable Mode mode,
        @Nullable DataClass dataClass,
        @Nullable Mode leastMode,
        @Nullable DataClass leastClass,
        @Nullable String egress) {
    /// Reads the policies for a repository.
    @FunctionalInterface
    public interface Reader {
        /// @throws CountersignException REFUSED if one of them is bad
        StartPolicy of(Path repository) throws CountersignException;
    }

    /// The class to start with.
    DataClass dataClass(@Nullable DataClass asked, DataClass otherwise)
            throws CountersignException {
        DataClass least = leastClass;
        if (asked != null) {
            if (least != null && asked.compareTo(least) < 0) {
                throw refused("--data-class " + asked.word(), "class " + least.word());
            }
            return asked;
        }
        DataClass own = Objects.requireNonNullElse(dataClass, otherwise);
        return least != null && least.compareTo(own) > 0 ? least : own;
    }

    /// The egress preset to start with. A repository can't open anything.
    ///
    /// @param asked a preset; null or `policy`: what the developer's file says
    String egress(@Nullable String asked) {
        return asked == null || asked.equals("policy")
                ? Objects.requireNonNullElse(egress, "locked")
                : asked;
    }

    /// The mode to start with, for a class that was settled.
    Mode mode(@Nullable Mode asked, DataClass settled, Mode otherwise) throws CountersignException {
        Mode least = leastMode;
        if (asked != null) {
            if (least != null && asked.compareTo(least) < 0) {
                throw refused("--mode " + asked.word(), "mode " + least.word());
            }
            return asked;
        }
        Mode own = Objects.requireNonNullElse(mode, otherwise);
        Mode strict = least != null && least.compareTo(own) > 0 ? least : own;
        return settled.freestMode().compareTo(strict) > 0 ? settled.freestMode() : strict;
    }

    private static CountersignException refused(String asked, String least) {
        return new CountersignException(
                Kind.REFUSED,
                "%s is freer than the repository's .countersign.yaml allows, which asks for at least %s. Ask for that, or leave it out."
                        .formatted(asked, least));
    }
}
