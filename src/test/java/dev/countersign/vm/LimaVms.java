package dev.countersign.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.qemu.QemuProcess;
import dev.countersign.vm.ssh.Link;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.opentest4j.TestAbortedException;

/// Real Lima VMs for tests, all from one warm base that is built once a run. After each class
/// nothing may be left of them.
///
/// What it needs: a user who is not root, limactl (`PATH` or the product's cache), and a guest
/// image below `$COUNTERSIGN_HOME/images`. Where one is missing the tests are skipped with the
/// reason; with `-Dcountersign.vm.required=true` they fail instead. `-Dcountersign.vm.home=DIR`
/// keeps the base for the next run.
public final class LimaVms implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private static final Namespace SPACE = Namespace.create(LimaVms.class);
    private static final int MEMORY_MIB = 1024;

    private final List<Vm> made = new ArrayList<>();
    private @Nullable Lab found;
    private @Nullable WatchedNetwork network;

    /// What one run shares.
    private record Lab(
            Path home, VmSettings settings, GuestDisk image, VmRegister register, boolean keep)
            implements AutoCloseable {
        @Override
        public void close() throws CountersignException {
            if (!keep) {
                Disk.remove(home);
            }
        }
    }

    /// Keeps what is recorded.
    public static final class Facts implements Recorder {
        /// In order.
        public final List<Fact> all = new CopyOnWriteArrayList<>();

        @Override
        public Entry record(Fact fact) {
            all.add(fact);
            return new Entry(all.size() - 1, Instant.EPOCH, new SessionId("s-test"), 0, fact);
        }

        /// Those of one kind.
        public <T extends Fact> List<T> of(Class<T> kind) {
            return all.stream().filter(kind::isInstance).map(kind::cast).toList();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        found = context.getRoot().getStore(SPACE).computeIfAbsent("lab", _ -> built(), Lab.class);
    }

    private static Lab built() {
        Map<String, String> environment = System.getenv();
        try {
            if ("root".equals(System.getProperty("user.name"))) {
                throw absent("Lima refuses root; run the VM tests as a normal user");
            }
            String kept = System.getProperty("countersign.vm.home");
            Path home =
                    kept == null
                            ? Files.createTempDirectory(Path.of("/tmp"), "cs")
                            : Files.createDirectories(Path.of(kept));
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
            VmSettings found = VmSettings.under(home, environment);
            if (!Files.isExecutable(found.limactl())) {
                throw absent("there is no limactl on PATH or in the cache");
            }
            GuestDisk image =
                    TestImage.newest(environment)
                            .orElseThrow(() ->
                                    absent(
                                            "there is no guest image below $COUNTERSIGN_HOME/images"));
            VmSettings settings = withTemplate(found);
            VmRegister register = new VmRegister(settings, environment, Clock.systemUTC());
            return new Lab(home, settings, image, register, kept != null);
        } catch (IOException | CountersignException e) {
            throw new IllegalStateException("the VM lab can't be set up", e);
        }
    }

    private static RuntimeException absent(String why) {
        return Boolean.getBoolean("countersign.vm.required")
                ? new IllegalStateException(why)
                : new TestAbortedException(why);
    }

    /// `-Dcountersign.vm.template` stands in for the packaged one.
    private static VmSettings withTemplate(VmSettings s) {
        return new VmSettings(
                s.limaHome(),
                s.bases(),
                s.tools(),
                Optional.ofNullable(System.getProperty("countersign.vm.template")).map(Path::of),
                s.limactl(),
                s.qemu(),
                s.qemuImg(),
                s.ssh(),
                s.sshKeygen(),
                s.arch(),
                s.bootDeadline());
    }

    private Lab lab() {
        return Objects.requireNonNull(found, "no lab: beforeAll did not run");
    }

    /// The register under test.
    public VmRegister register() {
        return lab().register();
    }

    /// Its settings.
    public VmSettings settings() {
        return lab().settings();
    }

    /// The image of all tests.
    public GuestDisk image() {
        return lab().image();
    }

    /// A VM's description; all of them fit the one base.
    public VmSpec spec(String name, Forward... forwards) {
        return new VmSpec(
                new SessionId(name), lab().image(), 2, MEMORY_MIB, kit(), List.of(forwards));
    }

    private static GuestKit kit() {
        return new GuestKit(
                List.of(
                        new GuestFile(
                                "/opt/countersign/test-kit",
                                0640,
                                "kit\n".getBytes(StandardCharsets.UTF_8))),
                "cp /opt/countersign/test-kit /opt/countersign/test-kit-was-set-up\n");
    }

    /// A VM that is removed after the test.
    public Vm create(VmSpec spec, Recorder recorder) throws Exception {
        Vm vm = lab().register().create(spec, recorder, (what, percent) -> print(what, percent));
        made.add(vm);
        return vm;
    }

    /// The network of this test's watched VMs; ended after them.
    WatchedNetwork network() throws Exception {
        WatchedNetwork open = network;
        if (open == null) {
            open = WatchedNetwork.open();
            network = open;
        }
        return open;
    }

    /// A VM whose limactl, QEMU and ssh are in [#network]; from the same base.
    Vm createWatched(VmSpec spec, Recorder recorder) throws Exception {
        VmRegister register =
                new VmRegister(
                        network().inside(lab().settings()), System.getenv(), Clock.systemUTC());
        Vm vm = register.create(spec, recorder, (what, percent) -> print(what, percent));
        made.add(vm);
        return vm;
    }

    private static void print(String what, int percent) {
        System.Logger log = System.getLogger("vm");
        log.log(System.Logger.Level.DEBUG, "{0}% {1}", percent, what);
    }

    /// Runs a shell script as the guest's root and returns what it printed; it must succeed.
    public static String sh(Vm vm, String script) throws Exception {
        return sh(vm, script, Duration.ofSeconds(60));
    }

    /// The same, for what takes long in an emulated guest.
    static String sh(Vm vm, String script, Duration deadline) throws Exception {
        Link.Output output =
                vm.link().run(List.of("sh", "-c", script), new byte[0], deadline, 1 << 20);
        assertThat(output.exitCode())
                .as("%s%n%s%s", script, output.text(), output.errorText())
                .isZero();
        return output.text().strip();
    }

    /// Processes of this user whose arguments name the lab's instances.
    public List<String> processes() {
        String home = lab().settings().limaHome().toString();
        Map<Long, String> found = new TreeMap<>();
        ProcessHandle.allProcesses()
                .filter(handle -> handle.pid() != ProcessHandle.current().pid())
                .forEach(handle ->
                        QemuProcess.argvOf(handle)
                                .map(argv -> String.join(" ", argv))
                                .filter(line -> line.contains(home))
                                .filter(line -> !line.contains("junit"))
                                .ifPresent(line -> found.put(handle.pid(), line)));
        return found.values().stream().toList();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (Vm vm : made) {
            vm.delete();
        }
        made.clear();
        WatchedNetwork open = network;
        network = null;
        if (open != null) {
            open.end();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (found == null) {
            return;
        }
        assertThat(lab().register().found()).isEmpty();
        assertThat(processes()).isEmpty();
    }
}
