package dev.countersign.gate.risk;

import dev.countersign.gate.risk.Tool.Flag;
import dev.countersign.gate.risk.Tool.Sub;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A command's words as its tool reads them: options (bundled, abbreviated, with values), the
/// sub-command, and what is left.
final class Arguments {
    /// A used option.
    ///
    /// @param name as written, without its value
    /// @param flags what the table knows under this name or an abbreviation; empty: nothing
    record Used(String name, @Nullable Word value, List<Flag> flags) {
        boolean is(String... names) {
            for (String wanted : names) {
                if (name.equals(wanted)
                        || (name.length() > 3
                                && name.startsWith("--")
                                && wanted.startsWith(name))) {
                    return true;
                }
            }
            return false;
        }
    }

    private final Tool tool;
    private final List<Word> words;
    private final List<Integer> places = new ArrayList<>();
    private int taken;
    private boolean two;
    private String subName = "";
    private final List<Used> options = new ArrayList<>();
    private final List<Word> positionals = new ArrayList<>();
    private final List<Word> assignments = new ArrayList<>();
    private List<Sub> candidates;
    private @Nullable Sub sub;
    private List<Word> command = List.of();

    Arguments(Tool tool, List<Word> words) {
        this.tool = tool;
        this.words = words;
        candidates = List.of();
        read();
    }

    List<Used> options() {
        return options;
    }

    /// Positional arguments behind the sub-command.
    List<Word> positionals() {
        return positionals;
    }

    @Nullable Sub sub() {
        return sub;
    }

    /// The sub-command as it was given, one word or two; empty if there is none.
    String subName() {
        return subName;
    }

    /// What a wrapper runs.
    List<Word> command() {
        return command;
    }

    /// Whether an option makes it only look. An abbreviation does not count.
    boolean lowered() {
        for (Used option : options) {
            for (Flag flag : option.flags()) {
                if (flag.lowers() && flag.names().contains(option.name())) {
                    return true;
                }
            }
        }
        return false;
    }

    /// All words behind the n-th positional argument after the sub-command, as they were given: the
    /// command line that the tool runs.
    List<Word> behind(int n) {
        int index = taken + n - 1;
        int from = index < 0 ? 0 : index < places.size() ? places.get(index) + 1 : words.size();
        while (from < words.size() && words.get(from).text().equals("--")) {
            from++;
        }
        return words.subList(from, words.size());
    }

    /// The command was run by a rule of its own.
    void drop() {
        command = List.of();
    }

    boolean has(String... names) {
        for (Used option : options) {
            if (option.is(names)) {
                return true;
            }
        }
        return false;
    }

    @Nullable Word value(String... names) {
        for (Used option : options) {
            if (option.value() != null && option.is(names)) {
                return option.value();
            }
        }
        return null;
    }

    private static final java.util.regex.Pattern ASSIGNMENT =
            java.util.regex.Pattern.compile(
                    "[A-Za-z_][A-Za-z_0-9]*=.*", java.util.regex.Pattern.DOTALL);

    /// An interpreter's own options end at the script; what follows belongs to it.
    private static final java.util.Set<String> STOPPING =
            java.util.Set.of("python", "interpreter", "shell");

    private void read() {
        boolean literalOnly = false;
        boolean stops = STOPPING.contains(tool.special());
        for (int i = 0; i < words.size(); i++) {
            Word word = words.get(i);
            if (!literalOnly && word.text().equals("--")) {
                literalOnly = true;
            } else if (!literalOnly && word.option()) {
                i = option(words, i);
                boolean last = stops && tool.special().equals("python") && has("-c", "-m");
                literalOnly = last;
            } else if (tool.assigns()
                    && positionals.isEmpty()
                    && ASSIGNMENT.matcher(word.text()).matches()) {
                assignments.add(word);
            } else if (tool.wraps() >= 0 && positionals.size() == tool.wraps()) {
                command = words.subList(i, words.size());
                return;
            } else {
                places.add(i);
                positional(word);
                literalOnly |= stops;
                if (runsFrom()) {
                    positionals.removeLast();
                    command = words.subList(i, words.size());
                    break;
                }
            }
        }
        if (sub == null && !candidates.isEmpty()) {
            sub = oneWord(positionals);
        }
        if (sub != null) {
            taken = two ? 2 : 1;
            subName =
                    String.join(
                            " ", positionals.subList(0, taken).stream().map(Word::text).toList());
            for (int i = 0; i < taken && !positionals.isEmpty(); i++) {
                positionals.removeFirst();
            }
        }
    }

