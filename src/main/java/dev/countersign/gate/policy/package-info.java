/// Rules of the developer and of the repository: parse, check, judge, reload. May use `gate.risk`.
@NullMarked
package dev.countersign.gate.policy;

import org.jspecify.annotations.NullMarked;
