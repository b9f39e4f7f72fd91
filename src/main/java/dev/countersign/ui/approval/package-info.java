/// Requests that wait for the developer: the queue, the card, the arming gate. May use `ui.common`.
@NullMarked
package dev.countersign.ui.approval;

import org.jspecify.annotations.NullMarked;
