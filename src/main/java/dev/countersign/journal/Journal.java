package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The log of one session. Safe for many threads; the order of recording is the order of `seq`.
///
/// ```java
/// try (Journal journal = journals.open(session, redactor);
///         Journal.Subscription feed = journal.subscribe(0, window::show)) {
///     journal.record(new Fact.StepDone("vm", "warm", took));
/// }
/// ```
public final class Journal implements Recorder, AutoCloseable {
    private final SessionId session;
    private final Redactor redactor;
    private final SignedLog log;
    private final Consumer<Journal> onClose;
    private final ConcurrentHashMap.KeySetView<Feed, Boolean> feeds = ConcurrentHashMap.newKeySet();

    /// Guarded by the log's lock: read and written only while a record is made.
    private int epoch;

    /// A running stream of entries. Closing it twice is harmless; no call of the listener starts
    /// afterwards.
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    Journal(SessionId session, Redactor redactor, SignedLog log, Consumer<Journal> onClose)
            throws CountersignException {
        this.session = session;
        this.redactor = redactor;
        this.log = log;
        this.onClose = onClose;
        this.epoch = last().map(Journal::epochAfter).orElse(0);
    }

    private static int epochAfter(Entry entry) {
        return entry.fact() instanceof Fact.Restored restored
                ? Math.max(entry.epoch(), restored.epoch())
                : entry.epoch();
    }

    /// Whose log it is.
    public SessionId session() {
        return session;
    }

    /// Appends the fact, its strings redacted, and returns the entry as every reader will see it.
    ///
    /// What it promises when it returns: the record is written and survives this process; a
    /// [Fact.Durability#SYNCED] one is on disk and under a signed head; any other is on disk within
    /// 50 ms ([P5]). [Fact.Restored] begins the next epoch for all that follows it.
    ///
    /// @throws CountersignException EXHAUSTED if the disk is full, FAILED if the disk fails,
    ///   CONFLICT if the journal is closed: the caller must not go on
    @Override
    public Entry record(Fact fact) throws CountersignException {
        FactCodec.Written written = FactCodec.write(fact, redactor::redact);
        Line line = new Line(written);
        SignedLog.Place place = log.append(line, fact.durability() == Fact.Durability.SYNCED);
        return new Entry(place.seq(), place.at(), session, line.epoch, written.fact());
    }

    /// A record in the making. The log calls it with its lock held.
    private final class Line implements SignedLog.Rest {
        private final FactCodec.Written fact;
        private int epoch;

        Line(FactCodec.Written fact) {
            this.fact = fact;
        }

        @Override
        public byte[] bytes() {
            epoch = Journal.this.epoch;
            return FactCodec.rest(session, epoch, fact.json());
        }

        @Override
        public void written() {
            if (fact.fact() instanceof Fact.Restored restored) {
                Journal.this.epoch = Math.max(Journal.this.epoch, restored.epoch());
            }
        }
    }

    /// Calls `listener` with every entry from `fromSeq` on, in order and without gaps: those on
    /// record first, then as they are recorded, until the subscription or the journal is closed
    /// (then it still gets what was recorded before). Each subscriber has a thread of its own and
    /// reads back from the file, so that a slow one holds nobody up and takes no memory.
    public Subscription subscribe(long fromSeq, Consumer<Entry> listener)
            throws CountersignException {
        if (fromSeq < 0) {
            throw new CountersignException(
                    Kind.USAGE, "Entries are numbered from 0; " + fromSeq + " is none of them.");
        }
        Feed feed = new Feed(log, fromSeq, listener, feeds::remove);
        feeds.add(feed);
        feed.start("feed-" + session);
        return feed;
    }

    /// At most `max` entries from this number on, in order.
    public List<Entry> entries(long from, int max) throws CountersignException {
        List<Entry> found = new ArrayList<>();
        long size = log.size();
        if (from < 0 || from >= size || max <= 0) {
            return found;
        }
        try (EntryCursor cursor = EntryCursor.at(log, from)) {
            while (found.size() < max && cursor.next(log.written())) {
                found.add(cursor.entry());
            }
            return found;
        } catch (IOException e) {
            throw Failures.of("The journal", log.file(), "could not be read", e);
        }
    }

    /// The last entry, if there is one.
    public Optional<Entry> last() throws CountersignException {
        long size = log.size();
        return size == 0 ? Optional.empty() : entries(size - 1, 1).stream().findFirst();
    }

    /// How many entries there are.
    public long size() {
        return log.size();
    }

    /// The last signed head.
    public Optional<SignedHead> head() {
        return log.head();
    }

    /// Signs what is there, then checks all of it from the file.
    public Verification verify() throws CountersignException {
        log.flush();
        return JournalVerifier.verify(directory());
    }

    /// Signs what is there, then proves that this entry is in it.
    public InclusionProof prove(long seq) throws CountersignException {
        log.flush();
        return JournalVerifier.prove(directory(), seq);
    }

    /// Where the log lies: `log.jsonl`, `heads.txt`, `key.pub`, and `aside/` after a crash.
    public Path directory() {
        return log.directory();
    }

    /// Brings all to disk, signs it, and lets subscribers read to the end. Closing twice is
    /// harmless.
    @Override
    public void close() {
        log.close();
        onClose.accept(this);
    }
}
