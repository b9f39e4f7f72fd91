package dev.countersign.api;

import dev.countersign.domain.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules to be made.
///
/// @param rules one line each, such as `allow: {tool: shell, argv: [npm, ci]}`
/// @param scope `session`, `repository` or `everywhere`
/// @param requestId the request that they were made of; gives session and repository
/// @param session for the scope `session`, and for the repository of the scope `repository`, where
///   no request is named
/// @param until last day, `2027-01-31`; null: as long as the scope lasts
/// @param dryRun say what they would have done, and change nothing
public record RuleRequest(
        List<String> rules,
        String scope,
        @Nullable String requestId,
        @Nullable SessionId session,
        @Nullable String until,
        boolean dryRun) {}
