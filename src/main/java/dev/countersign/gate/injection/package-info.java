/// Injection awareness: looks through what the model reads for instructions aimed at agents and for
/// hidden text, records what it finds, and makes the rest of the turn count for one level more. May
/// use `journal`. It warns; it is no wall: text that it does not know passes.
@NullMarked
package dev.countersign.gate.injection;

import org.jspecify.annotations.NullMarked;
