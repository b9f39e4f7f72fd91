package dev.countersign.domain;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that is ever recorded. The journal signs these, the feed shows them, the index finds
/// them: nothing else is a source of what happened. Secrets are marked before a fact is made
/// ([P6]).
///
/// In JSON the record's kebab-case name is `type`, its components are the fields. A record never
/// loses a component and never changes its meaning; new components are nullable.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(Fact.SessionOpened.class),
    @JsonSubTypes.Type(Fact.StateChanged.class),
    @JsonSubTypes.Type(Fact.StepDone.class),
    @JsonSubTypes.Type(Fact.VmStarted.class),
    @JsonSubTypes.Type(Fact.LinkChanged.class),
    @JsonSubTypes.Type(Fact.CopiedIn.class),
    @JsonSubTypes.Type(Fact.MessageSent.class),
    @JsonSubTypes.Type(Fact.ModelAsked.class),
    @JsonSubTypes.Type(Fact.AgentSaid.class),
    @JsonSubTypes.Type(Fact.Called.class),
    @JsonSubTypes.Type(Fact.Judged.class),
    @JsonSubTypes.Type(Fact.Asked.class),
    @JsonSubTypes.Type(Fact.Decided.class),
    @JsonSubTypes.Type(Fact.PlanGranted.class),
    @JsonSubTypes.Type(Fact.PlanEnded.class),
    @JsonSubTypes.Type(Fact.Released.class),
    @JsonSubTypes.Type(Fact.Returned.class),
    @JsonSubTypes.Type(Fact.CheckpointTaken.class),
    @JsonSubTypes.Type(Fact.CheckpointDropped.class),
    @JsonSubTypes.Type(Fact.Restored.class),
    @JsonSubTypes.Type(Fact.Pushed.class),
    @JsonSubTypes.Type(Fact.Staged.class),
    @JsonSubTypes.Type(Fact.HunksDecided.class),
    @JsonSubTypes.Type(Fact.ApplyBegun.class),
    @JsonSubTypes.Type(Fact.Applied.class),
    @JsonSubTypes.Type(Fact.Undone.class),
    @JsonSubTypes.Type(Fact.AgentStarted.class),
    @JsonSubTypes.Type(Fact.AgentEnded.class),
    @JsonSubTypes.Type(Fact.PolicyLoaded.class),
    @JsonSubTypes.Type(Fact.Suspected.class),
    @JsonSubTypes.Type(Fact.RuleAdded.class),
    @JsonSubTypes.Type(Fact.ConnectionHeld.class),
    @JsonSubTypes.Type(Fact.ConnectionDecided.class),
    @JsonSubTypes.Type(Fact.ConnectionEnded.class),
    @JsonSubTypes.Type(Fact.HostsGranted.class),
    @JsonSubTypes.Type(Fact.HostsRevoked.class),
    @JsonSubTypes.Type(Fact.ProviderAdmitted.class),
    @JsonSubTypes.Type(Fact.CredentialUsed.class),
    @JsonSubTypes.Type(Fact.CredentialRevoked.class),
    @JsonSubTypes.Type(Fact.CanaryLeft.class),
    @JsonSubTypes.Type(Fact.SecretsToModel.class),
    @JsonSubTypes.Type(Fact.PortNoticed.class),
    @JsonSubTypes.Type(Fact.PortOpened.class),
    @JsonSubTypes.Type(Fact.PortClosed.class),
    @JsonSubTypes.Type(Fact.Noticed.class),
})
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Fact {

    /// When a fact must be on disk before anything acts on it ([P5]).
    enum Durability {
        /// fsync before `record` returns.
        SYNCED,
        /// Group-committed within 50 ms.
        GROUPED
    }

    /// A decision of a person, and all about high and critical calls, is [Durability#SYNCED].
    default Durability durability() {
        return switch (this) {
            case Judged judged ->
                    judged.level().compareTo(Level.HIGH) >= 0
                            ? Durability.SYNCED
                            : Durability.GROUPED;
            case Decided decided ->
                    decided.by() == DecidedBy.PERSON || decided.level().compareTo(Level.HIGH) >= 0
                            ? Durability.SYNCED
                            : Durability.GROUPED;
            case SessionOpened _,
                    StateChanged _,
                    Asked _,
                    PlanGranted _,
                    CheckpointTaken _,
                    Restored _,
                    ApplyBegun _,
                    Applied _,
                    Undone _,
                    HunksDecided _,
                    RuleAdded _,
                    HostsGranted _,
                    HostsRevoked _,
                    CredentialUsed _,
                    CredentialRevoked _,
                    CanaryLeft _,
                    PortOpened _ ->
                    Durability.SYNCED;
            case StepDone _,
                    VmStarted _,
                    LinkChanged _,
                    CopiedIn _,
                    MessageSent _,
                    ModelAsked _,
                    AgentSaid _,
                    Called _,
                    PlanEnded _,
                    Released _,
                    Returned _,
                    CheckpointDropped _,
                    Pushed _,
                    Staged _,
                    AgentStarted _,
                    AgentEnded _,
                    PolicyLoaded _,
                    Suspected _,
                    ConnectionHeld _,
                    ConnectionDecided _,
                    ConnectionEnded _,
                    ProviderAdmitted _,
                    SecretsToModel _,
                    PortNoticed _,
                    PortClosed _,
                    Noticed _ ->
                    Durability.GROUPED;
        };
    }

    /// A session was asked for. The first fact of each log.
    @JsonTypeName("session-opened")
    record SessionOpened(
            String repository,
            String agent,
            Mode mode,
            Tier tier,
            DataClass dataClass,
            GuestText task,
            String version)
            implements Fact {}

    /// The session moved from one state to the next.
    @JsonTypeName("state-changed")
    record StateChanged(SessionState from, SessionState to, String why) implements Fact {}

    /// A step of the preparation was done.
    ///
    /// @param step such as `image`, `vm`, `copy-in`, `start checkpoint`, `agent`
    @JsonTypeName("step-done")
    record StepDone(String step, String detail, Duration took) implements Fact {}

    /// The VM runs and its boundary was checked on the running process.
    ///
    /// @param start `warm` or `cold`
    /// @param accelerator `kvm`, `hvf` or `tcg`, as seen to work
    @JsonTypeName("vm-started")
    record VmStarted(String start, String accelerator, String boundary, Duration took)
            implements Fact {}

    /// The ssh link came or went.
    @JsonTypeName("link-changed")
    record LinkChanged(boolean up, String why) implements Fact {}

    /// The workspace was copied into the guest.
    ///
    /// @param leftOut paths that were not copied, each with its reason after a colon; capped
    @JsonTypeName("copied-in")
    record CopiedIn(int files, long bytes, List<GuestText> leftOut, int leftOutCount, Duration took)
            implements Fact {}

    /// The developer sent the agent a message.
    @JsonTypeName("message-sent")
    record MessageSent(GuestText text) implements Fact {}

    /// The agent asked the model; counted once an answer came.
    ///
    /// @param inputTokens all that was read, cached or not
    /// @param cacheReadTokens the part that came from the provider's cache
    /// @param cacheWrittenTokens the part that was put into it
    /// @param microUsd what it cost by the developer's own price table, in millionths of a US
    ///   dollar; null without a price
    @JsonTypeName("model-asked")
    record ModelAsked(
            GuestText model,
            long inputTokens,
            long outputTokens,
            int status,
            Duration took,
            @Nullable Long cacheReadTokens,
            @Nullable Long cacheWrittenTokens,
            @Nullable Long microUsd)
            implements Fact {}

    /// Prose of the agent or the model, beside its calls. Claimed, never checked.
    @JsonTypeName("agent-said")
    record AgentSaid(GuestText text) implements Fact {}

    /// The model called a tool. The agent does not have the call yet.
    ///
    /// @param layer where it was seen: `gateway`, later `hook` or `acp`
    /// @param digest of the call, [ToolCall#digest()]
    @JsonTypeName("called")
    record Called(ToolCall call, Digest digest, String layer, @Nullable GuestText model)
            implements Fact {}

    /// What the gate thinks of a call, and why.
    ///
    /// @param rule the rule that decides or asks, such as `policy.yaml:4` or `mode checkpoint`
    @JsonTypeName("judged")
    record Judged(
            GuestText callId, Level level, List<String> effects, List<String> reasons, String rule)
            implements Fact {}

    /// A request waits for the developer.
    ///
    /// @param kind `calls` or `plan`
    @JsonTypeName("asked")
    record Asked(String requestId, String kind, List<GuestText> callIds, Level level, Digest digest)
            implements Fact {}

    /// A call was decided. `requestId` is null where nobody had to be asked.
    @JsonTypeName("decided")
    record Decided(
            GuestText callId,
            Answer answer,
            DecidedBy by,
            Level level,
            String rule,
            @Nullable String requestId,
            @Nullable Digest digest,
            @Nullable GuestText note,
            @Nullable Duration waited,
            @Nullable Boolean flagged)
            implements Fact {}

    /// The developer approved a plan: medium calls below these directories run until it ends.
    @JsonTypeName("plan-granted")
    record PlanGranted(String requestId, List<GuestText> directories, Digest digest)
            implements Fact {}

    /// The plan's approval ended.
    @JsonTypeName("plan-ended")
    record PlanEnded(String why) implements Fact {}

    /// The held answer with this call was handed to the agent.
    @JsonTypeName("released")
    record Released(GuestText callId) implements Fact {}

    /// The agent reported a call's result to the model. Claimed by the guest.
    @JsonTypeName("returned")
    record Returned(GuestText callId, boolean error, GuestText output, long outputBytes)
            implements Fact {}

    /// A checkpoint of VM and workspace exists.
    @JsonTypeName("checkpoint-taken")
    record CheckpointTaken(
            String id, String name, boolean automatic, String why, long bytes, Duration took)
            implements Fact {}

    /// A checkpoint was removed, to stay below the count or size limit or because it was asked for.
    @JsonTypeName("checkpoint-dropped")
    record CheckpointDropped(String id, String name, String why) implements Fact {}

    /// VM and workspace are back at a checkpoint; a new epoch began.
    ///
    /// @param voided requests whose decisions no longer count
    @JsonTypeName("restored")
    record Restored(String id, String name, int epoch, List<String> voided, Duration took)
            implements Fact {}

    /// Host edits reached the guest.
    @JsonTypeName("pushed")
    record Pushed(int files, long bytes, List<RelativePath> first) implements Fact {}

    /// A change of the guest reached staging.
    ///
    /// @param change `created`, `edited`, `deleted`, `mode` or `blocked`
    @JsonTypeName("staged")
    record Staged(GuestText path, String change, int added, int removed, @Nullable Digest content)
            implements Fact {}

    /// The developer accepted or rejected hunks without applying them.
    @JsonTypeName("hunks-decided")
    record HunksDecided(String decision, List<String> hunks) implements Fact {}

    /// An apply starts; a crash from here on is finished or rolled back at the next start.
    @JsonTypeName("apply-begun")
    record ApplyBegun(String transaction, List<RelativePath> paths, List<String> hunks)
            implements Fact {}

    /// Hunks are in the host's tree.
    ///
    /// @param to `tree`, `branch:NAME` or `patch:FILE`
    @JsonTypeName("applied")
    record Applied(String transaction, String to, int files, int hunks, int conflicts)
            implements Fact {}

    /// An apply was taken back.
    @JsonTypeName("undone")
    record Undone(String transaction, int files, int kept) implements Fact {}

    /// The agent's process runs in the guest.
    @JsonTypeName("agent-started")
    record AgentStarted(String agent, GuestText version, GuestText command) implements Fact {}

    /// The agent's process ended.
    @JsonTypeName("agent-ended")
    record AgentEnded(int exitCode, String why) implements Fact {}

    /// A policy took effect, or was refused and the last good one kept.
    @JsonTypeName("policy-loaded")
    record PolicyLoaded(String source, Digest digest, String outcome) implements Fact {}

    /// The model read something that looks like it was written for an agent: hidden text, or
    /// instructions that ask for what harms. Later calls of the turn count for one level more. A
    /// warning, not a finding of fault: what it does not know passes.
    ///
    /// @param callId the call whose result it was
    /// @param kinds `hidden-text`, `hidden-instruction`, `instruction`
    /// @param why a clause each, for the developer
    /// @param excerpt what it says, shortened
    @JsonTypeName("suspected")
    record Suspected(GuestText callId, List<String> kinds, List<String> why, GuestText excerpt)
            implements Fact {}

    /// The developer made rules. Recorded before they are written.
    ///
    /// @param places where they will stand, such as `policy.yaml:7`
    /// @param rules one line each, as they will stand there
    /// @param policy digest of the whole file with them in it
    /// @param requestId the request that they were made of, if they were
    @JsonTypeName("rule-added")
    record RuleAdded(
            List<String> places, List<String> rules, Digest policy, @Nullable String requestId)
            implements Fact {}

    /// The guest wants to reach a host that no rule knows; the connection is held while the
    /// developer is asked.
    ///
    /// @param connection number of the connection in this session
    /// @param process that opened it, as the guest claims; null: not said
    @JsonTypeName("connection-held")
    record ConnectionHeld(
            long connection, String host, int port, GuestText method, @Nullable GuestText process)
            implements Fact {}

    /// A connection of the guest was decided. Recorded before anything is sent to the host.
    ///
    /// @param connection number of the connection in this session
    /// @param host its one canonical form; what was asked for, made visible, if it has none
    /// @param port 0: none could be read
    /// @param method `CONNECT` or of plain HTTP; empty: none could be read
    /// @param reason a stable code, such as `preset-locked`
    /// @param says the sentence that the guest was told, or would have been
    /// @param address that is dialled; null: none
    /// @param flags such as `ech`
    /// @param process that opened it, as the guest claims
    @JsonTypeName("connection-decided")
    record ConnectionDecided(
            long connection,
            String host,
            int port,
            GuestText method,
            boolean allowed,
            String reason,
            String says,
            @Nullable String address,
            List<String> flags,
            @Nullable GuestText process)
            implements Fact {}

    /// An allowed connection ended.
    ///
    /// @param sent bytes to the host
    /// @param received bytes from it
    /// @param reason a stable code, such as `closed` or `revoked`
    @JsonTypeName("connection-ended")
    record ConnectionEnded(
            long connection, String host, int port, String reason, long sent, long received)
            implements Fact {}

    /// The developer let hosts be reached. Recorded before the first connection.
    ///
    /// @param hosts each `host:port`
    /// @param scope `once`, `session` or `repository`
    /// @param until when it ends by itself; null: with its scope
    @JsonTypeName("hosts-granted")
    record HostsGranted(String requestId, List<String> hosts, String scope, @Nullable Instant until)
            implements Fact {}

    /// The developer took hosts back; what was open to them is cut.
    ///
    /// @param hosts each `host:port`
    @JsonTypeName("hosts-revoked")
    record HostsRevoked(List<String> hosts) implements Fact {}

    /// The data policy lets this provider have the session's data. Recorded before it is asked.
    ///
    /// @param processor who has it, as the record says
    /// @param region where; `this machine` for local models
    /// @param record where the record stands, such as `data-policy.yaml:4`, or `built-in`
    @JsonTypeName("provider-admitted")
    record ProviderAdmitted(
            String provider, String processor, String region, DataClass dataClass, String record)
            implements Fact {}

    /// A credential of the host is put into a request of the guest. Recorded before the request
    /// leaves; never the value.
    ///
    /// @param credential its name
    /// @param host with its port
    /// @param path without its query
    @JsonTypeName("credential-used")
    record CredentialUsed(String credential, String host, String method, GuestText path)
            implements Fact {}

    /// From here on the session has these credentials no more.
    @JsonTypeName("credential-revoked")
    record CredentialRevoked(List<String> credentials, String why) implements Fact {}

    /// A token that only this session's guest holds was about to leave it by a way that nothing
    /// harmless takes. It was refused.
    ///
    /// @param canary which of the planted ones, by its place in the guest
    /// @param way `egress`, `api`, `model` or `staged`
    /// @param place the host, the model or the file
    @JsonTypeName("canary-left")
    record CanaryLeft(String canary, String way, GuestText place) implements Fact {}

    /// What the agent sends to its model holds secrets.
    ///
    /// @param rules what they look like, or the name of an entrusted one
    /// @param action `warned` or `replaced`
    @JsonTypeName("secrets-to-model")
    record SecretsToModel(GuestText model, List<String> rules, int count, String action)
            implements Fact {}

    /// Something in the guest listens, as the guest says. Nothing is forwarded by that.
    @JsonTypeName("port-noticed")
    record PortNoticed(int port, @Nullable GuestText process) implements Fact {}

    /// The developer lets a port of the host's loopback lead into the guest.
    ///
    /// @param guestPort on the guest's loopback
    /// @param hostPort on the host's loopback
    @JsonTypeName("port-opened")
    record PortOpened(int guestPort, int hostPort) implements Fact {}

    /// It leads there no more.
    @JsonTypeName("port-closed")
    record PortClosed(int guestPort, int hostPort, String why) implements Fact {}

    /// Something that a person should know and that has no type of its own.
    ///
    /// @param severity `info`, `warning` or `error`
    /// @param topic a stable word, such as `link`, `disk`, `engine`
    @JsonTypeName("noticed")
    record Noticed(String severity, String topic, String message) implements Fact {}
}
