package dev.countersign.api;

import dev.countersign.domain.SessionId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a session's guest may reach now.
///
/// @param preset `locked`, `packages` or `web`
/// @param rules of the policies in force; deny is stronger than allow
/// @param granted what the developer allowed when asked
/// @param connections how many are open
/// @param trouble why nothing goes out although rules allow it; null: nothing is wrong
public record EgressView(
        SessionId session,
        String preset,
        List<Rule> rules,
        List<Host> granted,
        int connections,
        @Nullable String trouble) {
    /// A line of a policy.
    ///
    /// @param verb `allow`, `deny` or `allow-private`
    public record Rule(String verb, String host, String source) {}

    /// A host that was allowed.
    ///
    /// @param host with its port
    /// @param scope `once`, `session` or `repository`
    /// @param until when it ends by itself
    /// @param requestId the question
    public record Host(
            String host,
            String scope,
            Instant granted,
            @Nullable Instant until,
            String requestId) {}
}
