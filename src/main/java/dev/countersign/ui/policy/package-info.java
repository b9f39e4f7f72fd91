/// The rules in force, a box to try a command, and the developer's file with its errors. May use
/// `ui.common`.
@NullMarked
package dev.countersign.ui.policy;

import org.jspecify.annotations.NullMarked;
