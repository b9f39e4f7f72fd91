package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Digest;
import dev.countersign.domain.SessionId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A request of the agent that was checked: every field is known, and none lets the provider act or
/// fetch for the guest. What is sent on is written from its tree, never from the guest's bytes.
interface Question {
    /// In which format it came and is answered.
    WireFormat format();

    /// As the agent named it.
    String model();

    /// Whether the answer shall come in pieces.
    boolean stream();

    /// The parts that make two requests the same question, whatever else the agent changes between
    /// two tries.
    List<JsonNode> conversation();

    /// What was asked before, if this asks for the rest of an answer that broke off: agents put
    /// what they had of it into the conversation. Empty for every other question.
    default Optional<Cut> cut() {
        return Optional.empty();
    }

    /// A question whose answer broke off.
    ///
    /// @param conversation as [#conversation()] was then
    /// @param had what the agent had of the answer, each block as [WireFormat#said] names it
    record Cut(List<JsonNode> conversation, List<String> had) {
        /// Keeps copies.
        public Cut {
            conversation = List.copyOf(conversation);
            had = List.copyOf(had);
        }
    }

    /// Results after the model's last answer: the new ones.
    List<Result> newResults();

    /// Texts of documents that were put into the conversation since the last answer, beside
    /// results.
    default List<String> newDocuments() {
        return List.of();
    }

    /// The ids of all calls in the conversation.
    Set<String> callIds();

    /// The agent's own tools, as it describes them to the model.
    List<ToolDefinition> definitions();

    /// Tools that were left out because the provider would run them, by name.
    default List<String> leftOut() {
        return List.of();
    }

    /// What the provider is sent: the conversation as it really went, then these entries.
    ///
    /// @throws ProviderFault if it can't be written
    Upstream.Request forProvider(DenialMemory denials, List<ObjectNode> further)
            throws ProviderFault;

    /// A result that the agent reports for a call.
    record Result(String callId, boolean error, String output) {}

    /// The same question in the same session and epoch has the same key.
    default Digest key(SessionId session, int epoch) throws ProviderFault {
        return key(session, epoch, conversation());
    }

    /// As above, for this model's question with another conversation.
    default Digest key(SessionId session, int epoch, List<JsonNode> conversation)
            throws ProviderFault {
        MessageDigest digest = Digest.sha256();
        String[] parts = {
            "countersign-ask-v3", format().name(), session.value(), Integer.toString(epoch), model()
        };
        for (String part : parts) {
            digest.update((part.length() + ":" + part).getBytes(StandardCharsets.UTF_8));
        }
        for (JsonNode field : conversation) {
            byte[] bytes = written(StrictJson.canonical(field));
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return new Digest(HexFormat.of().formatHex(digest.digest()));
    }

    /// As bytes for the provider.
    static byte[] written(JsonNode node) throws ProviderFault {
        try {
            return StrictJson.bytes(
                    node.isMissingNode() ? JsonNodeFactory.instance.nullNode() : node);
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.refused("The request can't be sent on: " + e.getMessage() + ".");
        }
    }
}
