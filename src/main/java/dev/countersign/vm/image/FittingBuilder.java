package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import java.util.Map;

/// Builds in user name spaces or, where this system refuses them, in a virtual machine.
final class FittingBuilder implements ImageBuilder {
    private final HostBuilder nameSpaces;
    private final HostBuilder machine;
    private final boolean always;

    /// @param inMachine always builds in a virtual machine
    FittingBuilder(Map<String, String> environment, Path scratches, boolean inMachine) {
        this.nameSpaces = new HostBuilder(environment, scratches, HostBuilder.Place.NAME_SPACES);
        this.machine = new HostBuilder(environment, scratches, HostBuilder.Place.MACHINE);
        this.always = inMachine;
    }

    @Override
    public void build(Order order, BuildProgress progress)
            throws CountersignException, InterruptedException {
        if (always || nameSpaces.refusedNameSpaces(order.architecture())) {
            progress.step("Building in a virtual machine, which takes longer", 0);
            machine.build(order, progress);
        } else {
            nameSpaces.build(order, progress);
        }
    }
}
