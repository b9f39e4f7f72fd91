package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Gathers what was found in one call. The worst finding is the call's level.
final class Findings {
    private static final int MOST_REASONS = 8;

    private record Finding(Level level, String effect, String reason) {}

    private final Set<Finding> found = new LinkedHashSet<>();
    private final List<SimpleCommand> commands = new ArrayList<>();
    private final Set<String> reads = new LinkedHashSet<>();
    private final Set<String> writes = new LinkedHashSet<>();
    private final Set<String> hosts = new LinkedHashSet<>();
    private Level worst = Level.LOW;
    private boolean understood = true;
    private boolean onlyLooks = true;

    /// @param effect empty if it has no name of its own
    void add(Level level, String effect, String reason) {
        found.add(new Finding(level, effect, reason));
        if (level != Level.LOW) {
            onlyLooks = false;
            worst = level.compareTo(worst) > 0 ? level : worst;
        }
    }

    /// Something that can't be told before it runs: high, and it asks in every mode.
    void notUnderstood(String reason) {
        understood = false;
        add(Level.HIGH, "shell.not-understood", reason);
    }

    /// It is low but does more than look: tests, linters.
    void acts() {
        onlyLooks = false;
    }

    void command(SimpleCommand command) {
        commands.add(command);
    }

    void reads(String path) {
        reads.add(path);
    }

    void writes(String path) {
        writes.add(path);
    }

    void host(String host) {
        hosts.add(host);
    }

    Level level() {
        return worst;
    }

    boolean has(String effect) {
        for (Finding finding : found) {
            if (finding.effect().equals(effect)) {
                return true;
            }
        }
        return false;
    }

    /// Whether one of them runs code of the directory that the command works in.
    boolean runsCode() {
        for (Finding finding : found) {
            String effect = finding.effect();
            if (effect.startsWith("run.")
                    || effect.equals("build")
                    || effect.equals("test")
                    || effect.equals("install.code")) {
                return true;
            }
        }
        return false;
    }

    /// A place to find out what one part alone is worth.
    Findings apart() {
        return new Findings();
    }

    /// Takes over all of another's.
    void addAll(Findings other) {
        found.addAll(other.found);
        worst = other.worst.compareTo(worst) > 0 ? other.worst : worst;
        commands.addAll(other.commands);
        reads.addAll(other.reads);
        writes.addAll(other.writes);
        hosts.addAll(other.hosts);
        understood &= other.understood;
        onlyLooks &= other.onlyLooks;
    }

    Rating rating(
            ToolKind kind,
            @Nullable GuestText command,
            @Nullable GuestText path,
            String ifNothing) {
        List<Finding> worstFirst =
                found.stream()
                        .sorted(Comparator.comparing(Finding::level, Comparator.reverseOrder()))
                        .toList();
        Level level = level();
        List<String> reasons =
                worstFirst.stream()
                        .filter(f -> f.level() == level || f.level().compareTo(Level.MEDIUM) > 0)
                        .map(Finding::reason)
                        .distinct()
                        .limit(MOST_REASONS)
                        .toList();
        return new Rating(
                kind,
                level,
                worstFirst.stream()
                        .map(Finding::effect)
                        .filter(effect -> !effect.isEmpty())
                        .distinct()
                        .toList(),
                reasons.isEmpty() ? List.of(ifNothing) : reasons,
                commands,
                command,
                path,
                List.copyOf(reads),
                List.copyOf(writes),
                List.copyOf(hosts),
                onlyLooks && level == Level.LOW,
                understood);
    }

    Stream<String> reasons() {
        return found.stream().map(Finding::reason);
    }
}
