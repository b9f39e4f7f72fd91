package dev.countersign.app;

import dev.countersign.agent.Tour;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.gate.policy.DataPolicy;
import dev.countersign.gateway.Budget;
import dev.countersign.gateway.HttpUpstream;
import dev.countersign.gateway.ScriptedUpstream;
import dev.countersign.gateway.Upstream;
import dev.countersign.session.SessionRooms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/// The models' providers of one engine. All sessions share the connections to a real one; the
/// bundled model has none and is read anew for each session, as its scenario file may change.
final class Providers implements SessionRooms.Upstreams {
    private static final String SCRIPTED = "scripted:";

    private final ModelSettings settings;
    private final Duration scriptPace;
    private final RandomGenerator random;
    private final Clock clock;
    private final Map<Tools.Provider, HttpUpstream> open = new HashMap<>();
    private boolean closed;

    /// @param settings read anew for each session: the developer may have changed them
    /// @param scriptPace the pause between two pieces of the bundled model's text
    Providers(ModelSettings settings, Duration scriptPace, RandomGenerator random, Clock clock) {
        this.settings = settings;
        this.scriptPace = scriptPace;
        this.random = random;
        this.clock = clock;
    }

    @Override
    public Upstream named(String provider) throws CountersignException {
        if (provider.startsWith(SCRIPTED)) {
            return scripted(provider.substring(SCRIPTED.length()));
        }
        return connected(settings.named(provider).orElseThrow(() -> noProvider(provider)));
    }

    @Override
    public DataPolicy.Admission admit(String provider, DataClass data) throws CountersignException {
        DataPolicy.Provider asked =
                provider.startsWith(SCRIPTED)
                        ? new DataPolicy.Provider(provider, null, false)
                        : settings.asked(
                                settings.named(provider).orElseThrow(() -> noProvider(provider)));
        return settings.dataPolicy().admit(asked, data, LocalDate.now(clock));
    }

    @Override
    public Budget budget(long tokens, long microUsd) throws CountersignException {
        return settings.budget(tokens, microUsd);
    }

    /// A provider whose settings changed is another one; the sessions that use the old one keep it.
    private synchronized Upstream connected(Tools.Provider provider) throws CountersignException {
        if (closed) {
            throw new CountersignException(
                    Kind.CONFLICT, "The engine ends; no model is asked any more.");
        }
        HttpUpstream known = open.get(provider);
        if (known == null) {
            known = settings.opened(provider);
            open.put(provider, known);
        }
        return known;
    }

    /// The bundled model with the tour's scenario, or with a scenario file of the developer's own.
    private Upstream scripted(String name) throws CountersignException {
        boolean bundled = name.equals("tour");
        Path file = Path.of(name);
        if (!bundled && !file.isAbsolute()) {
            throw noProvider(SCRIPTED + name);
        }
        try (InputStream scenario = bundled ? Tour.scenario() : Files.newInputStream(file)) {
            return new ScriptedUpstream(scenario, scriptPace, random);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The scenario %s can't be read: %s. Name a file that can."
                            .formatted(GuestText.of(name).visible(), e.getMessage()),
                    e);
        }
    }

    static CountersignException noProvider(String provider) {
        return new CountersignException(
                Kind.USAGE,
                "There is no provider %s. List those that are set up with `countersign provider list`, or name scripted:tour or scripted:FILE with the whole path of a scenario."
                        .formatted(GuestText.of(provider).visible()));
    }

    @Override
    public synchronized void close() {
        closed = true;
        open.values().forEach(HttpUpstream::close);
        open.clear();
    }
}
