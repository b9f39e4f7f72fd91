package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything that a person can ask of the engine. The engine implements it, [Client] carries it
/// over the socket, window and command line call it. Every method may block; none is called on a UI
/// thread. Each failure is a [CountersignException] whose message names thing, reason and next
/// step.
public interface Service {
    /// Who answers: version, process id, protocol.
    Hello hello() throws CountersignException;

    /// Ends the engine once nothing is active; with sessions running it is refused by name.
    void shutdown() throws CountersignException;

    /// What is present, missing or broken on this machine.
    List<Check> doctor() throws CountersignException;

    /// Numbers for the status strip: VMs, memory, disk.
    Resources resources() throws CountersignException;

    /// Asks for a session. Returns as soon as it is admitted and its log is open; what follows is
    /// in its events.
    SessionView start(StartRequest request) throws CountersignException;

    /// All sessions, newest first, closed ones included until they are deleted.
    List<SessionView> sessions() throws CountersignException;

    /// One session.
    SessionView session(SessionId id) throws CountersignException;

    /// Calls `listener` with every entry from `fromSeq` on, in order and without gaps, first those
    /// on record, then as they happen; then never again once the subscription is closed. Events of
    /// a deleted session end. The listener is called on one thread of its own and may block.
    Subscription events(SessionId id, long fromSeq, Consumer<Entry> listener)
            throws CountersignException;

    /// Calls `listener` whenever the list of sessions or approvals may have changed, at least once
    /// at the start.
    Subscription changes(Consumer<Change> listener) throws CountersignException;

    /// Gives the agent a further message. Ends the plan's approval.
    void send(SessionId id, String text) throws CountersignException;

    /// Shows the agent's own terminal, the newest part first, until the agent ends; what is shown
    /// passed the filter. CONFLICT while it is shown to somebody else.
    Subscription terminal(SessionId id, Consumer<TerminalPiece> listener)
            throws CountersignException;

    /// Types these bytes into the agent's terminal, as long as it is shown. A line's end also ends
    /// the plan's approval.
    void type(SessionId id, byte[] keys) throws CountersignException;

    /// Tells the agent how large the terminal is that it is shown on.
    void resize(SessionId id, int columns, int rows) throws CountersignException;

    /// Interrupts what the agent does; the session stays.
    void interrupt(SessionId id) throws CountersignException;

    /// Ends the agent and stops the VM. Staged work stays for review.
    void stop(SessionId id) throws CountersignException;

    /// Starts VM and agent of a stopped session again.
    void resume(SessionId id) throws CountersignException;

    /// Removes VM, staging and state. Refused while unapplied staged work exists, unless
    /// `dropStaged`.
    void delete(SessionId id, boolean dropStaged) throws CountersignException;

    /// The kill switch: pauses the VM and cuts its links. Without an id: all of them.
    void freeze(Optional<SessionId> id) throws CountersignException;

    /// Takes a frozen session up again.
    void thaw(SessionId id) throws CountersignException;

    /// Requests that wait, worst level first, then oldest; of one session or of all.
    List<ApprovalView> approvals(Optional<SessionId> id) throws CountersignException;

    /// One request, open or decided.
    ApprovalView approval(String requestId) throws CountersignException;

    /// Allows what was shown. Refused with CONFLICT if the digest is not that of the open request.
    void allow(String requestId, Digest digest, @Nullable String note) throws CountersignException;

    /// Denies it. The note reaches the model as the call's result.
    void deny(String requestId, @Nullable String note) throws CountersignException;

    /// Decides a request, all equal ones, or each call of one answer by itself. Gives what was
    /// decided.
    List<ApprovalView> decide(DecideRequest request) throws CountersignException;

    /// What the session's guest may reach now. CONFLICT while it has no network.
    EgressView egress(SessionId id) throws CountersignException;

    /// Takes back hosts that were allowed when asked, and cuts what is open to them.
    ///
    /// @param place `host` or `host:port`; empty: all
    List<EgressView.Host> revokeHosts(SessionId id, String place) throws CountersignException;

    /// What listens in the session's guest, and what leads there.
    List<PortView> ports(SessionId id) throws CountersignException;

