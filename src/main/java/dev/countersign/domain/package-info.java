/// The words that every room speaks: identities, levels, calls, and the facts that are recorded.
/// Records and sealed types only; no behaviour beyond checking themselves. May use nothing.
@NullMarked
package dev.countersign.domain;

import org.jspecify.annotations.NullMarked;
