package dev.countersign.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// When a VM is looked at, told of and let go on; a real one on a full disk is `FullDiskVmTest`'s.
class RoomWatchTest {
    private static final long PLENTY = 3 * RoomWatch.LOW;

    private final List<String> said = new ArrayList<>();
    private final QemuOnDisk qemu = new QemuOnDisk();
    private final RoomWatch watch = new RoomWatch(Path.of("/disk"), recorder(), qemu);
    private boolean journalIsFull;

    /// In the place of a QEMU whose disk can be full.
    private static final class QemuOnDisk implements RoomWatch.Standstill {
        private boolean stands;
        private boolean full;
        private int looks;

        @Override
        public boolean stands() {
            looks++;
            return stands;
        }

        @Override
        public void goOn() {
            stands = full;
        }
    }

    private Recorder recorder() {
        return fact -> {
            if (journalIsFull) {
                throw new CountersignException(Kind.EXHAUSTED, "no space is left");
            }
            said.add(((Fact.Noticed) fact).message());
            return new Entry(0, Instant.EPOCH, new SessionId("s-room"), 0, fact);
        };
    }

    @Test
    void withRoomNothingIsAskedAndNothingSaid() throws InterruptedException {
        watch.look(PLENTY);
        assertThat(qemu.looks).isZero();
        assertThat(said).isEmpty();
    }

    @Test
    void littleRoomIsSaidOnceUntilThereWasRoomAgain() throws InterruptedException {
        watch.look(RoomWatch.LOW - 1);
        watch.look(RoomWatch.LOW / 2);
        watch.look(RoomWatch.LOW + 1);
        watch.look(RoomWatch.LOW - 1);
        assertThat(said).singleElement().asString().contains("Only 1023 MB are left", "/disk");
        watch.look(PLENTY);
        watch.look(5 << 20);
        assertThat(said).hasSize(2);
    }

    @Test
    void aMachineThatStandsStillGoesOnOnceThereIsEnoughRoom() throws InterruptedException {
        qemu.stands = true;
        watch.look(0);
        watch.look(RoomWatch.ENOUGH - 1);
        assertThat(qemu.stands).as("too little to go far").isTrue();
        watch.look(RoomWatch.ENOUGH);
        assertThat(qemu.stands).isFalse();
        assertThat(said).last().asString().contains("went on where it was");
    }

    @Test
    void oneThatStopsAgainAtOnceIsTriedAgain() throws InterruptedException {
        qemu.stands = true;
        qemu.full = true;
        watch.look(0);
        watch.look(RoomWatch.ENOUGH);
        assertThat(said).as("it did not go on").hasSize(1);
        qemu.full = false;
        watch.look(RoomWatch.ENOUGH);
        assertThat(said).last().asString().contains("went on where it was");
    }

    @Test
    void whatAFullJournalCouldNotTakeIsSaidLater() throws InterruptedException {
        journalIsFull = true;
        watch.look(0);
        assertThat(said).isEmpty();
        journalIsFull = false;
        watch.look(RoomWatch.LOW / 2);
        assertThat(said).hasSize(1);
    }
}
