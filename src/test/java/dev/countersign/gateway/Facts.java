package dev.countersign.gateway;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A journal in memory, that can be broken.
public final class Facts implements Recorder {
    private final List<Fact> facts = new ArrayList<>();
    private boolean broken;

    @Override
    public synchronized Entry record(Fact fact) throws CountersignException {
        if (broken) {
            throw new CountersignException(
                    CountersignException.Kind.FAILED, "The journal can't be written.");
        }
        facts.add(fact);
        return new Entry(facts.size() - 1, Instant.EPOCH, new SessionId("s-test"), 0, fact);
    }

    /// From now on nothing can be recorded.
    public synchronized void breakDown() {
        broken = true;
    }

    /// All facts of a kind, in order.
    public synchronized <F extends Fact> List<F> of(Class<F> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// All facts, in order.
    public synchronized List<Fact> all() {
        return List.copyOf(facts);
    }
}
