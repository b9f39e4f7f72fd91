package dev.countersign.workspace;

import dev.countersign.domain.RelativePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Under which further names a file of the workspace can be reached, by the symbolic links there
/// are. An edit of what `.envrc` leads to is an edit of `.envrc`.
final class LinkNames {
    /// Links that lead to links, and directories of links, may multiply without end.
    private static final int MOST = 32;

    /// What leads to a path, by that path.
    private final Map<String, List<String>> leading = new TreeMap<>();

    private LinkNames() {}

    static LinkNames of(Map<String, Item> base, Map<String, Item> staged) {
        LinkNames all = new LinkNames();
        base.forEach(all::add);
        staged.forEach(all::add);
        return all;
    }

    private void add(String path, Item item) {
        if (item instanceof Item.LinkTo(String target)) {
            target(path, target)
                    .ifPresent(to -> leading.computeIfAbsent(to, _ -> new ArrayList<>()).add(path));
        }
    }

    /// Where a link leads inside of the workspace, by its words alone.
    private static Optional<String> target(String path, String target) {
        if (target.startsWith("/")) {
            return Optional.empty();
        }
        Deque<String> at = new ArrayDeque<>(new RelativePath(path).parts());
        at.removeLast();
        for (String part : target.split("/", -1)) {
            if (part.equals("..")) {
                if (at.pollLast() == null) {
                    return Optional.empty();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                at.addLast(part);
            }
        }
        return Optional.of(String.join("/", at));
    }

    /// Its other names.
    List<String> of(String path) {
        if (leading.isEmpty()) {
            return List.of();
        }
        Set<String> found = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(path));
        while (!open.isEmpty() && found.size() < MOST) {
            String name = open.removeFirst();
            for (String other : once(name)) {
                if (!other.equals(path) && found.size() < MOST && found.add(other)) {
                    open.addLast(other);
                }
            }
        }
        return List.copyOf(found);
    }

    private List<String> once(String name) {
        List<String> all = new ArrayList<>(leading.getOrDefault(name, List.of()));
        for (int at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
            String rest = name.substring(at);
            for (String link : leading.getOrDefault(name.substring(0, at), List.of())) {
                GuestPaths.checked(link + rest).ifPresent(path -> all.add(path.value()));
            }
        }
        return all;
    }
}
