/// The verbs that need no engine: `classify`, `scan`, `redact`, `policy`, `gateway serve`, `journal
/// verify`. May use the core.
@NullMarked
package dev.countersign.app.tools;

import org.jspecify.annotations.NullMarked;
