package dev.countersign.gate.risk;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is known at one point of a shell text: variables, directory, what it made before.
final class Scope {
    private final Map<String, Word> variables;
    private final Map<String, Function> functions;
    private final Map<String, List<Word>> arrays = new HashMap<>();

    /// Files that this text wrote, made executable or downloaded. Shared over sub-shells: they
    /// stay.
    private final Set<String> made;

    private final Set<String> downloaded;

    /// Directories that hold what came from elsewhere: a clone, an unpacked download.
    private final Set<String> fetched;

    private final boolean closed;
    private @Nullable String cwd;
    private @Nullable List<Word> parameters;

    /// A function of the text, not run yet. One is equal to itself only.
    static final class Function {
        private final ShellTree.Node node;
        private final ShellTree tree;
        private final Scope later;
        private final int depth;

        /// @param later the scope for the case that nothing in the text calls it
        Function(ShellTree.Node node, ShellTree tree, Scope later, int depth) {
            this.node = node;
            this.tree = tree;
            this.later = later;
            this.depth = depth;
        }

        ShellTree.Node node() {
            return node;
        }

        ShellTree tree() {
            return tree;
        }

        Scope later() {
            return later;
        }

        int depth() {
            return depth;
        }
    }

    Scope(@Nullable String cwd) {
        this(
                cwd,
                new HashMap<>(),
                new HashMap<>(),
                new HashSet<>(),
                new HashSet<>(),
                new HashSet<>(),
                false);
        variables.put("HOME", Word.of(Paths.HOME));
        variables.put("USER", Word.of("agent"));
        variables.put("LOGNAME", Word.of("agent"));
    }

    private Scope(
            @Nullable String cwd,
            Map<String, Word> variables,
            Map<String, Function> functions,
            Set<String> made,
            Set<String> downloaded,
            Set<String> fetched,
            boolean closed) {
        this.cwd = cwd;
        this.variables = variables;
        this.functions = functions;
        this.made = made;
        this.downloaded = downloaded;
        this.fetched = fetched;
        this.closed = closed;
    }

    /// A sub-shell: sees all, changes nothing outside of itself.
    Scope inner() {
        Scope inner =
                new Scope(
                        cwd,
                        new HashMap<>(variables),
                        new HashMap<>(functions),
                        made,
                        downloaded,
                        fetched,
                        closed);
        inner.parameters = parameters;
        inner.arrays.putAll(arrays);
        return inner;
    }

    /// A body that runs later, when the variables may be others: none is known.
    Scope later() {
        return new Scope(
                null, new HashMap<>(), new HashMap<>(functions), made, downloaded, fetched, true);
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
        List<Word> given = parameters;
        if (given != null && name.length() == 1 && Character.isDigit(name.charAt(0))) {
            int index = name.charAt(0) - '0';
            return index == 0 || index > given.size() ? Word.of("") : given.get(index - 1);
        }
        Word known = variables.get(name);
        return known == null && closed ? Word.unknown("$" + name) : known;
    }

    void set(String name, Word value) {
        arrays.remove(name);
        variables.put(name, value);
    }

    void unset(String name) {
        arrays.remove(name);
        variables.remove(name);
    }

    void forget(Set<String> names) {
        for (String name : names) {
            arrays.remove(name);
            variables.put(name, Word.unknown("$" + name));
        }
    }

    void function(String name, Function function) {
        functions.put(name, function);
    }

    /// The words of an array that was written out, or null.
    @Nullable List<Word> array(String name) {
        return variables.containsKey(name) ? arrays.get(name) : null;
    }

    void array(String name, List<Word> words) {
        variables.put(name, words.isEmpty() ? Word.of("") : words.getFirst());
        arrays.put(name, List.copyOf(words));
    }

    @Nullable Function function(String name) {
        return functions.get(name);
    }

    /// The positional parameters, or null if they are not known.
    @Nullable List<Word> parameters() {
        return parameters;
    }

    void parameters(@Nullable List<Word> words) {
        parameters = words;
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
        return downloaded.contains(absolute) || fromElsewhere(absolute);
    }

    /// A directory was filled from the network by this text: a clone, an unpacked download.
    void fetched(String directory) {
        fetched.add(directory);
    }

    /// Whether a path lies in a directory that this text filled from the network.
    boolean fromElsewhere(String absolute) {
        for (String directory : fetched) {
            if (absolute.equals(directory) || absolute.startsWith(directory + "/")) {
                return true;
            }
        }
        return false;
    }

    /// A remote that this text named itself: what is pushed there was not agreed on before.
    void remote(String name) {
        made.add(REMOTE + name);
    }

    boolean namedRemote(String name) {
        return made.contains(REMOTE + name);
    }

    /// A compiler made a program of the workspace's sources.
    void built(String absolute) {
        made.add(BUILT + absolute);
    }

    boolean wasBuilt(String absolute) {
        return made.contains(BUILT + absolute);
    }

    /// No path begins with these.
    private static final String BUILT = "built ";

    private static final String REMOTE = "remote ";
}
