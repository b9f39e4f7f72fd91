/// The commands. May use `api` and `app.tools`.
@NullMarked
package dev.countersign.cli;

import org.jspecify.annotations.NullMarked;
