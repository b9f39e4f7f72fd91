package dev.countersign.api;

import dev.countersign.domain.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules to be removed.
///
/// @param places as [PolicyView.Rule#place] names them, such as `policy.yaml:7`
/// @param session whose rules are meant, for `session-rules.yaml:N`
/// @param dryRun show what would go, and change nothing
public record RuleRemoval(List<String> places, @Nullable SessionId session, boolean dryRun) {}
