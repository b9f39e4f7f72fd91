/// One page that says what a session did: by whose leave, what left the VM, what was not seen. May
/// use `ui.common`.
@NullMarked
package dev.countersign.ui.report;

import org.jspecify.annotations.NullMarked;
