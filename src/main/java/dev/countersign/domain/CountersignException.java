package dev.countersign.domain;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Something that the user can act on. The message names the thing, the reason and the next step.
public final class CountersignException extends Exception {
    /// What the user can do about it.
    public enum Kind {
        /// The request itself is wrong: bad argument, unknown id, digest that no longer fits. Exit
        /// code 2.
        USAGE,
        /// A program, library or right is missing on this machine.
        MISSING,
        /// Memory, disk, VMs or a limit do not suffice.
        EXHAUSTED,
        /// What was asked for conflicts with what is there now: changed meanwhile, already decided.
        CONFLICT,
        /// Refused by policy, mode, class or the boundary.
        REFUSED,
        /// It failed on the way: VM, link, program, disk.
        FAILED,
        /// It took too long.
        TIMEOUT;

        /// What the C library says for ENOSPC, EDQUOT and EFBIG where messages are English.
        private static final List<String> FULL =
                List.of("no space left", "quota exceeded", "file too large");

        /// [#EXHAUSTED] if a file could not be written because there is no room for it, else
        /// [#FAILED].
        public static Kind ofWriting(IOException e) {
            String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            return FULL.stream().anyMatch(message::contains) ? EXHAUSTED : FAILED;
        }
    }

    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /// @param message thing, reason, next step, in this order, as one or more sentences
    public CountersignException(Kind kind, String message) {
        this(kind, message, null);
    }

    /// As above, with the cause for the log.
    public CountersignException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// What the user can do about it.
    public Kind kind() {
        return kind;
    }

    /// The message; never null here.
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
