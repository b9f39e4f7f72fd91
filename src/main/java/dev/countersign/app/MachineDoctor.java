package dev.countersign.app;

import dev.countersign.api.Check;
import dev.countersign.domain.CountersignException;
import dev.countersign.secrets.KeyStore;
import dev.countersign.vm.VmDoctor;
import dev.countersign.vm.VmSettings;
import dev.countersign.vm.image.GuestImage;
import dev.countersign.vm.image.GuestImages;
import dev.countersign.vm.image.ImageSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the product needs of this machine, asked of the rooms that know.
final class MachineDoctor {
    private final Home home;
    private final VmDoctor machine;
    private final GuestImages images;
    private final KeyStore keys;

    MachineDoctor(
            Home home,
            VmSettings settings,
            Map<String, String> environment,
            GuestImages images,
            KeyStore keys) {
        this.home = home;
        this.machine = new VmDoctor(settings, environment);
        this.images = images;
        this.keys = keys;
    }

    List<Check> look() {
        List<Check> checks = new ArrayList<>();
        Optional<GuestImage> image = Optional.empty();
        try {
            image = images.find(ImageSettings.BASE);
            checks.add(image.map(MachineDoctor::built).orElseGet(MachineDoctor::notBuilt));
        } catch (CountersignException e) {
            checks.add(new Check("image", "missing", e.getMessage(), "countersign image build"));
        }
        try {
            machine.examine(image.map(EngineAssembly::disk))
                    .forEach(finding ->
                            checks.add(
                                    new Check(
                                            finding.name(),
                                            finding.state(),
                                            finding.found(),
                                            finding.next())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        checks.add(new Check("keys", "ok", keys.protection().says(), ""));
        checks.add(new Check("home", "ok", home.root().toString(), ""));
        return checks;
    }

    private static Check built(GuestImage image) {
        return new Check("image", "ok", image.digest().brief() + ", built " + image.built(), "");
    }

    private static Check notBuilt() {
        return new Check(
                "image",
                "warning",
                "no guest image is built yet",
                "The first session builds it, or do it now: countersign image build.");
    }
}
