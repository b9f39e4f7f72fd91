package dev.countersign.app;

import dev.countersign.agent.AgentProfile;
import dev.countersign.agent.AgentProfiles;
import dev.countersign.agent.AgentRun;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.engine.EngineService;
import dev.countersign.gateway.HttpUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where a new session's agent asks its model: at a provider that speaks the agent's format. The
/// model is the session's, else the provider's default, else what the agent itself asks for.
final class ModelChoice implements EngineService.Defaults.Models {
    private static final String SCRIPTED = "scripted:";

    private final ModelSettings settings;
    private final AgentProfiles agents;
    private final Map<String, String> environment;

    /// @param environment a key in it settles which of several providers is meant
    ModelChoice(ModelSettings settings, AgentProfiles agents, Map<String, String> environment) {
        this.settings = settings;
        this.agents = agents;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public EngineService.Defaults.Chosen of(
            String agent, @Nullable String provider, @Nullable String model)
            throws CountersignException {
        if (model != null) {
            AgentRun.demandModel(model);
        }
        if (provider != null && provider.startsWith(SCRIPTED)) {
            return new EngineService.Defaults.Chosen(provider, model == null ? "scripted" : model);
        }
        Agent asking = Agent.of(agents.named(agent));
        Tools.Provider found = provider == null ? fitting(asking) : named(provider, asking);
        String chosen = model == null ? found.model() : model;
        if (chosen == null && asking.modelNeeded()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s has no model of its own at %s. Name one with --model, or for all its sessions: countersign provider model %s NAME."
                            .formatted(asking.title(), found.name(), found.name()));
        }
        return new EngineService.Defaults.Chosen(found.name(), chosen);
    }

    /// What of an agent counts here.
    private record Agent(String name, String title, String wire, boolean modelNeeded) {
        static Agent of(AgentProfile profile) {
            AgentProfile.Program program = profile.program();
            return program == null
                    ? new Agent(profile.name(), profile.title(), "messages", false)
                    : new Agent(
                            profile.name(), profile.title(), program.wire(), program.modelNeeded());
        }

        boolean understands(Tools.Provider provider) throws CountersignException {
            return HttpUpstream.Dialect.named(provider.kind()).speaks(wire);
        }
    }

    private Tools.Provider named(String name, Agent asking) throws CountersignException {
        Optional<Tools.Provider> found = settings.named(name);
        if (found.isEmpty()) {
            throw Providers.noProvider(name);
        }
        Tools.Provider provider = found.get();
        if (!asking.understands(provider)) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s speaks the format %s, and the provider %s is of kind %s. Name another with --provider: countersign provider list."
                            .formatted(
                                    asking.title(),
                                    asking.wire(),
                                    GuestText.of(name).visible(),
                                    provider.kind()));
        }
        return provider;
    }

    private Tools.Provider fitting(Agent asking) throws CountersignException {
        List<Tools.Provider> known = settings.list();
        for (Tools.Provider each : known) {
            String variable = each.variable();
            if (variable != null
                    && !environment.getOrDefault(variable, "").isBlank()
                    && ModelSettings.builtIn(each.name())
                    && asking.understands(each)) {
                return each;
            }
        }
        List<Tools.Provider> fitting = new ArrayList<>();
        for (Tools.Provider each : known) {
            if (asking.understands(each)) {
                fitting.add(each);
            }
        }
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        if (fitting.isEmpty()) {
            throw new CountersignException(
                    Kind.MISSING,
                    "No model is set up for the agent %s, which speaks the format %s. Set one up with `countersign provider add`, or put its key into the engine's environment (ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY) and end the engine with `countersign engine stop`, or try the product without a key: countersign try."
                            .formatted(asking.name(), asking.wire()));
        }
        throw new CountersignException(
                Kind.USAGE,
                "Several providers are set up: %s. Name one with --provider."
                        .formatted(
                                fitting.stream()
                                        .map(Tools.Provider::name)
                                        .collect(Collectors.joining(", "))));
    }
}
