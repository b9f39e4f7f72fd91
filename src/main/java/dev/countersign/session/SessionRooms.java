package dev.countersign.session;

import dev.countersign.agent.AgentProfiles;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DataClass;
import dev.countersign.egress.Credentials;
import dev.countersign.egress.Grants;
import dev.countersign.egress.Origins;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.policy.DataPolicy;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gateway.Budget;
import dev.countersign.gateway.Upstream;
import dev.countersign.journal.Journals;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.KeyStore;
import dev.countersign.vm.GuestDisk;
import dev.countersign.vm.GuestKit;
import dev.countersign.vm.Progress;
import dev.countersign.vm.Vms;
import dev.countersign.workspace.HostWatch;
import dev.countersign.workspace.SecretFilter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// The rooms that a session is wired from. One for all sessions of an engine.
///
/// @param sessions where sessions lie, one directory each
/// @param images finds the guest image of an order, or says how to build it
/// @param kit what is installed in every guest before a session
/// @param policies the policy of one session: the developer's own and the repository's
/// @param upstreams the model's provider by its name
/// @param hostWatches makes a watch over a developer's directory
/// @param askTimeout how long a request waits before it is denied; zero: for ever
/// @param automaticCheckpoints how many automatic checkpoints beside the first are kept
/// @param checkpointBytes what all automatic checkpoints may take together
/// @param agents the agents that are known
/// @param hostCertificates those that this machine trusts, in PEM; empty if they can't be told
/// @param registries what a host is to the developer's own tools
/// @param origins the package registries of the developer's tools, for guests to read
/// @param hostGrants hosts that the developer let be reached from a repository's sessions
/// @param credentials of the host, which guests use by placeholders
public record SessionRooms(
        Path sessions,
        Journals journals,
        KeyStore keys,
        Approvals approvals,
        RiskRater risk,
        Policies policies,
        Vms vms,
        Images images,
        GuestKit kit,
        Upstreams upstreams,
        Function<Path, SecretFilter> secretFilters,
        Supplier<HostWatch> hostWatches,
        Clock clock,
        Duration askTimeout,
        int automaticCheckpoints,
        long checkpointBytes,
        AgentProfiles agents,
        Grants hostGrants,
        Credentials credentials,
        Supplier<byte[]> hostCertificates,
        Function<String, Optional<String>> registries,
        Supplier<Origins> origins) {

    /// Finds the guest image of an order.
    public interface Images {
        /// Refuses an order whose image has to be built first by the developer.
        ///
        /// @throws CountersignException MISSING with the command that builds it
        void demand(SessionOrder order) throws CountersignException;

        /// @throws CountersignException MISSING with the command that builds it
        GuestDisk find(SessionOrder order, Progress progress)
                throws CountersignException, InterruptedException;
    }

    /// Finds a model's provider. Owns what it hands out: who gets one does not close it.
    public interface Upstreams extends AutoCloseable {
        /// @throws CountersignException USAGE or MISSING with the next step
        Upstream named(String provider) throws CountersignException;

        /// Lets data of this class go to the provider, by the data policy as it is now.
        ///
        /// @throws CountersignException REFUSED with the reason and the next step
        DataPolicy.Admission admit(String provider, DataClass data) throws CountersignException;

        /// What a session may spend on its model, with what it has spent so far.
        ///
        /// @param microUsd in millionths of a US dollar
        /// @throws CountersignException REFUSED if the developer's price table is bad
        default Budget budget(long tokens, long microUsd) throws CountersignException {
            return Budget.none();
        }

        /// Ends the connections to all providers.
        @Override
        default void close() {}
    }

    /// Opens the policy that a session is judged by.
    @FunctionalInterface
    public interface Policies {
        /// @param kept where the repository's own policy, read once from the host, is kept
        PolicySource of(SessionOrder order, Path kept, Recorder recorder)
                throws CountersignException;
    }
}
