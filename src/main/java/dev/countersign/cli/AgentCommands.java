package dev.countersign.cli;

import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `agent …`.
@Command(
        name = "agent",
        description = "Coding agents.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class AgentCommands {
    private final Tools.Agents agents;
    private final Terminal terminal;
    private final Ink ink;

    AgentCommands(Tools.Agents agents, Terminal terminal) {
        this.agents = agents;
        this.terminal = terminal;
        this.ink = new Ink(terminal.colours());
    }

    @Command(name = "list", description = "All agents that are known.")
    int list(@Option(names = "--json") boolean json) throws CountersignException {
        List<Tools.Agent> all = agents.list();
        if (json) {
            all.forEach(agent -> terminal.say(Follow.json(agent)));
            return 0;
        }
        ink.table(
                        List.of("NAME", "AGENT", "VERSION", "FLOOR", "SPEAKS", "FROM", "IMAGE"),
                        all.stream().map(AgentCommands::row).toList())
                .forEach(terminal::say);
        if (all.stream().anyMatch(agent -> !agent.image())) {
            terminal.say("An image for one: countersign image build --agents NAME,…");
        }
        return 0;
    }

    private static List<String> row(Tools.Agent agent) {
        return List.of(
                agent.name(),
                Ink.one(agent.title()),
                agent.version(),
                agent.floor(),
                agent.wire(),
                agent.source(),
                agent.image() ? "built" : "-");
    }

    @Command(name = "add", description = "Takes an agent's profile of your own.")
    int add(@Parameters(paramLabel = "FILE") Path profile, @Option(names = "--json") boolean json)
            throws CountersignException {
        Tools.Agent added = agents.add(profile);
        terminal.say(
                json
                        ? Follow.json(added)
                        : added.image()
                                ? "%s is known now.".formatted(added.name())
                                : "%s is known now. Its image: countersign image build --agents %s."
                                        .formatted(added.name(), added.name()));
        return 0;
    }

    @Command(name = "remove", description = "Forgets an agent's profile of your own.")
    int remove(@Parameters(paramLabel = "NAME") String name) throws CountersignException {
        agents.remove(name);
        terminal.say("%s is forgotten.".formatted(Ink.one(name)));
        return 0;
    }
}
