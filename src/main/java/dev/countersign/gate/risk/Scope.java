package dev.countersign.gate.risk;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is known at one point of a shell text: variables, directory, what it made before.
final class Scope {
    private final Map<String, Word> variables;
    private final Set<String> functions;

    /// Files that this text wrote, made executable or downloaded. Shared over sub-shells: they
    /// stay.
    private final Set<String> made;

    private final Set<String> downloaded;
    private final boolean closed;
    private @Nullable String cwd;

    Scope(@Nullable String cwd) {
        this(cwd, new HashMap<>(), new HashSet<>(), new HashSet<>(), new HashSet<>(), false);
        variables.put("HOME", Word.of(Paths.HOME));
        variables.put("USER", Word.of("agent"));
        variables.put("LOGNAME", Word.of("agent"));
    }

    private Scope(
            @Nullable String cwd,
            Map<String, Word> variables,
            Set<String> functions,
            Set<String> made,
            Set<String> downloaded,
            boolean closed) {
        this.cwd = cwd;
        this.variables = variables;
        this.functions = functions;
        this.made = made;
        this.downloaded = downloaded;
        this.closed = closed;
    }

    /// A sub-shell: sees all, changes nothing outside of itself.
    Scope inner() {
        return new Scope(
                cwd, new HashMap<>(variables), new HashSet<>(functions), made, downloaded, closed);
    }

    /// A body that runs later, when the variables may be others: none is known.
    Scope later() {
        return new Scope(null, new HashMap<>(), new HashSet<>(functions), made, downloaded, true);
    }

    @Nullable String cwd() {
        return cwd;
    }

    void cd(@Nullable String directory) {
        cwd = directory;
    }

    /// Null if it was not set here.
    @Nullable Word value(String name) {
        if (name.equals("PWD")) {
            String at = cwd;
            return at == null ? Word.unknown("$PWD") : Word.of(at);
        }
        Word known = variables.get(name);
        return known == null && closed ? Word.unknown("$" + name) : known;
    }

    void set(String name, Word value) {
        variables.put(name, value);
    }

    void unset(String name) {
        variables.remove(name);
    }

    void forget(Set<String> names) {
        for (String name : names) {
            variables.put(name, Word.unknown("$" + name));
        }
    }

    void function(String name) {
        functions.add(name);
    }

    boolean isFunction(String name) {
        return functions.contains(name);
    }

    void made(String absolute) {
        made.add(absolute);
    }

    void downloaded(String absolute) {
        downloaded.add(absolute);
        made.add(absolute);
    }

    boolean wasMade(String absolute) {
        return made.contains(absolute);
    }

    boolean wasDownloaded(String absolute) {
        return downloaded.contains(absolute);
    }
}
