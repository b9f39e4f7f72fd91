package dev.countersign.gate.policy;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.policy.PolicyReader.Outcome;
import dev.countersign.gate.risk.Rating;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.gate.risk.SimpleCommand;
import dev.countersign.gate.risk.WorkspaceView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the narrowest rules that would have covered a call, and the next wider ones. Each is read
/// back and tried on the call before it is offered. There is none for critical calls, for what
/// could not be understood, and for what carries other code.
final class RuleProposer {
    /// What goes with a restore of the VM or is gone for good: offered exactly, never wider.
    private static final List<String> NEVER_WIDER =
            List.of("delete", "git.discard", "git.push", "net.", "deploy.", "cloud.", "secrets.");

    private static final Map<String, Integer> SUB_COMMANDS =
            Map.of("run", 1, "remote", 1, "stash", 1);

    private final RiskRater risk;

    RuleProposer(RiskRater risk) {
        this.risk = risk;
    }

    /// A rule, its words, and whether it covers more than the call.
    record Candidate(String text, String words, Rule rule) {}

    /// @param narrow covers exactly this
    /// @param wide covers the like; null: there is no safe way to say what the like is
    record Pair(List<Candidate> narrow, @Nullable List<Candidate> wide) {}

    /// The narrow and the wide rules for one call; empty with nothing to offer.
    Optional<Pair> forCall(Rating rating) {
        if (!PolicyReader.coverable(rating)) {
            return Optional.empty();
        }
        return switch (rating.kind()) {
            case SHELL -> shell(rating);
            case WRITE, EDIT -> file(rating, "write", rating.writes());
            case DELETE -> file(rating, "delete", rating.writes());
            case READ -> file(rating, "read", rating.reads());
            case SEARCH -> file(rating, "search", rating.reads());
            case NETWORK -> network(rating);
            case NOTE, UNKNOWN -> Optional.empty();
        };
    }

    /// The proposals for all of these calls together: narrow, and wider where that says more.
    ///
    /// @return empty if one of them can't be covered
    List<RuleProposal> forCalls(List<Rating> ratings) {
        Map<String, Candidate> narrow = new LinkedHashMap<>();
        Map<String, Candidate> wide = new LinkedHashMap<>();
        for (Rating rating : ratings) {
            Optional<Pair> pair = forCall(rating);
            if (pair.isEmpty()) {
                return List.of();
            }
            pair.get().narrow().forEach(one -> narrow.put(one.text(), one));
            Objects.requireNonNullElse(pair.get().wide(), pair.get().narrow())
                    .forEach(one -> wide.put(one.text(), one));
        }
        List<RuleProposal> proposals = new ArrayList<>();
        proposals.add(proposal(narrow, false));
        if (!wide.keySet().equals(narrow.keySet())) {
            proposals.add(proposal(wide, true));
        }
        return proposals;
    }

    private static RuleProposal proposal(Map<String, Candidate> of, boolean wider) {
        return new RuleProposal(
                List.copyOf(of.keySet()),
                of.values().stream().map(Candidate::words).toList(),
                wider);
    }

    private Optional<Pair> shell(Rating rating) {
        Set<List<String>> commands = new LinkedHashSet<>();
        for (SimpleCommand command : rating.commands()) {
            if (command.level() == Level.LOW) {
                continue;
            }
            List<String> words = command.argv().stream().map(GuestText::raw).toList();
            if (!command.plain() || Carriers.carries(words)) {
                return Optional.empty();
            }
            commands.add(words);
        }
        if (commands.isEmpty()) {
            return Optional.empty();
        }
        List<Candidate> narrow = new ArrayList<>();
        List<Candidate> wide = new ArrayList<>();
        for (List<String> words : commands) {
            Candidate exact =
                    candidate(
                            RuleText.argv(words, false, null, ""),
                            "runs of `" + visible(words) + "`, exactly");
            narrow.add(exact);
            Candidate like = like(commands.size() == 1 ? rating : alone(words), words);
            wide.add(like == null ? exact : like);
        }
        return tried(rating, narrow, wide);
    }

    /// What one command of several does by itself.
    private Rating alone(List<String> words) {
        WorkspaceView view = WorkspaceView.standard();
        String text =
                String.join(
                        " ",
                        words.stream()
                                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                                .toList());
        return risk.rateShell(text, view.root(), view);
    }

