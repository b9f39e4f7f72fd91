package dev.countersign.gate.risk;

/// Turns shell text into a tree.
interface ShellParser extends AutoCloseable {
    /// @throws ShellUnreadable saying why there is no tree, as a clause
    ShellTree parse(String text) throws ShellUnreadable;

    @Override
    void close();
}
