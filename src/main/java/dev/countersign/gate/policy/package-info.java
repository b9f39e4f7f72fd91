/// Rules of the developer and of the repository: parse, check, judge, reload, make of practice. May
/// use `gate.risk`, the file writer of `gate.approval`, and the facts of `domain`.
@NullMarked
package dev.countersign.gate.policy;

import org.jspecify.annotations.NullMarked;
