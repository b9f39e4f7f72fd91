/// What happens in a session, live: ring list, pump, fold, rows. May use `ui.common`.
@NullMarked
package dev.countersign.ui.feed;

import org.jspecify.annotations.NullMarked;
