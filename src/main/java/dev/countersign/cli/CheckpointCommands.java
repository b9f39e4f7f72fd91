package dev.countersign.cli;

import dev.countersign.api.CheckpointView;
import dev.countersign.api.Client;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.SessionId;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `checkpoint …`.
@Command(
        name = "checkpoint",
        description = "Points of VM and workspace to go back to.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class CheckpointCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    CheckpointCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    @Command(name = "create", description = "Takes one now.")
    int create(
            @Parameters(paramLabel = "SESSION") SessionId id,
            @Parameters(paramLabel = "NAME", arity = "0..1", defaultValue = "by hand") String name,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            CheckpointView made = engine.createCheckpoint(id, name);
            terminal.say(
                    json
                            ? Follow.json(made)
                            : "Took checkpoint %s \"%s\", %s."
                                    .formatted(made.id(), made.name(), Ink.size(made.bytes())));
            return 0;
        }
    }

    @Command(name = "list", description = "The session's checkpoints, oldest first.")
    int list(
            @Parameters(paramLabel = "SESSION") SessionId id,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            List<CheckpointView> all = engine.checkpoints(id);
            if (json) {
                all.forEach(one -> terminal.say(Follow.json(one)));
            } else if (all.isEmpty()) {
                terminal.say("Session " + id + " has no checkpoint.");
            } else {
                ink.table(
                                List.of("ID", "NAME", "WHY", "TAKEN", "SIZE", "EPOCH"),
                                all.stream().map(this::row).toList())
                        .forEach(terminal::say);
            }
            return 0;
        }
    }

    private List<String> row(CheckpointView c) {
        return List.of(
                c.id(),
                Ink.one(c.name()),
                Ink.one(c.why()),
                Ink.ago(c.at(), ports.clock().instant()),
                Ink.size(c.bytes()),
                Integer.toString(c.epoch()));
    }

    @Command(
            name = "restore",
            description =
                    "Goes back. What left the VM meanwhile (pushes, sent requests) stays sent; what"
                            + " the agent made meanwhile is in staging.")
    int restore(
            @Parameters(paramLabel = "SESSION") SessionId id,
            @Parameters(paramLabel = "NAME|ID") String checkpoint,
            @Option(names = "--json") boolean json)
            throws CountersignException {
        try (Client engine = ports.connect()) {
            CheckpointView at = engine.restore(id, checkpoint);
            terminal.say(
                    json
                            ? Follow.json(at)
                            : "Session %s is back at checkpoint %s \"%s\"."
                                    .formatted(id, at.id(), Ink.one(at.name())));
            return 0;
        }
    }
}
