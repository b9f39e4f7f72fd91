package dev.countersign.app;

import dev.countersign.domain.CountersignException;
import dev.countersign.vm.process.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The package registries that the developer's own tools are set up with, so that a question can
/// say that a host is one of them. Asked of the tools in the developer's home, never in a
/// repository: its settings are no word of the developer's. Nothing is let through by it.
final class DeveloperRegistries {
    private static final Logger LOG = LoggerFactory.getLogger(DeveloperRegistries.class);
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long LARGEST = 1 << 20;
    private static final int OUTPUT = 16 << 10;
    private static final Pattern ADDRESS =
            Pattern.compile("https?://(?:[^/@<>,|\\s]*@)?([A-Za-z0-9.-]+)");
    private static final Pattern SETTING =
            Pattern.compile("(?i)(npm_config_.*|PIP_.*|GOPROXY|GOENV|GOFLAGS|XDG_CONFIG_HOME)");

    /// pip says only what was set; what it has built in stands in its own module.
    private static final String PIP =
            "import pip; from pip._internal.models.index import PyPI as p; print(p.simple_url); print('https://'+p.file_storage_domain)";

    private final Path home;
    private final Path etc;
    private final Commands commands;
    private final Map<String, String> settings;
    private final Clock clock;
    private Map<String, String> known = Map.of();
    private Instant read = Instant.EPOCH;

    /// @param home the developer's
    /// @param etc the system's settings
    DeveloperRegistries(Path home, Path etc, Map<String, String> environment, Clock clock) {
        this.home = home;
        this.etc = etc;
        this.commands = new Commands(environment);
        this.settings = new TreeMap<>(environment);
        settings.keySet().removeIf(name -> !SETTING.matcher(name).matches());
        this.clock = clock;
    }

    /// What a host is to the developer, such as `the registry of your npm`.
    Optional<String> known(String host) {
        return Optional.ofNullable(all().get(host));
    }

    private synchronized Map<String, String> all() {
        Instant now = clock.instant();
        if (Duration.between(read, now).compareTo(FRESH) > 0) {
            read = now;
            Map<String, String> found = new LinkedHashMap<>();
            said(found, "npm", "npm", "config", "get", "registry");
            said(found, "pip", "python3", "-c", PIP);
            said(found, "pip", "python3", "-m", "pip", "config", "list");
            said(found, "go", "go", "env", "GOPROXY");
            file(found, "Maven", home.resolve(".m2/settings.xml"));
            file(found, "cargo", home.resolve(".cargo/config.toml"));
            file(found, "uv", home.resolve(".config/uv/uv.toml"));
            file(found, "apt", etc.resolve("apt/sources.list"));
            directory(found, "apt", etc.resolve("apt/sources.list.d"));
            known = Map.copyOf(found);
        }
        return known;
    }

    private void said(Map<String, String> found, String tool, String... words) {
        // By way of env, the program is looked for where the developer's environment says.
        List<String> argv = Stream.concat(Stream.of("/usr/bin/env"), Stream.of(words)).toList();
        try {
            Commands.Result result =
                    commands.run(
                            new Commands.Run(argv, settings, home, new byte[0], PATIENCE, OUTPUT));
            if (result.exitCode() == 0) {
                addresses(found, tool, result.text());
            }
        } catch (CountersignException e) {
            LOG.debug("{} does not say its registry", tool, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void file(Map<String, String> found, String tool, Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
                addresses(
                        found,
                        tool,
                        new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                                .replaceAll("(?m)^\\s*#.*$", "")
                                .replaceAll("(?s)<!--.*?-->", "")
                                .replaceAll("xmlns(:\\w+)?=\"[^\"]*\"|xsi:\\w+=\"[^\"]*\"", ""));
            }
        } catch (IOException e) {
            LOG.debug("{} can't be read", file, e);
        }
    }

    private static void directory(Map<String, String> found, String tool, Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(directory, "*.{list,sources}")) {
            files.forEach(file -> file(found, tool, file));
        } catch (IOException e) {
            LOG.debug("{} can't be read", directory, e);
        }
    }

    private static void addresses(Map<String, String> found, String tool, String text) {
        Matcher matcher = ADDRESS.matcher(text);
        while (matcher.find()) {
            found.putIfAbsent(
                    matcher.group(1).toLowerCase(Locale.ROOT),
                    "the registry that your " + tool + " is set up with");
        }
    }
}
