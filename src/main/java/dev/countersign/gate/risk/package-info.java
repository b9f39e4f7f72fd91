/// Rates a call by its effect: shell, paths, network, other tools. May use `domain` alone.
@NullMarked
package dev.countersign.gate.risk;

import org.jspecify.annotations.NullMarked;
