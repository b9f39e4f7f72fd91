package dev.countersign.vm.image;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Writes agents into a copy of an image's disk, without root and without starting it: debugfs of
/// e2fsprogs edits the file system, root owns what it writes. Linux and macOS alike.
final class AgentDisk {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._@+-]+");
    private static final long SPACE = 6L << 30;

    private final Map<String, String> environment;

    AgentDisk(Map<String, String> environment) {
        Map<String, String> own = new HashMap<>(environment);
        // debugfs lies where a normal user's PATH may not look.
        own.merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        own.put("LC_ALL", "C.UTF-8");
        own.put("DEBUGFS_PAGER", "cat");
        this.environment = Map.copyOf(own);
    }

    /// The name of an image with agents: of the image below and of each agent's pin.
    static Digest digest(Digest base, List<ImageAgent> agents) {
        StringBuilder text = new StringBuilder("countersign-agents-v1\n").append(base.hex());
        for (ImageAgent agent : agents) {
            for (String part : List.of(agent.name(), agent.version(), agent.pin().hex())) {
                text.append('\n').append(part.length()).append(':').append(part);
            }
        }
        return Digest.of(text.toString());
    }

    /// Writes `disk.qcow2`, `kernel`, `initrd` and `packages.versions` into `into`.
    void build(
            GuestImage base,
            ImageSettings settings,
            AgentFiles files,
            Path into,
            BuildProgress progress)
            throws CountersignException, InterruptedException, IOException {
        if (Files.getFileStore(into).getUsableSpace() < SPACE) {
            throw new CountersignException(
                    Kind.EXHAUSTED,
                    "An image with agents needs %.1f GB free in %s while it is built. Make room, then try again."
                            .formatted(SPACE / 1e9, into.getParent()));
        }
        Path work = Files.createDirectory(into.resolve("work"));
        int done = 0;
        for (ImageAgent agent : settings.agents()) {
            progress.step(
                    "Fetching " + agent.name() + " " + agent.version(),
                    60 + 20 * done++ / settings.agents().size());
            files.fetch(agent, Files.createDirectory(work.resolve(agent.name())), progress);
        }
        Path raw = into.resolve("disk.raw");
        progress.step("Unpacking the disk", 82);
        run(
                List.of(
                        "qemu-img",
                        "convert",
                        "-q",
                        "-f",
                        "qcow2",
                        "-O",
                        "raw",
                        base.disk().toString(),
                        raw.toString()),
                work);
        progress.step("Writing the agents into it", 85);
        Path script = into.resolve("debugfs.commands");
        List<String> commands = commands(work, settings.agents());
        Files.write(script, commands);
        String said = run(List.of("debugfs", "-w", "-f", script.toString(), raw.toString()), work);
        demandNoComplaint(said);
        run(List.of("e2fsck", "-f", "-n", raw.toString()), work);
        progress.step("Packing the disk", 92);
        run(
                List.of(
                        "qemu-img",
                        "convert",
                        "-q",
                        "-f",
                        "raw",
                        "-O",
                        "qcow2",
                        "-S",
                        "4k",
                        raw.toString(),
                        into.resolve("disk.qcow2").toString()),
                work);
        Files.delete(raw);
        Files.delete(script);
        try (Stream<Path> tree = Files.walk(work)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        copy(base.kernel(), into.resolve("kernel"));
        copy(base.initrd(), into.resolve("initrd"));
        List<String> versions = new ArrayList<>();
        base.versions().forEach((name, version) -> versions.add(name + " " + version + " -"));
        Files.write(into.resolve("packages.versions"), versions);
    }

    /// With the rights of a new file: those of an image forbid writing.
    private static void copy(Path from, Path to) throws IOException {
        try (InputStream in = Files.newInputStream(from)) {
            Files.copy(in, to);
        }
    }

    /// What debugfs is told: plain names only, so that no name can be a word of its language.
    private static List<String> commands(Path work, List<ImageAgent> agents)
            throws IOException, CountersignException {
        List<String> commands = new ArrayList<>();
        for (ImageAgent agent : agents) {
            Path tree = work.resolve(agent.name());
            List<Path> paths;
            try (Stream<Path> found = Files.walk(tree)) {
                paths = found.sorted().toList();
            }
            for (Path path : paths) {
                for (Path name : work.relativize(path)) {
                    if (!PLAIN.matcher(name.toString()).matches()) {
                        throw new CountersignException(
                                Kind.REFUSED,
                                "The package of %s holds a file whose name is not plain. It is not built in."
                                        .formatted(agent.name()));
                    }
                }
                String target = "/opt/agents/" + work.relativize(path);
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    commands.add("mkdir " + target);
                    commands.add("sif " + target + " mode 040755");
                } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    commands.add("write " + work.relativize(path) + " " + target);
                    commands.add(
                            "sif "
                                    + target
                                    + (Files.isExecutable(path)
                                            ? " mode 0100755"
                                            : " mode 0100644"));
                } else {
                    throw new CountersignException(
                            Kind.REFUSED,
                            "The package of %s holds something that is neither file nor directory. It is not built in."
                                    .formatted(agent.name()));
                }
                commands.add("sif " + target + " uid 0");
                commands.add("sif " + target + " gid 0");
            }
        }
        return commands;
    }

    /// debugfs ends with 0 whatever happened: it repeats each command and says one line of what it
    /// allocated; anything else is a complaint.
    private static void demandNoComplaint(String said) throws CountersignException {
        for (String line : said.lines().toList()) {
            if (!line.isBlank()
                    && !line.startsWith("debugfs: ")
                    && !line.startsWith("debugfs ")
                    && !line.startsWith("Allocated inode: ")) {
                throw new CountersignException(
                        Kind.FAILED,
                        "The agents could not be written into the image: %s. Make room, then try again."
                                .formatted(line));
            }
        }
    }

    /// The JVM looks a program up in its own PATH, not in the one it hands on.
    private String onPath(String program) {
        return Stream.of(environment.getOrDefault("PATH", "").split(":"))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(program);
    }

    private String run(List<String> argv, Path directory)
            throws CountersignException, InterruptedException, IOException {
        List<String> found = new ArrayList<>(argv);
        found.set(0, onPath(argv.getFirst()));
        ProcessBuilder builder = new ProcessBuilder(found).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.MISSING,
                    "An image with agents can't be built: %s not found. Run installer/setup.sh, or install it."
                            .formatted(argv.getFirst()),
                    e);
        }
        boolean ended = false;
        try {
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            ended = true;
            if (code != 0) {
                throw new CountersignException(
                        Kind.FAILED,
                        "An image with agents could not be built: %s ended with %d: %s."
                                .formatted(
                                        argv.getFirst(),
                                        code,
                                        said.strip()
                                                .substring(
                                                        Math.max(0, said.strip().length() - 400))));
            }
            return said;
        } finally {
            if (!ended) {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
    }
}
