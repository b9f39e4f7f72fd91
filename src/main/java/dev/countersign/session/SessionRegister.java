package dev.countersign.session;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.Tier;
import dev.countersign.journal.Journal;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All sessions of this user: the only place where they begin, are found again and end.
public final class SessionRegister implements AutoCloseable {
    private static final List<String> PRESETS = List.of("locked", "packages", "web");
    private static final Logger LOG = LoggerFactory.getLogger(SessionRegister.class);

    private final SessionRooms rooms;
    private final HistoryDepths histories;
    private final Admission admission;
    private final String version;
    private final Map<SessionId, Session> sessions = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock admitting = new ReentrantLock();

    /// @param version of the program, for the first fact of each log
    public SessionRegister(SessionRooms rooms, Admission admission, String version) {
        this.rooms = rooms;
        this.histories = new HistoryDepths(rooms.sessions().resolveSibling("histories.json"));
        this.admission = admission;
        this.version = version;
    }

    /// Calls `listener` after anything changed in any session, often; it must return at once.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// How many commits of a repository's history go into its next session.
    ///
    /// @param asked what the developer says now, which is remembered; null: what was said last
    public int history(Path repository, @Nullable Integer asked) throws CountersignException {
        return histories.of(repository, asked);
    }

    /// Admits an order, opens its log and lets it prepare.
    ///
    /// @throws CountersignException if the order is wrong, refused by class or limits, or can't be
    ///   kept
    public Session start(SessionOrder order) throws CountersignException {
        check(order);
        admitting.lock();
        try {
            admission.check(order.memoryMiB(), vmsThatTakeMemory());
            Path directory = makeDirectory(order.id());
            Session session;
            try {
                session = open(order, Standing.preparing(), directory);
            } catch (CountersignException e) {
                forgetUnstarted(directory);
                throw e;
            }
            try {
                new SessionFile(directory).write(order, session.standing());
            } catch (CountersignException e) {
                session.close();
                forgetUnstarted(directory);
                throw e;
            }
            sessions.put(order.id(), session);
            session.prepare();
            changed();
            return session;
        } finally {
            admitting.unlock();
        }
    }

