/// The virtual machine as one thing: start warm or cold, checkpoint, restore, stop. May use its own
/// rooms `vm.lima`, `vm.qemu`, `vm.ssh`, `vm.image`, and `journal`.
@NullMarked
package dev.countersign.vm;

import org.jspecify.annotations.NullMarked;
