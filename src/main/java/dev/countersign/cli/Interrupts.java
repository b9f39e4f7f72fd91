package dev.countersign.cli;

/// Ctrl-C, and other requests to end.
@FunctionalInterface
public interface Interrupts {
    /// Runs `action` when the process is asked to end, until the result is closed. The process
    /// waits for it.
    Armed onInterrupt(Runnable action);

    /// Takes the action back.
    interface Armed extends AutoCloseable {
        @Override
        void close();
    }

    /// By a hook of the JVM: SIGINT, SIGTERM and SIGHUP.
    static Interrupts ofProcess() {
        return action -> {
            Thread hook = Thread.ofPlatform().name("interrupted").unstarted(action);
            Runtime.getRuntime().addShutdownHook(hook);
            return () -> {
                try {
                    Runtime.getRuntime().removeShutdownHook(hook);
                } catch (IllegalStateException e) {
                    // the process is ending already and the action runs: wait for the end
                    awaitEnd(hook);
                }
            };
        };
    }

    private static void awaitEnd(Thread hook) {
        try {
            hook.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
