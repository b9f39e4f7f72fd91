package dev.countersign.workspace;

import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.List;

/// A commit that the agent made, as a proposal: nothing of its object comes to the host.
///
/// @param id names exactly this: message, files and contents
/// @param commit its id in the guest, claimed
/// @param author who it says made it, claimed
/// @param at when it says it was made, claimed
/// @param merge whether it joins two lines; what it shows is the difference to the first
/// @param message as it would be used: lines that a mail or a trailer could be taken from are set
///   off, invisible characters are written out
/// @param files what it changes, against its own parent
public record AgentCommit(
        String id,
        GuestText commit,
        GuestText author,
        Instant at,
        boolean merge,
        GuestText message,
        List<ReviewedFile> files) {}
