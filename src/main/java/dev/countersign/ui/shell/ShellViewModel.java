package dev.countersign.ui.shell;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.Change;
import dev.countersign.api.SessionView;
import dev.countersign.api.Subscription;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.ui.approval.ApprovalViewModel;
import dev.countersign.ui.approval.PromptQueue;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.WindowSettings;
import dev.countersign.ui.feed.FeedViewModel;
import dev.countersign.ui.sessions.SessionsViewModel;
import dev.countersign.ui.start.StartViewModel;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import org.jspecify.annotations.Nullable;

/// The window's state: which page, which session, what the engine says, what is to be told.
public final class ShellViewModel {
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int MOST_ROOMS = 3;

    /// The pages of a session.
    public enum Tab {
        FEED(1),
        REVIEW(2),
        CHECKPOINTS(3),
        NETWORK(4),
        POLICY(5),
        JOURNAL(6),
        REPORT(7),
        /// There only while deletions of the host wait.
        DELETIONS(8);

        private final int key;

        Tab(int key) {
            this.key = key;
        }

        /// The digit that opens it, with Ctrl.
        public int key() {
            return key;
        }
    }

    /// Something to tell, above the page.
    record Notice(boolean problem, String title, String detail) {}

    private final EngineLink link;
    private final Lanes lanes;
    private final Clock clock;
    private final LaunchOptions options;
    private final WindowSettings settings;
    private final SessionsViewModel sessions;
    private final ApprovalViewModel approvals;
    private final PromptQueue prompts;
    private Runnable raise = () -> {};
    private final Map<SessionId, Room> rooms = new LinkedHashMap<>(8, 0.75f, true);
    private final ReadOnlyObjectWrapper<@Nullable Room> room = new ReadOnlyObjectWrapper<>();
    private final ObjectProperty<Tab> tab = new SimpleObjectProperty<>(Tab.FEED);
    private final ReadOnlyObjectWrapper<@Nullable StartViewModel> starting =
            new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Notice> notice = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable SessionId> deleting =
            new ReadOnlyObjectWrapper<>();
    private final StringProperty message = new SimpleStringProperty("");
    private final IntegerProperty textSize;
    private @Nullable Subscription changes;
    private @Nullable SessionId wantedSession;
    private @Nullable String wantedRequest;
    private boolean closed;
    private boolean readingSessions;
    private boolean sessionsAgain;
    private boolean readingApprovals;
    private boolean approvalsAgain;

    /// Nothing happens before [#open()].
    public ShellViewModel(
            EngineLink link,
            Lanes lanes,
            Clock clock,
            LaunchOptions options,
            WindowSettings settings) {
        this.link = link;
        this.lanes = lanes;
        this.clock = clock;
        this.options = options;
        this.settings = settings;
        this.wantedSession = options.session();
        Integer size = settings.textSize();
        textSize =
                new SimpleIntegerProperty(
                        size == null ? Zoom.USUAL : Math.clamp(size, Zoom.SMALLEST, Zoom.LARGEST));
        sessions =
                new SessionsViewModel(
                        clock,
                        new SessionsViewModel.Actions() {
                            @Override
                            public void start() {
                                startSession();
                            }

                            @Override
                            public void waiting() {
                                showWaiting(null);
                            }

                            @Override
                            public void freezeAll() {
                                ShellViewModel.this.freezeAll();
                            }
                        });
        approvals = new ApprovalViewModel(link, clock, sessions::find);
        prompts =
                new PromptQueue(
                        approvals,
                        link,
                        lanes,
                        clock,
                        options.prompt(),
                        requestId -> {
                            showWaiting(requestId);
                            raise.run();
                        });
        sessions.selected().addListener((_, _, now) -> enter(now));
        link.state()
                .addListener((_, _, now) -> {
                    switch (now) {
                        case EngineLink.State.Up up -> connected(up);
                        case EngineLink.State.Lost _ -> changes = null;
                        case EngineLink.State.Connecting _ -> {}
                    }
                });
    }

    /// Connects and starts to watch.
    public void open() {
        if (closed) {
            return;
        }
        link.connect();
        beat();
        second();
    }

    /// Ends everything of the window; sessions are not touched.
    public void close() {
        closed = true;
        prompts.close();
        rooms.values().forEach(Room::close);
        rooms.clear();
        Subscription now = changes;
        changes = null;
        if (now != null) {
            lanes.background(now::close);
        }
        link.close();
    }

    /// Whether the window is in front; else it asks in a dialog of the desktop.
    void front(boolean now) {
        prompts.front(now);
    }

    /// How the window comes to the front.
    void raisedBy(Runnable how) {
        raise = how;
    }

    /// Takes what came in; called 20 times a second.
    public void drain() {
        Room now = room.get();
        if (now != null) {
            now.drain();
        }
    }

    /// Shows the requests that wait, this one first if it is given.
    public void showWaiting(@Nullable String requestId) {
        wantedRequest = requestId;
        approvals.open(requestId);
        sessions.waitingShown().set(true);
        sessions.tick();
    }

