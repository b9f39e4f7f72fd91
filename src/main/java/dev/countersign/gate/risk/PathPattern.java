package dev.countersign.gate.risk;

import java.util.Locale;

/// A glob over the names of a path, at any depth unless it says where it begins. It also tells
/// whether a path that is itself a shell glob, or known in part only, *could* match.
public final class PathPattern {
    private final boolean absolute;
    private final boolean anchored;
    private final Name[] names;

    /// One name of a pattern.
    ///
    /// @param head what every name that it means begins with
    /// @param tail what every such name ends with
    /// @param gap where its first wildcard stands, or -1
    private record Name(String text, String head, String tail, int gap) {
        static Name of(String text) {
            int gap = firstGap(text);
            return gap < 0
                    ? new Name(text, text, text, gap)
                    : new Name(
                            text, text.substring(0, gap), text.substring(lastGap(text) + 1), gap);
        }

        /// Whether an exact name is one that it means.
        boolean means(String name) {
            if (gap < 0) {
                return text.equals(name);
            }
            return name.startsWith(head) && name.endsWith(tail) && glob(text, 0, name, 0);
        }
    }

    /// @param pattern `/...` absolute, `^...` from the workspace, else at any depth
    public PathPattern(String pattern) {
        absolute = pattern.startsWith("/");
        anchored = absolute || pattern.startsWith("^");
        String[] texts = parts(anchored ? pattern.substring(1) : pattern);
        names = new Name[texts.length];
        for (int i = 0; i < texts.length; i++) {
            names[i] = Name.of(texts[i]);
        }
    }

    static String[] parts(String path) {
        return path.toLowerCase(Locale.ROOT).split("/", -1);
    }

    /// A name without wildcards that every path that matches has; empty if there is none.
    String fixedName() {
        for (Name name : names) {
            if (name.gap() < 0) {
                return name.text();
            }
        }
        return "";
    }

    /// Whether a path matches or could.
    public boolean matches(String path) {
        return matches(parts(path));
    }

    boolean matches(String[] path) {
        return matches(path, false);
    }

    /// @param exact whether it is known that no name of the path has a gap
    boolean matches(String[] path, boolean exact) {
        boolean fromRoot = path.length > 1 && path[0].isEmpty();
        int first = fromRoot ? 1 : 0;
        if (anchored) {
            return absolute == fromRoot && from(path, first, 0, false, exact);
        }
        for (int start = first; start < path.length; start++) {
            if (from(path, start, 0, false, exact)) {
                return true;
            }
        }
        return false;
    }

    /// @param held whether a name with letters of its own matched before
    private boolean from(String[] path, int at, int name, boolean held, boolean exact) {
        if (name == names.length) {
            return at == path.length;
        }
        Name wanted = names[name];
        if (wanted.text().equals("**")) {
            if (name == names.length - 1) {
                return at <= path.length && (held || at < path.length);
            }
            for (int next = at; next <= path.length; next++) {
                if (from(path, next, name + 1, held, exact)) {
                    return true;
                }
            }
            return false;
        }
        if (at >= path.length) {
            return false;
        }
        int gap = exact ? -1 : firstGap(path[at]);
        boolean any = gap >= 0 && anything(path[at]);
        if (any ? !held : gap < 0 ? !wanted.means(path[at]) : !could(path[at], wanted.text())) {
            return false;
        }
        if (any
                && wanted.text().startsWith(".")
                && !path[at].startsWith(".")
                && path[at].indexOf(Word.UNKNOWN) < 0) {
            return false;
        }
        return from(path, at + 1, name + 1, held || !any, exact);
    }

    private static boolean anything(String name) {
        for (int i = 0; i < name.length(); i++) {
            if ("*?.\0".indexOf(name.charAt(i)) < 0) {
                return false;
            }
        }
        return name.indexOf('*') >= 0 || name.indexOf(Word.UNKNOWN) >= 0;
    }

