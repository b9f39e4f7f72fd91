package dev.countersign.app;

import dev.countersign.agent.AgentProfile;
import dev.countersign.agent.AgentProfiles;
import dev.countersign.agent.NpmPackages;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.vm.image.BuildProgress;
import dev.countersign.vm.image.GuestImage;
import dev.countersign.vm.image.GuestImages;
import dev.countersign.vm.image.ImageAgent;
import dev.countersign.vm.image.ImageChoices;
import dev.countersign.vm.image.ImageSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which guest image a session needs: the developer's choice for the repository, and the agent in
/// it. The same for the engine and for the commands.
final class AgentImages {
    private final GuestImages images;
    private final AgentProfiles agents;
    private final Map<String, String> environment;

    AgentImages(Home home, AgentProfiles agents, Map<String, String> environment) {
        this.images = GuestImages.under(home.root(), environment);
        this.agents = agents;
        this.environment = environment;
    }

    static AgentProfiles profiles(Map<String, String> environment) {
        return new AgentProfiles(Home.config(environment).resolve("agents"));
    }

    GuestImages images() {
        return images;
    }

    /// What a session with this agent in this repository needs.
    ImageSettings needed(String agent, Path repository) throws CountersignException {
        ImageSettings chosen =
                ImageChoices.read(
                                Home.config(environment).resolve("images.yaml"),
                                Path.of(System.getProperty("user.home")))
                        .of(repository);
        AgentProfile profile = agents.named(agent);
        AgentProfile.Program program = profile.program();
        return program == null || program.packages().isEmpty()
                ? chosen
                : chosen.with(List.of(of(profile)));
    }

    private ImageAgent of(AgentProfile profile) throws CountersignException {
        return new ImageAgent(
                profile.name(), profile.version(), NpmPackages.pin(profile, images.architecture()));
    }

    /// The image for this session, if it is built.
    Optional<GuestImage> find(String agent, Path repository) throws CountersignException {
        return images.findWith(needed(agent, repository));
    }

    /// The image for this session. One without an agent is built if it is missing; one with an
    /// agent is not, as that fetches the agent: the error says how to.
    ///
    /// @throws CountersignException `MISSING` with the command that builds it
    void demand(String agent, Path repository) throws CountersignException {
        ImageSettings needed = needed(agent, repository);
        // Further packages can be named in the developer's settings only, no command takes them.
        if (needed.agents().isEmpty()
                || !needed.packages().isEmpty()
                || images.findWith(needed).isPresent()) {
            return;
        }
        throw new CountersignException(
                Kind.MISSING,
                "No guest image has %s %s. Build one, once: countersign image build --agents %s%s."
                        .formatted(
                                agents.named(agent).title(),
                                needed.agents().getFirst().version(),
                                agent,
                                needed.toolchains().isEmpty()
                                        ? ""
                                        : " --with " + String.join(",", needed.toolchains())));
    }

    /// Builds an image with these agents, or finds it.
    GuestImage build(ImageSettings chosen, List<String> names, BuildProgress progress)
            throws CountersignException, InterruptedException {
        List<ImageAgent> wanted = new ArrayList<>();
        for (String name : names) {
            wanted.add(of(agents.named(name)));
        }
        return build(chosen.with(wanted), progress);
    }

    /// Builds an image of these settings, or finds it.
    GuestImage build(ImageSettings settings, BuildProgress progress)
            throws CountersignException, InterruptedException {
        NpmPackages packages = new NpmPackages(environment);
        return images.buildWithAgents(
                settings,
                (agent, into, _) ->
                        packages.fetch(agents.named(agent.name()), images.architecture(), into),
                progress);
    }
}
