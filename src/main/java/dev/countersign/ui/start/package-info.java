/// The sheet that starts a session, and what is remembered per repository. May use `ui.common`.
@NullMarked
package dev.countersign.ui.start;

import org.jspecify.annotations.NullMarked;
