/// Detectors, redaction, and the key store as a port. May use `domain` alone.
@NullMarked
package dev.countersign.secrets;

import org.jspecify.annotations.NullMarked;
