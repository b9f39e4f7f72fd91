package dev.countersign.session;

import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the journal says of a session at a glance. Built from entries alone, so that a new engine
/// gets it by reading the log.
///
/// @param callsReleased how many calls the agent got so far
/// @param releasedAtCheckpoint that number when the newest checkpoint was taken: equal means that a
///   checkpoint of now would show nothing new
/// @param models the models that were asked and answered, by the names of the requests, each once;
///   claimed by the agent
/// @param suspected what the model read in this turn that looked like instructions for an agent;
///   null: nothing
/// @param ports of the host that lead into the guest: to which of its ports, by their own number
public record Projection(
        long lastSeq,
        Instant lastActivity,
        boolean agentRunning,
        @Nullable Boolean linkUp,
        @Nullable String startKind,
        @Nullable String accelerator,
        long inputTokens,
        long outputTokens,
        long microUsd,
        long callsReleased,
        long releasedAtCheckpoint,
        List<GuestText> models,
        @Nullable String suspected,
        Map<Integer, Integer> ports) {
    private static final int MOST_MODELS = 12;
    private static final int LONGEST_MODEL = 100;

    /// Keeps a copy.
    public Projection {
        models = List.copyOf(models);
    }

    static Projection empty(Instant created) {
        return new Projection(
                -1, created, false, null, null, null, 0, 0, 0, 0, -1, List.of(), null, Map.of());
    }

    /// Nothing ran since the newest checkpoint, so that it still says all.
    boolean checkpointIsFresh() {
        return releasedAtCheckpoint == callsReleased;
    }

    Projection with(Entry entry) {
        Draft draft = new Draft(this);
        draft.lastSeq = entry.seq();
        draft.lastActivity = entry.at();
        switch (entry.fact()) {
            case Fact.VmStarted started -> {
                draft.startKind = started.start();
                draft.accelerator = started.accelerator();
            }
            case Fact.LinkChanged link -> draft.linkUp = link.up();
            case Fact.ModelAsked asked -> {
                draft.inputTokens += asked.inputTokens();
                draft.outputTokens += asked.outputTokens();
                draft.microUsd += asked.microUsd() == null ? 0 : asked.microUsd();
                if (asked.status() < 400) {
                    draft.models = with(models, asked.model());
                }
            }
            case Fact.Released _ -> draft.callsReleased++;
            case Fact.CheckpointTaken _ -> draft.releasedAtCheckpoint = draft.callsReleased;
            case Fact.Restored _ -> {
                draft.releasedAtCheckpoint = -1;
                draft.suspected = null;
            }
            case Fact.MessageSent _ -> draft.suspected = null;
            case Fact.PortOpened port -> draft.ports.put(port.hostPort(), port.guestPort());
            case Fact.PortClosed port -> draft.ports.remove(port.hostPort());
            case Fact.Suspected found ->
                    draft.suspected =
                            found.why().isEmpty() ? "looks suspicious" : found.why().getFirst();
            case Fact.AgentStarted _ -> draft.agentRunning = true;
            case Fact.AgentEnded _ -> draft.agentRunning = false;
            case Fact.StateChanged changed -> {
                switch (changed.to()) {
                    case CLOSED, FAILED -> {
                        draft.agentRunning = false;
                        draft.linkUp = null;
                    }
                    case PREPARING, RUNNING, REVIEW, FROZEN -> {}
                }
            }
            case Fact.SessionOpened _,
                    Fact.StepDone _,
                    Fact.CopiedIn _,
                    Fact.AgentSaid _,
                    Fact.Called _,
                    Fact.Judged _,
                    Fact.Asked _,
                    Fact.Decided _,
                    Fact.PlanGranted _,
                    Fact.PlanEnded _,
                    Fact.Returned _,
                    Fact.CheckpointDropped _,
                    Fact.Pushed _,
                    Fact.Staged _,
                    Fact.HunksDecided _,
                    Fact.ApplyBegun _,
                    Fact.Applied _,
                    Fact.Undone _,
                    Fact.PolicyLoaded _,
                    Fact.RuleAdded _,
                    Fact.ConnectionHeld _,
                    Fact.ConnectionDecided _,
                    Fact.ConnectionEnded _,
                    Fact.HostsGranted _,
                    Fact.HostsRevoked _,
                    Fact.ProviderAdmitted _,
                    Fact.CredentialUsed _,
                    Fact.CredentialRevoked _,
                    Fact.CanaryLeft _,
                    Fact.SecretsToModel _,
                    Fact.PortNoticed _,
                    Fact.Noticed _ -> {}
        }
        return draft.done();
    }

    /// A guest can name as many as it likes, at any length.
    private static List<GuestText> with(List<GuestText> models, GuestText model) {
        String name = model.raw().strip();
        GuestText kept = GuestText.of(name.substring(0, Math.min(LONGEST_MODEL, name.length())));
        if (name.isEmpty() || models.contains(kept) || models.size() == MOST_MODELS) {
            return models;
        }
        List<GuestText> more = new ArrayList<>(models);
        more.add(kept);
        return more;
    }

    /// The same fields, to be changed one at a time.
    private static final class Draft {
        private long lastSeq;
        private Instant lastActivity;
        private boolean agentRunning;
        private @Nullable Boolean linkUp;
        private @Nullable String startKind;
        private @Nullable String accelerator;
        private long inputTokens;
        private long microUsd;
        private long outputTokens;
        private long callsReleased;
        private long releasedAtCheckpoint;
        private List<GuestText> models;
        private @Nullable String suspected;
        private final Map<Integer, Integer> ports;

        Draft(Projection from) {
            lastSeq = from.lastSeq;
            lastActivity = from.lastActivity;
            agentRunning = from.agentRunning;
            linkUp = from.linkUp;
            startKind = from.startKind;
            accelerator = from.accelerator;
            inputTokens = from.inputTokens;
            microUsd = from.microUsd;
            outputTokens = from.outputTokens;
            callsReleased = from.callsReleased;
            releasedAtCheckpoint = from.releasedAtCheckpoint;
            models = from.models;
            suspected = from.suspected;
            ports = new TreeMap<>(from.ports);
        }

        Projection done() {
            return new Projection(
                    lastSeq,
                    lastActivity,
                    agentRunning,
                    linkUp,
                    startKind,
                    accelerator,
                    inputTokens,
                    outputTokens,
                    microUsd,
                    callsReleased,
                    releasedAtCheckpoint,
                    models,
                    suspected,
                    Map.copyOf(ports));
        }
    }
}
