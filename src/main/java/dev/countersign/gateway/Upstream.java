package dev.countersign.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/// The model's provider, as the gateway sees it: Anthropic's Messages format.
public interface Upstream {
    /// Sends a request that was checked. Returns once the provider's headers are there; the body
    /// may still be coming.
    ///
    /// @throws IOException if the provider can't be reached; its message is shown to the agent and
    ///   holds no secret
    Reply send(Request request) throws IOException, InterruptedException;

    /// What is asked.
    ///
    /// @param path `/v1/messages` or `/v1/messages/count_tokens`
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
