package dev.countersign.vm;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds at what happens to this host and to its VMs with it: whether it slept,
/// and how much room is left on the disk that they write to.
final class HostRounds {
    private static final Logger LOG = LoggerFactory.getLogger(HostRounds.class);
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final SleepWatch sleep;
    private final Path disk;
    private final List<WeakReference<LimaVm>> vms = new CopyOnWriteArrayList<>();

    /// @param disk a place on the disk that the VMs write to; need not be there yet
    HostRounds(Clock clock, Path disk) {
        this.sleep = new SleepWatch(clock, System::nanoTime);
        this.disk = disk;
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> Thread.ofPlatform().daemon().name("host rounds").unstarted(task));
        var _ =
                timer.scheduleWithFixedDelay(
                        this::look, LOOK.toSeconds(), LOOK.toSeconds(), TimeUnit.SECONDS);
    }

    void add(LimaVm vm) {
        vms.removeIf(reference -> reference.get() == null);
        vms.add(new WeakReference<>(vm));
    }

    private void look() {
        if (sleep.slept()) {
            LOG.info("the host slept");
            each("after sleep", LimaVm::hostSlept);
        }
        if (!vms.isEmpty()) {
            try {
                long room = Files.getFileStore(disk).getUsableSpace();
                each("room of", vm -> vm.hostHasRoom(room));
            } catch (IOException e) {
                LOG.debug("the room on {} is not known: {}", disk, e.getMessage());
            }
        }
    }

    /// On threads of their own: one VM that answers slowly holds no other up.
    private void each(String what, Consumer<LimaVm> look) {
        for (WeakReference<LimaVm> reference : vms) {
            LimaVm vm = reference.get();
            if (vm != null) {
                Thread.ofVirtual().name(what + " " + vm.id()).start(() -> look.accept(vm));
            }
        }
    }
}
