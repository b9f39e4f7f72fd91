package dev.countersign.vm;

import static dev.countersign.vm.LimaVms.sh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("vm")
class VmLifeTest {
    @RegisterExtension static final LimaVms LAB = new LimaVms();

    private final LimaVms.Facts facts = new LimaVms.Facts();

    @Test
    void startsWarmWithTheKitInItAndAnIdentityOfItsOwn() throws Exception {
        Vm one = LAB.create(LAB.spec("s-one"), facts);
        Vm two = LAB.create(LAB.spec("s-two"), new LimaVms.Facts());

        assertThat(one.startReport().warm()).as(one.startReport().why()).isTrue();
        assertThat(one.startReport().boundary()).contains("restrict=on");
        assertThat(facts.of(Fact.VmStarted.class)).hasSize(1);
        assertThat(facts.all.getFirst()).isInstanceOf(Fact.VmStarted.class);
        assertThat(sh(one, "stat -c '%a %U' /opt/countersign/test-kit")).isEqualTo("640 root");
        assertThat(sh(one, "cat /opt/countersign/test-kit-was-set-up")).isEqualTo("kit");
        String identity =
                "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub; head -c 32 /dev/urandom | sha256sum";
        assertThat(sh(one, identity).lines())
                .doesNotContainAnyElementsOf(sh(two, identity).lines().toList());
        long drift =
                Math.abs(Long.parseLong(sh(one, "date +%s")) - System.currentTimeMillis() / 1000);
        assertThat(drift).isLessThanOrEqualTo(5);
    }

    @Test
    void aCheckpointBringsFilesAndProcessesBackAndTheLinkWithThem() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-check"), facts);
        sh(vm, "echo before > /workspace/file; systemd-run -q --unit=stays sleep 1000");
        String pid = sh(vm, "systemctl show -P MainPID stays");
        assertThat(vm.checkpoint("first").bytes()).isPositive();
        sh(vm, "echo after > /workspace/file; touch /workspace/new; systemctl stop stays");
        AtomicReference<Long> generation = new AtomicReference<>(0L);
        CountDownLatch up = new CountDownLatch(1);
        vm.link()
                .onChange((isUp, number, _) -> {
                    if (isUp) {
                        generation.set(number);
                        up.countDown();
                    }
                });

        RestoreReport report = vm.restore("first");

        assertThat(report.took()).isGreaterThanOrEqualTo(report.load());
        assertThat(vm.link().up()).isTrue();
        assertThat(up.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(generation.get()).isEqualTo(2);
        assertThat(sh(vm, "cat /workspace/file; ls /workspace")).isEqualTo("before\nfile");
        assertThat(sh(vm, "systemctl show -P MainPID stays")).isEqualTo(pid);
        assertThat(sh(vm, "cat /proc/" + pid + "/comm")).isEqualTo("sleep");
        assertThat(Long.parseLong(sh(vm, "date +%s")))
                .isCloseTo(
                        System.currentTimeMillis() / 1000, org.assertj.core.data.Offset.offset(5L));
        assertThat(vm.checkpoints()).containsExactly("first");
        vm.dropCheckpoint("first");
        assertThat(vm.checkpoints()).isEmpty();
    }

    @Test
    void aRestoreOfWhatIsNotThereLeavesTheVmRunning() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-none"), facts);
        sh(vm, "echo here > /run/here");

