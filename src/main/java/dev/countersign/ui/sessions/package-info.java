/// The list of sessions at the left. May use `ui.common`.
@NullMarked
package dev.countersign.ui.sessions;

import org.jspecify.annotations.NullMarked;
