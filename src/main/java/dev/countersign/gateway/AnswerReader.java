package dev.countersign.gateway;

import java.io.IOException;
import java.io.InputStream;

/// Understands one answer of a provider or refuses it. What goes on to the agent is written anew
/// from what was understood, so that the agent can't read it in another way.
interface AnswerReader {
    /// Reads a streamed answer to its end.
    ///
    /// @param limit bytes of the whole answer
    Turn stream(InputStream in, long limit) throws IOException, ProviderFault;

    /// Reads an answer that came as a whole.
    Turn whole(byte[] body) throws ProviderFault;
}
