/// The product as its user has it: the real engine process, real commands, a real Lima VM.
@NullMarked
package dev.countersign.spine;

import org.jspecify.annotations.NullMarked;
