package dev.countersign.cli;

import dev.countersign.api.AppliedView;
import dev.countersign.api.ApplyRequest;
import dev.countersign.api.ApplyView;
import dev.countersign.api.Client;
import dev.countersign.api.HeldView;
import dev.countersign.api.MarkRequest;
import dev.countersign.api.ResolveRequest;
import dev.countersign.api.ReviewView;
import dev.countersign.api.Selection;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `review`, `apply`, `reject`, `undo`, `applies`, `mark`, `resolve`, `deletions`.
final class ReviewCommands {
    private final Ports ports;
    private final Terminal terminal;
    private final Ink ink;

    ReviewCommands(Ports ports) {
        this.ports = ports;
        this.terminal = ports.terminal();
        this.ink = new Ink(terminal.colours());
    }

    void addTo(CommandLine root) {
        root.addSubcommand(new Review());
        root.addSubcommand(new Apply());
        root.addSubcommand(new Reject());
        root.addSubcommand(new Undo());
        root.addSubcommand(new Deletions());
        root.addSubcommand(new MarkHunks());
        root.addSubcommand(new Resolve());
        root.addSubcommand(new Applies());
    }

    @Command(
            name = "review",
            description = "All that is staged, against the host's tree of now.",
            mixinStandardHelpOptions = true)
    private final class Review implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            try (Client engine = ports.connect()) {
                ReviewView review = engine.review(given(session));
                if (json) {
                    terminal.say(Follow.json(review));
                    return 0;
                }
                new ReviewText(ink).lines(review).forEach(terminal::say);
                if (!review.files().isEmpty()) {
                    terminal.say(
                            ink.faint(
                                    "Apply all of it with `countersign apply "
                                            + review.session()
                                            + " --all --seen "
                                            + review.id()
                                            + "`."));
                }
                return 0;
            }
        }
    }

    /// Which hunks are meant.
    private static final class Chosen {
        @Option(names = "--hunk", paramLabel = "ID", arity = "1..*")
        private List<String> hunks = new ArrayList<>();

        @Option(names = "--file", paramLabel = "PATH", arity = "1..*")
        private List<String> files = new ArrayList<>();

        boolean isEmpty() {
            return hunks.isEmpty() && files.isEmpty();
        }

        Selection selection() {
            return new Selection(List.copyOf(hunks), List.copyOf(files), null);
        }
    }

    @Command(
            name = "apply",
            description = "Brings staged work to the host.",
            mixinStandardHelpOptions = true)
    private final class Apply implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Option(
                names = "--commits",
                description =
                        "Of the agent's commits (countersign session commits), to a branch or as"
                                + " mails for git am.")
        private boolean commits;

        @Option(names = "--all", description = "All that the review with --seen listed.")
        private boolean all;

        @Option(names = "--seen", paramLabel = "REVIEW")
        private @Nullable String seen;

        @ArgGroup(exclusive = false)
        private Chosen chosen = new Chosen();

        @Option(
                names = "--to",
                paramLabel = "tree|branch:NAME|patch:FILE|pr:NAME",
                defaultValue = "tree",
                description =
                        "pr: pushes the branch with your git and opens a pull request with your gh or"
                                + " glab.")
        private String to = "tree";

        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            Selection selection = selection();
            destination();
            try (Client engine = ports.connect()) {
                ApplyRequest request = new ApplyRequest(selection, to);
                ApplyView done =
                        commits
                                ? engine.applyCommits(given(session), request)
                                : engine.apply(given(session), request);
                report(done, json, "Applied");
                return done.refused().isEmpty() ? 0 : 1;
            }
        }

        private Selection selection() throws CountersignException {
            if (all && seen != null && chosen.isEmpty()) {
                return Selection.all(seen);
            }
            if (!all && seen == null && !chosen.isEmpty()) {
                return chosen.selection();
            }
            throw new CountersignException(
                    Kind.USAGE,
                    "Say what to apply: either --all with --seen REVIEW (the id that `countersign"
                            + " review` printed), or --hunk ID… or --file PATH….");
        }

        private void destination() throws CountersignException {
            boolean named =
                    (to.startsWith("branch:") || to.startsWith("patch:") || to.startsWith("pr:"))
                            && to.length() > to.indexOf(':') + 1;
            if (!to.equals("tree") && !named) {
                throw new CountersignException(
                        Kind.USAGE,
                        "--to "
                                + to
                                + " is no place to apply to. Use tree, branch:NAME, patch:FILE or pr:NAME.");
            }
            if (commits && to.equals("tree")) {
                throw new CountersignException(
                        Kind.USAGE,
                        "Commits go to a branch, into a patch file or on to a pull request: add --to"
                                + " branch:NAME, patch:FILE or pr:NAME.");
            }
            if (to.startsWith("patch:")) {
                // The engine has another current directory.
                to = "patch:" + Path.of(to.substring("patch:".length())).toAbsolutePath();
            }
        }
    }

    private void report(ApplyView done, boolean json, String verb) {
        if (json) {
            terminal.say(Follow.json(done));
            return;
        }
        terminal.say(
                "%s %s in %s to %s."
                        .formatted(
                                verb,
                                Ink.plural(done.hunks(), "hunk"),
                                Ink.plural(done.paths().size(), "file"),
                                Ink.one(done.to())));
        done.paths().forEach(path -> terminal.say("  " + path.visible()));
        if (done.address() != null) {
            terminal.say("Pull request: " + done.address().visible());
        }
        for (GuestText refused : done.refused()) {
            terminal.err().println("countersign: left alone: " + refused.visible());
        }
    }

    @Command(
            name = "reject",
            description = "Marks hunks as rejected; they come back only when they change.",
            mixinStandardHelpOptions = true)
    private final class Reject implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @ArgGroup(exclusive = false)
        private Chosen chosen = new Chosen();

        @Override
        public Integer call() throws CountersignException {
            if (chosen.isEmpty()) {
                throw new CountersignException(
                        Kind.USAGE, "Say what to reject: --hunk ID… or --file PATH….");
            }
            try (Client engine = ports.connect()) {
                engine.reject(given(session), chosen.selection());
                terminal.say("Rejected. Nothing was deleted.");
                return 0;
            }
        }
    }

    @Command(
            name = "undo",
            description = "Takes the last apply back, or the last undo.",
            mixinStandardHelpOptions = true)
    private final class Undo implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            try (Client engine = ports.connect()) {
                ApplyView done = engine.undo(given(session));
                report(done, json, "Took back");
                return done.refused().isEmpty() ? 0 : 1;
            }
        }
    }

    @Command(
            name = "applies",
            description = "What was applied and taken back in this session, oldest first.",
            mixinStandardHelpOptions = true)
    private final class Applies implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            try (Client engine = ports.connect()) {
                List<AppliedView> all = engine.applies(given(session));
                if (json) {
                    all.forEach(one -> terminal.say(Follow.json(one)));
                    return 0;
                }
                if (all.isEmpty()) {
                    terminal.say("Nothing was applied in session " + session + ".");
                }
                all.forEach(one -> terminal.say(line(one)));
                return 0;
            }
        }

        private String line(AppliedView one) {
            String what =
                    one.undoOf() == null
                            ? "applied %s to %s"
                                    .formatted(Ink.plural(one.hunks(), "hunk"), Ink.one(one.to()))
                            : "took back " + one.undoOf();
            return "%s  %s  %s, %s%s%s"
                    .formatted(
                            one.at(),
                            Ink.one(one.transaction()),
                            what,
                            Ink.plural(one.files(), "file"),
                            one.refused() == 0 ? "" : ", " + one.refused() + " left alone",
                            one.next() ? "  ← undo takes this back" : "");
        }
    }

    @Command(
            name = "mark",
            description =
                    "Remembers that hunks were seen or accepted, or forgets it; nothing is applied.",
            mixinStandardHelpOptions = true)
    private final class MarkHunks implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Option(names = "--hunk", paramLabel = "ID", arity = "1..*", required = true)
        private List<String> hunks = new ArrayList<>();

        @Option(names = "--as", paramLabel = "seen|accepted|new", required = true)
        private String as = "";

        @Override
        public Integer call() throws CountersignException {
            try (Client engine = ports.connect()) {
                engine.mark(given(session), new MarkRequest(List.copyOf(hunks), as));
                return 0;
            }
        }
    }

    @Command(
            name = "resolve",
            description =
                    "Solves a conflict: keeps your version, takes the agent's, or takes a file that"
                            + " you merged. `countersign undo` takes it back.",
            mixinStandardHelpOptions = true)
    private final class Resolve implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Parameters(index = "1", paramLabel = "PATH")
        private String path = "";

        @Option(
                names = "--seen",
                paramLabel = "DIGEST",
                required = true,
                description = "The conflict's digest, as the review showed it.")
        private String digest = "";

        @Option(
                names = "--take",
                paramLabel = "host|agent|FILE",
                required = true,
                description =
                        "Whose version; or a file with the merged text, - for standard input.")
        private String take = "";

        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            boolean side = take.equals("host") || take.equals("agent");
            String text = side ? null : merged();
            try (Client engine = ports.connect()) {
                ApplyView done =
                        engine.resolve(
                                given(session),
                                new ResolveRequest(path, digest, side ? take : "text", text));
                report(done, json, "Solved");
                return done.refused().isEmpty() ? 0 : 1;
            }
        }

        /// Never lossy: text that is no UTF-8 is refused.
        private String merged() throws CountersignException {
            try {
                byte[] bytes =
                        take.equals("-")
                                ? terminal.in().readAllBytes()
                                : Files.readAllBytes(Path.of(take));
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new CountersignException(
                        Kind.USAGE,
                        "The merged text in " + take + " is not UTF-8. Save it as UTF-8.");
            } catch (IOException e) {
                throw new CountersignException(
                        Kind.MISSING,
                        "The merged text "
                                + take
                                + " cannot be read. Name a file, or host or agent.");
            }
        }
    }

    @Command(
            name = "deletions",
            description =
                    "Deletions on the host that wait before they go into the guest, since very many"
                            + " came at once.",
            mixinStandardHelpOptions = true)
    private final class Deletions implements Callable<Integer> {
        @Parameters(paramLabel = "SESSION")
        private @Nullable SessionId session;

        @Option(names = "--allow", paramLabel = "DIGEST", description = "Lets exactly these go.")
        private @Nullable String digest;

        @Option(names = "--json")
        private boolean json;

        @Override
        public Integer call() throws CountersignException {
            try (Client engine = ports.connect()) {
                if (digest != null) {
                    engine.allowDeletions(given(session), digest);
                    terminal.say("They go into the guest now. Nothing on the host was changed.");
                    return 0;
                }
                HeldView held = engine.heldDeletions(given(session));
                if (json) {
                    terminal.say(Follow.json(held));
                } else if (held.paths().isEmpty()) {
                    terminal.say("No deletion waits.");
                } else {
                    held.paths().forEach(path -> terminal.say("  " + path.visible()));
                    terminal.say(
                            "%s on the host. Let them go into the guest: countersign deletions %s --allow %s"
                                    .formatted(
                                            Ink.plural(held.paths().size(), "deletion"),
                                            held.session(),
                                            held.digest()));
                }
                return held.paths().isEmpty() ? 0 : 1;
            }
        }
    }

    /// picocli has set what is required.
    private static SessionId given(@Nullable SessionId id) {
        return Objects.requireNonNull(id);
    }
}
