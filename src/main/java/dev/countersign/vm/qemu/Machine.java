package dev.countersign.vm.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.ssh.ShellWords;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What we ask of a running QEMU: stop and go on, its memory out to a file and in again, snapshots.
/// Each method opens a connection of its own.
public final class Machine {
    private static final Logger LOG = LoggerFactory.getLogger(Machine.class);

    /// QEMU answers nobody while it writes a snapshot, and a loaded host makes that long.
    private static final Duration SHORT = Duration.ofSeconds(30);

    private static final Duration LONG = Duration.ofMinutes(3);

    /// How our jobs' ids begin.
    private static final String JOB = "countersign-";

    /// Lima's name for the root disk's drive.
    private static final String BOOT_DRIVE = "boot-disk";

    /// The consoles that Lima writes to files without bound.
    private static final List<String> CONSOLES = List.of("char-serial", "char-serial-virtio");

    private final Path socket;
    private final AtomicLong jobs = new AtomicLong();

    /// @param socket QEMU's QMP socket
    public Machine(Path socket) {
        this.socket = socket;
    }

    /// A snapshot in the disk.
    ///
    /// @param bytes of memory and device state
    /// @param second when it was taken, in seconds since 1970
    public record Snapshot(String name, long bytes, long second, long nano) {}

    @FunctionalInterface
    private interface Talk<T> {
        T with(Qmp qmp) throws CountersignException, Qmp.Refused, InterruptedException;
    }

    private <T> T talk(String purpose, Talk<T> talk)
            throws CountersignException, InterruptedException {
        try (Qmp qmp = Qmp.connect(socket, SHORT)) {
            return talk.with(qmp);
        } catch (Qmp.Refused e) {
            throw new CountersignException(
                    Kind.FAILED, "QEMU could not %s: %s.".formatted(purpose, e.getMessage()), e);
        }
    }

    /// QEMU's word for its state, such as `running`, `paused`, `inmigrate`.
    public String status() throws CountersignException, InterruptedException {
        return talk("tell its state", qmp -> qmp.call("query-status", SHORT))
                .path("status")
                .asText();
    }

    /// Stops the guest's CPUs.
    public void pause() throws CountersignException, InterruptedException {
        talk("pause", qmp -> qmp.call("stop", SHORT));
    }

    /// Lets the guest's CPUs go on.
    public void go() throws CountersignException, InterruptedException {
        talk("go on", qmp -> qmp.call("cont", SHORT));
    }

    /// Ends QEMU at once; its disk is flushed first.
    public void quit() throws CountersignException, InterruptedException {
        talk(
                "quit",
                qmp -> {
                    var _ = qmp.call("quit", SHORT);
                    return qmp.awaitEnd(SHORT);
                });
    }

    /// Stops the files that the guest's consoles are copied to: the guest decides how much it
    /// writes there.
    public void closeConsoles() throws CountersignException, InterruptedException {
        talk(
                "close its consoles",
                qmp -> {
                    for (String console : CONSOLES) {
                        ObjectNode change = Qmp.arguments().put("id", console);
                        change.putObject("backend").put("type", "null").putObject("data");
                        var _ = qmp.call("chardev-change", change, SHORT);
                    }
                    return true;
                });
    }

    /// Stops the guest and writes memory and devices to `file`. The guest stays stopped.
    public void saveTo(Path file) throws CountersignException, InterruptedException {
        talk(
                "write its memory",
                qmp -> {
                    JsonNode stopped = qmp.call("stop", SHORT);
                    events(qmp);
                    JsonNode limited =
                            qmp.call(
                                    "migrate-set-parameters",
                                    Qmp.arguments().put("max-bandwidth", 1L << 40),
                                    SHORT);
                    String uri = "exec:cat > " + ShellWords.quote(file.toString());
                    JsonNode begun = qmp.call("migrate", Qmp.arguments().put("uri", uri), SHORT);
                    LOG.debug("{} {} {}", stopped, limited, begun);
                    awaitMigration(qmp, "the memory");
                    return true;
                });
    }

    /// Fills a QEMU that was started with `-incoming defer` from `file`, and lets it go.
    public void loadFrom(Path file) throws CountersignException, InterruptedException {
        talk(
                "take its memory",
                qmp -> {
                    events(qmp);
                    String uri = "exec:cat < " + ShellWords.quote(file.toString());
                    JsonNode begun =
                            qmp.call("migrate-incoming", Qmp.arguments().put("uri", uri), SHORT);
                    LOG.debug("{}", begun);
                    awaitMigration(qmp, "the memory");
                    return qmp.call("cont", SHORT);
                });
    }

    private static void events(Qmp qmp)
            throws CountersignException, Qmp.Refused, InterruptedException {
        ObjectNode capabilities = Qmp.arguments();
        capabilities
                .putArray("capabilities")
                .addObject()
                .put("capability", "events")
                .put("state", true);
        var _ = qmp.call("migrate-set-capabilities", capabilities, SHORT);
    }

    private static void awaitMigration(Qmp qmp, String what)
            throws CountersignException, InterruptedException {
        JsonNode end =
                qmp.event(
                        event ->
                                event.path("event").asText().equals("MIGRATION")
                                        && List.of("completed", "failed", "cancelled")
                                                .contains(
                                                        event.path("data").path("status").asText()),
                        LONG,
                        what);
        if (!end.path("data").path("status").asText().equals("completed")) {
            throw new CountersignException(
                    Kind.FAILED,
                    "QEMU could not move %s: %s."
                            .formatted(what, end.path("data").path("status").asText()));
        }
    }

