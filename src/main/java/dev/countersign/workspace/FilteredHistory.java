package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.EmptyTreeIterator;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;
import org.jspecify.annotations.Nullable;

/// The developer's last commits, made anew for the guest below the baseline: each version of each
/// file passes the same door as the files themselves, and none of the host's objects, refs or
/// configuration goes along. What is cut is named.
final class FilteredHistory {
    static final int DEEPEST = 5000;
    private static final long LARGEST = 4L << 20;
    private static final long ALL = 256L << 20;
    private static final long LEARNED = 1L << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final RelativePath MESSAGE = new RelativePath("message");

    /// @param commits how many are below the baseline now
    /// @param cut what did not go in: path, commit and reason; each path and reason once
    record Made(int commits, List<String> cut) {}

    private record Change(String path, FileMode mode, ObjectId id) {}

    private record Step(RevCommit commit, List<Change> changes) {}

    private final WorkspaceSettings settings;
    private final SecretDoor door;

    /// What names keep out in older commits is not held against the files of now: they are in.
    private final SecretDoor older;

    private final IgnoreRules rules;
    private final Set<String> cut = new LinkedHashSet<>();
    private final Map<String, Optional<String>> verdicts = new HashMap<>();
    private final Map<ObjectId, Integer> marks = new HashMap<>();
    private int mark;

    /// @param door has learned what the host's own files keep out
    FilteredHistory(WorkspaceSettings settings, SecretDoor door, IgnoreRules rules) {
        this.settings = settings;
        this.door = door;
        this.older = new SecretDoor(settings.secrets());
        this.rules = rules;
    }

    /// Puts up to `depth` commits of HEAD's first parents below the baseline in the guest.
    ///
    /// @throws CountersignException EXHAUSTED if they are more than what is let in; FAILED if the
    ///   guest does not take them. The guest has its baseline then, and nothing else
    Made into(Link link, int depth, String date)
            throws IOException, CountersignException, InterruptedException {
        @Nullable Path git = IgnoreRules.gitDirectory(settings.root());
        if (git == null) {
            return new Made(0, List.of());
        }
        try (Repository repository =
                        new FileRepositoryBuilder()
                                .setGitDir(git.toFile())
                                .setMustExist(true)
                                .build();
                RevWalk walk = new RevWalk(repository)) {
            List<Step> steps = steps(repository, walk, Math.min(depth, DEEPEST));
            if (steps.isEmpty()) {
                return new Made(0, List.of());
            }
            learn(repository, steps);
            String tree = tree(link);
            send(link, out -> write(repository, steps, tree, date, out));
            return new Made(steps.size(), List.copyOf(cut));
        }
    }

    // -- what there is

    /// Oldest first.
    private static List<Step> steps(Repository repository, RevWalk walk, int depth)
            throws IOException, CountersignException {
        @Nullable ObjectId head = repository.resolve(Constants.HEAD + "^{commit}");
        List<RevCommit> chain = new ArrayList<>();
        for (@Nullable ObjectId at = head; at != null && chain.size() < depth; ) {
            RevCommit commit = walk.parseCommit(at);
            chain.add(commit);
            at = commit.getParentCount() > 0 ? commit.getParent(0) : null;
        }
        List<Step> steps = new ArrayList<>();
        RevCommit below = null;
        for (RevCommit commit : chain.reversed()) {
            steps.add(new Step(commit, changes(repository, below, commit)));
            below = commit;
        }
        return steps;
    }

    private static List<Change> changes(
            Repository repository, @Nullable RevCommit below, RevCommit commit) throws IOException {
        List<Change> gone = new ArrayList<>();
        List<Change> there = new ArrayList<>();
        try (TreeWalk walk = new TreeWalk(repository)) {
            walk.setRecursive(true);
            if (below == null) {
                walk.addTree(new EmptyTreeIterator());
            } else {
                walk.addTree(below.getTree());
            }
            walk.addTree(commit.getTree());
            walk.setFilter(TreeFilter.ANY_DIFF);
            while (walk.next()) {
                FileMode mode = walk.getFileMode(1);
                Change change = new Change(walk.getPathString(), mode, walk.getObjectId(1));
                (mode.equals(FileMode.MISSING) ? gone : there).add(change);
            }
        }
        // What goes away may stand in the way of what comes.
        gone.addAll(there);
        return gone;
    }

