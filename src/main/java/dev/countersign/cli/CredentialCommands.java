package dev.countersign.cli;

import dev.countersign.api.Client;
import dev.countersign.api.CredentialRequest;
import dev.countersign.api.CredentialView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `credential …`.
@Command(
        name = "credential",
        description = "Credentials that stay on the host: the guest has placeholders for them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class CredentialCommands {
    private static final int LONGEST = 16 * 1024;

    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    CredentialCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    @Command(
            name = "add",
            description =
                    "Keeps one. Its value is read from standard input, or is what a command prints"
                            + " that stands after `--`.")
    int add(
            @Parameters(index = "0", paramLabel = "NAME") String name,
            @Parameters(
                            index = "1..*",
                            arity = "0..*",
                            paramLabel = "COMMAND",
                            description = "Such as: -- gh auth token. Run at each use.")
                    @Nullable List<String> command,
            @Option(names = "--url", required = true, paramLabel = "https://HOST") String url,
            @Option(
                            names = "--path",
                            paramLabel = "PATH",
                            defaultValue = "/**",
                            description = "/a/b, /a/*/b or /a/**; may stand several times.")
                    List<String> paths,
            @Option(
                            names = "--method",
                            paramLabel = "METHOD",
                            defaultValue = "GET,HEAD",
                            split = ",",
                            description = "Default: ${DEFAULT-VALUE}.")
                    List<String> methods,
            @Option(
                            names = "--as",
                            defaultValue = "bearer",
                            paramLabel = "bearer|token|basic:USER|header:NAME")
                    String as,
            @Option(
                            names = "--env",
                            paramLabel = "VARIABLE",
                            description = "The guest finds the placeholder there.")
                    @Nullable String env,
            @Option(
                            names = "--url-env",
                            paramLabel = "VARIABLE",
                            description = "The guest finds the address there.")
                    @Nullable String urlEnv,
            @Option(
                            names = "--repository",
                            paramLabel = "DIR",
                            description = "Whose sessions may use it; default: where you are.")
                    @Nullable Path repository,
            @Option(names = "--everywhere", description = "All sessions may use it.")
                    boolean everywhere,
            @Option(names = "--json") boolean json)
            throws CountersignException, IOException {
        if (everywhere && repository != null) {
            throw new CountersignException(Kind.USAGE, "Say --repository or --everywhere.");
        }
        List<String> words = command == null ? List.of() : command;
        String value = words.isEmpty() ? typed("value") : null;
        String directory = everywhere ? null : real(repository == null ? Path.of("") : repository);
        try (Client engine = ports.connect()) {
            CredentialView kept =
                    engine.addCredential(
                            new CredentialRequest(
                                    name, url, paths, methods, as, words, value, env, urlEnv,
                                    directory));
            terminal.say(
                    json
                            ? Follow.json(kept)
                            : "Credential %s is kept. From the next start of an agent on, guests reach the server at %s with a placeholder."
                                    .formatted(Ink.one(kept.name()), Ink.one(kept.guestUrl())));
            return 0;
        }
    }

    private static String real(Path directory) throws CountersignException {
        try {
            return directory.toRealPath().toString();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.USAGE, "The repository %s can't be read.".formatted(directory), e);
        }
    }

    private String typed(String what) throws CountersignException, IOException {
        String value =
                new String(terminal.in().readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
        if (value.isEmpty()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "There is no %s on standard input. Pipe it in; it never stands on the command line."
                            .formatted(what));
        }
        return value;
    }

    @Command(name = "list", description = "All of them; never a value.")
    int list(@Option(names = "--json") boolean json) throws CountersignException {
        try (Client engine = ports.connect()) {
            List<CredentialView> all = engine.credentials();
            if (json) {
                all.forEach(one -> terminal.say(Follow.json(one)));
                return 0;
            }
            ink.table(
                            List.of("NAME", "SERVER", "METHODS", "PATHS", "VALUE FROM", "FOR"),
                            all.stream()
                                    .map(one ->
                                            List.of(
                                                    Ink.one(one.name()),
                                                    Ink.one(one.url()),
                                                    String.join(",", one.methods()),
                                                    Ink.one(String.join(" ", one.paths())),
                                                    one.command().isEmpty()
                                                            ? "key store"
                                                            : Ink.one(
                                                                    String.join(
                                                                            " ", one.command())),
                                                    one.repository() == null
                                                            ? "all repositories"
                                                            : Ink.one(one.repository())))
                                    .toList())
                    .forEach(terminal::say);
            return 0;
        }
    }

    @Command(name = "remove", description = "Forgets one and its value; its uses end at once.")
    int remove(@Parameters(paramLabel = "NAME") String name) throws CountersignException {
        try (Client engine = ports.connect()) {
            engine.removeCredential(name);
            terminal.say("Credential %s and its value are removed.".formatted(Ink.one(name)));
            return 0;
        }
    }

    @Command(
            name = "unlock",
            description =
                    "Opens the key store for the engine's life. The passphrase is read from"
                            + " standard input; the first one begins the store.")
    int unlock() throws CountersignException, IOException {
        String passphrase = typed("passphrase");
        try (Client engine = ports.connect()) {
            engine.unlockKeys(passphrase);
            terminal.say("The key store is unlocked until the engine ends.");
            return 0;
        }
    }
}