    /// Shows a session.
    public void showSession(SessionId id) {
        if (sessions.find(id) == null) {
            wantedSession = id;
            readSessions();
        } else {
            sessions.select(id);
        }
    }

    /// Back from the requests to the session.
    public void leaveWaiting() {
        sessions.waitingShown().set(false);
        sessions.tick();
    }

    /// Opens the sheet.
    public void startSession() {
        if (starting.get() == null && link.up()) {
            starting.set(
                    new StartViewModel(
                            link, lanes, clock, settings, options.choices(), this::sessionStarted));
        }
    }

    /// Prepares the sample repository and opens the sheet with it.
    public void trySample() {
        LaunchOptions.Sample sample = options.sample();
        if (sample == null) {
            return;
        }
        link.ask(
                _ -> sample.prepare(),
                request -> {
                    startSession();
                    StartViewModel sheet = starting.get();
                    if (sheet != null) {
                        sheet.propose(request);
                    }
                },
                failure -> tell(text("shell.sample-failed"), failure));
    }

    /// Puts the sheet away.
    public void closeSheet() {
        starting.set(null);
    }

    /// Freezes the session that is shown. Without a question: it can be thawed again.
    public void freeze() {
        SessionId now = sessions.selected().get();
        if (now != null) {
            act(service -> service.freeze(Optional.of(now)), text("shell.freeze-failed"));
        }
    }

    /// Freezes all sessions.
    public void freezeAll() {
        act(service -> service.freeze(Optional.empty()), text("shell.freeze-failed"));
    }

    void thaw() {
        withSession(id -> act(service -> service.thaw(id), text("shell.thaw-failed")));
    }

    void interrupt() {
        withSession(id -> act(service -> service.interrupt(id), text("shell.interrupt-failed")));
    }

    void stop() {
        withSession(id -> act(service -> service.stop(id), text("shell.stop-failed")));
    }

    void resume() {
        withSession(id -> act(service -> service.resume(id), text("shell.resume-failed")));
    }

    /// Asks whether to delete the session that is shown.
    void askDelete() {
        deleting.set(sessions.selected().get());
    }

    void keep() {
        deleting.set(null);
    }

    /// Deletes the session that was asked about, its staged work too if it is said so.
    void delete(boolean dropStaged) {
        SessionId id = deleting.get();
        deleting.set(null);
        if (id != null) {
            act(service -> service.delete(id, dropStaged), text("shell.delete-failed"));
        }
    }

    /// Sends the agent what was typed.
    void send() {
        String words = message.get().strip();
        if (words.isEmpty()) {
            return;
        }
        withSession(id ->
                link.tell(
                        service -> service.send(id, words),
                        () -> {
                            if (message.get().strip().equals(words)) {
                                message.set("");
                            }
                        },
                        failure -> tell(text("shell.send-failed"), failure)));
    }

    void dismiss() {
        notice.set(null);
    }

    /// Body text, in px.
    ReadOnlyIntegerProperty textSize() {
        return textSize;
    }

    /// Larger or smaller text; 0: the usual size. Kept for the next start.
    void resizeText(int by) {
        int wanted = by == 0 ? Zoom.USUAL : textSize.get() + by;
        textSize.set(Math.clamp(wanted, Zoom.SMALLEST, Zoom.LARGEST));
        settings.textSize(textSize.get());
        lanes.background(settings::write);
    }

    /// The next or previous session of the side.
    void stepSession(int by) {
        List<SessionView> all = sessions.sessions();
        if (all.isEmpty()) {
            return;
        }
        SessionView now = session();
        int at = now == null ? -1 : all.indexOf(now);
        SessionView next = all.get(Math.floorMod(Math.max(0, at) + (at < 0 ? 0 : by), all.size()));
        sessions.select(next.id());
    }

    /// The session that is shown; null: none.
    @Nullable SessionView session() {
        return sessions.find(sessions.selected().get());
    }

    /// Whether the session can be given a message.
    boolean canSend() {
        SessionView now = session();
        return now != null
                && (now.state() == SessionState.RUNNING || now.state() == SessionState.REVIEW);
    }

    /// All sessions.
    public SessionsViewModel sessions() {
        return sessions;
    }

    /// What waits.
    public ApprovalViewModel approvals() {
        return approvals;
    }

    /// The page of the session.
    public ObjectProperty<Tab> tab() {
        return tab;
    }