    /// The snapshots in the root disk, oldest first.
    public List<Snapshot> snapshots() throws CountersignException, InterruptedException {
        return snapshotsIn(
                talk("list its snapshots", qmp -> bootNode(qmp)).path("image").path("snapshots"));
    }

    /// Reads the list as QMP and `qemu-img info` both print it.
    public static List<Snapshot> snapshotsIn(JsonNode list) {
        List<Snapshot> found = new ArrayList<>();
        for (JsonNode entry : list) {
            found.add(
                    new Snapshot(
                            entry.path("name").asText(),
                            entry.path("vm-state-size").asLong(),
                            entry.path("date-sec").asLong(),
                            entry.path("date-nsec").asLong()));
        }
        found.sort(Comparator.comparingLong(Snapshot::second).thenComparingLong(Snapshot::nano));
        return found;
    }

    /// Keeps memory, devices and disk under a name. The guest runs on afterwards.
    public Snapshot save(String name) throws CountersignException, InterruptedException {
        talk(
                "save the snapshot " + name,
                qmp -> {
                    job(qmp, "snapshot-save", name, true);
                    return true;
                });
        return find(name)
                .orElseThrow(() ->
                        new CountersignException(
                                Kind.FAILED,
                                "QEMU said it saved the snapshot %s, and it is not there."
                                        .formatted(name)));
    }

    /// Goes back to a snapshot; the guest runs afterwards. If it fails, the guest is told to run on
    /// as it is.
    public void load(String name) throws CountersignException, InterruptedException {
        if (find(name).isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE, "There is no snapshot %s in this VM.".formatted(name));
        }
        talk(
                "load the snapshot " + name,
                qmp -> {
                    try {
                        job(qmp, "snapshot-load", name, true);
                    } finally {
                        // A failed load leaves QEMU in `restore-vm`; a paused guest was saved
                        // paused.
                        var _ = qmp.call("cont", SHORT);
                    }
                    return true;
                });
    }

    private static CountersignException absent(String name) {
        return new CountersignException(
                Kind.USAGE, "There is no snapshot %s in this VM.".formatted(name));
    }

    /// Removes a snapshot. QEMU itself calls it a success if there is none.
    public void drop(String name) throws CountersignException, InterruptedException {
        if (find(name).isEmpty()) {
            throw absent(name);
        }
        talk(
                "drop the snapshot " + name,
                qmp -> {
                    job(qmp, "snapshot-delete", name, false);
                    return true;
                });
    }

    /// Ends what an earlier client began and did not see to its end: waits for snapshot jobs that
    /// still run and clears them away, so that their names are free again. A job that failed left
    /// nothing; one that did not left its snapshot.
    public void settle() throws CountersignException, InterruptedException {
        talk(
                "end its open jobs",
                qmp -> {
                    for (JsonNode job : qmp.call("query-jobs", LONG)) {
                        String id = job.path("id").asText();
                        if (id.startsWith(JOB)) {
                            LOG.info("the job {} was {}", id, job.path("status").asText());
                            if (!job.path("status").asText().equals("concluded")) {
                                var _ = awaitConcluded(qmp, id, "the end of an open job");
                            }
                            var _ = qmp.call("job-dismiss", Qmp.arguments().put("id", id), LONG);
                        }
                    }
                    return true;
                });
    }

    private static JsonNode awaitConcluded(Qmp qmp, String id, String what)
            throws CountersignException, InterruptedException {
        return qmp.event(
                event ->
                        event.path("event").asText().equals("JOB_STATUS_CHANGE")
                                && event.path("data").path("id").asText().equals(id)
                                && event.path("data").path("status").asText().equals("concluded"),
                LONG,
                what);
    }

    /// The snapshot of that name.
    public Optional<Snapshot> find(String name) throws CountersignException, InterruptedException {
        return snapshots().stream().filter(snapshot -> snapshot.name().equals(name)).findFirst();
    }

    private static JsonNode bootNode(Qmp qmp)
            throws CountersignException, Qmp.Refused, InterruptedException {
        for (JsonNode block : qmp.call("query-block", SHORT)) {
            if (block.path("device").asText().equals(BOOT_DRIVE)) {
                return block.path("inserted");
            }
        }
        throw new Qmp.Refused("query-block", "there is no drive " + BOOT_DRIVE);
    }

    /// Runs a snapshot job to its end. Only the job itself knows whether it failed.
    private void job(Qmp qmp, String command, String tag, boolean withState)
            throws CountersignException, Qmp.Refused, InterruptedException {
        String node = bootNode(qmp).path("node-name").asText();
        String id = JOB + jobs.incrementAndGet();
        ObjectNode arguments = Qmp.arguments().put("job-id", id).put("tag", tag);
        if (withState) {
            arguments.put("vmstate", node);
        }
        arguments.putArray("devices").add(node);
        JsonNode begun = qmp.call(command, arguments, LONG);
        LOG.debug("{} {}: {}", command, tag, begun);
        JsonNode concluded = awaitConcluded(qmp, id, command);
        LOG.debug("{}", concluded);
        String error = "";
        for (JsonNode job : qmp.call("query-jobs", LONG)) {
            if (job.path("id").asText().equals(id)) {
                error = job.path("error").asText("");
            }
        }
        JsonNode dismissed = qmp.call("job-dismiss", Qmp.arguments().put("id", id), LONG);
        LOG.debug("{}", dismissed);
        if (!error.isEmpty()) {
            throw new Qmp.Refused(command, error);
        }
    }
}
