package dev.countersign.gateway.http;

import java.io.IOException;

/// Answers requests; called on a virtual thread of the connection.
public interface HttpHandler {
    /// Answers one request by exactly one of the response's ways.
    ///
    /// @throws IOException if the client is gone: the connection is closed
    void handle(HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException;

    /// The answer's body, as JSON, to a request that could not be read.
    byte[] faultBody(HttpFault fault);
}
