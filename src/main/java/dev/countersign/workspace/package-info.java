/// The developer's files: copy-in, index, staging, hunks, apply, undo, epochs. May use `vm.ssh`,
/// `secrets` and `journal`.
@NullMarked
package dev.countersign.workspace;

import org.jspecify.annotations.NullMarked;
