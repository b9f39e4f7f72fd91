package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.util.List;

/// What one wire format needs: reading requests and answers, writing answers and errors. Holding,
/// attaching and denying are the same for all and know only this.
interface WireFormat {
    /// A stable word: `messages`, `responses`, `chat`, `gemini`.
    String name();

    /// Whether requests to this path are of this format.
    boolean takes(String path);

    /// Checks a request for an answer.
    ///
    /// @throws ProviderFault naming the field that is not taken
    Question question(HttpRequest request) throws ProviderFault;

    /// Reads the provider's answer, telling what may stream through as it comes.
    AnswerReader reader(Question question, PartSink through);

    /// Writes the answer as a stream for one connection.
    AnswerWriter writer(Question question);

    /// The answer in one body, made of the same parts.
    ObjectNode whole(Question question, List<Part> parts);

    /// A text of the gateway's own as a block.
    Turn.Block note(String text);

    /// A block that was held, in the parts that the agent would have got.
    List<Part> parts(Turn.Block block);

    /// A block of the model's own words or thoughts, in a form that is the same in an answer and in
    /// the conversation that took it in; empty for a block that has none, or of another kind.
    default String said(JsonNode block) {
        return "";
    }

    /// How the answer ends.
    ///
    /// @param over whether no call of it is handed over: the turn ends here
    /// @param earlierOutput tokens of the rounds before
    ObjectNode ending(Turn turn, boolean over, long earlierOutput);

    /// A denied call's result, as the agent would report it.
    ObjectNode denied(Turn.Block call, String told);

    /// What the conversation goes on with after a turn whose calls were all denied.
    List<ObjectNode> continuation(Turn turn, List<ObjectNode> results);

    /// An error as this format has it in a body.
    ObjectNode fault(ProviderFault fault);

    /// The provider's own error, to be told to the agent.
    ProviderFault reported(int status, ObjectNode body);
}
