package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import java.util.List;
import java.util.Optional;

/// This user's virtual machines. [VmRegister] is the real one.
public interface Vms {
    /// Makes a session's VM and brings it up: warm where a base exists, else the base is built
    /// first, once (which `progress` says); where no warm start is possible it boots. Records
    /// [dev.countersign.domain.Fact.VmStarted] after the boundary was checked on the running
    /// process and before anything enters the guest. On any failure, and when the thread is
    /// interrupted, nothing is left behind.
    ///
    /// @throws CountersignException with the next step: a program is missing, the disk is full, the
    ///   VM never came up, the boundary was not there
    Vm create(VmSpec spec, Recorder recorder, Progress progress)
            throws CountersignException, InterruptedException;

    /// Takes up a VM that an earlier engine made: a running one gets a new link, a stopped one can
    /// be started. Empty if nothing usable is left of it.
    Optional<Vm> attach(SessionId id, List<Forward> forwards, Recorder recorder)
            throws CountersignException, InterruptedException;

    /// Sessions of which a VM, or a part of one, exists on this host.
    List<SessionId> found() throws CountersignException;

    /// Removes what is left of a session's VM, whatever its state. For VMs that [#attach] could not
    /// take up.
    void remove(SessionId id) throws CountersignException, InterruptedException;

    /// Builds the warm base of such a VM ahead of its first use, if it is missing.
    ///
    /// @return whether warm starts are possible now; the reason was said through `progress` if not
    boolean warmUp(VmSpec spec, Progress progress)
            throws CountersignException, InterruptedException;

    /// Removes what an engine that was killed left of half-made warm bases. Called once when an
    /// engine starts; what another engine is building now is left alone.
    void sweep() throws CountersignException, InterruptedException;
}