    /// What a name keeps out in one commit stays out of all others under any name, too.
    private void learn(Repository repository, List<Step> steps)
            throws IOException, CountersignException {
        long all = 0;
        Set<ObjectId> known = new LinkedHashSet<>();
        for (Step step : steps) {
            for (Change change : step.changes) {
                if (change.mode.equals(FileMode.MISSING)
                        || change.mode.equals(FileMode.GITLINK)
                        || !known.add(change.id)) {
                    continue;
                }
                Optional<ObjectLoader> blob = open(repository, change.id);
                long size = blob.map(ObjectLoader::getSize).orElse(0L);
                all += size <= LARGEST ? size : 0;
                if (all > ALL) {
                    throw new CountersignException(
                            Kind.EXHAUSTED,
                            "The history has more than %d MiB. Take fewer commits: --history."
                                    .formatted(ALL >> 20));
                }
                Optional<RelativePath> path = GuestPaths.checked(change.path);
                if (blob.isPresent()
                        && size <= LEARNED
                        && path.isPresent()
                        && SecretDoor.byName(path.get()).isPresent()) {
                    older.learn(blob.get().getBytes());
                }
            }
        }
    }

    private static Optional<ObjectLoader> open(Repository repository, ObjectId id)
            throws IOException {
        try {
            return Optional.of(repository.open(id, Constants.OBJ_BLOB));
        } catch (MissingObjectException e) {
            // A partial clone has not all of them.
            return Optional.empty();
        }
    }

    /// Why this version stays out.
    private Optional<String> obstacle(Repository repository, Change change) throws IOException {
        Optional<RelativePath> path = GuestPaths.checked(change.path);
        if (path.isEmpty() || GuestPaths.git(path.get())) {
            return Optional.of("a name that no guest gets");
        }
        if (change.mode.equals(FileMode.GITLINK)) {
            return Optional.of("a submodule");
        }
        if (rules.excluded(change.path)) {
            return Optional.of("excluded in the settings");
        }
        Optional<String> named = SecretDoor.byName(path.get());
        if (named.isPresent()) {
            return named;
        }
        String key = change.id.name() + change.path;
        Optional<String> said = verdicts.get(key);
        if (said == null) {
            said = byContent(repository, path.get(), change);
            verdicts.put(key, said);
        }
        return said;
    }

    private Optional<String> byContent(Repository repository, RelativePath path, Change change)
            throws IOException {
        Optional<ObjectLoader> blob = open(repository, change.id);
        if (blob.isEmpty()) {
            return Optional.of("its content is not in the repository");
        }
        if (blob.get().getSize() > LARGEST) {
            return Optional.of("larger than " + (LARGEST >> 20) + " MiB");
        }
        byte[] content = blob.get().getBytes();
        if (change.mode.equals(FileMode.SYMLINK)
                && !GuestPaths.staysInside(path, new String(content, StandardCharsets.UTF_8))) {
            return Optional.of("a link that leaves the workspace");
        }
        return secret(path, content).map(why -> "holds a secret: " + why);
    }

    private Optional<String> secret(RelativePath path, byte[] content) {
        Optional<String> found = door.byContent(path, content);
        return found.isPresent() ? found : older.byContent(path, content);
    }

    // -- what goes in: the language of git-fast-import(1)

    private void write(
            Repository repository, List<Step> steps, String tree, String date, OutputStream out)
            throws IOException {
        say(out, "feature done\n");
        int last = 0;
        for (Step step : steps) {
            List<String> files = new ArrayList<>();
            for (Change change : step.changes) {
                files.add(file(repository, step, change, out));
            }
            int self = ++mark;
            RevCommit commit = step.commit;
            say(out, "commit refs/heads/main\nmark :" + self + "\n");
            say(out, "author " + who(commit.getAuthorIdent()) + "\n");
            say(out, "committer " + who(commit.getCommitterIdent()) + "\n");
            data(out, message(commit));
            if (last > 0) {
                say(out, "from :" + last + "\n");
            }
            for (String file : files) {
                say(out, file);
            }
            last = self;
        }
        say(out, "commit refs/heads/main\ncommitter Countersign <" + GuestCommits.BASELINE + "> ");
        say(out, date + "\n");
        data(out, "Baseline\n".getBytes(StandardCharsets.UTF_8));
        say(out, "from :" + last + "\nM 040000 " + tree + " \"\"\ndone\n");
    }

