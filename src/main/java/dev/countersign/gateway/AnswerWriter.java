package dev.countersign.gateway;

import java.util.List;

/// Writes an answer's parts as one client's stream. Keeps the stream's counters.
interface AnswerWriter {
    /// The stream's content type.
    default String contentType() {
        return "text/event-stream; charset=utf-8";
    }

    /// The bytes for this part, one array for each event.
    List<byte[]> events(Part part);

    /// What keeps a silent stream alive; empty where clients of the format can't bear it.
    byte[] keepAlive();

    /// The error that ends a stream that has begun.
    byte[] fault(ProviderFault fault);
}
