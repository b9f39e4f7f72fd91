package dev.countersign.ui.common;

import dev.countersign.api.StartRequest;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the window is opened with.
///
/// @param version of the program, shown in the window's corner
/// @param settings a JSON file of the window's own (last choices per repository, font size, size of
///   the window); made when it is missing, ignored with a notice when it can't be read
/// @param choices what a session can be started with
/// @param sample prepares the bundled sample repository; null: the button is not there
/// @param session the session to show first; null: the newest
/// @param prompt asks while the window is not in front
/// @param opened gets a control of the window once it is there, on the toolkit's thread
public record LaunchOptions(
        String version,
        Path settings,
        Choices choices,
        @Nullable Sample sample,
        @Nullable SessionId session,
        NativePrompt prompt,
        Consumer<WindowControl> opened) {

    /// One thing to choose from.
    ///
    /// @param id as it goes into [StartRequest]
    /// @param title as it is read
    /// @param note one short sentence, may be empty
    public record Choice(String id, String title, String note) {
        @Override
        public String toString() {
            return title;
        }
    }

    /// What a session can be started with. Only what exists is listed.
    ///
    /// @param agents at least one; the first is the default
    /// @param providers may be empty: then the agent's default is used and nothing is shown
    /// @param egress presets; may be empty: then there is no network and nothing is shown
    public record Choices(List<Choice> agents, List<Choice> providers, List<Choice> egress) {
        public Choices {
            if (agents.isEmpty()) {
                throw new IllegalArgumentException("no agent to choose");
            }
            agents = List.copyOf(agents);
            providers = List.copyOf(providers);
            egress = List.copyOf(egress);
        }
    }

    /// Prepares the sample repository.
    @FunctionalInterface
    public interface Sample {
        /// Copies it to the user's directory, unless it is there, and says how to start on it.
        /// Called on a background thread.
        StartRequest prepare() throws CountersignException;
    }
}
