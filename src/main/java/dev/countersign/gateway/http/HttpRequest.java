package dev.countersign.gateway.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One request, complete.
///
/// @param path the target before `?`
/// @param query the target after `?`, empty without one
/// @param headers names in lower case, values in the order of arrival
public record HttpRequest(
        String method,
        String path,
        String query,
        Map<String, List<String>> headers,
        byte[] body,
        boolean keepAlive) {
    /// The value of a header that came exactly once.
    public Optional<String> header(String name) {
        List<String> values = headers.getOrDefault(name, List.of());
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }
}
