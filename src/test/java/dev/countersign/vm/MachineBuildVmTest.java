package dev.countersign.vm;

import static dev.countersign.vm.LimaVms.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.SessionId;
import dev.countersign.vm.image.GuestImage;
import dev.countersign.vm.image.GuestImages;
import dev.countersign.vm.image.ImageSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The image that is built where a system gives no user name spaces: forced here.
@Tag("vm")
@Tag("rare")
class MachineBuildVmTest {
    @RegisterExtension static final LimaVms LAB = new LimaVms();

    @Test
    void anImageBuiltInAMachineIsTheSameAsOneBuiltWithoutAndBoots() throws Exception {
        Path home = Files.createTempDirectory(Path.of("/var/tmp"), "csm");
        try {
            Map<String, String> environment = new HashMap<>(System.getenv());
            environment.put(GuestImages.IN_MACHINE, "yes");
            List<String> steps = new ArrayList<>();
            GuestImage built =
                    GuestImages.under(home, environment)
                            .build(ImageSettings.BASE, (what, _) -> steps.add(what));
            assertThat(steps)
                    .contains("Starting the builder", "The builder is up", "Taking the image out");
            GuestImages others =
                    GuestImages.under(TestImage.usersHome(environment), System.getenv());
            for (GuestImage other : others.list()) {
                if (other.digest().equals(built.digest())) {
                    // Versions move with Debian; what is in it does not.
                    assertThat(built.versions().keySet())
                            .isEqualTo(other.versions().navigableKeySet());
                }
            }

            Vm vm =
                    LAB.create(
                            new VmSpec(
                                    new SessionId("s-machine"),
                                    new GuestDisk(
                                            built.disk(),
                                            built.kernel(),
                                            built.initrd(),
                                            built.cmdline(),
                                            built.digest(),
                                            built.diskDigest(),
                                            built.kernelDigest()),
                                    2,
                                    1024,
                                    GuestKit.empty(),
                                    List.of()),
                            new LimaVms.Facts());
            assertThat(sh(vm, "stat -c '%a %U:%G' /usr/bin/sudo /workspace /home/operator"))
                    .isEqualTo("4755 root:root\n755 agent:agent\n700 operator:countersign");
            assertThat(
                            sh(
                                    vm,
                                    "find / -xdev -path /mnt -prune -o -nouser -print -o -nogroup -print"))
                    .isEmpty();
            assertThat(sh(vm, "cat /etc/apt/sources.list"))
                    .startsWith("deb http")
                    .doesNotContain("copy:");
            assertThat(sh(vm, "runuser -u agent -- git --version")).startsWith("git version");
        } finally {
            Disk.remove(home);
        }
    }
}
