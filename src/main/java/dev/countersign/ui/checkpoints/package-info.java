/// Points to go back to, and what a restore would lose. May use `ui.common`.
@NullMarked
package dev.countersign.ui.checkpoints;

import org.jspecify.annotations.NullMarked;
