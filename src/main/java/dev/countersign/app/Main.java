package dev.countersign.app;

import dev.countersign.domain.CountersignException;
import java.util.Map;

/// Where the program starts: the engine, a command, or the window.
public final class Main {
    private Main() {}

    /// Runs one command and leaves with its exit code: 0 well, 1 a found problem or a failure, 2
    /// wrong use.
    public static void main(String[] args) {
        Map<String, String> environment = System.getenv();
        boolean engine = args.length == 1 && args[0].equals("engine");
        Runtime.getRuntime()
                .exit(engine ? EngineMain.run(environment) : command(environment, args));
    }

    private static int command(Map<String, String> environment, String[] args) {
        try {
            return new Commands(Home.of(environment), environment).run(args);
        } catch (CountersignException e) {
            System.err.println("countersign: " + e.getMessage());
            return e.kind() == CountersignException.Kind.USAGE ? 2 : 1;
        }
    }
}
