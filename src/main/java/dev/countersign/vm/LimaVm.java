package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.lima.HostAgentLog;
import dev.countersign.vm.lima.Instance;
import dev.countersign.vm.lima.Limactl;
import dev.countersign.vm.qemu.Accelerator;
import dev.countersign.vm.qemu.Boundary;
import dev.countersign.vm.qemu.Machine;
import dev.countersign.vm.qemu.QemuProcess;
import dev.countersign.vm.ssh.Link;
import dev.countersign.vm.ssh.LinkSettings;
import dev.countersign.vm.ssh.ReverseForward;
import dev.countersign.vm.ssh.SshLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One instance directory and what runs in it.
final class LimaVm implements Vm {
    private static final Logger LOG = LoggerFactory.getLogger(LimaVm.class);
    private static final Pattern CHECKPOINT = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final Pattern HOST_KEY =
            Pattern.compile("countersign-hostkey (ssh-ed25519 [A-Za-z0-9+/=]+)");
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration QEMU_UP = Duration.ofSeconds(60);
    private static final Duration WARM_LINK = Duration.ofSeconds(60);
    private static final Duration RELINK = Duration.ofSeconds(90);
    private static final Duration SHUTDOWN = Duration.ofSeconds(30);
    private static final Duration AGENT_END = Duration.ofSeconds(10);
    private static final int CONSOLE_LIMIT = 1 << 20;

    private final Host host;
    private final SessionId id;
    private final Instance instance;
    private final Recorder recorder;
    private final Machine machine;
    private final SshLink link;
    private final List<ExitListener> exitListeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock changing = new ReentrantLock();

    private volatile @Nullable HostKey newKey;
    private volatile boolean paused;
    private volatile boolean endExpected;
    private volatile @Nullable ProcessHandle qemu;
    private volatile StartReport report;
    private final RoomWatch room;

    LimaVm(Host host, SessionId id, List<Forward> forwards, Recorder recorder, StartReport report)
            throws CountersignException {
        this.host = host;
        this.id = id;
        this.instance = host.instance(id.value());
        this.recorder = recorder;
        this.report = report;
        this.machine = new Machine(instance.qmp());
        this.room =
                new RoomWatch(
                        instance.dir(),
                        recorder,
                        new RoomWatch.Standstill() {
                            @Override
                            public boolean stands()
                                    throws CountersignException, InterruptedException {
                                return machine.status().equals("io-error");
                            }

                            @Override
                            public void goOn() throws CountersignException, InterruptedException {
                                machine.go();
                            }
                        });
        this.link =
                new SshLink(
                        new LinkSettings(
                                host.settings().ssh(),
                                "countersign-" + id,
                                instance.link(),
                                host.identity(),
                                forwards.stream()
                                        .map(forward ->
                                                new ReverseForward(
                                                        forward.guestSocket(),
                                                        forward.hostSocket()))
                                        .toList()),
                        host.commands(),
                        this::greet,
                        (up, why) -> recorder.record(new Fact.LinkChanged(up, why)));
    }

    /// A memory state to start from.
    ///
    /// @param argv QEMU's arguments when it was taken, without what differs between instances
    record WarmState(Path memory, String hostKey, List<String> argv) {}

    @Override
    public SessionId id() {
        return id;
    }

    @Override
    public Link link() {
        return link;
    }

    @Override
    public StartReport startReport() {
        return report;
    }

    Instance instance() {
        return instance;
    }

    SshLink sshLink() {
        return link;
    }

    Machine machine() {
        return machine;
    }

    @Override
    public VmState state() {
        if (QemuProcess.of(instance.qemuPid()).isPresent()) {
            return paused ? VmState.PAUSED : VmState.RUNNING;
        }
        return Files.exists(instance.disk()) ? VmState.STOPPED : VmState.GONE;
    }

    // ---- up

