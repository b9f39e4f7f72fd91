package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import dev.countersign.vm.ssh.Link;
import java.util.List;

/// One session's virtual machine. Methods that change it wait for each other.
public interface Vm {
    /// Whose it is.
    SessionId id();

    /// The way in. One object for the VM's whole life; it comes and goes with the VM.
    Link link();

    /// How it last came up. Before the first start of an attached VM: what is known of it.
    StartReport startReport();

    /// Where it stands, as seen now.
    VmState state();

    /// Boots a stopped VM from its own disk. A running one is left alone, a paused one refused.
    ///
    /// @throws CountersignException if it does not come up within its deadline; it is stopped then
    void start(Progress progress) throws CountersignException, InterruptedException;

    /// Keeps memory, devices and disk under `id`. The VM stands still meanwhile; the link survives.
    ///
    /// @param id `[a-z0-9-]`, at most 40, not yet taken
    /// @throws CountersignException if it failed; the VM runs on as before
    CheckpointReport checkpoint(String id) throws CountersignException;

    /// Goes back to a checkpoint. When this returns, the link is up again (its generation has
    /// grown), everything that was started through the old link has been ended in the guest, and
    /// the guest's clock and random pool are of now.
    ///
    /// @throws CountersignException if it failed; if the load itself failed the VM runs on as
    ///   before
    RestoreReport restore(String id) throws CountersignException, InterruptedException;

    /// The ids of its checkpoints, oldest first.
    List<String> checkpoints() throws CountersignException;

    /// Removes one. An unknown id is refused.
    void dropCheckpoint(String id) throws CountersignException;

    /// The kill switch's half: cuts the link and stops the guest's CPUs. Memory stays.
    void pause() throws CountersignException;

    /// Undoes [#pause()]; waits for the link.
    void resume() throws CountersignException, InterruptedException;

    /// Shuts the guest down, by force if it does not follow; the disk stays.
    void stop() throws CountersignException, InterruptedException;

    /// Ends it and removes every trace: processes, sockets, directory. Also on a VM that is broken
    /// or half made. Doing it twice is no error.
    void delete() throws CountersignException, InterruptedException;

    /// What its directory takes on the host's disk, in bytes.
    long diskBytes();

    /// Calls `listener` once for each time the VM ends without [#stop()] or [#delete()].
    void onExit(ExitListener listener);

    /// Told that the VM ended by itself: guest shut down, QEMU killed, host out of memory.
    @FunctionalInterface
    interface ExitListener {
        /// Called on a thread of its own.
        void exited(SessionId id, String why);
    }
}
