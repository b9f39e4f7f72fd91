package dev.countersign.api;

import dev.countersign.domain.CountersignException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;

/// An engine of its own process with [FakeService] inside: `home [fail|BUILD]`.
public final class SmallEngine {
    private SmallEngine() {}

    /// Serves until it is asked to end.
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        String build = args.length > 1 ? args[1] : "build-1";
        if (build.equals("fail")) {
            System.out.println("keys are unreadable \u001b[2J");
            System.exit(3);
        }
        FileChannel lock =
                FileChannel.open(
                        home.resolve("engine.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            System.exit(EngineLauncher.ALREADY_RUNS);
        }
        Files.writeString(
                home.resolve("pids"),
                ProcessHandle.current().pid() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        CountDownLatch end = new CountDownLatch(1);
        Service service =
                new FakeService() {
                    @Override
                    public Hello hello() {
                        return new Hello(
                                "0.1.0", Contract.PROTOCOL, ProcessHandle.current().pid(), build);
                    }

                    @Override
                    public void shutdown() throws CountersignException {
                        end.countDown();
                    }
                };
        try (Server server = Server.open(service, EngineLauncher.socket(home))) {
            end.await();
            assert server.clients() >= 0;
        }
        System.exit(0);
    }
}
