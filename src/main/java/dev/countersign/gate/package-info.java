/// What may run: the door between a verdict and an effect. May use its own rooms `gate.risk`,
/// `gate.policy`, `gate.approval`, and `journal`.
@NullMarked
package dev.countersign.gate;

import org.jspecify.annotations.NullMarked;