        assertThatThrownBy(() -> vm.restore("nothing"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("no checkpoint \"nothing\"")
                .hasMessageContaining("runs on");

        assertThat(vm.state()).isEqualTo(VmState.RUNNING);
        assertThat(sh(vm, "cat /run/here")).isEqualTo("here");
        assertThatThrownBy(() -> vm.dropCheckpoint("nothing"))
                .isInstanceOf(CountersignException.class);
        assertThatThrownBy(() -> vm.checkpoint("No Name")).isInstanceOf(CountersignException.class);
    }

    @Test
    void aLostLinkComesBackAndEndsWhatTheOldOneRan() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-lost"), facts);
        var left = vm.link().start(List.of("sh", "-c", "trap '' HUP TERM PIPE; sleep 1001"));
        var unit = vm.link().start(List.of("systemd-run", "-q", "--unit=agent", "sleep", "1002"));
        assertThat(unit.waitFor()).isZero();
        CountDownLatch up = new CountDownLatch(1);
        CountDownLatch down = new CountDownLatch(1);
        vm.link().onChange((isUp, _, _) -> (isUp ? up : down).countDown());

        long master = java.util.Objects.requireNonNull(((LimaVm) vm).sshLink().masterPid());
        assertThat(ProcessHandle.of(master).orElseThrow().destroyForcibly()).isTrue();

        assertThat(down.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(up.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(left.waitFor()).isEqualTo(255);
        assertThat(sh(vm, "pgrep -fc '^sleep 1001' || true")).isEqualTo("0");
        assertThat(sh(vm, "systemctl is-active agent")).isEqualTo("active");
        assertThat(facts.of(Fact.LinkChanged.class).stream().map(Fact.LinkChanged::up))
                .containsExactly(true, false, true);
    }

    @Test
    void closingAChannelEndsItsCommand() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-close"), facts);
        var process = vm.link().start(List.of("sh", "-c", "echo on; exec sleep 1003"));
        assertThat(process.stdout().read()).isEqualTo('o');

        process.close();

        assertThat(sh(vm, "pgrep -fc '^sleep 1003' || true")).isEqualTo("0");
        assertThatThrownBy(() ->
                        vm.link()
                                .run(
                                        List.of("sleep", "1004"),
                                        new byte[0],
                                        Duration.ofMillis(500),
                                        100))
                .isInstanceOf(CountersignException.class);
        assertThat(sh(vm, "pgrep -fc '^sleep 1004' || true")).isEqualTo("0");
        assertThatThrownBy(() ->
                        vm.link().run(List.of("yes"), new byte[0], Duration.ofSeconds(30), 1000))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("more than 1000 bytes");
    }

    @Test
    void isToldWhenTheGuestIsKilled() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-kill"), facts);
        CountDownLatch told = new CountDownLatch(1);
        vm.onExit((_, _) -> told.countDown());
        var qemu =
                dev.countersign.vm.qemu.QemuProcess.of(((LimaVm) vm).instance().qemuPid())
                        .orElseThrow();

        assertThat(qemu.handle().destroyForcibly()).isTrue();

        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(vm.state()).isEqualTo(VmState.STOPPED);
        assertThat(vm.link().up()).isFalse();
    }

    @Test
    void aStoppedVmIsFoundAgainAndBootsWithItsDisk() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-stop"), facts);
        sh(vm, "echo kept > /workspace/kept; sync");
        String key = sh(vm, "cat /etc/ssh/ssh_host_ed25519_key.pub");
        vm.checkpoint("early");
        vm.stop();
        assertThat(vm.state()).isEqualTo(VmState.STOPPED);
        assertThat(vm.checkpoints()).containsExactly("early");

        Vm again = LAB.register().attach(vm.id(), List.of(), facts).orElseThrow();
        again.start(Progress.NONE);

        assertThat(again.startReport().warm()).isFalse();
        assertThat(sh(again, "cat /workspace/kept")).isEqualTo("kept");
        assertThat(sh(again, "cat /etc/ssh/ssh_host_ed25519_key.pub")).isEqualTo(key);
        assertThat(again.restore("early").id()).isEqualTo("early");
        assertThat(sh(again, "cat /workspace/kept")).isEqualTo("kept");
    }

    @Test
    void aRunningVmIsTakenUpByTheNextEngineAndAPausedOneStaysPaused() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-next"), facts);
        sh(vm, "echo mine > /run/mine");
        // What a killed engine leaves: no link, everything else as it is.
        ((LimaVm) vm).sshLink().close();

        Vm next = LAB.register().attach(vm.id(), List.of(), facts).orElseThrow();
        ((LimaVm) next).sshLink().awaitUp(Duration.ofSeconds(60));
        assertThat(sh(next, "cat /run/mine")).isEqualTo("mine");

        next.pause();
        assertThat(next.state()).isEqualTo(VmState.PAUSED);
        assertThat(next.link().up()).isFalse();
        assertThatThrownBy(() -> next.checkpoint("while-paused"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("paused");
        Vm third = LAB.register().attach(vm.id(), List.of(), facts).orElseThrow();
        assertThat(third.state()).isEqualTo(VmState.PAUSED);
        third.resume();
        assertThat(sh(third, "cat /run/mine")).isEqualTo("mine");
        ((LimaVm) next).sshLink().close();
    }

    @Test
    void deletingLeavesNothing() throws Exception {
        Vm vm = LAB.create(LAB.spec("s-gone"), facts);
        Path dir = LAB.settings().limaHome().resolve("s-gone");
        assertThat(dir).exists();
        assertThat(LAB.register().found()).containsExactly(vm.id());

        vm.delete();
        vm.delete();

        assertThat(vm.state()).isEqualTo(VmState.GONE);
        assertThat(dir).doesNotExist();
        assertThat(LAB.processes()).isEmpty();
        assertThat(LAB.register().attach(vm.id(), List.of(), facts)).isEmpty();
        assertThat(LAB.register().found()).isEmpty();
        try (var left = Files.list(LAB.settings().limaHome())) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .allMatch(name -> name.startsWith("_"));
        }
    }
}