    /// Whether a name that may hold `*`, `?`, `[...]` or unknown parts can be one that the pattern
    /// means. Where both have gaps, the ends decide: rather too often than not.
    static boolean could(String name, String pattern) {
        if (pattern.startsWith(".") && !name.isEmpty() && "*?[".indexOf(name.charAt(0)) >= 0) {
            return false;
        }
        boolean gaps = firstGap(name) >= 0;
        if (gaps && extensionOnly(name)) {
            // `*.py` means the ordinary files of a kind, not the one odd name among them.
            return pattern.startsWith("*.")
                    && pattern.indexOf('.', 2) < 0
                    && glob(name, 0, pattern.replace('*', 'x'), 0);
        }
        if (!gaps) {
            return glob(pattern, 0, name, 0);
        }
        if (firstGap(pattern) < 0) {
            return glob(name, 0, pattern, 0);
        }
        String head = name.substring(0, firstGap(name));
        String wantedHead = pattern.substring(0, firstGap(pattern));
        String tail = name.substring(lastGap(name) + 1);
        String wantedTail = pattern.substring(lastGap(pattern) + 1);
        boolean ends =
                (head.startsWith(wantedHead) || wantedHead.startsWith(head))
                        && (tail.endsWith(wantedTail) || wantedTail.endsWith(tail));
        boolean onlyTail =
                wantedHead.isEmpty()
                        && longest(pattern).equals(wantedTail)
                        && !(tail.isEmpty() && ordinary(head));
        String run = longest(name);
        boolean shared =
                run.length() > 2
                        && (longest(pattern).contains(run) || run.contains(longest(pattern)));
        return ends && (onlyTail || shared || (!head.isEmpty() && !wantedHead.isEmpty()));
    }

    /// Whether `head*` hardly means a file of a special kind: none whose name begins like that
    /// does.
    private static boolean ordinary(String head) {
        if (head.length() < 3) {
            return false;
        }
        for (String word : SPECIAL) {
            if (head.contains(word) || word.startsWith(head)) {
                return false;
            }
        }
        return true;
    }

    /// What the names of keys, certificates and files of passwords begin with.
    private static final String[] SPECIAL = {
        "key",
        "cert",
        "priv",
        "tls",
        "ssl",
        "secret",
        "cred",
        "server",
        "client",
        "ssh",
        "sign",
        "host",
        "root",
        "ca",
        "auth",
        "token",
        "pass",
        "env",
        "prod",
        "deploy",
        "vault",
        "account",
        "admin",
        "backup",
        "kube",
        "aws",
        "gcp",
        "id_",
        "pub",
        "wildcard",
        "domain",
        "site",
        "www",
        "star",
        "release",
        "debug",
        "upload",
        "app",
        "service"
    };

    /// Whether a path is one path, not a pattern of several.
    static boolean exact(String path) {
        return firstGap(path) < 0;
    }

    private static int firstGap(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '*' || c == '?' || c == '[' || c == Word.UNKNOWN) {
                return i;
            }
        }
        return -1;
    }

    private static boolean extensionOnly(String name) {
        int dot = name.lastIndexOf('.');
        if (dot <= 0 || dot == name.length() - 1) {
            return false;
        }
        for (int i = 0; i < dot; i++) {
            if ("*?\0".indexOf(name.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /// The longest part without gaps.
    private static String longest(String text) {
        String best = "";
        for (String part : text.split("[*?\\[\\]\0]+", -1)) {
            best = part.length() > best.length() ? part : best;
        }
        return best;
    }

    private static int lastGap(String text) {
        for (int i = text.length() - 1; i >= 0; i--) {
            if ("*?]\0".indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private static boolean glob(String glob, int g, String text, int t) {
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            int next = g < glob.length() ? one(glob, g, text.charAt(t)) : -1;
            if (g < glob.length() && (glob.charAt(g) == '*' || glob.charAt(g) == Word.UNKNOWN)) {
                star = g++;
                mark = t;
            } else if (next > 0) {
                g = next;
                t++;
            } else if (star >= 0) {
                g = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (g < glob.length() && (glob.charAt(g) == '*' || glob.charAt(g) == Word.UNKNOWN)) {
            g++;
        }
        return g == glob.length();
    }

    /// Where the glob goes on after it took this character, or -1.
    private static int one(String glob, int g, char c) {
        char p = glob.charAt(g);
        if (p == '?') {
            return g + 1;
        }
        if (p == '[') {
            int close = glob.indexOf(']', g + 2);
            if (close > 0) {
                return set(glob.substring(g + 1, close), c) ? close + 1 : -1;
            }
        }
        return p == c ? g + 1 : -1;
    }

    private static boolean set(String set, char c) {
        boolean not = set.startsWith("!") || set.startsWith("^");
        boolean in = false;
        for (int i = not ? 1 : 0; i < set.length(); i++) {
            if (i + 2 < set.length() && set.charAt(i + 1) == '-') {
                in |= set.charAt(i) <= c && c <= set.charAt(i + 2);
                i += 2;
            } else {
                in |= set.charAt(i) == c || set.charAt(i) == ':';
            }
        }
        return in != not;
    }
}
