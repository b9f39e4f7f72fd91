/// Linux: file events by inotify.
@NullMarked
package dev.countersign.platform.linux;

import org.jspecify.annotations.NullMarked;
