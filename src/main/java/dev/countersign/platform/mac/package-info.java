/// macOS: the system's own alert.
@NullMarked
package dev.countersign.platform.mac;

import org.jspecify.annotations.NullMarked;
