package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Rates the use of a path by where it lies and what it is.
final class Paths {
    /// The agent's home in the guest.
    static final String HOME = "/home/agent";

    private static final Set<String> SINKS =
            Set.of(
                    "/dev/null",
                    "/dev/stdout",
                    "/dev/stderr",
                    "/dev/stdin",
                    "/dev/tty",
                    "/dev/zero",
                    "/dev/random",
                    "/dev/urandom",
                    "/dev/full");
    private static final String[] SCRATCH = {"/tmp", "/var/tmp", "/dev/shm"};
    private static final String[] PUBLIC = {
        "/usr",
        "/lib",
        "/lib64",
        "/bin",
        "/sbin",
        "/opt",
        "/etc/os-release",
        "/etc/debian_version",
        "/etc/lsb-release",
        "/etc/ssl/certs",
        "/etc/timezone",
        "/etc/hostname",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/version",
        "/proc/loadavg",
        "/proc/uptime",
        "/proc/mounts",
        "/etc/alternatives",
        "/sys/fs/cgroup",
        "/etc/locale.conf",
        "/etc/shells"
    };

    /// Classes of files that something runs or obeys later.
    private static final Set<String> RUNS_LATER =
            Set.of("guard", "git", "ci", "infrastructure", "build", "editor", "system");

    /// Directories where shells look for programs.
    private static final java.util.regex.Pattern PROGRAMS =
            java.util.regex.Pattern.compile(
                    "(/usr(/local)?)?/s?bin/.*|" + HOME + "/(\\.local/)?bin/.*|/opt/[^/]+/bin/.*");

    private static final int LONGEST = 4096;

    private final PathTable table;
    private final WorkspaceView workspace;

    /// Classes found before: a text names the same paths again and again.
    private final Map<String, java.util.Optional<PathTable.PathClass>> readClasses =
            new java.util.HashMap<>();

    private final Map<String, java.util.Optional<PathTable.PathClass>> writeClasses =
            new java.util.HashMap<>();

    Paths(PathTable table, WorkspaceView workspace) {
        this.table = table;
        this.workspace = workspace;
    }

    WorkspaceView workspace() {
        return workspace;
    }

    /// The absolute, lexically normal form.
    ///
    /// @param cwd null if it is not known
    String absolute(String path, @Nullable String cwd) {
        String whole = path;
        if (whole.equals("~") || whole.startsWith("~/")) {
            whole = HOME + whole.substring(1);
        } else if (whole.startsWith("~+")) {
            whole = cwd + whole.substring(2);
        } else if (whole.startsWith("~") && whole.length() > 1) {
            int slash = whole.indexOf('/');
            String user = slash < 0 ? whole.substring(1) : whole.substring(1, slash);
            String rest = slash < 0 ? "" : whole.substring(slash);
            whole = (user.equals("root") ? "/root" : "/home/" + user) + rest;
        }
        if (!whole.startsWith("/")) {
            whole = (cwd == null ? "/" + Word.UNKNOWN : cwd) + "/" + whole;
        }
        Deque<String> names = new ArrayDeque<>();
        for (String name : whole.split("/", -1)) {
            switch (name) {
                case "", "." -> {}
                case ".." -> names.pollLast();
                default -> names.addLast(name);
            }
        }
        return "/" + String.join("/", names);
    }

    /// Inside the workspace relative (`.` for its root), else absolute. Known links are followed.
    String place(String absolute) {
        String root = workspace.root();
        String inside = inside(absolute, root);
        if (inside == null) {
            return absolute;
        }
        for (Map.Entry<String, String> link : workspace.links().entrySet()) {
            String name = link.getKey();
            if (inside.equals(name) || inside.startsWith(name + "/")) {
                int slash = name.lastIndexOf('/');
                String base = root + (slash < 0 ? "" : "/" + name.substring(0, slash));
                String target = absolute(link.getValue() + inside.substring(name.length()), base);
                String again = inside(target, root);
                return again == null ? target : again;
            }
        }
        return inside;
    }

    private static @Nullable String inside(String absolute, String root) {
        if (absolute.equals(root)) {
            return ".";
        }
        return absolute.startsWith(root + "/") ? absolute.substring(root.length() + 1) : null;
    }

    static String shown(String path) {
        String visible = GuestText.of(path.replace(Word.UNKNOWN, '…')).visible();
        return visible.length() > 80 ? visible.substring(0, 77) + "..." : visible;
    }

