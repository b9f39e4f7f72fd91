/// The record of what happened: append-only signed log per session, verification, the SQLite index
/// that is rebuilt from it, live subscription. May use `secrets` and `domain`.
@NullMarked
package dev.countersign.journal;

import org.jspecify.annotations.NullMarked;
