/// The window. One View and one ViewModel per feature. May use `api` and `domain`.
@NullMarked
package dev.countersign.ui;

import org.jspecify.annotations.NullMarked;
