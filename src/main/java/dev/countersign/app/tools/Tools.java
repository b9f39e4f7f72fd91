package dev.countersign.app.tools;

import dev.countersign.api.VerifyView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the verbs that need no engine do, one port each. A port that is null has no verb on the
/// command line.
public record Tools(
        @Nullable Classify classify,
        @Nullable Scan scan,
        @Nullable Redact redact,
        @Nullable PolicyCheck policy,
        @Nullable Journals journals,
        @Nullable Images images,
        @Nullable Gateways gateways,
        @Nullable Providers providers,
        @Nullable Agents agents,
        @Nullable Egress egress) {

    /// Without providers, agents and `egress`.
    public Tools(
            @Nullable Classify classify,
            @Nullable Scan scan,
            @Nullable Redact redact,
            @Nullable PolicyCheck policy,
            @Nullable Journals journals,
            @Nullable Images images,
            @Nullable Gateways gateways) {
        this(classify, scan, redact, policy, journals, images, gateways, null, null, null);
    }

    /// No verb at all; a start for tests and for building one up.
    public static Tools none() {
        return new Tools(null, null, null, null, null, null, null);
    }

    /// Rates calls.
    @FunctionalInterface
    public interface Classify {
        /// The answer to one line: one line of JSON. Never throws for what the line holds: what
        /// can't be understood is answered with `high` and the reason.
        String answer(String line);
    }

    /// Looks for secrets.
    @FunctionalInterface
    public interface Scan {
        /// Tells `found` each finding below these paths, in a stable order.
        ///
        /// @throws CountersignException naming a path that can't be read
        void scan(List<Path> paths, ScanMode mode, Consumer<Finding> found)
                throws CountersignException;
    }

    /// What a finding is for.
    public enum ScanMode {
        /// What would keep a file out of the guest.
        BLOCK,
        /// What would be marked in logs.
        REDACT
    }

    /// A secret, never its text.
    ///
    /// @param line from 1
    /// @param start first character in the line, from 0
    /// @param end after the last character
    public record Finding(String path, int line, int start, int end, String rule) {}

    /// Marks secrets in a stream.
    @FunctionalInterface
    public interface Redact {
        /// Copies `in` to `out` with every secret marked. Flushes at the end of each line.
        void redact(InputStream in, OutputStream out) throws IOException;
    }

    /// Reads a policy file.
    @FunctionalInterface
    public interface PolicyCheck {
        /// Every problem and warning, in the order of lines; empty if the file is good.
        ///
        /// @throws CountersignException if it can't be read at all
        List<PolicyFinding> check(Path file) throws CountersignException;
    }

    /// A fault of a policy file.
    ///
    /// @param severity `error` (the file is refused as a whole) or `warning`
    public record PolicyFinding(int line, String severity, String message) {}

    /// Reads logs without the engine.
    public interface Journals {
        /// Checks one session's log or an exported file; without a name all sessions' logs.
        List<Verified> verify(Optional<String> sessionOrFile) throws CountersignException;

        /// Writes a session's log.
        ///
        /// @param format one of [#formats()]
        void export(SessionId session, String format, OutputStream out)
                throws CountersignException, IOException;

        /// What `export` can write, such as `jsonl`.
        List<String> formats();
    }

    /// The outcome for one log.
    public record Verified(String name, VerifyView outcome) {}

    /// Guest images.
    public interface Images {
        /// All that exist, newest first.
        List<Image> list() throws CountersignException;

        /// Builds one, or finds it built already.
        ///
        /// @param inVm in a virtual machine also where it could be built without one
        /// @param progress told of each step, from the building thread
        Image build(
                List<String> with, List<String> agents, boolean inVm, Consumer<Progress> progress)
                throws CountersignException;
    }

    /// An image.
    ///
    /// @param with toolchains and agents beside the base
    /// @param created ISO-8601
    public record Image(String id, List<String> with, long bytes, String created) {}

    /// How far a build is, 0 to 100.
    public record Progress(int percent, String step) {}

    /// Models' providers.
    public interface Providers {
        /// Those that are set up, and the known ones whose key is in the environment.
        List<Provider> list() throws CountersignException;

        /// Sets one up, in place of an older one of its name.
        ///
        /// @param key goes to the key store; null: it comes from the environment, or there is none
        /// @return how the key is kept, said truthfully; empty without one
        String add(Provider provider, @Nullable String key) throws CountersignException;

        /// Removes one and its key.
        void remove(String name) throws CountersignException;

        /// Says which model of a provider agents ask where a session names none.
        ///
        /// @param model null: each agent's own default
        void model(String name, @Nullable String model) throws CountersignException;

        /// What is on record about where data may go.
        ///
        /// @param file null: the developer's own
        DataRecords records(@Nullable Path file) throws CountersignException;

        /// A filled `data-policy.yaml`, to be made one's own.
        String exampleRecords() throws CountersignException;
    }

    /// A data policy.
    ///
    /// @param present whether the file exists; without it the built-in records count
    /// @param records empty if there is an error
    public record DataRecords(
            String file, boolean present, List<PolicyFinding> findings, List<DataRecord> records) {}

    /// A provider's record.
    ///
    /// @param due the last day on which its review counts
    /// @param counts whether it does today
    public record DataRecord(
            String provider,
            String processor,
            String region,
            List<String> classes,
            String reviewedOn,
            String due,
            boolean counts) {}

    /// A provider.
    ///
    /// @param kind `anthropic`, `openai` or `gemini`: what it speaks
    /// @param variable of the environment that holds its key
    /// @param stored whether its key is in the key store
    /// @param model that agents ask where a session names none; null: their own default
    public record Provider(
            String name,
            String kind,
            String url,
            @Nullable String variable,
            boolean stored,
            @Nullable String model) {

        /// One without a default model.
        public Provider(
                String name, String kind, String url, @Nullable String variable, boolean stored) {
            this(name, kind, url, variable, stored, null);
        }

        /// The same with another default.
        public Provider withModel(@Nullable String named) {
            return new Provider(name, kind, url, variable, stored, named);
        }
    }

    /// Coding agents.
    public interface Agents {
        /// All that are known, the bundled one first.
        List<Agent> list() throws CountersignException;

        /// Takes a profile of the developer's own.
        Agent add(Path profile) throws CountersignException;

        /// Forgets one of the developer's own.
        void remove(String name) throws CountersignException;

        /// Whether a session with this agent in this repository has its guest image.
        boolean ready(String name, Path repository) throws CountersignException;

        /// Builds the guest image for such a session.
        ///
        /// @param progress told of each step, from the building thread
        void prepare(String name, Path repository, Consumer<Progress> progress)
                throws CountersignException;
    }

    /// An agent.
    ///
    /// @param version that is installed, exactly
    /// @param floor the oldest version that is started
    /// @param wire the model's format that it speaks
    /// @param gate `boundary-enforced`, or what else holds its calls
    /// @param source `bundled`, `countersign` or `own`
    /// @param image whether a guest image here has it
    public record Agent(
            String name,
            String title,
            String version,
            String floor,
            String wire,
            String gate,
            String source,
            boolean image) {}

    /// The model gateway alone.
    @FunctionalInterface
    public interface Gateways {
        /// Serves until the thread is interrupted. The first line that it gives is
        /// `{"listening":"127.0.0.1:PORT","token":…}`, then one per decision.
        void serve(GatewayRequest request, Consumer<String> line) throws CountersignException;
    }

    /// What the gateway is asked to serve.
    ///
    /// @param listen `ADDR:PORT`
    public record GatewayRequest(
            String provider, String upstream, String listen, @Nullable Path policy) {}

    /// The network rules alone.
    public interface Egress {
        /// Decides about hosts by a policy.
        ///
        /// @return the answer to one line of JSON: one line of JSON. Never throws for what the line
        ///   holds: what can't be understood is denied
        /// @throws CountersignException if the policy is bad
        Answers check(Path policy) throws CountersignException;

        /// Serves a proxy until the thread is interrupted. The first line that it gives is
        /// `{"listening":"127.0.0.1:PORT"}`, then one per decision.
        void serve(EgressRequest request, Consumer<String> line) throws CountersignException;
    }

    /// Answers line by line.
    @FunctionalInterface
    public interface Answers {
        /// One line for one line.
        String answer(String line);
    }

    /// What the proxy is asked to serve.
    ///
    /// @param listen `ADDR:PORT`
    /// @param hosts lines `address name`, in place of DNS; null: the host's resolver
    public record EgressRequest(Path policy, String listen, @Nullable Path hosts) {}
}