    /// Whether the last positional argument begins the command that the sub-command runs.
    private boolean runsFrom() {
        Sub known = sub;
        return known != null
                && known.runs() >= 0
                && positionals.size() - (two ? 2 : 1) == known.runs() + 1;
    }

    List<Word> assignments() {
        return assignments;
    }

    private void positional(Word word) {
        positionals.add(word);
        if (tool.subs().isEmpty()) {
            return;
        }
        if (positionals.size() == 1) {
            candidates = tool.subs().beginningWith(word.text());
        } else if (positionals.size() == 2) {
            String both = positionals.getFirst().text() + " " + word.text();
            Sub single = oneWord(positionals);
            for (Sub one : candidates) {
                boolean lowers =
                        !word.literal()
                                && single != null
                                && one.grade().level().compareTo(single.grade().level()) < 0;
                if (lowers) {
                    continue; // What is known only when it runs makes nothing harmless.
                }
                for (String name : one.names()) {
                    if (name.indexOf(' ') > 0 && PathPattern.could(both, name)) {
                        sub = one;
                        two = true;
                        return;
                    }
                }
            }
            sub = single;
            if (sub == null) {
                candidates = List.of();
            }
        }
    }

    private @Nullable Sub oneWord(List<Word> words) {
        String text = words.getFirst().text();
        for (Sub one : candidates) {
            for (String name : one.names()) {
                if (name.indexOf(' ') < 0 && glob(name, text)) {
                    return one;
                }
            }
        }
        return null;
    }

    private static boolean glob(String name, String text) {
        return name.indexOf('*') < 0 ? name.equals(text) : PathPattern.could(text, name);
    }

    /// @return the index of the last word that it took
    private int option(List<Word> words, int at) {
        Word word = words.get(at);
        String text = word.text();
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        Word attached = equals < 0 ? null : word.withText(text.substring(equals + 1));
        boolean isLong = text.startsWith("--") || tool.single();
        List<Flag> exact = named(name);
        if (!exact.isEmpty() || isLong) {
            List<Flag> flags = exact.isEmpty() ? abbreviated(name) : exact;
            return take(name, attached, flags, words, at);
        }
        return bundle(words, at, text);
    }

    private int take(
            String name, @Nullable Word attached, List<Flag> flags, List<Word> words, int at) {
        boolean wants = wantsValue(flags);
        if (attached != null || !wants || at + 1 >= words.size()) {
            options.add(new Used(name, attached, flags));
            return at;
        }
        options.add(new Used(name, words.get(at + 1), flags));
        return at + 1;
    }

    private static boolean wantsValue(List<Flag> flags) {
        for (Flag flag : flags) {
            if (flag.value() != null) {
                return true;
            }
        }
        return false;
    }

    /// `-rf`, `-ofile`.
    private int bundle(List<Word> words, int at, String text) {
        for (int i = 1; i < text.length(); i++) {
            String name = "-" + text.charAt(i);
            List<Flag> flags = named(name);
            boolean wants = wantsValue(flags);
            if (wants) {
                if (i + 1 < text.length()) {
                    String rest = text.substring(i + 1);
                    options.add(
                            new Used(
                                    name,
                                    words.get(at)
                                            .withText(
                                                    rest.startsWith("=")
                                                            ? rest.substring(1)
                                                            : rest),
                                    flags));
                    return at;
                }
                return take(name, null, flags, words, at);
            }
            options.add(new Used(name, null, flags));
        }
        return at;
    }

    private List<Flag> named(String name) {
        List<Flag> own = tool.flags().named(name);
        List<Flag> found = List.of();
        for (Sub one : meant()) {
            found = joined(found, one.flags().named(name));
        }
        return joined(found, own);
    }

    private static List<Flag> joined(List<Flag> some, List<Flag> more) {
        if (some.isEmpty() || more.isEmpty()) {
            return some.isEmpty() ? more : some;
        }
        List<Flag> both = new ArrayList<>(some);
        both.addAll(more);
        return both;
    }

    /// The sub-command, or those that it may still turn out to be.
    private List<Sub> meant() {
        Sub known = sub;
        return known == null ? candidates : List.of(known);
    }

    /// getopt_long(3) takes any prefix of a long option; where several fit, all are meant here.
    private List<Flag> abbreviated(String name) {
        if (tool.exact()) {
            // The flag package of Go and its like: `--x` is `-x`, and nothing is abbreviated.
            return name.startsWith("--") ? named(name.substring(1)) : List.of();
        }
        if (name.length() < 3) {
            return List.of();
        }
        List<Flag> found = new ArrayList<>();
        for (Sub one : meant()) {
            one.flags().abbreviated(name, found);
        }
        tool.flags().abbreviated(name, found);
        return found;
    }
}
