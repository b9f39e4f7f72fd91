package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Understands an answer of the Chat Completions format, whose dialects differ in where thoughts
/// stand and in how an answer with calls ends.
final class ChatReader implements AnswerReader {
    private static final RandomGenerator RANDOM = new SecureRandom();
    private static final List<String> FRAME =
            List.of("id", "created", "model", "system_fingerprint", "service_tier");
    private static final Set<String> THOUGHTS =
            Set.of("reasoning_content", "reasoning", "reasoning_text", "reasoning_opaque");
    private static final Set<String> ENDS =
            Set.of("stop", "length", "tool_calls", "content_filter", "function_call");

    private final Gathering answer;
    private final List<Call> calls = new ArrayList<>();
    private @Nullable ObjectNode writing;
    private final StringBuilder text = new StringBuilder();
    private @Nullable String finish;
    private JsonNode usage = JsonNodeFactory.instance.nullNode();

    ChatReader(PartSink through) {
        this.answer = new Gathering(through);
    }

    /// A call that comes in pieces.
    private static final class Call {
        private String id = "";
        private String type = "function";
        private String name = "";
        private final StringBuilder arguments = new StringBuilder();
    }

    @Override
    public Turn stream(InputStream in, long limit) throws IOException, ProviderFault {
        SseReader events = new SseReader(in, limit);
        while (true) {
            SseReader.Event event = events.next();
            if (event == null) {
                // Some servers end without [DONE]; one that said why it ended is complete.
                if (finish == null) {
                    throw ProviderFault.notUnderstood(
                            "the provider ended it before it was complete");
                }
                return finished();
            }
            if (event.data().equals("[DONE]")) {
                return finished();
            }
            ObjectNode chunk;
            try {
                chunk = StrictJson.object(event.data());
            } catch (StrictJson.Malformed e) {
                throw ProviderFault.notUnderstood("of an event " + e.getMessage());
            }
            if (chunk.has("error")) {
                throw OpenAiFault.reported(502, chunk);
            }
            begin(chunk);
            JsonNode choice = choice(chunk);
            if (choice.isObject()) {
                take(choice.path("delta"), choice);
            }
        }
    }

    @Override
    public Turn whole(byte[] body) throws ProviderFault {
        ObjectNode given;
        try {
            given = StrictJson.object(body);
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood(e.getMessage());
        }
        begin(given);
        JsonNode choice = choice(given);
        if (!choice.isObject()) {
            throw ProviderFault.notUnderstood("it has no choice");
        }
        take(choice.path("message"), choice);
        return finished();
    }

    private void begin(ObjectNode chunk) throws ProviderFault {
        if (!answer.begun()) {
            ObjectNode frame = StrictJson.newObject();
            for (String field : FRAME) {
                if (chunk.has(field)) {
                    frame.set(field, chunk.path(field));
                }
            }
            answer.begin(frame);
        }
        if (chunk.path("usage").isObject()) {
            usage = chunk.path("usage");
        }
    }

    private static JsonNode choice(ObjectNode chunk) throws ProviderFault {
        JsonNode choices = chunk.path("choices");
        if (choices.size() > 1 || choices.path(0).path("index").asInt(0) != 0) {
            throw ProviderFault.notUnderstood("it has more than one choice");
        }
        return choices.path(0);
    }

    private void take(JsonNode delta, JsonNode choice) throws ProviderFault {
        if (finish != null && !empty(delta)) {
            throw ProviderFault.notUnderstood("it goes on after its end");
        }
        if (!delta.path("role").asText("assistant").isEmpty()
                && !delta.path("role").asText("assistant").equals("assistant")) {
            throw ProviderFault.notUnderstood("a message is not the model's");
        }
        for (Map.Entry<String, JsonNode> field : delta.properties()) {
            JsonNode value = field.getValue();
            String name = field.getKey();
            if (name.equals("role")
                    || name.equals("tool_calls")
                    || value.isNull()
                    || (value.isTextual() && value.asText().isEmpty())
                    || (value.isContainerNode() && value.isEmpty())) {
                continue;
            }
            if (name.equals("content") && value.isTextual()) {
                words("text", name, value);
            } else if (name.equals("refusal") && value.isTextual()) {
                words("refusal", name, value);
            } else if (THOUGHTS.contains(name) && value.isTextual()) {
                words("thought", name, value);
            } else if (name.equals("reasoning_details") && value.isArray()) {
                words("thought", name, value);
            } else if (name.contains("call")
                    || name.contains("tool")
                    || name.equals("audio")
                    || name.equals("content")) {
                throw Gathering.unknown("a part", name);
            }
        }
        for (JsonNode piece : delta.path("tool_calls")) {
            call(piece);
        }
        if (choice.path("finish_reason").isTextual()) {
            String reason = choice.path("finish_reason").asText();
            if (!ENDS.contains(reason) || (finish != null && !finish.equals(reason))) {
                throw ProviderFault.notUnderstood(
                        "it ends for a reason that is not known: "
                                + GuestText.of(reason).visible());
            }
            finish = reason;
        }
    }

    private static boolean empty(JsonNode delta) {
        return delta.properties().stream()
                .allMatch(field ->
                        field.getKey().equals("role")
                                || field.getValue().isNull()
                                || (field.getValue().isTextual()
                                        && field.getValue().asText().isEmpty())
                                || (field.getValue().isContainerNode()
                                        && field.getValue().isEmpty()));
    }