    /// Starts Lima on the instance's directory, checks the boundary, fills the memory if there is a
    /// state, and waits for the link.
    ///
    /// @param why the reason for a cold start, empty for a warm one
    void bringUp(Accelerator accelerator, Optional<WarmState> warm, String why, Progress progress)
            throws CountersignException, InterruptedException {
        long began = System.nanoTime();
        endExpected = false;
        paused = false;
        progress.step("starting the VM", 10);
        Process lima = startLima(accelerator, warm.isPresent());
        Optional<HostKey> key =
                warm.isPresent()
                        ? Optional.of(
                                HostKey.make(
                                        host.settings().sshKeygen(),
                                        host.commands(),
                                        instance.link()))
                        : Optional.empty();
        QemuProcess process = awaitQemu(lima);
        Boundary.Seen seen = checkBoundary(process);
        if (warm.isPresent()) {
            progress.step("restoring the warm state", 30);
            checkSameMachine(process.argv(), warm.get());
            machine.loadFrom(warm.get().memory());
        }
        watch(process.handle());
        Duration sofar = Duration.ofNanos(System.nanoTime() - began);
        recorder.record(
                new Fact.VmStarted(
                        warm.isPresent() ? "warm" : "cold",
                        accelerator.word(),
                        seen.inWords(),
                        sofar));
        progress.step(warm.isPresent() ? "connecting" : "booting", 50);
        if (warm.isPresent() && key.isPresent()) {
            newKey = key.get();
            link.pin(List.of(warm.get().hostKey(), key.get().publicKey()));
        } else if (!Files.exists(instance.link().resolve("known_hosts"))) {
            link.pin(List.of(hostKeyOnConsole()));
        }
        link.open(seen.sshPort());
        awaitLink(lima, warm.isPresent() ? WARM_LINK : host.settings().bootDeadline());
        touch(instance.mark());
        machine.closeConsoles();
        report =
                new StartReport(
                        warm.isPresent(),
                        accelerator.word(),
                        seen.inWords(),
                        Duration.ofNanos(System.nanoTime() - began),
                        why);
        new Card(1, false, warm.isPresent(), accelerator.word(), seen.inWords(), why)
                .ready(report)
                .writeTo(instance);
        progress.step("the VM is up", 100);
    }

    private Process startLima(Accelerator accelerator, boolean incoming)
            throws CountersignException {
        clearLeftovers();
        return host.limactl()
                .start(
                        instance,
                        new Limactl.StandIns(
                                host.tools().wrapper(),
                                host.settings().arch(),
                                host.tools().path(),
                                Map.of(
                                        "COUNTERSIGN_QEMU", host.settings().qemu().toString(),
                                        "COUNTERSIGN_ACCEL", accelerator.word(),
                                        "COUNTERSIGN_INCOMING", incoming ? "defer" : "",
                                        "COUNTERSIGN_SAID", instance.qemuSaid().toString(),
                                        "COUNTERSIGN_SSH", host.settings().ssh().toString(),
                                        "COUNTERSIGN_MARK", instance.mark().toString())),
                        host.settings().bootDeadline());
    }

    /// Pid files and sockets of a start that was cut short would stop the next one.
    private void clearLeftovers() throws CountersignException {
        for (Path left :
                List.of(
                        instance.mark(),
                        instance.agentPid(),
                        instance.qemuPid(),
                        instance.qmp(),
                        instance.agentEvents(),
                        instance.agentLog(),
                        instance.qemuSaid(),
                        instance.serialLog())) {
            try {
                Files.deleteIfExists(left);
            } catch (IOException e) {
                throw Disk.failure(left, e);
            }
        }
    }

    private QemuProcess awaitQemu(Process lima) throws CountersignException, InterruptedException {
        long end = System.nanoTime() + QEMU_UP.toNanos();
        while (true) {
            Optional<QemuProcess> process = QemuProcess.of(instance.qemuPid());
            if (process.isPresent() && Files.exists(instance.qmp())) {
                return process.get();
            }
            boolean over = lima.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (over && lima.exitValue() != 0) {
                throw HostAgentLog.failure(instance);
            }
            if (System.nanoTime() > end) {
                throw new CountersignException(
                        Kind.TIMEOUT,
                        "QEMU did not start within %d s. %s"
                                .formatted(
                                        QEMU_UP.toSeconds(),
                                        HostAgentLog.failure(instance).getMessage()));
            }
        }
    }

    private Boundary.Seen checkBoundary(QemuProcess process) throws CountersignException {
        try {
            return Boundary.check(process.argv());
        } catch (CountersignException e) {
            process.handle().destroyForcibly();
            throw e;
        }
    }

