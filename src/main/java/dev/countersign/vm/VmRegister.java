package dev.countersign.vm;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.lima.Instance;
import dev.countersign.vm.lima.Limactl;
import dev.countersign.vm.lima.Template;
import dev.countersign.vm.process.Commands;
import dev.countersign.vm.qemu.Accelerator;
import dev.countersign.vm.qemu.AcceleratorProbe;
import dev.countersign.vm.qemu.Tools;
import dev.countersign.vm.ssh.Link;
import dev.countersign.vm.ssh.LinkPaths;
import dev.countersign.vm.ssh.ShellWords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The real [Vms]: Lima, QEMU and OpenSSH.
///
/// ```java
/// Vms vms = new VmRegister(VmSettings.under(home, System.getenv()), System.getenv(), clock);
/// Vm vm = vms.create(spec, journal, progress);
/// vm.link().run(List.of("uname", "-a"), new byte[0], Duration.ofSeconds(10), 4096);
/// ```
public final class VmRegister implements Vms {
    private static final Logger LOG = LoggerFactory.getLogger(VmRegister.class);
    private static final Duration SETTLE = Duration.ofMinutes(2);
    private static final int OUTPUT = 64 * 1024;

    private static final Recorder NOBODY =
            fact -> {
                throw new CountersignException(
                        Kind.FAILED, "Nothing happens in a VM that is removed: " + fact);
            };

    /// ssh adds this much to a control socket while it binds it.
    private static final int CONTROL_SPARE = 17;

    private final Host host;
    private final AcceleratorProbe probe;
    private final WarmBases bases;
    private final HostRounds rounds;
    private final ReentrantLock keyMaking = new ReentrantLock();
    private @Nullable String templateText;

    /// Touches nothing yet.
    ///
    /// @param environment of the process; programs get a few variables of it
    public VmRegister(VmSettings settings, Map<String, String> environment, Clock clock)
            throws CountersignException {
        Commands commands = new Commands(environment);
        LinkPaths.checkPlain(settings.limaHome());
        LinkPaths.checkPlain(settings.tools());
        this.host =
                new Host(
                        settings,
                        commands,
                        new Limactl(settings.limactl(), settings.limaHome(), commands),
                        new QemuImg(settings.qemuImg(), commands),
                        Tools.installedIn(settings.tools()),
                        new Greetings(clock, settings.arch()),
                        clock);
        this.probe =
                new AcceleratorProbe(
                        settings.qemu(), settings.bases().resolve("accelerator.json"), commands);
        this.bases = new WarmBases(host, this::bootBase);
        this.rounds = new HostRounds(clock, settings.limaHome());
    }

    // ---- create

