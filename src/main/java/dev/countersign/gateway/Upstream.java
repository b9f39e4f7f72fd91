package dev.countersign.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/// The model's provider, as the gateway sees it. It speaks one or several wire formats; which one
/// is asked for is in the request's path.
public interface Upstream {
    /// Sends a request that was checked. Returns once the provider's headers are there; the body
    /// may still be coming.
    ///
    /// @throws IOException if the provider can't be reached; its message is shown to the agent and
    ///   holds no secret
    Reply send(Request request) throws IOException, InterruptedException;

    /// Whether requests to this path can be answered; the agent is told if not.
    default boolean serves(String path) {
        return true;
    }

    /// What the agent may be told of when it asks for the models; empty: only what it is set to.
    default List<String> models() {
        return List.of();
    }

    /// What is asked.
    ///
    /// @param path of the format, such as `/v1/messages`, `/v1/responses`, `/v1/chat/completions`
    ///   or `/v1beta/models/NAME:generateContent`, with a query where the format has one
    /// @param headers `anthropic-version` and `anthropic-beta`, filtered; never a credential
    /// @param body JSON as the gateway wrote it, not as the guest sent it
    record Request(String path, Map<String, String> headers, byte[] body) {}

    /// What came back. Hostile as everything that a model writes.
    ///
    /// @param headers `retry-after` and `request-id`, if they came
    record Reply(int status, String contentType, Map<String, String> headers, InputStream body)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            body.close();
        }
    }
}