    private String file(Repository repository, Step step, Change change, OutputStream out)
            throws IOException {
        String remove = "D " + PatchText.quoted(change.path) + "\n";
        if (change.mode.equals(FileMode.MISSING)) {
            return GuestPaths.checked(change.path).isPresent() ? remove : "";
        }
        Optional<String> why = obstacle(repository, change);
        if (why.isPresent()) {
            if (cut.stream().noneMatch(line -> line.startsWith(change.path + " in "))) {
                cut.add(
                        change.path
                                + " in "
                                + step.commit.name().substring(0, 12)
                                + ": "
                                + why.get());
            }
            return GuestPaths.checked(change.path).isPresent() ? remove : "";
        }
        Integer known = marks.get(change.id);
        if (known == null) {
            known = ++mark;
            marks.put(change.id, known);
            say(out, "blob\nmark :" + known + "\n");
            data(out, repository.open(change.id, Constants.OBJ_BLOB).getBytes());
        }
        return "M %s :%d %s\n".formatted(change.mode, known, PatchText.quoted(change.path));
    }

    private byte[] message(RevCommit commit) {
        byte[] message = commit.getFullMessage().getBytes(StandardCharsets.UTF_8);
        Optional<String> secret = secret(MESSAGE, message);
        if (secret.isEmpty()) {
            return message;
        }
        cut.add("the message of " + commit.name().substring(0, 12) + ": " + secret.get());
        return "(message left out: it holds a secret)\n".getBytes(StandardCharsets.UTF_8);
    }

    private static String who(PersonIdent person) {
        return "%s <%s> %d %s"
                .formatted(
                        plain(person.getName()),
                        plain(person.getEmailAddress()),
                        Math.max(0, person.getWhenAsInstant().getEpochSecond()),
                        zone(person));
    }

    private static String zone(PersonIdent person) {
        int minutes =
                person.getZoneId().getRules().getOffset(person.getWhenAsInstant()).getTotalSeconds()
                        / 60;
        int size = Math.abs(minutes);
        return "%s%02d%02d".formatted(minutes < 0 ? "-" : "+", size / 60, size % 60);
    }

    private static String plain(String text) {
        return text.replaceAll("[<>\\p{Cntrl}]", "").strip();
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void data(OutputStream out, byte[] content) throws IOException {
        say(out, "data " + content.length + "\n");
        out.write(content);
        out.write('\n');
    }

    // -- the guest's git

    private List<String> git(String... words) {
        List<String> argv = new ArrayList<>();
        if (settings.guestUser() != null) {
            argv.addAll(List.of("runuser", "-u", settings.guestUser(), "--"));
        }
        argv.addAll(List.of("git", "-C", settings.guestRoot(), "-c", "core.hooksPath=/dev/null"));
        argv.addAll(List.of(words));
        return argv;
    }

    /// The baseline's tree, as the guest names it: a lie is the guest's own loss.
    private String tree(Link link) throws IOException, CountersignException, InterruptedException {
        try (GuestProcess process = link.start(git("rev-parse", "main^{tree}"))) {
            process.stdin().close();
            String id =
                    new String(process.stdout().readNBytes(100), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(PATIENCE) || !id.matches("[0-9a-f]{40}")) {
                throw failed("the guest has no baseline");
            }
            return id;
        }
    }

    private interface Content {
        void to(OutputStream out) throws IOException;
    }

    private void send(Link link, Content content)
            throws IOException, CountersignException, InterruptedException {
        List<String> argv = git("fast-import", "--quiet", "--force", "--done");
        try (GuestProcess process = link.start(argv)) {
            String broken = null;
            try (OutputStream out = new BufferedOutputStream(process.stdin(), 1 << 16)) {
                content.to(out);
            } catch (IOException e) {
                broken = Failures.text(e);
            }
            byte[] said = process.stderr().readNBytes(2000);
            if (!process.waitFor(PATIENCE) || process.waitFor() != 0 || broken != null) {
                String why = new String(said, StandardCharsets.UTF_8).strip();
                throw failed(why.isEmpty() ? String.valueOf(broken) : GuestText.of(why).visible());
            }
        }
    }

    private static CountersignException failed(String why) {
        return new CountersignException(
                Kind.FAILED,
                "The history did not go into the guest: " + why + ". The agent has the baseline.");
    }
}
