package dev.countersign.api;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.time.Instant;
import java.util.List;

/// What the agent committed since the baseline, oldest first: a review of its own beside that of
/// the files.
///
/// @param id the digest of all that is listed, for [Service#applyCommits]
/// @param notes what is not as usual
public record CommitsView(String id, SessionId session, List<Commit> commits, List<String> notes) {

    /// One commit. Author, date and its id in the guest are what the guest says.
    ///
    /// @param id names exactly this: message, files and contents
    /// @param merge whether it joins two lines; it shows the difference to the first
    /// @param message as it would be used
    /// @param files against its own parent; their hunks' ids belong to this commit alone
    public record Commit(
            String id,
            GuestText commit,
            GuestText author,
            Instant at,
            boolean merge,
            GuestText message,
            List<ReviewView.File> files) {}
}
