/// Programs of the host: started with a clean environment, ended at a deadline. May use `domain`.
@NullMarked
package dev.countersign.vm.process;

import org.jspecify.annotations.NullMarked;
