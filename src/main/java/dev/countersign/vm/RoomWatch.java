package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.journal.Recorder;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One VM on a disk that may get full. QEMU then stops the guest in the middle of a write; once
/// there is room again, the write is done and the guest knows of nothing. That somebody has to
/// notice, and to let it go on. Not for many threads.
final class RoomWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RoomWatch.class);

    /// Below this the developer is told, and the machine is looked at.
    static final long LOW = 1L << 30;

    /// With so much room a machine that stood still goes on.
    static final long ENOUGH = 256L << 20;

    private final Path disk;
    private final Recorder recorder;
    private final Standstill machine;
    private boolean told;
    private boolean stands;

    /// What is asked of the machine.
    interface Standstill {
        /// Whether it stands still because a write found no room.
        boolean stands() throws CountersignException, InterruptedException;

        /// Lets it go on: the write is tried again.
        void goOn() throws CountersignException, InterruptedException;
    }

    /// @param disk where the room is missing, to say so
    RoomWatch(Path disk, Recorder recorder, Standstill machine) {
        this.disk = disk;
        this.recorder = recorder;
        this.machine = machine;
    }

    /// @param room in bytes
    void look(long room) throws InterruptedException {
        try {
            if (stands) {
                goOnWith(room);
            } else if (room < LOW) {
                tellWith(room);
                stands = machine.stands();
                if (stands) {
                    LOG.warn("{} is full; the VM stands still", disk);
                }
            } else if (room > 2 * LOW) {
                told = false;
            }
        } catch (CountersignException e) {
            // It may be ending, or busy with a checkpoint: there is a next look.
            LOG.info("the room of a VM was not looked at: {}", e.getMessage());
        }
    }

    private void tellWith(long room) {
        if (!told) {
            told =
                    record(
                            "warning",
                            "Only %d MB are left on the disk with %s. When it is full, the VM stands still and no call can be decided, until there is room again. Make room there."
                                    .formatted(room >> 20, disk));
        }
    }

    private void goOnWith(long room) throws CountersignException, InterruptedException {
        if (room < ENOUGH) {
            return;
        }
        machine.goOn();
        stands = machine.stands();
        if (!stands) {
            record(
                    "info",
                    "The VM stood still, as the disk with %s was full. There is room again, and it went on where it was."
                            .formatted(disk));
        }
    }

    private boolean record(String severity, String message) {
        try {
            recorder.record(new Fact.Noticed(severity, "disk", message));
            return true;
        } catch (CountersignException e) {
            // The journal may lie on that disk.
            LOG.warn("{} ({})", message, e.getMessage());
            return false;
        }
    }
}
