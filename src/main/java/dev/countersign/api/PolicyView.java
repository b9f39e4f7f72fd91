package dev.countersign.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules in force, for one session or for those that start next.
///
/// @param file the developer's own
/// @param mode what sessions start with where nothing else is said
/// @param dataClass alike
/// @param trouble why the file is not what is in force, with the age of what is
/// @param builtIn the built-in rules, as text
public record PolicyView(
        String file,
        String mode,
        String dataClass,
        @Nullable String trouble,
        List<Rule> rules,
        String builtIn) {
    /// One rule.
    ///
    /// @param place file and line
    /// @param ended its last day is over
    /// @param origin where it comes from: built in, the developer's hand, a request, the repository
    /// @param hits how many calls of the newest sessions it decided, as far as their journals speak
    ///   of this rule and not of another on its line
    public record Rule(
            String place, String text, String because, boolean ended, String origin, int hits) {}
}
