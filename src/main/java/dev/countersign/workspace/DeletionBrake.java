package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Stops the host's deletions on their way into the guest when very many come at once: a disk that
/// was unmounted looks like a developer who deleted everything. What is held waits until the
/// developer lets it go, or has the files again. Safe for use by several threads.
final class DeletionBrake {
    private static final Duration AT_ONCE = Duration.ofSeconds(2);
    private static final int MOST = 200;
    private static final int FEW = 20;

    private record Passed(Instant at, Set<String> paths) {}

    private final Clock clock;
    private final Deque<Passed> passed = new ArrayDeque<>();
    private final Set<String> held = new TreeSet<>();
    private final Set<String> allowed = new HashSet<>();

    DeletionBrake(Clock clock) {
        this.clock = clock;
    }

    /// Which of these deletions may go now; the others are held.
    ///
    /// @param files how many files there are in all: a quarter of them is many
    synchronized Set<String> pass(Collection<String> gone, int files) {
        Set<String> may = new HashSet<>();
        Set<String> fresh = new HashSet<>();
        for (String path : gone) {
            (allowed.contains(path) ? may : fresh).add(path);
        }
        Instant now = clock.instant();
        while (!passed.isEmpty() && passed.getFirst().at.isBefore(now.minus(AT_ONCE))) {
            passed.removeFirst();
        }
        // One that comes and goes, as an editor's swap file, is one.
        Set<String> lately = new HashSet<>();
        passed.forEach(one -> lately.addAll(one.paths));
        fresh.removeAll(held);
        lately.addAll(fresh);
        int most = Math.min(MOST, Math.max(FEW, files / 4));
        if (!held.isEmpty() || lately.size() > most) {
            held.addAll(fresh);
        } else if (!fresh.isEmpty()) {
            passed.addLast(new Passed(now, Set.copyOf(fresh)));
            may.addAll(fresh);
        }
        return may;
    }

    synchronized boolean holding() {
        return !held.isEmpty();
    }

    /// Paths whose deletion waits.
    synchronized List<String> held() {
        return List.copyOf(held);
    }

    /// Names exactly what is held, for a decision that is bound to it.
    synchronized String digest() {
        return held.isEmpty() ? "" : Digest.of(String.join("\0", held)).hex();
    }

    /// Lets go what is held, if it is still what the digest names.
    ///
    /// @return the paths that may go now, or none if other ones are held by now
    synchronized List<String> goOn(String digest) {
        if (!digest.equals(digest())) {
            return List.of();
        }
        List<String> all = List.copyOf(held);
        allowed.addAll(held);
        held.clear();
        return all;
    }

    /// Forgets what is not gone any more. The predicate must not wait for a lock under which the
    /// brake is asked.
    synchronized void retain(Predicate<String> stillGone) {
        held.removeIf(path -> !stillGone.test(path));
        allowed.removeIf(path -> !stillGone.test(path));
    }
}
