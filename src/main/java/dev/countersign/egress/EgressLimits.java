package dev.countersign.egress;

import java.time.Duration;

/// How much a guest may ask for at once.
///
/// @param connections open at a time
/// @param headBytes of a request
/// @param headTime until a request's head, or a tunnel's first message, is complete
/// @param dialTime until a host answers
/// @param idleTime of a connection on which nothing is sent either way
/// @param hostBytes sent to one host
/// @param sessionBytes sent to all hosts
public record EgressLimits(
        int connections,
        int headBytes,
        Duration headTime,
        Duration dialTime,
        Duration idleTime,
        long hostBytes,
        long sessionBytes) {
    /// What a session has if nothing else is said: 2,048 connections, 16 KiB, 10 s, 10 s, 15
    /// minutes, 4 GiB to a host, 16 GiB in all.
    public static final EgressLimits USUAL =
            new EgressLimits(
                    2048,
                    16 << 10,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(15),
                    4L << 30,
                    16L << 30);
}
