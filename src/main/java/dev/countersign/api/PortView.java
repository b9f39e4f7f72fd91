package dev.countersign.api;

import dev.countersign.domain.GuestText;
import org.jspecify.annotations.Nullable;

/// A port of a session's guest.
///
/// @param hostPort of this machine's loopback that leads there; null: none does
/// @param process that listens, as the guest says; null: nothing is known to listen
public record PortView(int guestPort, @Nullable Integer hostPort, @Nullable GuestText process) {}
