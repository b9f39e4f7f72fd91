package dev.countersign.gate.risk;

/// Shell text for which there is no tree: too long, too deep, or the parser failed on it.
final class ShellUnreadable extends Exception {
    private static final long serialVersionUID = 1L;

    ShellUnreadable(String why) {
        super(why);
    }
}