    private void checkSameMachine(List<String> argv, WarmState warm) throws CountersignException {
        List<String> normal = WarmBase.normalised(argv, instance);
        if (!normal.equals(warm.argv())) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The warm base was taken from another machine: %s is not %s."
                            .formatted(normal, warm.argv()));
        }
    }

    /// The guest makes its key at its very first start and says it on the console, before anything
    /// of the session is in it.
    private String hostKeyOnConsole() throws CountersignException, InterruptedException {
        ProcessHandle process = qemu;
        long end = System.nanoTime() + host.settings().bootDeadline().toNanos();
        while (System.nanoTime() < end && process != null) {
            Matcher key = HOST_KEY.matcher(console());
            if (key.find()) {
                return key.group(1);
            }
            if (ended(process, Duration.ofMillis(100))) {
                throw HostAgentLog.failure(instance);
            }
        }
        throw new CountersignException(
                Kind.TIMEOUT,
                "The VM did not come up within %d s: it never said its host key. The console's last words: %s. Try again, or build the image again."
                        .formatted(host.settings().bootDeadline().toSeconds(), lastWords()));
    }

    private String console() {
        try {
            return Files.size(instance.serialLog()) > CONSOLE_LIMIT
                    ? ""
                    : new String(Files.readAllBytes(instance.serialLog()), StandardCharsets.UTF_8);
        } catch (IOException _) {
            // Not there yet.
            return "";
        }
    }

    private String lastWords() {
        String all = console().strip();
        return GuestText.of(
                        all.isEmpty() ? "nothing" : all.substring(Math.max(0, all.length() - 300)))
                .visible();
    }

    private void awaitLink(Process lima, Duration deadline)
            throws CountersignException, InterruptedException {
        try {
            link.awaitUp(deadline);
        } catch (CountersignException e) {
            if (e.kind() != Kind.TIMEOUT) {
                throw e;
            }
            String limaSays =
                    lima.isAlive() || lima.exitValue() == 0
                            ? ""
                            : " " + HostAgentLog.failure(instance).getMessage();
            throw new CountersignException(
                    Kind.TIMEOUT,
                    "The VM did not come up within %d s. %s%s The console's last words: %s. Try again; `countersign doctor` says what is slow or missing."
                            .formatted(deadline.toSeconds(), e.getMessage(), limaSays, lastWords()),
                    e);
        }
    }

    /// On a session's first connection the guest gets a key of its own. Until it is known to have
    /// it, either key is its own: a connection that breaks in between can be made again.
    private void greet(SshLink.Exec exec) throws CountersignException {
        HostKey key = newKey;
        host.greetings().greet(exec, Optional.ofNullable(key));
        if (key != null) {
            link.pin(List.of(key.publicKey()));
            newKey = null;
        }
    }

    private static void touch(Path file) throws CountersignException {
        try {
            Files.write(file, new byte[0]);
        } catch (IOException e) {
            throw Disk.failure(file, e);
        }
    }

    /// Takes up what an earlier engine left running.
    void takeUp() throws CountersignException, InterruptedException {
        Optional<QemuProcess> process = QemuProcess.of(instance.qemuPid());
        if (process.isEmpty()) {
            return;
        }
        Boundary.Seen seen = checkBoundary(process.get());
        watch(process.get().handle());
        machine.settle();
        String status = machine.status();
        switch (status) {
            case "paused" -> paused = true;
            case "running" -> link.open(seen.sshPort());
            default -> {
                // An engine that ended during a restore leaves it standing still.
                LOG.info("{} was {} and goes on", id, status);
                machine.go();
                link.open(seen.sshPort());
            }
        }
    }

    @Override
    public void start(Progress progress) throws CountersignException, InterruptedException {
        changing.lockInterruptibly();
        try {
            switch (state()) {
                case RUNNING -> {
                    return;
                }
                case PAUSED ->
                        throw new CountersignException(
                                Kind.CONFLICT,
                                "The VM of %s is paused. Thaw the session.".formatted(id));
                case GONE -> throw gone();
                case STOPPED -> startStopped(progress);
            }
        } finally {
            changing.unlock();
        }
    }

    private void startStopped(Progress progress) throws CountersignException, InterruptedException {
        Accelerator accelerator =
                Accelerator.valueOf(report.accelerator().toUpperCase(Locale.ROOT));
        boolean done = false;
        try {
            bringUp(accelerator, Optional.empty(), "the VM was stopped", progress);
            done = true;
        } finally {
            if (!done) {
                endExpected = true;
                link.cut("the start failed");
                endProcesses();
            }
        }
    }

    private CountersignException gone() {
        return new CountersignException(
                Kind.CONFLICT,
                "The VM of %s is gone. Start a new session; staged work stays.".formatted(id));
    }

    // ---- its end

    private void watch(ProcessHandle process) {
        qemu = process;
        var _ =
                process.onExit()
                        .thenRunAsync(
                                () -> ended(process),
                                task -> Thread.ofVirtual().name("exit of " + id).start(task));
    }

    private void ended(ProcessHandle process) {
        if (endExpected || !process.equals(qemu)) {
            return;
        }
        String why = "the VM's QEMU process ended";
        link.cut(why);
        LOG.warn("{}: {}", id, why);
        exitListeners.forEach(listener -> listener.exited(id, why));
    }

    @Override
    public void onExit(ExitListener listener) {
        exitListeners.add(listener);
    }

    private static boolean ended(ProcessHandle process, Duration timeout)
            throws InterruptedException {
        if (!process.isAlive()) {
            return true;
        }
        try {
            process.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for a process can't fail", e);
        }
    }

    @Override
    public void stop() throws CountersignException, InterruptedException {
        changing.lockInterruptibly();
        try {
            endExpected = true;
            Optional<QemuProcess> process = QemuProcess.of(instance.qemuPid());
            if (process.isPresent()) {
                askToPowerOff();
                if (paused || !ended(process.get().handle(), SHUTDOWN)) {
                    LOG.info("{} did not power off and is ended", id);
                }
            }
            link.cut("the VM was stopped");
            endProcesses();
            paused = false;
        } finally {
            changing.unlock();
        }
    }

    private void askToPowerOff() {
        if (!link.up()) {
            return;
        }
        try {
            Link.Output output =
                    link.run(
                            List.of("systemctl", "poweroff"),
                            new byte[0],
                            Duration.ofSeconds(10),
                            4096);
            LOG.debug("{} powers off: {}", id, output.exitCode());
        } catch (CountersignException e) {
            LOG.info("{} could not be asked to power off: {}", id, e.getMessage());
        }
    }

    /// From now on its end is no news.
    void endExpected() {
        endExpected = true;
    }

    /// Ends QEMU, flushing its disk if it still talks, and waits for Lima's host agent to follow.
    void endProcesses() throws InterruptedException {
        Optional<QemuProcess> process = QemuProcess.of(instance.qemuPid());
        if (process.isPresent()) {
            try {
                machine.quit();
            } catch (CountersignException e) {
                LOG.info("{}: {}", id, e.getMessage());
            }
            if (!ended(process.get().handle(), Duration.ofSeconds(5))) {
                process.get().handle().destroyForcibly();
                var _ = ended(process.get().handle(), Duration.ofSeconds(5));
            }
        }
        endAgent();
    }

    private void endAgent() throws InterruptedException {
        Optional<ProcessHandle> agent =
                QemuProcess.pidIn(instance.agentPid())
                        .flatMap(ProcessHandle::of)
                        .filter(ProcessHandle::isAlive)
                        .filter(this::isOurAgent);
        if (agent.isPresent() && !ended(agent.get(), AGENT_END)) {
            agent.get().destroyForcibly();
            var _ = ended(agent.get(), Duration.ofSeconds(5));
        }
    }

    private boolean isOurAgent(ProcessHandle handle) {
        return QemuProcess.argvOf(handle)
                .filter(argv -> argv.contains("hostagent"))
                .filter(argv -> argv.contains(instance.agentPid().toString()))
                .isPresent();
    }

    @Override
    public void delete() throws CountersignException, InterruptedException {
        changing.lockInterruptibly();
        try {
            endExpected = true;
            link.close();
            endProcesses();
            try {
                if (Files.exists(instance.yaml())) {
                    host.limactl().delete(instance);
                }
            } catch (CountersignException e) {
                // What counts is what is left, and that is removed next.
                LOG.info("{}: {}", id, e.getMessage());
            }
            Disk.remove(instance.dir());
        } finally {
            changing.unlock();
        }
    }

    @Override
    public long diskBytes() {
        return Disk.bytesBelow(instance.dir());
    }

    // ---- pause

    @Override
    public void pause() throws CountersignException {
        uninterrupted(() -> {
            if (state() == VmState.PAUSED) {
                return;
            }
            requireRunning();
            paused = true;
            link.cut("paused");
            machine.pause();
        });
    }

    @Override
    public void resume() throws CountersignException, InterruptedException {
        changing.lockInterruptibly();
        try {
            if (state() != VmState.PAUSED) {
                requireRunning();
                return;
            }
            QemuProcess process = QemuProcess.of(instance.qemuPid()).orElseThrow(this::gone);
            Boundary.Seen seen = checkBoundary(process);
            machine.go();
            paused = false;
            link.open(seen.sshPort());
            link.awaitUp(RELINK);
        } finally {
            changing.unlock();
        }
    }

    private void requireRunning() throws CountersignException {
        VmState now = state();
        if (now != VmState.RUNNING) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The VM of %s is %s, and this needs it running. %s"
                            .formatted(
                                    id,
                                    now.name().toLowerCase(Locale.ROOT),
                                    now == VmState.PAUSED
                                            ? "Thaw the session first."
                                            : "Resume the session first."));
        }
    }

    // ---- checkpoints

    @Override
    public CheckpointReport checkpoint(String name) throws CountersignException {
        if (!CHECKPOINT.matcher(name).matches()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "\"%s\" can't name a checkpoint: use up to 40 of a-z, 0-9 and -."
                            .formatted(GuestText.of(name).visible()));
        }
        CheckpointReport[] made = new CheckpointReport[1];
        uninterrupted(() -> {
            requireRunning();
            if (machine.find(name).isPresent()) {
                throw new CountersignException(
                        Kind.CONFLICT, "There is a checkpoint %s already.".formatted(name));
            }
            long began = System.nanoTime();
            Machine.Snapshot snapshot = machine.save(name);
            made[0] =
                    new CheckpointReport(
                            name, snapshot.bytes(), Duration.ofNanos(System.nanoTime() - began));
        });
        Thread.ofVirtual().name("clock of " + id).start(this::setClock);
        return made[0];
    }

    /// The guest stood still; its clock is behind by that much.
    private void setClock() {
        try {
            if (link.up()) {
                host.greetings().setClock(link);
            }
        } catch (CountersignException e) {
            LOG.info("the clock of {} was not set: {}", id, e.getMessage());
        }
    }

    @Override
    public RestoreReport restore(String name) throws CountersignException, InterruptedException {
        changing.lockInterruptibly();
        try {
            if (state() == VmState.STOPPED) {
                startStopped(Progress.NONE);
            }
            requireRunning();
            if (machine.find(name).isEmpty()) {
                throw new CountersignException(
                        Kind.USAGE,
                        "There is no checkpoint \"%s\" in the VM of %s; it runs on. `countersign checkpoint list %s` shows what there is."
                                .formatted(GuestText.of(name).visible(), id, id));
            }
            Boundary.Seen seen =
                    checkBoundary(QemuProcess.of(instance.qemuPid()).orElseThrow(this::gone));
            long began = System.nanoTime();
            link.cut("a checkpoint is restored");
            Duration load;
            try {
                machine.load(name);
            } finally {
                load = Duration.ofNanos(System.nanoTime() - began);
                link.open(seen.sshPort());
            }
            link.awaitUp(RELINK);
            return new RestoreReport(name, load, Duration.ofNanos(System.nanoTime() - began));
        } finally {
            changing.unlock();
        }
    }

    @Override
    public List<String> checkpoints() throws CountersignException {
        return uninterrupted(this::snapshots).stream().map(Machine.Snapshot::name).toList();
    }

    private List<Machine.Snapshot> snapshots() throws CountersignException, InterruptedException {
        return switch (state()) {
            case RUNNING, PAUSED -> machine.snapshots();
            case STOPPED ->
                    Machine.snapshotsIn(
                            host.qemuImg().describe(instance.dir(), "disk").path("snapshots"));
            case GONE -> List.of();
        };
    }

    @Override
    public void dropCheckpoint(String name) throws CountersignException {
        uninterrupted(() -> {
            if (snapshots().stream().noneMatch(one -> one.name().equals(name))) {
                throw new CountersignException(
                        Kind.USAGE,
                        "There is no checkpoint \"%s\" in the VM of %s."
                                .formatted(GuestText.of(name).visible(), id));
            }
            if (state() == VmState.STOPPED) {
                host.qemuImg().dropSnapshot(instance.dir(), "disk", name);
            } else {
                machine.drop(name);
            }
        });
    }

    // ---- the register's

    /// The host slept: the guest's clock is behind, and the connection may be half dead.
    void hostSlept() {
        if (state() != VmState.RUNNING || !link.up()) {
            return;
        }
        try {
            host.greetings().setClock(link);
        } catch (CountersignException e) {
            link.renew("the host slept: " + e.getMessage());
        }
    }

    /// The disk that this VM writes to has so many bytes left.
    void hostHasRoom(long bytes) {
        // Whoever changes the VM talks to QEMU, which listens to one at a time.
        if (state() != VmState.RUNNING || !changing.tryLock()) {
            return;
        }
        try {
            room.look(bytes);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            changing.unlock();
        }
    }

    /// For callers that can't be interrupted: the interrupt is kept for them.
    @FunctionalInterface
    private interface Work<T> {
        T get() throws CountersignException, InterruptedException;
    }

    @FunctionalInterface
    private interface Deed {
        void run() throws CountersignException, InterruptedException;
    }

    private void uninterrupted(Deed deed) throws CountersignException {
        var _ =
                uninterrupted(() -> {
                    deed.run();
                    return true;
                });
    }

    private <T> T uninterrupted(Work<T> work) throws CountersignException {
        changing.lock();
        try {
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CountersignException(
                    Kind.FAILED, "What was done to the VM of %s was interrupted.".formatted(id), e);
        } finally {
            changing.unlock();
        }
    }
}
