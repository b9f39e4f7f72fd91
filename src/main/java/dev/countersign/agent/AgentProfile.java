package dev.countersign.agent;

import dev.countersign.domain.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How one kind of agent is launched in the guest.
///
/// @param name as the developer writes it
/// @param version of the agent's program, exactly
/// @param argv the program and its words; `{task}`, `{inbox}` and `{kept}` stand for the paths of
///   the file with the task, the directory for messages and the file with the kept conversation,
///   `{model}` for the model's name; a word with it is left out where none was chosen
/// @param resumeArgv added to go on with the conversation that was kept
/// @param environment what is set beside the unit's own; holds placeholders, never a key; `{model}`
///   as above
/// @param gate `boundary-enforced`: the model's calls pass through the gateway
/// @param messages how a further message reaches it
/// @param program what has to be in the guest for it; null for the bundled agent, which always is
public record AgentProfile(
        String name,
        String version,
        List<String> argv,
        List<String> resumeArgv,
        Map<String, String> environment,
        String gate,
        Messages messages,
        @Nullable Program program) {

    /// Keeps copies.
    public AgentProfile {
        argv = List.copyOf(argv);
        resumeArgv = List.copyOf(resumeArgv);
        environment = Map.copyOf(environment);
    }

    /// One that needs nothing in the guest but what is always there.
    public AgentProfile(
            String name,
            String version,
            List<String> argv,
            List<String> resumeArgv,
            Map<String, String> environment,
            String gate,
            Messages messages) {
        this(name, version, argv, resumeArgv, environment, gate, messages, null);
    }

    /// What it is called in full.
    public String title() {
        Program needed = program;
        return needed == null ? "mini, the bundled agent" : needed.title();
    }

    /// How a further message reaches the agent.
    public enum Messages {
        /// As a file in its inbox directory.
        INBOX,
        /// Typed into its terminal.
        TERMINAL
    }

    /// A program that is built into the guest's image.
    ///
    /// @param title what it is called in full
    /// @param wire the model's format that it speaks: `messages`, `responses`, `chat` or `gemini`
    /// @param modelNeeded whether it has no model of its own to ask
    /// @param command that starts it in the guest; with `--version` it says what it is
    /// @param floor the oldest version that may be started
    /// @param packages where it comes from; empty if the developer puts it into the image otherwise
    /// @param files written by root into the guest before each start
    /// @param tools for each tool that this release describes to its model, the digests that the
    ///   description may have; empty: nobody has pinned them
    /// @param bundled whether it came with Countersign
    public record Program(
            String title,
            String wire,
            boolean modelNeeded,
            List<String> command,
            Version floor,
            List<NpmPackage> packages,
            List<ManagedFile> files,
            Map<String, Set<Digest>> tools,
            boolean bundled) {
        /// Keeps copies.
        public Program {
            command = List.copyOf(command);
            packages = List.copyOf(packages);
            files = List.copyOf(files);
            tools = Map.copyOf(tools);
        }
    }

    /// A package of npm's registry, pinned to its bytes.
    ///
    /// @param spec name and exact version, as npm writes them
    /// @param architecture the guest's, `x86_64` or `aarch64`; `any` for both
    /// @param integrity `sha512-` and base64, as npm's registry states it
    /// @param take path in the package (a file or a directory) to path below `/opt/agents/NAME`
    /// @param replace what is written over what in the taken files
    public record NpmPackage(
            String spec,
            String architecture,
            String integrity,
            Map<String, String> take,
            List<Replacement> replace) {
        /// Keeps copies.
        public NpmPackage {
            take = Map.copyOf(take);
            replace = List.copyOf(replace);
        }
    }

    /// Switches off in an agent's program what no setting of it does. The version is pinned, so the
    /// place is known; where it is not there exactly once, nothing is built.
    ///
    /// @param file below `/opt/agents/NAME`
    /// @param to as many bytes as `from`: what lies behind keeps its place
    public record Replacement(String file, String from, String to) {}

    /// A file of the agent's settings that the agent's user can't write.
    public record ManagedFile(String path, String text) {}
}