    /// Lets a port of this machine's loopback lead to one of the guest's.
    ///
    /// @param hostPort 0: the same number if it is free, else any
    PortView openPort(SessionId id, int guestPort, int hostPort) throws CountersignException;

    /// Ends what leads to a port of the guest.
    void closePort(SessionId id, int guestPort) throws CountersignException;

    /// The credentials of the host, never their values.
    List<CredentialView> credentials() throws CountersignException;

    /// Keeps a credential, in place of an older one of its name.
    CredentialView addCredential(CredentialRequest request) throws CountersignException;

    /// Forgets a credential and its value.
    void removeCredential(String name) throws CountersignException;

    /// Opens the key store until the engine ends. CONFLICT where it has no passphrase.
    void unlockKeys(String passphrase) throws CountersignException;

    /// The rules that would have covered a request, open or decided. Never for critical ones.
    RuleOffers offers(String requestId) throws CountersignException;

    /// Makes rules, or says what they would have done. What waits and is covered by them goes on.
    RuleOutcome addRules(RuleRequest request) throws CountersignException;

    /// Removes rules from the developer's file or a session's own, or shows what would go. Built-in
    /// rules and the repository's are refused.
    RulesRemoved removeRules(RuleRemoval request) throws CountersignException;

    /// Rules that would have made one session, or the last ones, ask less.
    RuleSuggestions suggestRules(Optional<SessionId> id) throws CountersignException;

    /// The rules in force, for a session or for those that start next.
    PolicyView policy(Optional<SessionId> id) throws CountersignException;

    /// What would become of a shell command in this session now. Nothing runs.
    TrialView tryCommand(SessionId id, String command) throws CountersignException;

    /// The developer's own policy file, with what is wrong with it at its line.
    PolicyText policyText() throws CountersignException;

    /// Shows or sets up what critical requests need beside the answer.
    SecondFactorView secondFactor(SecondFactorRequest request) throws CountersignException;

    /// Takes a checkpoint of VM and workspace by the developer's wish.
    CheckpointView createCheckpoint(SessionId id, String name) throws CountersignException;

    /// The session's checkpoints, oldest first.
    List<CheckpointView> checkpoints(SessionId id) throws CountersignException;

    /// Goes back. `checkpoint` is an id or a name; an ambiguous name is refused.
    CheckpointView restore(SessionId id, String checkpoint) throws CountersignException;

    /// All that is staged, against the host's tree of now.
    ReviewView review(SessionId id) throws CountersignException;

    /// Brings hunks to the host's tree. What changed since it was shown is not covered.
    ApplyView apply(SessionId id, ApplyRequest request) throws CountersignException;

    /// Marks hunks as rejected; they come back only when their content changes.
    void reject(SessionId id, Selection selection) throws CountersignException;

    /// Remembers what the developer says about hunks. Nothing reaches the host by it.
    void mark(SessionId id, MarkRequest request) throws CountersignException;

    /// Solves a conflict that the review showed; the host's version before it can be had back by
    /// [#undo].
    ApplyView resolve(SessionId id, ResolveRequest request) throws CountersignException;

    /// What the agent committed since the baseline, read anew from its VM. CONFLICT while that does
    /// not answer.
    CommitsView commits(SessionId id) throws CountersignException;

    /// Makes what is selected of the commits that [#commits] gave last anew, as the developer's, on
    /// a new branch or as mails for `git am`. CONFLICT if they were not shown last.
    ApplyView applyCommits(SessionId id, ApplyRequest request) throws CountersignException;

    /// What was applied and taken back, oldest first.
    List<AppliedView> applies(SessionId id) throws CountersignException;

    /// The host's deletions that wait, since very many came at once.
    HeldView heldDeletions(SessionId id) throws CountersignException;

    /// Lets the deletions go into the guest that `digest` names; CONFLICT if other ones wait by
    /// now.
    void allowDeletions(SessionId id, String digest) throws CountersignException;

    /// Takes the last apply back, or the last undo.
    ApplyView undo(SessionId id) throws CountersignException;

    /// Checks the session's log and says up to where it is verified.
    VerifyView verify(SessionId id) throws CountersignException;
}