    private static String fold(String path) {
        return Normalizer.normalize(path, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

    private PathTable.@Nullable PathClass classOf(String place, boolean write) {
        return (write ? writeClasses : readClasses)
                .computeIfAbsent(
                        place, one -> java.util.Optional.ofNullable(table.of(fold(one), write)))
                .orElse(null);
    }

    /// A file or directory is read.
    void read(String path, @Nullable String cwd, Findings into) {
        String place = place(absolute(path, cwd));
        into.reads(place);
        if (tooLong(path, into) || SINKS.contains(place) || place.startsWith("/dev/fd/")) {
            return;
        }
        if (network(place, into)) {
            return;
        }
        PathTable.PathClass of = classOf(place, false);
        if (of != null && of.read() != Level.LOW) {
            into.add(
                    of.read(),
                    "read." + of.name(),
                    "reads " + shown(place) + ", which " + of.why());
            return;
        }
        if (unknown(place)) {
            into.add(Level.MEDIUM, "read.unknown", "reads a path that is known only when it runs");
        } else if (place.startsWith("/") && !under(place, PUBLIC) && !under(place, SCRATCH)) {
            into.add(
                    place.startsWith("/root") ? Level.HIGH : Level.MEDIUM,
                    "read.outside",
                    "reads " + shown(place) + ", outside of the workspace");
        } else {
            into.add(Level.LOW, "read", "reads " + shown(place));
        }
    }

    /// A directory is read with all that is in it: of a home that is its keys too.
    void readAll(String path, @Nullable String cwd, Findings into) {
        String place = place(absolute(path, cwd));
        if (KEY_HOLDERS.matcher(place).matches()) {
            into.add(
                    Level.CRITICAL,
                    "read.key",
                    "reads all of " + shown(place) + ", where keys and passwords lie");
        }
        read(path, cwd, into);
    }

    private static final java.util.regex.Pattern KEY_HOLDERS =
            java.util.regex.Pattern.compile(
                    "/|/home|/home/[^/]+|/root|/etc|(/home/[^/]+|/root)/(\\.config|\\.\\*|\\*)");

    /// A file is made, changed or replaced.
    void write(String path, @Nullable String cwd, Findings into) {
        change(path, cwd, "writes ", "write", into);
    }

    /// A file is removed or moved away.
    void delete(String path, @Nullable String cwd, Findings into) {
        change(path, cwd, "removes ", "delete", into);
    }

    private void change(
            String path, @Nullable String cwd, String verb, String effect, Findings into) {
        String place = place(absolute(path, cwd));
        if (tooLong(path, into) || SINKS.contains(place) || place.startsWith("/dev/fd/")) {
            return;
        }
        into.writes(place);
        if (network(place, into)) {
            return;
        }
        PathTable.PathClass of = classOf(place, true);
        Level level = of == null ? Level.LOW : of.write();
        if (of != null) {
            into.add(
                    level,
                    of.name().equals("guard") ? "guard.tamper" : effect + "." + of.name(),
                    verb + shown(place) + ", which " + of.why());
        }
        if (workspace.shared().stream()
                .anyMatch(glob -> new PathPattern("^" + glob).matches(fold(place)))) {
            into.add(
                    Level.HIGH,
                    effect + ".shared",
                    verb + shown(place) + ", which several services use");
        }
        into.add(base(place), effect + where(place), verb + shown(place) + outside(place));
    }

    /// What came over the network was put into a file: running it is running remote code, and so is
    /// leaving it where something runs it later.
    void fetchedInto(String absolute, Scope scope, Findings into) {
        scope.downloaded(absolute);
        String place = place(absolute);
        PathTable.PathClass of = classOf(place, true);
        if (PROGRAMS.matcher(place).matches()) {
            into.add(
                    Level.CRITICAL,
                    "run.remote",
                    "puts what it got over the network among the programs, as " + shown(place));
        } else if (of != null && RUNS_LATER.contains(of.name())) {
            into.add(
                    Level.CRITICAL,
                    "run.remote",
                    "puts what it got over the network into "
                            + shown(place)
                            + ", which "
                            + of.why());
        }
    }

    private Level base(String place) {
        if (unknown(place)) {
            return Level.HIGH;
        }
        return !place.startsWith("/") || under(place, SCRATCH) || cache(place)
                ? Level.MEDIUM
                : Level.HIGH;
    }

    private static boolean cache(String place) {
        return under(place, new String[] {HOME + "/.cache"});
    }

    private static String where(String place) {
        if (unknown(place)) {
            return ".unknown";
        }
        return place.startsWith("/") && !under(place, SCRATCH) && !cache(place) ? ".outside" : "";
    }

    private static String outside(String place) {
        return switch (where(place)) {
            case ".unknown" -> ", a path that is known only when it runs";
            case ".outside" -> ", outside of the workspace";
            default -> "";
        };
    }

    private static boolean unknown(String place) {
        return place.indexOf(Word.UNKNOWN) >= 0;
    }

    static boolean under(String place, String[] roots) {
        for (String root : roots) {
            if (place.equals(root) || place.startsWith(root + "/")) {
                return true;
            }
        }
        return false;
    }

    private static boolean tooLong(String path, Findings into) {
        if (path.length() > LONGEST) {
            into.notUnderstood("a path of more than 4,096 characters");
            return true;
        }
        return false;
    }

    /// Bash opens connections for these names.
    private static boolean network(String place, Findings into) {
        if (place.startsWith("/dev/tcp/") || place.startsWith("/dev/udp/")) {
            into.add(Level.CRITICAL, "net.socket", "opens a connection by " + shown(place));
            String[] parts = place.split("/", -1);
            if (parts.length > 3) {
                into.host(parts[3]);
            }
            return true;
        }
        return false;
    }
}
