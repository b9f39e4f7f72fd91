package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/// Which image each repository gets: the developer's setting, in `images.yaml` beside the policy. A
/// repository itself has no say in it.
///
/// ```yaml
/// version: 1
/// default: {with: [python]}
/// repositories:
///   ~/src/shop: {with: [jdk, maven], packages: [libpq-dev]}
/// ```
public final class ImageChoices {
    private static final int LARGEST = 1 << 20;

    private final ImageSettings fallback;
    private final Map<Path, ImageSettings> repositories;

    private ImageChoices(ImageSettings fallback, Map<Path, ImageSettings> repositories) {
        this.fallback = fallback;
        this.repositories = repositories;
    }

    /// Reads the file; without one, every repository gets the base image.
    ///
    /// @param home what `~/` stands for
    /// @throws CountersignException `USAGE` with file and line, if anything in it is not
    ///   understood: the file then counts as a whole not at all
    public static ImageChoices read(Path file, Path home) throws CountersignException {
        if (Files.notExists(file)) {
            return new ImageChoices(ImageSettings.BASE, Map.of());
        }
        try {
            if (Files.size(file) > LARGEST) {
                throw wrong(file, "it is larger than 1 MiB");
            }
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            options.setMaxAliasesForCollections(0);
            Object document =
                    new Yaml(new SafeConstructor(options))
                            .load(Files.readString(file, StandardCharsets.UTF_8));
            return document == null
                    ? new ImageChoices(ImageSettings.BASE, Map.of())
                    : new Reading(file, home).choices(document);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new CountersignException(
                    Kind.USAGE,
                    "%s, line %d: %s. Correct the line.".formatted(file, line, e.getProblem()),
                    e);
        } catch (YAMLException | IOException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "%s cannot be read: %s. Correct or remove it.".formatted(file, e.getMessage()),
                    e);
        }
    }

    /// The settings for this repository's directory: its own entry, else the default's.
    public ImageSettings of(Path repository) {
        return repositories.getOrDefault(repository.toAbsolutePath().normalize(), fallback);
    }

    private static CountersignException wrong(Path file, String reason) {
        return new CountersignException(
                Kind.USAGE, "%s: %s. Correct the file.".formatted(file, reason));
    }

    /// One reading of one file.
    private record Reading(Path file, Path home) {
        ImageChoices choices(Object document) throws CountersignException {
            Map<String, @Nullable Object> top =
                    mapping(document, "the file", List.of("version", "default", "repositories"));
            if (!Integer.valueOf(1).equals(top.get("version"))) {
                throw wrong(file, "it must say `version: 1`");
            }
            Object common = top.get("default");
            ImageSettings fallback =
                    common == null ? ImageSettings.BASE : settings(common, "default");
            Map<Path, ImageSettings> repositories = new LinkedHashMap<>();
            Object listed = top.get("repositories");
            if (listed != null) {
                for (Map.Entry<String, @Nullable Object> entry :
                        mapping(listed, "repositories", List.of()).entrySet()) {
                    Object value = entry.getValue();
                    repositories.put(
                            path(entry.getKey()),
                            value == null
                                    ? ImageSettings.BASE
                                    : settings(value, "\"" + entry.getKey() + "\""));
                }
            }
            return new ImageChoices(fallback, repositories);
        }

        private Path path(String name) throws CountersignException {
            Path path = name.startsWith("~/") ? home.resolve(name.substring(2)) : Path.of(name);
            if (!path.isAbsolute()) {
                throw wrong(
                        file,
                        "repository \"" + name + "\" must be an absolute path, or begin with ~/");
            }
            return path.normalize();
        }

        private ImageSettings settings(Object value, String where) throws CountersignException {
            Map<String, @Nullable Object> fields =
                    mapping(value, where, List.of("with", "packages"));
            ImageSettings settings =
                    new ImageSettings(
                            names(fields.get("with"), where + ": with"),
                            names(fields.get("packages"), where + ": packages"));
            settings.check();
            return settings;
        }

        private List<String> names(@Nullable Object value, String where)
                throws CountersignException {
            if (value == null) {
                return List.of();
            }
            if (!(value instanceof List<?> items)) {
                throw wrong(file, where + " must be a list of names");
            }
            List<String> names = new ArrayList<>();
            for (Object item : items) {
                if (!(item instanceof String name)) {
                    throw wrong(file, where + " must be a list of names");
                }
                names.add(name);
            }
            return names;
        }

        /// @param known the keys that may be there; empty: any
        private Map<String, @Nullable Object> mapping(
                Object value, String where, List<String> known) throws CountersignException {
            if (!(value instanceof Map<?, ?> raw)) {
                throw wrong(file, where + " must be a mapping");
            }
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : raw.entrySet()) {
                if (!(entry.getKey() instanceof String key)
                        || !(known.isEmpty() || known.contains(key))) {
                    throw wrong(
                            file,
                            "%s has an unknown key \"%s\"%s"
                                    .formatted(
                                            where,
                                            entry.getKey(),
                                            known.isEmpty()
                                                    ? ""
                                                    : "; known are " + String.join(", ", known)));
                }
                fields.put(key, entry.getValue());
            }
            return fields;
        }
    }
}
