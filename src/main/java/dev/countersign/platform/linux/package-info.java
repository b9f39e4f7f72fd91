/// Linux: file events by inotify, the dialog of the desktop by GTK.
@NullMarked
package dev.countersign.platform.linux;

import org.jspecify.annotations.NullMarked;
