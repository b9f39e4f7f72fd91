package dev.countersign.gateway.http;

import java.time.Duration;

/// What one client may take.
///
/// @param connections open at once; more are closed on arrival
/// @param headBytes request line and headers together
/// @param headers how many header lines
/// @param bodyBytes the decoded body
/// @param idle without any byte between two requests
/// @param head from a request's first byte to its last header
/// @param body without a byte inside a body
/// @param write one write that the client does not take
public record HttpLimits(
        int connections,
        int headBytes,
        int headers,
        int bodyBytes,
        Duration idle,
        Duration head,
        Duration body,
        Duration write) {
    /// 32 MiB is the largest request that the Messages format allows.
    public static HttpLimits defaults() {
        return new HttpLimits(
                256,
                32 * 1024,
                100,
                32 * 1024 * 1024,
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60));
    }
}
