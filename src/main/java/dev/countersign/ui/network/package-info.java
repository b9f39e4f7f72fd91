/// What a session's guest wanted to reach, what it reached, and what leads into it. May use
/// `ui.common`.
@NullMarked
package dev.countersign.ui.network;

import org.jspecify.annotations.NullMarked;
