/// Staged changes: files, hunks, decisions, apply and undo. May use `ui.common`.
@NullMarked
package dev.countersign.ui.review;

import org.jspecify.annotations.NullMarked;
