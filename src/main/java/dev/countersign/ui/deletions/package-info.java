/// The host's deletions that wait before they go into the guest. May use `ui.common`.
@NullMarked
package dev.countersign.ui.deletions;

import org.jspecify.annotations.NullMarked;
