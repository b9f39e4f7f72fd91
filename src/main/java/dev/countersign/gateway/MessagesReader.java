package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Understands an answer of the Messages format or refuses it. What goes on to the agent is written
/// anew from what was understood, so that the agent can't read it in another way.
final class MessagesReader implements AnswerReader {
    private static final Set<String> STOPS =
            Set.of(
                    "end_turn",
                    "max_tokens",
                    "stop_sequence",
                    "tool_use",
                    "refusal",
                    "model_context_window_exceeded");
    private static final Set<String> CALL_FIELDS = Set.of("type", "id", "name", "input", "caller");

    private final Gathering answer;
    private @Nullable Building building;
    private JsonNode firstUsage = StrictJson.newObject();
    private @Nullable String stopReason;
    private @Nullable String stopSequence;
    private ObjectNode usage = StrictJson.newObject();

    MessagesReader(PartSink through) {
        this.answer = new Gathering(through);
    }

    @Override
    public Turn stream(InputStream in, long limit) throws IOException, ProviderFault {
        SseReader events = new SseReader(in, limit);
        while (true) {
            SseReader.Event event = events.next();
            if (event == null) {
                throw ProviderFault.notUnderstood("the provider ended it before it was complete");
            }
            ObjectNode data = parsed(event.data());
            String type = data.path("type").asText();
            if (!event.name().equals("message") && !event.name().equals(type)) {
                throw ProviderFault.notUnderstood("an event's name and content differ");
            }
            if (type.equals("message_stop")) {
                return finished();
            }
            take(type, data);
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
        start(given);
        for (JsonNode block : given.path("content")) {
            if (!(block instanceof ObjectNode object)) {
                throw ProviderFault.notUnderstood("a block is not an object");
            }
            startBlock(object);
            endBlock();
        }
        ending(given.path("stop_reason"), given.path("stop_sequence"), given.path("usage"));
        return finished();
    }

    private void take(String type, ObjectNode data) throws ProviderFault {
        switch (type) {
            case "ping" -> {}
            case "message_start" -> start(data.path("message"));
            case "content_block_start" -> {
                expectIndex(data);
                if (building != null || !(data.path("content_block") instanceof ObjectNode block)) {
                    throw ProviderFault.notUnderstood("a block begins inside another");
                }
                startBlock(block);
            }
            case "content_block_delta" -> {
                expectIndex(data);
                delta(data.path("delta"));
            }
            case "content_block_stop" -> {
                expectIndex(data);
                endBlock();
            }
            case "message_delta" ->
                    ending(
                            data.path("delta").path("stop_reason"),
                            data.path("delta").path("stop_sequence"),
                            data.path("usage"));
            case "error" -> throw MessagesFormat.reported(data.path("error"));
            default -> {
                // New kinds of events may come (the format says so); they are never handed on.
                if (mentionsTools(data)) {
                    throw ProviderFault.notUnderstood(
                            "an event " + GuestText.of(type).visible() + " carries tools");
                }
            }
        }
    }

    private static boolean mentionsTools(JsonNode node) {
        if (node.isTextual()) {
            return node.asText().contains("tool");
        }
        if (node.isObject()) {
            for (var field : node.properties()) {
                if (field.getKey().contains("tool")
                        || field.getKey().contains("partial_json")
                        || mentionsTools(field.getValue())) {
                    return true;
                }
            }
            return false;
        }
        for (JsonNode item : node) {
            if (mentionsTools(item)) {
                return true;
            }
        }
        return false;
    }

    private void start(JsonNode node) throws ProviderFault {
        if (answer.begun()
                || !(node instanceof ObjectNode given)
                || !given.path("role").asText().equals("assistant")) {
            throw ProviderFault.notUnderstood("it does not begin as an answer does");
        }
        ObjectNode frame = StrictJson.newObject();
        frame.put("id", given.path("id").asText("msg"));
        frame.put("type", "message");
        frame.put("role", "assistant");
        frame.put("model", given.path("model").asText());
        frame.putArray("content");
        frame.putNull("stop_reason");
        frame.putNull("stop_sequence");
        frame.set(
                "usage",
                given.path("usage") instanceof ObjectNode counted
                        ? counted.deepCopy()
                        : StrictJson.newObject());
        firstUsage = frame.path("usage");
        answer.begin(frame);
    }

    private void startBlock(ObjectNode given) throws ProviderFault {
        if (!answer.begun() || stopReason != null) {
            throw ProviderFault.notUnderstood("a block stands outside of the answer");
        }
        Building next = new Building(given);
        building = next;
        if (next.call) {
            answer.hold();
        }
        answer.opened(next.opening());
        next.initialDeltas().forEach(answer::grown);
    }

    private void delta(JsonNode node) throws ProviderFault {
        Building current = building;
        if (current == null || !(node instanceof ObjectNode delta)) {
            throw ProviderFault.notUnderstood("a piece comes outside of a block");
        }
        answer.grown(current.add(delta));
    }

    private void endBlock() throws ProviderFault {
        Building current = building;
        if (current == null) {
            throw ProviderFault.notUnderstood("a block ends that never began");
        }
        building = null;
        answer.closed(current.done());
    }

    private void ending(JsonNode reason, JsonNode sequence, JsonNode counted) throws ProviderFault {
        if (!answer.begun() || building != null) {
            throw ProviderFault.notUnderstood("it ends inside a block");
        }
        if (reason.isTextual()) {
            if (!STOPS.contains(reason.asText())) {
                throw ProviderFault.notUnderstood(
                        "it ends for a reason that is not known: "
                                + GuestText.of(reason.asText()).visible());
            }
            stopReason = reason.asText();
        }
        if (sequence.isTextual()) {
            stopSequence = sequence.asText();
        }
        if (counted instanceof ObjectNode object) {
            usage = object.deepCopy();
        }
    }

    private Turn finished() throws ProviderFault {
        String reason = stopReason;
        if (!answer.begun() || building != null || reason == null) {
            throw ProviderFault.notUnderstood("it ends before it is complete");
        }
        if (answer.hasCalls() && !reason.equals("tool_use")) {
            throw reason.equals("max_tokens")
                    ? ProviderFault.refused(
                            "The model reached max_tokens inside an answer with calls; none of"
                                    + " them is handed over. Raise max_tokens.")
                    : ProviderFault.notUnderstood("it has calls but ends as " + reason);
        }
        ObjectNode ending =
                StrictJson.newObject()
                        .put("stop_reason", reason)
                        .put("stop_sequence", stopSequence);
        ending.set("usage", usage);
        return answer.turn(ending, tokens());
    }

    private Tokens tokens() {
        long read = counted("cache_read_input_tokens");
        long written = counted("cache_creation_input_tokens");
        return new Tokens(
                counted("input_tokens") + read + written, counted("output_tokens"), read, written);
    }

    /// The last count is the whole one; some providers count the input at the end only.
    private long counted(String field) {
        return Math.max(usage.path(field).asLong(0), firstUsage.path(field).asLong(0));
    }

    private void expectIndex(ObjectNode data) throws ProviderFault {
        if (data.path("index").asInt(-1) != answer.size()) {
            throw ProviderFault.notUnderstood("its blocks are not in order");
        }
    }

    private static ObjectNode parsed(String text) throws ProviderFault {
        try {
            return StrictJson.object(text);
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood("of an event " + e.getMessage());
        }
    }

    /// A block between its start and its end.
    private final class Building {
        private final String type;
        private final ObjectNode block = StrictJson.newObject();
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder signature = new StringBuilder();
        private final StringBuilder arguments = new StringBuilder();
        private final List<JsonNode> citations = new ArrayList<>();
        private final boolean call;

        Building(ObjectNode given) throws ProviderFault {
            type = given.path("type").asText();
            call = type.equals("tool_use");
            block.put("type", type);
            switch (type) {
                case "text" -> {
                    text.append(given.path("text").asText(""));
                    given.path("citations").forEach(citations::add);
                }
                case "thinking" -> {
                    text.append(given.path("thinking").asText(""));
                    signature.append(given.path("signature").asText(""));
                }
                case "redacted_thinking" -> block.put("data", given.path("data").asText(""));
                case "tool_use" -> startCall(given);
                default ->
                        throw ProviderFault.notUnderstood(
                                "it has a block of a kind that is not known: "
                                        + GuestText.of(type).visible());
            }
        }

        private void startCall(ObjectNode given) throws ProviderFault {
            for (var field : given.properties()) {
                if (!CALL_FIELDS.contains(field.getKey())) {
                    throw ProviderFault.notUnderstood(
                            "a call has a field that is not known: "
                                    + GuestText.of(field.getKey()).visible());
                }
            }
            String id = given.path("id").asText();
            String tool = given.path("name").asText();
            String caller = given.path("caller").path("type").asText("direct");
            if (!caller.equals("direct")) {
                throw ProviderFault.notUnderstood("a call is not the model's own");
            }
            answer.checkCall(id, tool);
            block.put("id", id).put("name", tool);
            if (given.path("input") instanceof ObjectNode input && !input.isEmpty()) {
                try {
                    arguments.append(
                            new String(
                                    StrictJson.bytes(input),
                                    java.nio.charset.StandardCharsets.UTF_8));
                } catch (StrictJson.Malformed e) {
                    throw ProviderFault.notUnderstood("of a call's arguments, " + e.getMessage());
                }
            }
        }

        ObjectNode opening() {
            ObjectNode opening = block.deepCopy();
            switch (type) {
                case "text" -> opening.put("text", "");
                case "thinking" -> opening.put("thinking", "").put("signature", "");
                default -> {}
            }
            return opening;
        }

        List<ObjectNode> initialDeltas() {
            List<ObjectNode> deltas = new ArrayList<>();
            if (!text.isEmpty()) {
                deltas.add(
                        type.equals("text")
                                ? Delta.text(text.toString())
                                : Delta.thinking(text.toString()));
            }
            if (!signature.isEmpty()) {
                deltas.add(Delta.signature(signature.toString()));
            }
            citations.forEach(citation -> deltas.add(Delta.citation(citation)));
            return deltas;
        }

        ObjectNode add(ObjectNode delta) throws ProviderFault {
            String kind = delta.path("type").asText();
            return switch (type + " " + kind) {
                case "text text_delta" -> {
                    String piece = required(delta, "text");
                    text.append(piece);
                    yield Delta.text(piece);
                }
                case "text citations_delta" -> {
                    citations.add(delta.path("citation"));
                    yield Delta.citation(delta.path("citation"));
                }
                case "thinking thinking_delta" -> {
                    String piece = required(delta, "thinking");
                    text.append(piece);
                    yield Delta.thinking(piece);
                }
                case "thinking signature_delta" -> {
                    String piece = required(delta, "signature");
                    signature.append(piece);
                    yield Delta.signature(piece);
                }
                case "tool_use input_json_delta" -> {
                    arguments.append(required(delta, "partial_json"));
                    yield delta;
                }
                default ->
                        throw ProviderFault.notUnderstood(
                                "a block "
                                        + type
                                        + " has a piece of a kind that is not known: "
                                        + GuestText.of(kind).visible());
            };
        }

        private static String required(ObjectNode delta, String field) throws ProviderFault {
            if (!delta.path(field).isTextual()) {
                throw ProviderFault.notUnderstood("a piece has no " + field);
            }
            return delta.path(field).asText();
        }

        Turn.Block done() throws ProviderFault {
            switch (type) {
                case "text" -> {
                    block.put("text", text.toString());
                    if (!citations.isEmpty()) {
                        ArrayNode all = block.putArray("citations");
                        citations.forEach(all::add);
                    }
                }
                case "thinking" ->
                        block.put("thinking", text.toString())
                                .put("signature", signature.toString());
                case "tool_use" -> {
                    String written = arguments.isEmpty() ? "{}" : arguments.toString();
                    try {
                        block.set("input", StrictJson.object(written));
                    } catch (StrictJson.Malformed e) {
                        throw ProviderFault.notUnderstood(
                                "of a call's arguments, " + e.getMessage());
                    }
                    return new Turn.Block(
                            block,
                            new Turn.Call(
                                    block.path("id").asText(),
                                    block.path("name").asText(),
                                    written));
                }
                default -> {}
            }
            if (type.equals("text")) {
                answer.say(text.toString());
                answer.saidAll();
            }
            return Turn.Block.of(block);
        }
    }
}