    ReadOnlyObjectProperty<@Nullable Room> room() {
        return room.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable StartViewModel> starting() {
        return starting.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable Notice> notice() {
        return notice.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable SessionId> deleting() {
        return deleting.getReadOnlyProperty();
    }

    StringProperty message() {
        return message;
    }

    EngineLink link() {
        return link;
    }

    Clock clock() {
        return clock;
    }

    LaunchOptions options() {
        return options;
    }

    private void connected(EngineLink.State.Up up) {
        if (up.again()) {
            notice.set(new Notice(false, text("shell.engine-back"), text("shell.engine-back-why")));
        }
        AtomicBoolean sessionsDirty = new AtomicBoolean();
        AtomicBoolean approvalsDirty = new AtomicBoolean();
        link.subscribe(
                service ->
                        service.changes(change -> {
                            // One look for a burst of changes.
                            if (change == Change.SESSIONS) {
                                if (sessionsDirty.compareAndSet(false, true)) {
                                    lanes.screen(() -> {
                                        sessionsDirty.set(false);
                                        readSessions();
                                    });
                                }
                            } else if (approvalsDirty.compareAndSet(false, true)) {
                                lanes.screen(() -> {
                                    approvalsDirty.set(false);
                                    readApprovals();
                                });
                            }
                        }),
                opened -> changes = opened,
                failure -> tell(text("shell.watch-failed"), failure));
        readSessions();
        readApprovals();
        readResources();
    }

    private void readSessions() {
        if (readingSessions) {
            sessionsAgain = true;
            return;
        }
        readingSessions = true;
        link.ask(
                service -> service.sessions(),
                now -> {
                    readingSessions = false;
                    sessions.refresh(now);
                    SessionId wanted = wantedSession;
                    if (wanted != null && sessions.find(wanted) != null) {
                        wantedSession = null;
                        sessions.select(wanted);
                    }
                    if (sessionsAgain) {
                        sessionsAgain = false;
                        readSessions();
                    }
                },
                _ -> readingSessions = false);
    }

    private void readApprovals() {
        if (readingApprovals) {
            approvalsAgain = true;
            return;
        }
        readingApprovals = true;
        link.ask(
                service -> service.approvals(Optional.empty()),
                now -> {
                    readingApprovals = false;
                    sessions.waiting(now);
                    approvals.refresh(now);
                    // What is on screen stays, also once it is over: its end is to be read.
                    if (sessions.waitingShown().get()
                            && (wantedRequest != null || approvals.current().get() == null)) {
                        approvals.open(wantedRequest);
                        wantedRequest = null;
                    }
                    if (approvalsAgain) {
                        approvalsAgain = false;
                        readApprovals();
                    }
                },
                _ -> readingApprovals = false);
    }

    private void readResources() {
        link.ask(
                service -> service.resources(),
                sessions::resources,
                _ -> {
                    // Numbers for the side: the next beat asks again.
                });
    }

    private void enter(@Nullable SessionId id) {
        if (id == null) {
            room.set(null);
            return;
        }
        Room now = rooms.get(id);
        if (now == null) {
            now =
                    new Room(
                            link,
                            lanes,
                            clock,
                            id,
                            sessions,
                            links(),
                            place -> showHost(id, place),
                            failure -> tell(text("shell.stream-failed"), failure));
            rooms.put(id, now);
            now.open();
            while (rooms.size() > MOST_ROOMS) {
                SessionId eldest = rooms.keySet().iterator().next();
                Room gone = rooms.remove(eldest);
                if (gone != null) {
                    gone.close();
                }
            }
        }
        message.set("");
        room.set(now);
    }

    /// Shows the request that waits for a host of the session, or the oldest one.
    private void showHost(SessionId id, String place) {
        showWaiting(
                approvals.waiting().stream()
                        .filter(each -> each.session().equals(id))
                        .filter(each -> each.kind().equals("hosts"))
                        .filter(each ->
                                each.calls().stream()
                                        .anyMatch(call -> call.id().equals(GuestText.of(place))))
                        .map(ApprovalView::id)
                        .findFirst()
                        .orElse(null));
    }

    private FeedViewModel.Links links() {
        return new FeedViewModel.Links() {
            @Override
            public void approval(String requestId) {
                showWaiting(requestId);
            }

            @Override
            public void checkpoint(String checkpointId) {
                Room now = room.get();
                if (now != null) {
                    now.checkpoints().choose(checkpointId);
                    tab.set(Tab.CHECKPOINTS);
                }
            }

            @Override
            public void review() {
                tab.set(Tab.REVIEW);
            }
        };
    }

    private void sessionStarted(SessionView view) {
        starting.set(null);
        tab.set(Tab.FEED);
        showSession(view.id());
    }

    private void act(EngineLink.Tell tell, String failed) {
        link.tell(tell, this::readSessions, failure -> tell(failed, failure));
    }

    private void withSession(java.util.function.Consumer<SessionId> work) {
        SessionId now = sessions.selected().get();
        if (now != null) {
            work.accept(now);
        }
    }

    private void tell(String title, CountersignException failure) {
        notice.set(new Notice(true, title, failure.getMessage()));
    }

    private void beat() {
        if (closed) {
            return;
        }
        if (link.up()) {
            readResources();
            link.check();
            SessionView shown = session();
            Room now = room.get();
            if (now != null && shown != null && shown.state() == SessionState.RUNNING) {
                // Deletions that begin to wait are no entry of the journal.
                now.deletions().look();
            }
        }
        lanes.after(HEARTBEAT, this::beat);
    }

    private void second() {
        if (closed) {
            return;
        }
        Room now = room.get();
        if (now != null) {
            now.feed().tick();
        }
        sessions.tick();
        lanes.after(SECOND, this::second);
    }
}
