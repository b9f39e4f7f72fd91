/// `countersign try`: the first session, guided, on a bundled sample repository; each step is
/// checked by what really happened. May use `api`.
@NullMarked
package dev.countersign.cli.tour;

import org.jspecify.annotations.NullMarked;
