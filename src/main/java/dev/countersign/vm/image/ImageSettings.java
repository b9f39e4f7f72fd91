package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What an image holds beyond the common base. Order and repetition do not matter: equal needs are
/// equal settings, and give the same image.
///
/// @param toolchains names out of the recipe's list, such as `jdk` or `rust`
/// @param packages further Debian packages by name
/// @param agents coding agents below `/opt/agents`
public record ImageSettings(
        List<String> toolchains, List<String> packages, List<ImageAgent> agents) {
    /// The common base alone.
    public static final ImageSettings BASE = new ImageSettings(List.of(), List.of());

    // Debian policy 5.6.1: names of packages. Nothing else may reach apt: a trailing "-", a "/" or
    // a
    // "=" would mean something there.
    private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.-]*[a-z0-9+.]");

    /// Sorts and takes repeats out.
    public ImageSettings {
        toolchains = toolchains.stream().distinct().sorted().toList();
        packages = packages.stream().distinct().sorted().toList();
        agents = agents.stream().distinct().sorted(Comparator.comparing(ImageAgent::name)).toList();
    }

    /// An image without coding agents.
    public ImageSettings(List<String> toolchains, List<String> packages) {
        this(toolchains, packages, List.of());
    }

    /// The same, with these agents and no others.
    public ImageSettings with(List<ImageAgent> others) {
        return new ImageSettings(toolchains, packages, others);
    }

    /// These settings, and those.
    public ImageSettings and(ImageSettings other) {
        return new ImageSettings(
                Stream.concat(toolchains.stream(), other.toolchains.stream()).toList(),
                Stream.concat(packages.stream(), other.packages.stream()).toList(),
                Stream.concat(agents.stream(), other.agents.stream()).toList());
    }

    /// @throws CountersignException `USAGE`, if a name is none that Debian could have
    void check() throws CountersignException {
        for (String name : packages) {
            if (!PACKAGE.matcher(name).matches()) {
                throw new CountersignException(
                        Kind.USAGE,
                        "\"%s\" is no name of a Debian package: lower-case letters, digits, \"+\", \"-\" and \".\" only. Correct the name."
                                .formatted(
                                        name.codePoints()
                                                .limit(80)
                                                .map(c -> Character.isISOControl(c) ? '?' : c)
                                                .collect(
                                                        StringBuilder::new,
                                                        StringBuilder::appendCodePoint,
                                                        StringBuilder::append)));
            }
        }
    }
}
