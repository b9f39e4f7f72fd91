/// QMP, checkpoints, warm state, the QEMU wrapper, the accelerator probe. May use `journal` and
/// `domain`.
@NullMarked
package dev.countersign.vm.qemu;

import org.jspecify.annotations.NullMarked;
