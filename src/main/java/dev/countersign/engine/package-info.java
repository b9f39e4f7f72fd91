/// The engine process: its life, take-up after a crash, admission, and the wiring of the rooms to
/// `api`. May use the core below.
@NullMarked
package dev.countersign.engine;

import org.jspecify.annotations.NullMarked;
