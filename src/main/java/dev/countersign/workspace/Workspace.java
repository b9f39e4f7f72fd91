package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.ssh.Link;
import java.time.Clock;
import java.util.List;

/// The developer's files and what the agent made of them. Keeps for every path what both sides last
/// agreed on (base), what the host has, what the guest has, and stages the difference. Nothing
/// reaches the host's files but by [#apply] and [#undo] ([P2]); nothing that was staged is lost
/// ([P3]).
///
/// Safe for use by several threads. Calls that talk to the guest block; all others only read and
/// write files of the host.
@SuppressWarnings("DoNotCallSuggester")
public final class Workspace implements AutoCloseable {
    private Workspace() {}

    /// Opens the state of a session, a new or an old one. An apply that a crash interrupted is
    /// finished or taken back first.
    ///
    /// @throws CountersignException if the root is not a readable directory or the state is damaged
    public static Workspace open(WorkspaceSettings settings, Recorder recorder, Clock clock)
            throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Copies the filtered tree into the guest's empty workspace and commits it there as the one
    /// baseline commit. May be repeated after a failure; refused once it succeeded.
    public CopyInReport copyIn(Link link, Progress progress)
            throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Goes live: changes of the guest are staged, edits of the host are pushed. Returns after the
    /// first full comparison. A lost link is taken up again with its next generation.
    public void connect(Link link) throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Stages all that the guest has now, by a full scan. Call it before a stop, a restore, and
    /// when the agent ended.
    public void collect() throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// Keeps host edits out of the guest until closed. Hold it around the VM's snapshot and
    /// [#mark], so that both show the same moment.
    public Hold hold() throws InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// See [#hold()].
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// Remembers base and staging as belonging to this checkpoint.
    public void mark(String checkpointId) throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Forgets a mark. Unknown ids are fine.
    public void dropMark(String checkpointId) throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Before the VM is loaded: stages all that the guest has and lets go of it. Where the guest
    /// does not answer this fails, and the developer may choose [#beginRestoreWithoutCollecting()].
    public void beginRestore() throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// As [#beginRestore()], but with what was staged before; the journal says that the guest was
    /// not asked.
    public void beginRestoreWithoutCollecting() throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// After the VM was loaded: takes the base of the checkpoint, scans the guest in full, pushes
    /// the host's edits anew and goes live. What the agent had made since the checkpoint stays in
    /// staging with its old epoch.
    public void restored(String checkpointId, int epoch, Link link)
            throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// The restore did not happen: goes on in the epoch that was left.
    public void restoreFailed(Link link) throws CountersignException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /// All that is staged, against baseline and host of now.
    public Review review() throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Brings exactly this to the target. Files that can't be merged with what the host has now are
    /// left alone and named.
    ///
    /// @throws CountersignException CONFLICT if it does not cover what is staged now
    public ApplyOutcome apply(Choice choice, Target to) throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Marks hunks as not wanted; they come back when their content changes.
    public void reject(Choice choice) throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Takes the last apply to the tree back, or the last undo. Later edits are kept.
    ///
    /// @throws CountersignException USAGE if nothing was applied
    public ApplyOutcome undo() throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// How many hunks wait for a decision: neither rejected nor blocked.
    public int stagedHunks() {
        throw new UnsupportedOperationException();
    }

    /// Calls `listener` after staging changed, from a thread of the workspace; must return at once.
    public void onChange(Runnable listener) {
        throw new UnsupportedOperationException();
    }

    /// Files with staged work that neither was applied nor rejected: why a delete is refused.
    public List<ReviewedFile> unapplied() throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// What the guest has and staging does not: lost with the VM ([P3], [P10]).
    public List<LeftOut> notCollected() {
        throw new UnsupportedOperationException();
    }

    /// Closes and removes all state: base, staging, undo. The host's files stay as they are.
    public void drop() throws CountersignException {
        throw new UnsupportedOperationException();
    }

    /// Lets go of guest and watchers. Staging stays.
    @Override
    public void close() {}
}