    private void words(String type, String field, JsonNode value) throws ProviderFault {
        ObjectNode block = writing;
        if (block == null
                || !block.path("type").asText().equals(type)
                || !ChatFormat.fieldOf(block).equals(field)) {
            endWords();
            block =
                    ChatFormat.block(
                            type,
                            field,
                            value.isArray() ? value : JsonNodeFactory.instance.textNode(""));
            writing = block;
            answer.opened(block);
        }
        ObjectNode delta = StrictJson.newObject();
        delta.set("value", value);
        answer.grown(delta);
        if (value.isArray()) {
            // Each piece of a structured thought stands alone: how they merge is the dialect's.
            answer.closed(Turn.Block.of(block));
            writing = null;
            return;
        }
        text.append(value.asText());
        if (type.equals("text")) {
            answer.say(value.asText());
        }
    }

    private void endWords() {
        ObjectNode block = writing;
        if (block != null) {
            ObjectNode whole = block.deepCopy().put("value", text.toString());
            answer.closed(Turn.Block.of(whole));
            writing = null;
            text.setLength(0);
        }
    }

    private void call(JsonNode piece) throws ProviderFault {
        endWords();
        answer.hold();
        int index = piece.path("index").asInt(calls.size());
        if (index == calls.size()) {
            calls.add(new Call());
        } else if (index < 0 || index > calls.size()) {
            throw ProviderFault.notUnderstood("its calls are not in order");
        }
        Call call = calls.get(index);
        for (Map.Entry<String, JsonNode> field : piece.properties()) {
            JsonNode value = field.getValue();
            switch (field.getKey()) {
                case "index" -> {}
                case "id" -> call.id = once(call.id, value, "id");
                case "type" -> {
                    String type = value.asText("function");
                    if (!type.isEmpty()
                            && !type.equals("null")
                            && !type.equals("function")
                            && !type.equals("custom")) {
                        throw Gathering.unknown("a call of a kind", type);
                    }
                    call.type = type.equals("custom") ? type : call.type;
                }
                case "function", "custom" -> {
                    if (value.isObject()) {
                        pieces(call, field.getKey(), value);
                    }
                }
                default -> {
                    if (!value.isNull()) {
                        throw Gathering.unknown("a call with a field", field.getKey());
                    }
                }
            }
        }
    }

    private static void pieces(Call call, String type, JsonNode value) throws ProviderFault {
        if (type.equals("custom")) {
            call.type = "custom";
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode piece = field.getValue();
            switch (field.getKey()) {
                case "name" -> call.name = once(call.name, piece, "name");
                case "arguments", "input" -> {
                    if (piece.isTextual()) {
                        call.arguments.append(piece.asText());
                    } else if (!piece.isNull()) {
                        throw ProviderFault.notUnderstood("a call's arguments are not a text");
                    }
                }
                default -> {
                    if (!piece.isNull()) {
                        throw Gathering.unknown("a call with a field", field.getKey());
                    }
                }
            }
        }
    }

    /// The same again is harmless, as some servers repeat it with each piece; another is not.
    private static String once(String known, JsonNode value, String what) throws ProviderFault {
        if (value.isNull() || value.asText().isEmpty() || value.asText().equals(known)) {
            return known;
        }
        if (!known.isEmpty() || !value.isTextual()) {
            throw ProviderFault.notUnderstood("a call has two " + what + "s");
        }
        return value.asText();
    }

    private Turn finished() throws ProviderFault {
        endWords();
        String reason = finish;
        if (!answer.begun() || reason == null) {
            throw ProviderFault.notUnderstood("it ends before it is complete");
        }
        for (Call call : calls) {
            add(call);
        }
        if (calls.isEmpty() && (reason.equals("tool_calls") || reason.equals("function_call"))) {
            throw ProviderFault.notUnderstood("it ends for calls that it does not have");
        }
        if (!calls.isEmpty() && !reason.equals("tool_calls") && !reason.equals("stop")) {
            throw reason.equals("length")
                    ? ProviderFault.refused(
                            "The model reached its limit of tokens inside an answer with calls;"
                                    + " none of them is handed over. Raise max_tokens.")
                    : ProviderFault.notUnderstood("it has calls but ends as " + reason);
        }
        ObjectNode ending =
                StrictJson.newObject()
                        .put("finish_reason", calls.isEmpty() ? reason : "tool_calls");
        ending.set(
                "usage",
                usage.isObject()
                        ? usage
                        : StrictJson.newObject()
                                .put("prompt_tokens", 0)
                                .put("completion_tokens", 0)
                                .put("total_tokens", 0));
        return answer.turn(
                ending,
                new Tokens(
                        usage.path("prompt_tokens").asLong(),
                        usage.path("completion_tokens").asLong(),
                        usage.path("prompt_tokens_details").path("cached_tokens").asLong(),
                        0));
    }

    private void add(Call call) throws ProviderFault {
        if (call.id.isEmpty()) {
            // Some local servers name none; the agent's result must find its call.
            call.id = "call_cs_" + HexFormat.of().toHexDigits(RANDOM.nextLong());
        }
        answer.checkCall(call.id, call.name);
        String arguments = call.arguments.toString();
        ObjectNode json = StrictJson.newObject().put("id", call.id).put("type", call.type);
        try {
            if (call.type.equals("custom")) {
                json.putObject("custom").put("name", call.name).put("input", arguments);
                arguments = StrictJson.text(StrictJson.newObject().put("input", arguments));
            } else {
                arguments = arguments.isBlank() ? "{}" : arguments;
                StrictJson.object(arguments);
                json.putObject("function").put("name", call.name).put("arguments", arguments);
            }
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood("of a call's arguments, " + e.getMessage());
        }
        answer.called(new Turn.Block(json, new Turn.Call(call.id, call.name, arguments)));
    }
}
