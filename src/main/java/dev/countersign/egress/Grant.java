package dev.countersign.egress;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A host that the developer let be reached.
///
/// @param host canonical
/// @param scope `once`, `session` or `repository`
/// @param repository that it counts for; null for the scope of a session
/// @param until from then on nothing new is let through by it; null: its scope alone ends it
/// @param requestId the question that it answers
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Grant(
        String host,
        int port,
        String scope,
        @Nullable String repository,
        Instant granted,
        @Nullable Instant until,
        String requestId) {

    /// As people and commands name it.
    public String place() {
        return host + ":" + port;
    }

    boolean covers(String name, int asked, Instant at) {
        Instant end = until;
        // Before it was given nothing was given: then the clock is wrong, and nobody knows its end.
        return host.equals(name)
                && port == asked
                && !at.isBefore(granted)
                && (end == null || at.isBefore(end));
    }

    boolean covers(String directory) {
        return repository == null || repository.equals(directory);
    }

    String words() {
        String reach =
                switch (scope) {
                    case "once" -> "this time";
                    case "repository" -> "this repository";
                    default -> "this session";
                };
        return "for %s, by request %s".formatted(reach, requestId);
    }
}
