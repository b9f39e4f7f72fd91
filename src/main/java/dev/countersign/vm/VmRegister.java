package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// The real [Vms]: Lima, QEMU and OpenSSH.
public final class VmRegister implements Vms {
    private final VmSettings settings;
    private final Clock clock;

    /// Touches nothing yet.
    public VmRegister(VmSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public Vm create(VmSpec spec, Recorder recorder, Progress progress)
            throws CountersignException, InterruptedException {
        throw new CountersignException(
                CountersignException.Kind.FAILED, settings + " not yet wired " + clock);
    }

    @Override
    public Optional<Vm> attach(SessionId id, List<Forward> forwards, Recorder recorder) {
        return Optional.empty();
    }

    @Override
    public List<SessionId> found() {
        return List.of();
    }

    @Override
    public void remove(SessionId id) {}

    @Override
    public boolean warmUp(VmSpec spec, Progress progress) {
        return false;
    }
}
