package dev.countersign.api;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.util.List;

/// Deletions on the host that did not go into the guest: very many came at once, as when a disk is
/// unmounted.
///
/// @param digest names exactly these; empty if none waits
public record HeldView(String digest, SessionId session, List<GuestText> paths) {}
