/// The window as a whole: header, side, tabs, banners, status strip, keys. Puts the features
/// together.
@NullMarked
package dev.countersign.ui.shell;

import org.jspecify.annotations.NullMarked;
