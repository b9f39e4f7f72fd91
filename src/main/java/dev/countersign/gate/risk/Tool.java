package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the table says about one program.
///
/// @param names it and its equals
/// @param plain what it is without a sub-command, or with one that the table does not know
/// @param args what its positional arguments are
/// @param wraps how many positional arguments stand before a command that it runs; -1: none
/// @param special a rule in code that looks further; empty: none
/// @param single options are words behind one dash
/// @param exact options have no abbreviations
record Tool(
        List<String> names,
        Grade plain,
        Role args,
        FlagTable flags,
        SubTable subs,
        int wraps,
        boolean assigns,
        boolean single,
        boolean exact,
        String special) {

    /// A level with its name and reason.
    ///
    /// @param looks it only looks: low, and a read or search
    record Grade(Level level, boolean looks, String effect, String why) {}

    /// What an argument or an option's value is.
    enum Role {
        NONE,
        /// Files that are read.
        READ,
        /// The first is a pattern or program, the others files that are read.
        PATTERN,
        /// Files that are written.
        WRITE,
        /// Files that are removed.
        DELETE,
        /// All but the last are read, the last is written.
        COPY,
        /// All but the last are removed, the last is written.
        MOVE,
        /// Shell text.
        CODE,
        /// A file that is run.
        SCRIPT,
        /// A file or directory of settings, which can name code to load.
        CONFIG,
        /// A directory to work in.
        CD,
        /// A host name or address.
        HOST,
        /// URLs.
        URL,
        /// Has a value that does not matter.
        VALUE,
        /// A key or password in the open.
        SECRET,
        /// A command line as one word or several, in the same call.
        COMMAND,
        /// Names of goals, tasks or scripts of a build.
        TARGET
    }

    /// An option.
    ///
    /// @param value what its value is; null: it has none
    /// @param lowers with it, the program only looks or checks
    record Flag(List<String> names, @Nullable Role value, @Nullable Grade grade, boolean lowers) {}

    /// A sub-command, of one or two words, perhaps with `*`.
    ///
    /// @param runs how many positional arguments stand before a command that it runs; -1: none
    /// @param self that command is one of the tool itself, such as `yarn workspace web test`
    record Sub(
            List<String> names,
            Grade grade,
            @Nullable Role args,
            FlagTable flags,
            int runs,
            boolean self) {}
}
