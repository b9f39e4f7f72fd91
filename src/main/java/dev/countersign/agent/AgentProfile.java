package dev.countersign.agent;

import java.util.List;
import java.util.Map;

/// How one kind of agent is launched in the guest.
///
/// @param name as the developer writes it
/// @param version of the agent's program
/// @param argv the program and its words; `{task}`, `{inbox}` and `{kept}` stand for the paths of
///   the file with the task, the directory for messages and the file with the kept conversation
/// @param resumeArgv added to go on with the conversation that was kept
/// @param environment what is set beside the unit's own; holds placeholders, never a key
/// @param gate `boundary-enforced`: the model's calls pass through the gateway
/// @param messages how a further message reaches it
public record AgentProfile(
        String name,
        String version,
        List<String> argv,
        List<String> resumeArgv,
        Map<String, String> environment,
        String gate,
        Messages messages) {

    /// How a further message reaches the agent.
    public enum Messages {
        /// As a file in its inbox directory.
        INBOX,
        /// Typed into its terminal.
        TERMINAL
    }
}
