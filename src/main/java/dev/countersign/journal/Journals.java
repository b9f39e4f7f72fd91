package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.KeyStore;
import dev.countersign.secrets.Redactor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Opens the journals of all sessions below one home, signs them with one key, and keeps the signed
/// list of them. One process at a time.
///
/// Files: `sessions/ID/journal/` each, `manifest/` the list.
public final class Journals implements AutoCloseable {
    /// How often a session's growing head is noted in the list.
    private static final long NOTE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Path home;
    private final SigningKey key;
    private final Clock clock;
    private final Manifest manifest;
    private final Map<SessionId, Journal> open = new ConcurrentHashMap<>();

    private Journals(Path home, SigningKey key, Clock clock, Manifest manifest) {
        this.home = home;
        this.key = key;
        this.clock = clock;
        this.manifest = manifest;
    }

    /// Takes the signing key from the store, or makes it, and opens the list.
    ///
    /// @throws CountersignException CONFLICT if another process has it open; FAILED if key or list
    ///   are damaged
    public static Journals open(Path home, KeyStore keys, Clock clock) throws CountersignException {
        SigningKey key = SigningKey.in(keys);
        return new Journals(home, key, clock, Manifest.open(home, key, clock));
    }

    /// Opens the session's log, or begins it. What a crash left behind is named in a
    /// [Fact.Noticed].
    ///
    /// @param redactor every string that is recorded passes it
    /// @throws CountersignException FAILED if the log is not as it was signed: then nothing is
    ///   written to it; CONFLICT if it is open already
    public Journal open(SessionId session, Redactor redactor) throws CountersignException {
        Optional<SignedHead> known =
                Optional.ofNullable(manifest.known().get(session)).map(Manifest.Known::head);
        SignedLog log =
                SignedLog.open(
                                directory(home, session),
                                session.value(),
                                key,
                                clock,
                                known.stream().toList(),
                                noting(session))
                        .start();
        try {
            manifest.note(session, Manifest.Event.OPENED, log.head().orElse(null), true);
            Journal journal = new Journal(session, redactor, log, this::closed);
            open.put(session, journal);
            for (String happening : log.recovered()) {
                journal.record(new Fact.Noticed("warning", "journal", happening));
            }
            return journal;
        } catch (CountersignException e) {
            log.close();
            throw e;
        }
    }

    private java.util.function.Consumer<SignedHead> noting(SessionId session) {
        AtomicLong last = new AtomicLong(System.nanoTime() - NOTE_NANOS);
        return head -> {
            long now = System.nanoTime();
            if (now - last.get() >= NOTE_NANOS) {
                last.set(now);
                note(session, Manifest.Event.HEAD, head);
            }
        };
    }

    private void closed(Journal journal) {
        if (open.remove(journal.session(), journal)) {
            note(journal.session(), Manifest.Event.CLOSED, journal.head().orElse(null));
        }
    }

    /// The list is a second witness: the session's own log is whole without it.
    private void note(
            SessionId session,
            Manifest.Event event,
            @org.jspecify.annotations.Nullable SignedHead head) {
        try {
            manifest.note(session, event, head, false);
        } catch (CountersignException e) {
            org.slf4j.LoggerFactory.getLogger(Journals.class)
                    .warn("The list of journals was not brought up to date", e);
        }
    }

    /// Notes that the session's log is about to be deleted by the developer's wish, so that its
    /// absence is no finding. Call it before the directory goes.
    public void forget(SessionId session) throws CountersignException {
        Journal journal = open.get(session);
        if (journal != null) {
            journal.close();
        }
        manifest.note(session, Manifest.Event.DELETED, null, true);
    }

    /// The key that signs here, for people to write down and for [JournalVerifier].
    public VerifierKey key() {
        return key.verifier();
    }

    /// Where a session's log lies.
    public static Path directory(Path home, SessionId session) {
        return home.resolve("sessions").resolve(session.value()).resolve("journal");
    }

    /// Closes all journals, then the list.
    @Override
    public void close() {
        List.copyOf(open.values()).forEach(Journal::close);
        manifest.close();
    }
}
