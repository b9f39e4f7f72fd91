package dev.countersign.ui.journal;

import dev.countersign.domain.Fact;

/// What entries are about.
enum Kind {
    ALL,
    /// What was judged, asked and decided, by whom or what.
    DECISIONS,
    /// Calls, their hand-over and their results.
    CALLS,
    /// What moved between the host, the guest and the review.
    FILES,
    /// Connections that the guest wanted, and the hosts that it may reach.
    NETWORK,
    /// The session's own life.
    SESSION;

    /// Whether entries of this kind include it.
    boolean covers(Fact fact) {
        return this == ALL || this == of(fact);
    }

    private static Kind of(Fact fact) {
        return switch (fact) {
            case Fact.Judged _,
                    Fact.Asked _,
                    Fact.Decided _,
                    Fact.PlanGranted _,
                    Fact.PlanEnded _,
                    Fact.PolicyLoaded _,
                    Fact.Suspected _,
                    Fact.RuleAdded _,
                    Fact.ProviderAdmitted _,
                    Fact.CanaryLeft _,
                    Fact.SecretsToModel _ ->
                    DECISIONS;
            case Fact.Called _, Fact.Released _, Fact.Returned _, Fact.ModelAsked _ -> CALLS;
            case Fact.CopiedIn _,
                    Fact.Pushed _,
                    Fact.Staged _,
                    Fact.HunksDecided _,
                    Fact.ApplyBegun _,
                    Fact.Applied _,
                    Fact.Undone _ ->
                    FILES;
            case Fact.ConnectionHeld _,
                    Fact.ConnectionDecided _,
                    Fact.ConnectionEnded _,
                    Fact.HostsGranted _,
                    Fact.HostsRevoked _,
                    Fact.CredentialUsed _,
                    Fact.CredentialRevoked _,
                    Fact.PortNoticed _,
                    Fact.PortOpened _,
                    Fact.PortClosed _ ->
                    NETWORK;
            case Fact.SessionOpened _,
                    Fact.StateChanged _,
                    Fact.StepDone _,
                    Fact.VmStarted _,
                    Fact.LinkChanged _,
                    Fact.MessageSent _,
                    Fact.AgentSaid _,
                    Fact.CheckpointTaken _,
                    Fact.CheckpointDropped _,
                    Fact.Restored _,
                    Fact.AgentStarted _,
                    Fact.AgentEnded _,
                    Fact.Noticed _ ->
                    SESSION;
        };
    }
}
