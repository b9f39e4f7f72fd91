/// Tests of the scripts in `installer/` and `lima-templates/`: they have no Java of their own.
@NullMarked
package dev.countersign.installer;

import org.jspecify.annotations.NullMarked;
