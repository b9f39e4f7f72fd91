package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Tells a full disk from other failures, and says what to do.
final class Failures {
    private static final long NOTHING_LEFT = 1 << 20;

    private Failures() {}

    static CountersignException of(String thing, Path where, String what, IOException e) {
        if (full(where, e)) {
            return new CountersignException(
                    Kind.EXHAUSTED,
                    thing
                            + " "
                            + what
                            + ": no space is left for "
                            + where
                            + ". Free some; until then nothing that must be recorded can go on.",
                    e);
        }
        return new CountersignException(
                Kind.FAILED, thing + " " + what + " at " + where + ": " + e.getMessage() + ".", e);
    }

    private static boolean full(Path where, IOException e) {
        if (Kind.ofWriting(e) == Kind.EXHAUSTED) {
            return true;
        }
        try {
            return Files.getFileStore(where).getUsableSpace() < NOTHING_LEFT;
        } catch (IOException unknown) {
            return false;
        }
    }
}
