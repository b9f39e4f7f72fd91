/// The composition root: `Main`, paths, settings. Reading it shows the whole program. May use every
/// room.
@NullMarked
package dev.countersign.app;

import org.jspecify.annotations.NullMarked;
