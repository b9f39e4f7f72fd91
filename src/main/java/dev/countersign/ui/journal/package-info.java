/// The record of a session, as far as it is verified. May use `ui.common`.
@NullMarked
package dev.countersign.ui.journal;

import org.jspecify.annotations.NullMarked;
