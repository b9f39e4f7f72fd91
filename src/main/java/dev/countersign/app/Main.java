package dev.countersign.app;

/// Where the program starts.
public final class Main {
    private Main() {}

    /// Runs one command and leaves with its exit code.
    public static void main(String[] args) {
        Runtime.getRuntime().exit(args.length == 0 ? 0 : 2);
    }
}
