package dev.countersign.gate.approval;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far the developer's yes to hosts goes.
///
/// @param scope `once`, `session` or `repository`
/// @param until when it ends by itself; null: with its scope
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Reach(String scope, @Nullable Instant until) {
    /// What waits now, and what the same act opens in the next minutes.
    public static final String ONCE = "once";

    /// All sessions of this repository, also later ones.
    public static final String REPOSITORY = "repository";

    /// Where nothing is said.
    public static final Reach SESSION = new Reach("session", null);

    /// Whether it is one of the three.
    public boolean known() {
        return scope.equals(ONCE) || scope.equals("session") || scope.equals(REPOSITORY);
    }
}
