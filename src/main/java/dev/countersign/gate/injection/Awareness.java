package dev.countersign.gate.injection;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Rating;
import dev.countersign.journal.Recorder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one session's model read in this turn, and what follows from it. A turn ends with the next
/// message of the developer, or when the session is restored.
public final class Awareness {
    private final Recorder recorder;

    /// Why later calls are raised; null: nothing suspicious was read in this turn.
    private volatile @Nullable String reason;

    /// @param recorder the session's journal
    public Awareness(Recorder recorder) {
        this.recorder = recorder;
    }

    /// Looks through text that the model is about to read. A hit is in the journal before this
    /// returns; calls that are rated from then on count for one level more.
    ///
    /// @param callId the call whose result it is
    public void read(GuestText callId, String text) throws CountersignException {
        List<Suspicion> found = InjectionScanner.scan(text);
        if (found.isEmpty()) {
            return;
        }
        recorder.record(
                new Fact.Suspected(
                        callId,
                        found.stream().map(Suspicion::kind).distinct().toList(),
                        found.stream().map(Suspicion::why).distinct().toList(),
                        found.getFirst().excerpt()));
        takenUp(found.getFirst().why());
    }

    /// An earlier engine found this in the turn that still goes on.
    ///
    /// @param why as the journal has it
    public void takenUp(String why) {
        reason = "the model read text in this turn that " + why;
    }

    /// A new turn begins: the developer spoke, or the session is back at a checkpoint.
    public void turnEnded() {
        reason = null;
    }

    /// The rating, or one level more with the reason.
    public Rating raised(Rating rating) {
        String why = reason;
        if (why == null || rating.level() == Level.CRITICAL) {
            return rating;
        }
        Level next =
                switch (rating.level()) {
                    case LOW -> Level.MEDIUM;
                    case MEDIUM -> Level.HIGH;
                    case HIGH, CRITICAL -> Level.CRITICAL;
                };
        return rating.raisedTo(next, why);
    }
}
