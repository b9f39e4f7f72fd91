/// What the screens share: `Fx`, the only caller of `Platform.runLater`, messages, theme.
@NullMarked
package dev.countersign.ui.common;

import org.jspecify.annotations.NullMarked;
