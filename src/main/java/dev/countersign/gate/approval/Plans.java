package dev.countersign.gate.approval;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The approved plans, one file per session. A file that can't be read is a plan that ended.
public final class Plans {
    private static final Logger LOG = LoggerFactory.getLogger(Plans.class);

    private final RequestFiles files;
    private final Clock clock;

    Plans(RequestFiles files, Clock clock) {
        this.files = files;
        this.clock = clock;
    }

    /// The plan that is approved for this session and epoch, if it still stands.
    public Optional<PlanGrant> current(SessionId session, int epoch) {
        return last(session)
                .filter(grant ->
                        grant.epoch() == epoch && clock.instant().isBefore(grant.expires()));
    }

    /// The last plan that was approved and not ended, even if its time is over.
    public Optional<PlanGrant> last(SessionId session) {
        return Optional.ofNullable(state(session).grant());
    }

    /// Keeps an approved plan, on disk.
    public void grant(PlanGrant grant) throws CountersignException {
        write(grant.session(), new State(grant, state(grant.session()).returnedEpoch()));
    }

    /// Ends the plan.
    ///
    /// @param fresh a new message starts: an answer without a plan may be returned once again
    public void end(SessionId session, boolean fresh) throws CountersignException {
        write(session, new State(null, fresh ? null : state(session).returnedEpoch()));
    }

    /// Whether an answer was returned for lack of a plan since the last message of this epoch.
    public boolean wasAskedFor(SessionId session, int epoch) {
        Integer returned = state(session).returnedEpoch();
        return returned != null && returned == epoch;
    }

    /// Remembers that an answer was returned for lack of a plan.
    public void askedFor(SessionId session, int epoch) throws CountersignException {
        write(session, new State(state(session).grant(), epoch));
    }

    /// What is on disk about the plan of a session.
    ///
    /// @param returnedEpoch the epoch in which an answer was returned for lack of a plan
    record State(@Nullable PlanGrant grant, @Nullable Integer returnedEpoch) {}

    private State state(SessionId session) {
        Path file = file(session);
        try {
            if (Files.exists(file)) {
                return RequestFiles.read(file, State.class);
            }
        } catch (IOException e) {
            LOG.warn("the plan of {} can't be read, it counts as ended", session, e);
        }
        return new State(null, null);
    }

    private void write(SessionId session, State state) throws CountersignException {
        RequestFiles.write(file(session), state);
    }

    private Path file(SessionId session) {
        return files.directory(session).resolve("plan.grant");
    }
}
