/// The durable queue of requests that wait for the developer. May use `journal`.
@NullMarked
package dev.countersign.gate.approval;

import org.jspecify.annotations.NullMarked;
