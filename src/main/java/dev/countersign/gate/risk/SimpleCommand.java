package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.List;

/// One command inside shell text, after quotes were taken off and wrappers unwrapped: what `sudo
/// nice rm x` runs is three of these.
///
/// @param argv its words; a word that is known only when it runs stands as it was written
/// @param plain every word is literal, and nothing rides along: no assignment before it, no
///   redirection to a file, not run by a wrapper or interpreter. Only such a command can be covered
///   by an `allow` rule.
public record SimpleCommand(List<GuestText> argv, Level level, boolean plain) {
    /// Keeps a copy.
    public SimpleCommand {
        argv = List.copyOf(argv);
    }
}