    private void check(SessionOrder order) throws CountersignException {
        rooms.agents().named(order.agent());
        if (!Files.isDirectory(order.directory())) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s is not a directory. Name the repository that the agent shall work on."
                            .formatted(order.directory()));
        }
        if (order.tier() != Tier.VM) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "The tier %s does not exist yet. Use --tier vm: a VM for this session alone."
                            .formatted(order.tier().word()));
        }
        if (!PRESETS.contains(order.egress())) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no egress preset %s. Use --egress locked (only what your policy names), packages (asks about every other host) or web (public names on ports 443 and 80)."
                            .formatted(GuestText.of(order.egress()).visible()));
        }
        if (order.mode().compareTo(order.dataClass().freestMode()) < 0) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "The mode %s is not allowed for %s data. The freest is %s."
                            .formatted(
                                    order.mode().word(),
                                    order.dataClass().word(),
                                    order.dataClass().freestMode().word()));
        }
        rooms.upstreams().named(order.provider());
        rooms.upstreams().admit(order.provider(), order.dataClass());
        rooms.images().demand(order);
    }

    private Session open(SessionOrder order, Standing standing, Path directory)
            throws CountersignException {
        boolean fresh = standing.equals(Standing.preparing());
        Redactor redactor = new Redactor();
        Journal journal = rooms.journals().open(order.id(), redactor);
        SessionLog log = new SessionLog(journal, order.created(), this::changed);
        if (fresh && log.projection().lastSeq() < 0) {
            log.record(
                    new Fact.SessionOpened(
                            order.directory().toString(),
                            order.agent(),
                            order.mode(),
                            order.tier(),
                            order.dataClass(),
                            order.task(),
                            version));
        }
        try {
            return new Session(order, standing, directory, rooms, log, redactor, this::changed);
        } catch (CountersignException e) {
            journal.close();
            throw e;
        }
    }

    private Path makeDirectory(SessionId id) throws CountersignException {
        try {
            Files.createDirectories(rooms.sessions());
            return Files.createDirectory(
                    rooms.sessions().resolve(id.value()),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The session's directory can't be made in %s: %s."
                            .formatted(rooms.sessions(), e.getMessage()),
                    e);
        }
    }

    /// Takes up every session that an earlier engine left, and removes VMs that belong to none. One
    /// that can't be taken up does not keep the others from it.
    public void takeUp() throws CountersignException {
        List<Path> directories = new ArrayList<>();
        if (Files.isDirectory(rooms.sessions())) {
            try (Stream<Path> found = Files.list(rooms.sessions())) {
                found.filter(Files::isDirectory).forEach(directories::add);
            } catch (IOException e) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The sessions in %s can't be listed: %s."
                                .formatted(rooms.sessions(), e.getMessage()),
                        e);
            }
        }
        for (Path directory : directories) {
            SessionFile file = new SessionFile(directory);
            if (!file.exists()) {
                // A crash between making the directory and writing the file: nothing was started.
                forgetUnstarted(directory);
                continue;
            }
            try {
                SessionFile.Content content = file.read();
                Session session = open(content.order(), content.standing(), directory);
                sessions.put(content.order().id(), session);
            } catch (CountersignException e) {
                LOG.error("the session in {} can't be opened", directory, e);
            }
        }
        removeOrphans();
        for (Session session : all()) {
            Thread.ofVirtual().name("take-up-" + session.id()).start(() -> takeUp(session));
        }
        changed();
    }

    /// Its log may have been begun, and one that is missed later would look like a removed one.
    private void forgetUnstarted(Path directory) throws CountersignException {
        if (Files.exists(directory.resolve("journal"))) {
            rooms.journals().forget(new SessionId(directory.getFileName().toString()));
        }
        removeTree(directory);
    }

    private void takeUp(Session session) {
        try {
            session.takeUp();
        } catch (CountersignException e) {
            LOG.error("session {} can't be taken up", session.id(), e);
            try {
                session.record(new Fact.Noticed("error", "engine", e.getMessage()));
            } catch (CountersignException again) {
                LOG.error("session {} can't be told", session.id(), again);
            }
        }
        changed();
    }

    private void removeOrphans() {
        try {
            rooms.vms().sweep();
            for (SessionId id : rooms.vms().found()) {
                if (!sessions.containsKey(id)) {
                    LOG.warn("removing the VM of session {}, which is not known", id);
                    rooms.vms().remove(id);
                }
            }
        } catch (CountersignException e) {
            LOG.warn("VMs without a session could not be removed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// All sessions, newest first.
    public List<Session> all() {
        return sessions.values().stream()
                .sorted(
                        Comparator.comparing((Session s) -> s.order().created())
                                .reversed()
                                .thenComparing(Session::id))
                .toList();
    }

    /// One session.
    ///
    /// @throws CountersignException USAGE if there is none
    public Session get(SessionId id) throws CountersignException {
        Session session = sessions.get(id);
        if (session == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no session %s. List them: countersign session list.".formatted(id));
        }
        return session;
    }

    /// Where a session's room records, for decisions that come while no call of it waits.
    public Recorder recorder(SessionId id) {
        return fact -> get(id).record(fact);
    }

    /// Ends a session and removes every trace of it but its line in the manifest of logs.
    public void delete(SessionId id, boolean dropStaged) throws CountersignException {
        Session session = get(id);
        session.delete(dropStaged);
        sessions.remove(id);
        session.close();
        rooms.journals().forget(id);
        removeTree(rooms.sessions().resolve(id.value()));
        changed();
    }

    /// The kill switch for all. Each is tried, whatever happens to the others.
    public void freezeAll(String why) throws CountersignException {
        List<String> failed = new ArrayList<>();
        for (Session session : all()) {
            try {
                session.freeze(why);
            } catch (CountersignException e) {
                LOG.error("session {} could not be frozen", session.id(), e);
                failed.add(session.id() + ": " + e.getMessage());
            }
        }
        if (!failed.isEmpty()) {
            throw new CountersignException(Kind.FAILED, String.join(" ", failed));
        }
    }

    /// How many sessions have a VM that takes memory.
    public int vmsThatTakeMemory() {
        return (int) sessions.values().stream().filter(Session::vmTakesMemory).count();
    }

    /// Memory that VMs of sessions may take, in bytes.
    public long memoryTaken() {
        return sessions.values().stream()
                .filter(Session::vmTakesMemory)
                .mapToLong(session -> session.order().memoryMiB() * 1024L * 1024)
                .sum();
    }

    /// Lets go of all sessions without ending them.
    @Override
    public void close() {
        sessions.values().forEach(Session::close);
    }

    private void changed() {
        listeners.forEach(Runnable::run);
    }

    private static void removeTree(Path directory) throws CountersignException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The directory %s can't be removed: %s. Remove it by hand."
                            .formatted(directory, e.getMessage()),
                    e);
        }
    }
}