    @Override
    public Vm create(VmSpec spec, Recorder recorder, Progress progress)
            throws CountersignException, InterruptedException {
        checkPossible(spec.session());
        Instance instance = host.instance(spec.session().value());
        if (Files.exists(instance.dir())) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "There is a VM of %s already. Resume or delete that session."
                            .formatted(spec.session()));
        }
        makeIdentity();
        AcceleratorProbe.Found found = accelerator(spec.image());
        Optional<WarmBase> base = Optional.empty();
        String why = "";
        try {
            base = Optional.of(obtainBase(spec, found.accelerator(), progress));
        } catch (CountersignException e) {
            if (e.kind() == Kind.REFUSED || e.kind() == Kind.EXHAUSTED) {
                throw e;
            }
            why = "no warm base could be built: " + e.getMessage();
            LOG.warn("{}: {}", spec.session(), why);
        }
        if (base.isPresent()) {
            try {
                return tracked(warm(spec, base.get(), found.accelerator(), recorder, progress));
            } catch (CountersignException e) {
                if (e.kind() == Kind.REFUSED || e.kind() == Kind.EXHAUSTED) {
                    throw e;
                }
                why = "the warm start failed: " + e.getMessage();
                LOG.warn("{}: {}", spec.session(), why);
                // A base that did not start once is not tried again.
                bases.drop(new Digest(base.get().manifest().key()));
            }
        }
        recorder.record(
                new Fact.Noticed("warning", "vm", why + " The VM boots, which takes longer."));
        progress.step("booting, because " + why, 5);
        return tracked(cold(spec, found.accelerator(), recorder, why, progress));
    }

    @Override
    public boolean warmUp(VmSpec spec, Progress progress)
            throws CountersignException, InterruptedException {
        checkPossible(spec.session());
        makeIdentity();
        AcceleratorProbe.Found found = accelerator(spec.image());
        try {
            WarmBase base = obtainBase(spec, found.accelerator(), progress);
            if (bases.unchecked(base)) {
                bases.checkInside(base);
            }
            return true;
        } catch (CountersignException e) {
            progress.step(e.getMessage(), 100);
            return false;
        }
    }

    /// What runs guests here.
    AcceleratorProbe.Found accelerator(GuestDisk image) throws InterruptedException {
        return probe.probe(image.kernel(), image.initrd());
    }

    private WarmBase obtainBase(VmSpec spec, Accelerator accelerator, Progress progress)
            throws CountersignException, InterruptedException {
        Digest key = bases.key(spec, accelerator, template());
        return bases.obtain(key, spec, accelerator, progress);
    }

    private LimaVm warm(
            VmSpec spec,
            WarmBase base,
            Accelerator accelerator,
            Recorder recorder,
            Progress progress)
            throws CountersignException, InterruptedException {
        Optional<FutureTask<Boolean>> check = checkBeside(base);
        return orNothing(
                spec.session(),
                () -> {
                    Instance instance = host.instance(spec.session().value());
                    Disk.makePrivate(instance.dir());
                    Disk.share(
                            base.dir().resolve(WarmBase.DISK),
                            instance.dir().resolve("base.qcow2"));
                    for (String name : List.of(WarmBase.IMAGE, WarmBase.KERNEL, WarmBase.INITRD)) {
                        Disk.share(base.dir().resolve(name), instance.dir().resolve(name));
                    }
                    furnish(instance, spec, "base.qcow2");
                    LimaVm vm = vm(spec.session(), spec.forwards(), recorder);
                    return up(
                            vm,
                            () -> {
                                vm.bringUp(accelerator, Optional.of(base.state()), "", progress);
                                if (check.isPresent()) {
                                    await(check.get());
                                }
                            });
                });
    }

    /// The first use of a base in an engine's life reads all of it, beside the start.
    private Optional<FutureTask<Boolean>> checkBeside(WarmBase base) {
        if (!bases.unchecked(base)) {
            return Optional.empty();
        }
        FutureTask<Boolean> check =
                new FutureTask<>(() -> {
                    bases.checkInside(base);
                    return true;
                });
        Thread.ofVirtual().name("check of a warm base").start(check);
        return Optional.of(check);
    }

    private static void await(FutureTask<Boolean> check)
            throws CountersignException, InterruptedException {
        try {
            var _ = check.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CountersignException said) {
                throw said;
            }
            throw new IllegalStateException("the check of a warm base failed", e);
        }
    }

    /// Boots a VM, whether or not there is a base.
    LimaVm cold(
            VmSpec spec, Accelerator accelerator, Recorder recorder, String why, Progress progress)
            throws CountersignException, InterruptedException {
        return orNothing(
                spec.session(),
                () -> {
                    Instance instance = host.instance(spec.session().value());
                    Disk.makePrivate(instance.dir());
                    Disk.share(spec.image().disk(), instance.dir().resolve(WarmBase.IMAGE));
                    Disk.share(spec.image().kernel(), instance.dir().resolve(WarmBase.KERNEL));
                    Disk.share(spec.image().initrd(), instance.dir().resolve(WarmBase.INITRD));
                    furnish(instance, spec, WarmBase.IMAGE);
                    LimaVm vm = vm(spec.session(), spec.forwards(), recorder);
                    return up(
                            vm,
                            () -> {
                                vm.bringUp(accelerator, Optional.empty(), why, progress);
                                install(vm.link(), spec.kit());
                            });
                });
    }

    private LimaVm bootBase(
            SessionId id,
            VmSpec spec,
            Accelerator accelerator,
            Recorder recorder,
            Progress progress)
            throws CountersignException, InterruptedException {
        remove(id);
        VmSpec base =
                new VmSpec(id, spec.image(), spec.cpus(), spec.memoryMiB(), spec.kit(), List.of());
        LimaVm vm = cold(base, accelerator, recorder, "it becomes a warm base", progress);
        return up(vm, () -> warmCache(vm.link()));
    }

    private LimaVm vm(SessionId id, List<Forward> forwards, Recorder recorder)
            throws CountersignException {
        return new LimaVm(
                host, id, forwards, recorder, new StartReport(false, "", "", Duration.ZERO, ""));
    }

    private LimaVm tracked(LimaVm vm) {
        rounds.add(vm);
        return vm;
    }

    @FunctionalInterface
    private interface Making {
        LimaVm make() throws CountersignException, InterruptedException;
    }

    @FunctionalInterface
    private interface Step {
        void run() throws CountersignException, InterruptedException;
    }

    /// Until the VM is handed out, whatever goes wrong removes it: failure, interrupt or bug.
    private LimaVm orNothing(SessionId id, Making making)
            throws CountersignException, InterruptedException {
        boolean done = false;
        try {
            LimaVm vm = making.make();
            done = true;
            return vm;
        } finally {
            if (!done) {
                clean(() -> remove(id));
            }
        }
    }

    /// The same for one whose link has to be ended too.
    private static LimaVm up(LimaVm vm, Step step)
            throws CountersignException, InterruptedException {
        boolean done = false;
        try {
            step.run();
            done = true;
            return vm;
        } finally {
            if (!done) {
                clean(vm::delete);
            }
        }
    }

    /// Goes through with it even if the thread was interrupted; the interrupt is kept.
    private static void clean(Step step) {
        boolean interrupted = Thread.interrupted();
        try {
            step.run();
        } catch (InterruptedException _) {
            interrupted = true;
        } catch (CountersignException e) {
            LOG.warn("not all of a failed VM could be removed: {}", e.getMessage());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // ---- the instance directory

    /// Writes what `limactl create` would, without copying the image.
    private void furnish(Instance instance, VmSpec spec, String backing)
            throws CountersignException, InterruptedException {
        host.qemuImg().overlay(instance.dir(), "disk", backing);
        long size = host.qemuImg().describe(instance.dir(), "disk").path("virtual-size").asLong();
        String yaml =
                Template.of(template())
                        .render(
                                Map.of(
                                        "ARCH", host.settings().arch(),
                                        "IMAGE", spec.image().disk().toString(),
                                        "IMAGE_DIGEST", spec.image().diskDigest().hex(),
                                        "KERNEL", spec.image().kernel().toString(),
                                        "KERNEL_DIGEST", spec.image().kernelDigest().hex(),
                                        "INITRD", spec.image().initrd().toString(),
                                        "CMDLINE", spec.image().cmdline(),
                                        "CPUS", Integer.toString(spec.cpus()),
                                        "MEMORY", spec.memoryMiB() + "MiB",
                                        "DISK", size + "B"));
        try {
            Files.writeString(instance.yaml(), yaml);
            Files.writeString(
                    instance.dir().resolve("lima-version"), "v" + host.limactl().version());
            Files.writeString(instance.dir().resolve("kernel.cmdline"), spec.image().cmdline());
        } catch (IOException e) {
            throw Disk.failure(instance.dir(), e);
        }
    }

    private String template() throws CountersignException {
        keyMaking.lock();
        try {
            String text = templateText;
            if (text == null) {
                text = Template.load(host.settings().template()).text();
                templateText = text;
            }
            return text;
        } finally {
            keyMaking.unlock();
        }
    }

    /// Lima makes this key at its first start; we need it before, because bases depend on it.
    private void makeIdentity() throws CountersignException, InterruptedException {
        keyMaking.lockInterruptibly();
        try {
            Path key = host.identity();
            Disk.makePrivate(host.settings().limaHome());
            Disk.makePrivate(host.settings().limaHome().resolve("_config"));
            if (Files.exists(key) && Files.exists(key.resolveSibling("user.pub"))) {
                return;
            }
            Files.deleteIfExists(key);
            Files.deleteIfExists(key.resolveSibling("user.pub"));
            Commands.Result result =
                    host.commands()
                            .run(
                                    Commands.Run.of(
                                            List.of(
                                                    host.settings().sshKeygen().toString(),
                                                    "-q",
                                                    "-t",
                                                    "ed25519",
                                                    "-N",
                                                    "",
                                                    "-C",
                                                    "countersign",
                                                    "-f",
                                                    key.toString()),
                                            host.settings().limaHome().resolve("_config"),
                                            Duration.ofSeconds(20)));
            if (result.exitCode() != 0) {
                throw new CountersignException(
                        Kind.FAILED, "ssh-keygen made no key: " + result.errorText() + ".");
            }
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw Disk.failure(host.identity(), e);
        } finally {
            keyMaking.unlock();
        }
    }

    private void checkPossible(SessionId session) throws CountersignException {
        if (session.value().startsWith(WarmBases.PREFIX)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "A session can't be named %s: names with %s are taken."
                            .formatted(session, WarmBases.PREFIX));
        }
        if ("root".equals(System.getProperty("user.name"))) {
            throw new CountersignException(
                    Kind.REFUSED, "Lima does not run as root. Run Countersign as a normal user.");
        }
        Instance instance = host.instance(session.value());
        LinkPaths.checkSocket(instance.link().resolve("c"), CONTROL_SPARE);
        LinkPaths.checkSocket(instance.dir().resolve("ssh.sock"), CONTROL_SPARE);
        LinkPaths.checkSocket(instance.dir().resolve("serialv.sock"), 0);
        Programs.requireAll(host.settings());
    }

    // ---- the kit

    /// Waits until the guest has settled, writes the kit's files and runs its script.
    private static void install(Link link, GuestKit kit) throws CountersignException {
        run(
                link,
                "settle",
                """
                until [ -e /run/lima-boot-done ]; do sleep 0.2; done
                systemctl is-system-running --wait >/dev/null
                exit 0
                """);
        StringBuilder script = new StringBuilder("set -e\numask 022\n");
        for (GuestFile file : kit.files()) {
            String path = ShellWords.quote(file.path());
            script.append("mkdir -p \"$(dirname ").append(path).append(")\"\n");
            script.append("base64 -d >").append(path).append(" <<'END'\n");
            script.append(
                    Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(file.bytes()));
            script.append("\nEND\n");
            script.append("chown 0:0 ").append(path).append('\n');
            script.append("chmod %o ".formatted(file.mode())).append(path).append('\n');
        }
        run(link, "the kit's files", script.toString());
        if (!kit.setupScript().isBlank()) {
            run(link, "the kit's set-up", "set -e\n" + kit.setupScript());
        }
    }

    /// What each session runs first comes from the page cache of the base.
    private static void warmCache(Link link) throws CountersignException {
        run(
                link,
                "last steps",
                "python3 -c 'import json, socket, subprocess, hashlib'; git --version; sync");
    }

    private static void run(Link link, String what, String script) throws CountersignException {
        Link.Output output =
                link.run(List.of("sh"), script.getBytes(StandardCharsets.UTF_8), SETTLE, OUTPUT);
        if (output.exitCode() != 0) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The guest could not be prepared (%s, code %d): %s"
                            .formatted(
                                    what,
                                    output.exitCode(),
                                    GuestText.of(output.errorText().strip()).visible()));
        }
    }

    // ---- later

    @Override
    public Optional<Vm> attach(SessionId id, List<Forward> forwards, Recorder recorder)
            throws CountersignException, InterruptedException {
        Instance instance = host.instance(id.value());
        Optional<Card> card = Card.of(instance);
        if (card.isEmpty() || !card.get().ready() || !Files.exists(instance.disk())) {
            return Optional.empty();
        }
        LimaVm vm =
                new LimaVm(
                        host,
                        id,
                        forwards,
                        recorder,
                        new StartReport(
                                card.get().warm(),
                                card.get().accelerator(),
                                card.get().boundary(),
                                Duration.ZERO,
                                card.get().why()));
        vm.takeUp();
        return Optional.of(tracked(vm));
    }

    @Override
    public List<SessionId> found() throws CountersignException {
        if (!Files.isDirectory(host.settings().limaHome())) {
            return List.of();
        }
        List<SessionId> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(host.settings().limaHome())) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry)
                        && name.matches("[a-z0-9][a-z0-9-]{1,19}")
                        && !name.startsWith(WarmBases.PREFIX)) {
                    found.add(new SessionId(name));
                }
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "%s can't be listed: %s. Check its rights."
                            .formatted(host.settings().limaHome(), e.getMessage()),
                    e);
        }
        return found;
    }

    @Override
    public void remove(SessionId id) throws CountersignException, InterruptedException {
        if (Files.exists(host.instance(id.value()).dir())) {
            vm(id, List.of(), NOBODY).delete();
        }
    }

    @Override
    public void sweep() throws CountersignException, InterruptedException {
        bases.sweep(this::remove);
    }
}
