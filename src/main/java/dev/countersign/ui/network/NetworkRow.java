package dev.countersign.ui.network;

import dev.countersign.api.PortView;

/// A line of the list.
sealed interface NetworkRow {
    /// The name of what follows.
    record Heading(String title) implements NetworkRow {}

    /// A host and port; `number` makes two looks at one line differ, so that it is drawn anew.
    record Host(HostLine line, int number) implements NetworkRow {}

    /// A port of the guest.
    record Port(PortView view) implements NetworkRow {}
}
