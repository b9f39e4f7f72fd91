package dev.countersign.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a run is started with.
///
/// @param model the model's name that the agent asks for; null: its own default
/// @param environment added to the profile's; holds no credential
/// @param resume go on with the conversation that the agent kept when it last ended
/// @param columns of its terminal
/// @param rows of its terminal
public record RunOptions(
        @Nullable String model,
        Map<String, String> environment,
        boolean resume,
        int columns,
        int rows) {
    /// A new conversation on a terminal of 100 by 30.
    public static RunOptions withModel(@Nullable String model) {
        return new RunOptions(model, Map.of(), false, 100, 30);
    }

    /// The same, with more in its environment; this is stronger than the profile.
    public RunOptions with(Map<String, String> more) {
        return new RunOptions(model, more, resume, columns, rows);
    }

    /// The same, going on where the agent ended.
    public RunOptions resumed() {
        return new RunOptions(model, environment, true, columns, rows);
    }
}
