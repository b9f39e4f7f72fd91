package dev.countersign.ui.shell;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.checkpoints.CheckpointsViewModel;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.EntryPump;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.deletions.DeletionsViewModel;
import dev.countersign.ui.feed.FeedViewModel;
import dev.countersign.ui.journal.JournalViewModel;
import dev.countersign.ui.network.NetworkViewModel;
import dev.countersign.ui.policy.PolicyViewModel;
import dev.countersign.ui.report.ReportViewModel;
import dev.countersign.ui.review.ReviewViewModel;
import dev.countersign.ui.sessions.SessionsViewModel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All that is known of one session while it is looked at: its stream and the models that it feeds.
final class Room {
    private final SessionId session;
    private final EntryPump pump;
    private final FeedViewModel feed;
    private final ReviewViewModel review;
    private final CheckpointsViewModel checkpoints;
    private final JournalViewModel journal;
    private final NetworkViewModel network;
    private final DeletionsViewModel deletions;
    private final PolicyViewModel policy;
    private final ReportViewModel report;
    private @Nullable Duration start;
    private @Nullable Instant linkLost;

    Room(
            EngineLink link,
            Lanes lanes,
            Clock clock,
            SessionId session,
            SessionsViewModel sessions,
            FeedViewModel.Links links,
            Consumer<String> lookAtHost,
            Consumer<CountersignException> failed) {
        this.session = session;
        feed = new FeedViewModel(clock, links);
        review = new ReviewViewModel(link, lanes, session);
        checkpoints =
                new CheckpointsViewModel(link, lanes, clock, session, () -> sessions.find(session));
        journal = new JournalViewModel(link, clock, session);
        network = new NetworkViewModel(link, clock, session, lookAtHost);
        deletions = new DeletionsViewModel(link, session);
        policy = new PolicyViewModel(link, lanes, session);
        report = new ReportViewModel(() -> sessions.find(session), lanes);
        pump = new EntryPump(link, lanes, session, this::take, failed);
    }

    private void take(List<Entry> batch) {
        for (Entry entry : batch) {
            switch (entry.fact()) {
                case Fact.VmStarted started -> start = started.took();
                case Fact.LinkChanged changed -> linkLost = changed.up() ? null : entry.at();
                default -> {}
            }
        }
        feed.take(batch);
        review.take(batch);
        checkpoints.take(batch);
        journal.take(batch);
        network.take(batch);
        deletions.take(batch);
        report.take(batch);
    }

    void open() {
        pump.start();
        journal.verify();
        deletions.look();
    }

    void drain() {
        pump.drain();
    }

    void close() {
        pump.close();
    }

    SessionId session() {
        return session;
    }

    FeedViewModel feed() {
        return feed;
    }

    ReviewViewModel review() {
        return review;
    }

    CheckpointsViewModel checkpoints() {
        return checkpoints;
    }

    JournalViewModel journal() {
        return journal;
    }

    NetworkViewModel network() {
        return network;
    }

    ReportViewModel report() {
        return report;
    }

    PolicyViewModel policy() {
        return policy;
    }

    DeletionsViewModel deletions() {
        return deletions;
    }

    /// How long the VM's start took; null: not seen.
    @Nullable Duration startTook() {
        return start;
    }

    /// Since when the link is lost; null: it is there, or nothing is known.
    @Nullable Instant linkLost() {
        return linkLost;
    }
}
