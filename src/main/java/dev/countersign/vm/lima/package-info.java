/// limactl, the instance directory and the template. May use `journal` and `domain`.
@NullMarked
package dev.countersign.vm.lima;

import org.jspecify.annotations.NullMarked;
