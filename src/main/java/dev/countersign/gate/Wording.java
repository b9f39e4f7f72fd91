package dev.countersign.gate;

import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Rating;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Our own sentences on a request: never the agent's words.
final class Wording {
    /// On a request that was allowed once and could not be secured. Allowed again with this on it,
    /// it runs without a checkpoint.
    static final String SEEN_WITHOUT_NET =
            "The checkpoint before this call failed. If you allow it now, it runs without one and can't"
                    + " be taken back by a restore to this moment.";

    private static final int MOST_REASONS = 3;

    private Wording() {}

    static String title(List<Rating> ratings) {
        Set<String> reasons = new LinkedHashSet<>();
        for (Rating rating : ratings) {
            reasons.add(rating.reasons().getFirst());
        }
        String what =
                ratings.size() == 1
                        ? "wants to run one call"
                        : "wants to run " + ratings.size() + " calls";
        List<String> first = reasons.stream().limit(MOST_REASONS).toList();
        String more = reasons.size() > MOST_REASONS ? ", and more" : "";
        return what + ": " + String.join("; ", first) + more;
    }

    static String planTitle(List<GuestText> directories) {
        return directories.isEmpty()
                ? "proposes a plan that names no place: approval covers builds and commits, no file"
                : "proposes a plan: approval lets it change "
                        + String.join(", ", directories.stream().map(GuestText::visible).toList())
                        + " without asking";
    }

    /// What a request for calls says of the plan that is approved with it.
    ///
    /// @param directories empty: there is none with it
    static String planWithCalls(List<GuestText> directories) {
        return directories.isEmpty()
                ? ""
                : ". Allowing all of it also approves the agent's plan: it may then change "
                        + String.join(", ", directories.stream().map(GuestText::visible).toList())
                        + " without asking, up to medium";
    }

    /// @param vm whether the agent works in a VM of ours
    static List<String> planUndo(boolean vm) {
        return List.of(
                "Yes: " + PLAN_ENDS_WORDS,
                "Yes: high and critical calls are still asked one by one.",
                vm ? "Yes: changes reach your own files only after you reviewed them." : NO_VM);
    }

    private static final String PLAN_ENDS_WORDS =
            "it ends with your next message, after 60 minutes, or at a call outside of it.";

    /// Of a plan that is approved with calls.
    static final String PLAN_ENDS = "Yes, the plan: " + PLAN_ENDS_WORDS;

    private static final String NO_VM =
            "No VM and no review stand between a call and the files where the agent runs: what it"
                    + " changes there is changed.";

    /// What can be taken back where no VM is.
    static List<String> undoWithoutVm(List<Rating> ratings) {
        List<String> undo = new ArrayList<>();
        undo.add("No checkpoint is taken: there is no VM here that one could be taken of.");
        undo.add(NO_VM);
        if (ratings.stream().anyMatch(Wording::leaves)) {
            undo.add("Not what leaves the machine: requests, pushes and messages.");
        }
        return undo;
    }

    /// @param secured whether a checkpoint is taken before; else one was tried and failed
    static List<String> undo(List<Rating> ratings, boolean secured) {
        boolean leaves = ratings.stream().anyMatch(Wording::leaves);
        boolean critical = ratings.stream().anyMatch(r -> r.level() == Level.CRITICAL);
        List<String> undo = new ArrayList<>();
        undo.add(
                secured
                        ? "Yes, inside the VM: a checkpoint is taken first, a restore brings files,"
                                + " processes and memory back."
                        : "Inside the VM only back to the last checkpoint: the one before this call"
                                + " failed.");
        if (leaves) {
            undo.add(
                    "Not what leaves the VM: requests, pushes and messages can't be taken back by any"
                            + " checkpoint.");
        } else if (critical) {
            undo.add("Not what others or other machines have seen of it.");
        }
        undo.add("Yes, on this machine: your own files are not touched by the call.");
        return undo;
    }

    private static boolean leaves(Rating rating) {
        return !rating.hosts().isEmpty()
                || rating.effects().stream()
                        .anyMatch(effect ->
                                effect.startsWith("net.")
                                        || effect.startsWith("deploy.")
                                        || effect.equals("git.push")
                                        || effect.equals("git.force-push"));
    }

    static String told(DecidedBy by, @Nullable GuestText note) {
        return switch (by) {
            case TIMEOUT ->
                    "Denied: nobody answered in time. Go on without this call, or end here and say"
                            + " what is missing.";
            case SESSION ->
                    "Denied: the session moved on while this call waited. Look at the present state"
                            + " before you go on.";
            case PERSON, RULE, MODE, PLAN ->
                    note == null
                            ? "Denied by the developer. It did not run. Go on in another way."
                            : "Denied by the developer. It did not run. The developer says: "
                                    + note.raw();
        };
    }
}
