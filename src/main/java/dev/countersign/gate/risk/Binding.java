package dev.countersign.gate.risk;

import dev.countersign.gate.risk.ShellTree.Node;
import java.util.ArrayList;
import java.util.List;

/// Puts right what the grammar binds otherwise than bash: it has `a && b > f` as a redirection of
/// both, where bash redirects `b` alone, and `a | b && c` sometimes as `a | (b && c)`.
final class Binding {
    private Binding() {}

    /// @param node one whose children were put right before
    static Node asBash(Node node) {
        return switch (node.type()) {
            case "redirected_statement" -> redirected(node);
            case "pipeline" -> pipeline(node);
            default -> node;
        };
    }

    /// `(a && b) > f` becomes `a && (b > f)`, with what stands behind it.
    private static Node redirected(Node node) {
        List<Node> parts = node.children();
        if (parts.isEmpty() || !parts.getFirst().field().equals("body")) {
            return node;
        }
        Node body = parts.getFirst();
        if ((!body.is("list") && !body.is("pipeline")) || body.children().isEmpty()) {
            return node;
        }
        List<Node> inner = new ArrayList<>(body.children());
        List<Node> outer = new ArrayList<>(parts);
        outer.set(0, inner.getLast().withField("body"));
        Node last =
                new Node(
                        node.type(),
                        "",
                        true,
                        inner.getLast().start(),
                        node.end(),
                        List.copyOf(outer));
        inner.set(inner.size() - 1, redirected(last));
        return new Node(body.type(), node.field(), true, body.start(), node.end(), inner);
    }

    /// `a | (b && c)` becomes `(a | b) && c`.
    private static Node pipeline(Node node) {
        List<Node> parts = node.children();
        Node last = parts.isEmpty() ? node : parts.getLast();
        if (!last.is("list") || last.children().isEmpty()) {
            return node;
        }
        Node first = last.children().getFirst();
        List<Node> piped = new ArrayList<>(parts.subList(0, parts.size() - 1));
        if (first.is("pipeline")) {
            piped.addAll(first.children());
        } else {
            piped.add(first);
        }
        Node front =
                pipeline(
                        new Node(
                                "pipeline",
                                "",
                                true,
                                node.start(),
                                first.end(),
                                List.copyOf(piped)));
        List<Node> all = new ArrayList<>(last.children());
        all.set(0, front);
        return new Node("list", node.field(), true, node.start(), node.end(), all);
    }
}
