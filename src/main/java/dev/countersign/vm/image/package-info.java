/// The guest image: recipe, build, list, digest. May use `journal` and `domain`.
@NullMarked
package dev.countersign.vm.image;

import org.jspecify.annotations.NullMarked;
