package dev.countersign.gate.risk;

import java.util.ArrayList;
import java.util.List;

/// The syntax tree of shell text, as the parser's child process sent it.
///
/// @param source the text that the offsets count in, in UTF-16 units
/// @param faulty whether any node is an error or was made up by the parser
record ShellTree(String source, Node root, boolean faulty) {
    /// One node.
    ///
    /// @param type the grammar's name of it
    /// @param field its role in its parent, or empty
    /// @param named whether it is more than punctuation
    record Node(String type, String field, boolean named, int start, int end, List<Node> children) {
        /// Children that are more than punctuation.
        List<Node> parts() {
            List<Node> parts = new ArrayList<>(children.size());
            for (Node child : children) {
                if (child.named) {
                    parts.add(child);
                }
            }
            return parts;
        }

        /// The same with another role.
        Node withField(String other) {
            return new Node(type, other, named, start, end, children);
        }

        boolean is(String wanted) {
            return type.equals(wanted);
        }

        List<Node> byField(String wanted) {
            return children.stream().filter(child -> child.field.equals(wanted)).toList();
        }
    }

    String text(Node node) {
        return source.substring(node.start(), node.end());
    }
}
