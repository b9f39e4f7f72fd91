/// A session's life as a state machine: modes, tiers, epochs, resume after a crash, kill switch.
/// May use the core below.
@NullMarked
package dev.countersign.session;

import org.jspecify.annotations.NullMarked;
