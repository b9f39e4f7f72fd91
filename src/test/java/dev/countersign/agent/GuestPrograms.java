package dev.countersign.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The guest's programs as real processes on the host.
final class GuestPrograms {
    private GuestPrograms() {}

    record Output(int exitCode, String output) {}

    static Path unpack(Path into) throws IOException {
        Files.createDirectories(into);
        for (GuestResources.GuestFile file : GuestResources.files()) {
            Files.write(
                    into.resolve(file.path().substring(file.path().lastIndexOf('/') + 1)),
                    file.bytes());
        }
        return into;
    }

    static Output run(Path directory, List<String> argv) throws Exception {
        Process process =
                new ProcessBuilder(argv)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), output);
    }

    /// relay.py on a free port before this unix socket.
    static final class Relay implements AutoCloseable {
        private final Process process;
        private final int port;

        Relay(Path guest, Path socket) throws IOException {
            this(guest, "models", socket);
        }

        Relay(Path guest, String kind, Path socket) throws IOException {
            process =
                    new ProcessBuilder(
                                    "python3",
                                    "-S",
                                    "-E",
                                    "-I",
                                    guest.resolve("relay.py").toString(),
                                    kind + ":0:" + socket)
                            .redirectErrorStream(true)
                            .start();
            BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
            String line = said.readLine();
            port =
                    Integer.parseInt(
                            line.substring(line.indexOf(":", line.indexOf("127.")) + 1)
                                    .split(" ")[0]);
        }

        int port() {
            return port;
        }

        boolean alive() {
            return process.isAlive();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
