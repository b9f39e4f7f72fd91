package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/// Writes events of a stream. What goes in was parsed before, so its text is Unicode; an unpaired
/// surrogate becomes `?`, as in any other UTF-8.
final class Sse {
    private Sse() {}

    /// With a name.
    static byte[] event(String name, ObjectNode data) {
        return ("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /// Without a name.
    static byte[] data(ObjectNode data) {
        return ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