    /// `npm install …` where all that the call does is of one family; null where there is no such.
    private @Nullable Candidate like(Rating rating, List<String> words) {
        String effect = oneFamily(rating);
        if (effect == null) {
            return null;
        }
        List<String> head = new ArrayList<>(List.of(words.getFirst()));
        int more = 1;
        for (String word : words.subList(1, words.size())) {
            if (more == 0 || !word.matches("[a-z][a-z0-9:_-]*")) {
                break;
            }
            head.add(word);
            more = more - 1 + SUB_COMMANDS.getOrDefault(word, 0);
        }
        if (words.size() == 1 || (head.size() == 1 && !effect.equals("build"))) {
            return null;
        }
        return candidate(
                RuleText.argv(head, true, effect, rating.level().word()),
                "any `" + visible(head) + " …` that does nothing but `" + effect + "`");
    }

    private static @Nullable String oneFamily(Rating rating) {
        List<String> effects =
                rating.effects().stream()
                        .filter(effect -> !effect.equals("read") && !effect.equals("test"))
                        .toList();
        if (effects.isEmpty()
                || effects.stream()
                        .anyMatch(effect -> NEVER_WIDER.stream().anyMatch(effect::startsWith))) {
            return null;
        }
        String first = effects.getFirst();
        if (effects.size() == 1) {
            return first;
        }
        List<String> others = effects.stream().filter(effect -> !effect.equals("build")).toList();
        return others.size() == 1 ? others.getFirst() : null;
    }

    private Optional<Pair> file(Rating rating, String tool, List<String> paths) {
        if (paths.size() != 1) {
            return Optional.empty();
        }
        String path = paths.getFirst();
        boolean plain =
                !path.isEmpty()
                        && !path.startsWith("~")
                        && path.chars().noneMatch(c -> "*?[]\\\0".indexOf(c) >= 0)
                        && !GuestText.of(path).deceptive();
        if (!plain) {
            return Optional.empty();
        }
        boolean write = tool.equals("write");
        Candidate exact =
                candidate(
                        RuleText.path(tool, path, write ? "write" : null, null),
                        verb(tool) + " " + path);
        int slash = path.lastIndexOf('/');
        if (!write || slash <= 0 || path.startsWith("/")) {
            return tried(rating, List.of(exact), null);
        }
        String directory = path.substring(0, slash);
        Candidate below =
                candidate(
                        RuleText.path(tool, directory + "/**", "write", rating.level().word()),
                        "writes below " + directory + "/ up to level " + rating.level().word());
        return tried(rating, List.of(exact), List.of(below));
    }

    private static String verb(String tool) {
        return switch (tool) {
            case "write" -> "writes to";
            case "delete" -> "the removal of";
            case "search" -> "searches in";
            default -> "reads of";
        };
    }

    private Optional<Pair> network(Rating rating) {
        if (rating.hosts().size() != 1) {
            return Optional.empty();
        }
        String host = rating.hosts().getFirst();
        return tried(
                rating,
                List.of(candidate(RuleText.host(host), "requests to " + visible(List.of(host)))),
                null);
    }

    private static String visible(List<String> words) {
        return GuestText.of(String.join(" ", words)).visible();
    }

    private Candidate candidate(String text, String words) {
        Rule rule = read(text);
        return new Candidate(text, words, rule == null ? NOTHING : rule);
    }

    /// Stands for a line that could not be read back: it covers nothing, so it is never offered.
    private static final Rule NOTHING =
            new Rule(
                    Rule.Verb.ALLOW,
                    "",
                    "unknown",
                    List.of(),
                    "none",
                    null,
                    List.of(),
                    Level.LOW,
                    "everywhere",
                    null,
                    null,
                    "",
                    null);

    private @Nullable Rule read(String text) {
        Outcome outcome =
                new PolicyReader("proposal", false, risk)
                        .read("version: 1\nrules:\n  - " + text + "\n");
        Policy policy = outcome.policy();
        return policy == null || policy.rules().size() != 1 || !policy.warnings().isEmpty()
                ? null
                : policy.rules().getFirst();
    }

    private static Optional<Pair> tried(
            Rating rating, List<Candidate> narrow, @Nullable List<Candidate> wide) {
        if (!covers(narrow, rating)) {
            return Optional.empty();
        }
        boolean more = wide != null && !wide.equals(narrow) && covers(wide, rating);
        return Optional.of(new Pair(narrow, more ? wide : null));
    }

    static boolean covers(List<Candidate> rules, Rating rating) {
        return PolicySource.allowing(rules.stream().map(Candidate::rule).toList(), rating)
                .isPresent();
    }
}
