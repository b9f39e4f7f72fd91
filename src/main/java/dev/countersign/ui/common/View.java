package dev.countersign.ui.common;

import javafx.scene.layout.Region;

/// A screen or a part of one. It is bound to its view model only while it is attached, so that what
/// is not shown costs nothing and leaks nothing.
public interface View {
    /// Its node.
    Region root();

    /// Binds it. Called when it comes on screen.
    void attach();

    /// Unbinds it. Called when it leaves the screen.
    void detach();
}
