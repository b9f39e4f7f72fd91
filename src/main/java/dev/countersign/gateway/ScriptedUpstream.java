package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The bundled model, in every wire format: follows a scenario file in place of a provider, so that
/// the product can be tried and shown without a key. It keeps no state: each answer is worked out
/// from the conversation that the request carries, as a real model's is. Its calls' ids name the
/// step that they belong to.
public final class ScriptedUpstream implements Upstream {
    private static final Scenario.Step OVER =
            new Scenario.Step("That was all of the scenario.", List.of(), null, null, null);
    private static final int PIECE = 18;

    private final Scenario scenario;
    private final Duration pace;
    private final RandomGenerator random;

    /// @param scenario YAML, closed by the caller
    /// @param pace between two pieces of an answer's text; zero sends it at once
    /// @param random for ids of messages and calls, which must not repeat in a session
    /// @throws CountersignException if the scenario is not one, with its line
    public ScriptedUpstream(InputStream scenario, Duration pace, RandomGenerator random)
            throws CountersignException {
        this.scenario = Scenario.read(scenario);
        this.pace = pace;
        this.random = random;
    }

    @Override
    public Reply send(Request request) throws IOException {
        ObjectNode body;
        try {
            body = StrictJson.object(request.body());
        } catch (StrictJson.Malformed e) {
            throw new IOException("the request can't be read", e);
        }
        String path = request.path();
        int size = request.body().length;
        if (path.endsWith("/count_tokens")) {
            return json(StrictJson.newObject().put("input_tokens", tokens(size)));
        }
        if (path.endsWith(":countTokens")) {
            return json(StrictJson.newObject().put("totalTokens", tokens(size)));
        }
        ScriptedTalk talk = ScriptedTalk.of(path, body);
        Said said = said(talk);
        boolean stream = body.path("stream").asBoolean(false);
        return switch (kind(path)) {
            case "messages" -> {
                ObjectNode message = message(talk, said, size);
                yield stream ? paced(messageEvents(message)) : json(message);
            }
            case "responses" -> {
                ObjectNode response = response(talk, said, size);
                yield stream ? paced(responseEvents(response)) : json(response);
            }
            case "chat" -> {
                ObjectNode completion = completion(talk, said, size);
                yield stream ? paced(completionEvents(completion)) : json(completion);
            }
            case "gemini" -> {
                List<ObjectNode> chunks = chunks(talk, said, size, path.contains(":stream"));
                yield path.contains(":stream")
                        ? paced(chunks.stream().map(Sse::data).toList())
                        : json(chunks.getFirst());
            }
            default -> throw new IOException("the bundled model does not know this address");
        };
    }

    private static String kind(String path) {
        if (path.endsWith("/messages")) {
            return "messages";
        }
        if (path.endsWith("/responses")) {
            return "responses";
        }
        if (path.endsWith("/chat/completions")) {
            return "chat";
        }
        return path.contains("enerateContent") ? "gemini" : "";
    }

    private Reply paced(List<byte[]> events) {
        return new Reply(
                200, "text/event-stream; charset=utf-8", Map.of(), new PacedStream(events, pace));
    }

    /// A step in the agent's own terms.
    private record Said(String text, List<Id> calls) {}

    private record Id(String id, ScriptedTalk.Call call) {}

    private Said said(ScriptedTalk talk) {
        if (talk.schema() != null) {
            return new Said(ScriptedTalk.sample(talk.schema()).toString(), List.of());
        }
        String name = talk.tools().isEmpty() ? null : stepAfter(talk);
        Scenario.Step step = name == null ? OVER : scenario.steps().getOrDefault(name, OVER);
        StringBuilder text = new StringBuilder(step.say());
        List<Id> calls = new ArrayList<>();
        for (Scenario.Call wanted : step.calls()) {
            ScriptedTalk.Call call = talk.call(wanted);
            if (call == null) {
                text.append(text.isEmpty() ? "" : "\n")
                        .append("This agent has no tool ")
                        .append(wanted.tool())
                        .append(".");
            } else {
                calls.add(new Id(name + "_" + hex(), call));
            }
        }
        return new Said(text.toString(), calls);
    }

    /// Where the conversation stands: after the last calls of ours, by what became of them.
    private @Nullable String stepAfter(ScriptedTalk talk) {
        if (!talk.answered()) {
            return scenario.first();
        }
        Scenario.Step step = talk.step() == null ? null : scenario.steps().get(talk.step());
        if (step == null) {
            return scenario.again();
        }
        boolean denied =
                talk.results().stream().anyMatch(said -> said.contains(DenialWords.DENIED));
        boolean returned =
                talk.results().stream().anyMatch(said -> said.contains(DenialWords.PLAN_FIRST));
        if (returned && step.returned() != null) {
            return step.returned();
        }
        return (denied || returned) && step.denied() != null ? step.denied() : step.next();
    }

    // --- Messages

    private ObjectNode message(ScriptedTalk talk, Said said, int size) {
        ObjectNode message =
                StrictJson.newObject()
                        .put("id", "msg_cs_" + hex())
                        .put("type", "message")
                        .put("role", "assistant")
                        .put("model", talk.model());
        ArrayNode content = message.putArray("content");
        if (!said.text().isEmpty()) {
            content.addObject().put("type", "text").put("text", said.text());
        }
        for (Id id : said.calls()) {
            ObjectNode block =
                    content.addObject()
                            .put("type", "tool_use")
                            .put("id", "toolu_cs_" + id.id())
                            .put("name", id.call().tool());
            block.set("input", id.call().input());
        }
        message.put("stop_reason", said.calls().isEmpty() ? "end_turn" : "tool_use");
        message.putNull("stop_sequence");
        message.putObject("usage")
                .put("input_tokens", tokens(size))
                .put("output_tokens", tokens(content.toString().length()));
        return message;
    }

    // --- Responses

    private ObjectNode response(ScriptedTalk talk, Said said, int size) {
        ObjectNode response =
                StrictJson.newObject()
                        .put("id", "resp_cs_" + hex())
                        .put("object", "response")
                        .put("created_at", 0)
                        .put("status", "completed")
                        .put("model", talk.model());
        ArrayNode output = response.putArray("output");
        if (!said.text().isEmpty()) {
            output.addObject()
                    .put("type", "message")
                    .put("id", "msg_cs_" + hex())
                    .put("status", "completed")
                    .put("role", "assistant")
                    .putArray("content")
                    .addObject()
                    .put("type", "output_text")
                    .put("text", said.text())
                    .putArray("annotations");
        }
        for (Id id : said.calls()) {
            output.addObject()
                    .put("type", "function_call")
                    .put("id", "fc_cs_" + hex())
                    .put("status", "completed")
                    .put("call_id", "call_cs_" + id.id())
                    .put("name", id.call().tool())
                    .put("arguments", id.call().input().toString());
        }
        int written = tokens(output.toString().length());
        response.putObject("usage")
                .put("input_tokens", tokens(size))
                .put("output_tokens", written)
                .put("total_tokens", tokens(size) + written);
        return response;
    }

    private static List<byte[]> responseEvents(ObjectNode response) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode frame = response.deepCopy().put("status", "in_progress");
        frame.putArray("output");
        frame.putNull("usage");
        events.add(with("response.created", "response", frame));
        int index = 0;
        for (JsonNode item : response.path("output")) {
            boolean call = item.path("type").asText().equals("function_call");
            ObjectNode opening = item.deepCopy();
            opening.put("status", "in_progress");
            if (call) {
                opening.put("arguments", "");
            } else {
                opening.putArray("content");
            }
            events.add(
                    with("response.output_item.added", "item", opening).put("output_index", index));
            String all =
                    call
                            ? item.path("arguments").asText()
                            : item.path("content").path(0).path("text").asText();
            for (String piece : ScriptedTalk.pieces(all, PIECE)) {
                events.add(
                        StrictJson.newObject()
                                .put(
                                        "type",
                                        call
                                                ? "response.function_call_arguments.delta"
                                                : "response.output_text.delta")
                                .put("item_id", item.path("id").asText())
                                .put("output_index", index)
                                .put("content_index", 0)
                                .put("delta", piece));
            }
            events.add(
                    with("response.output_item.done", "item", (ObjectNode) item)
                            .put("output_index", index));
            index++;
        }
        events.add(with("response.completed", "response", response));
        List<byte[]> written = new ArrayList<>();
        for (ObjectNode event : events) {
            written.add(event(event.put("sequence_number", written.size())));
        }
        return written;
    }

    private static ObjectNode with(String type, String field, ObjectNode content) {
        ObjectNode event = StrictJson.newObject().put("type", type);
        event.set(field, content);
        return event;
    }

    // --- Chat Completions

    private ObjectNode completion(ScriptedTalk talk, Said said, int size) {
        ObjectNode completion =
                StrictJson.newObject()
                        .put("id", "chatcmpl-cs-" + hex())
                        .put("object", "chat.completion")
                        .put("created", 0)
                        .put("model", talk.model());
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.put("content", said.text());
        for (Id id : said.calls()) {
            message.withArray("tool_calls")
                    .addObject()
                    .put("id", "call_cs_" + id.id())
                    .put("type", "function")
                    .putObject("function")
                    .put("name", id.call().tool())
                    .put("arguments", id.call().input().toString());
        }
        choice.put("finish_reason", said.calls().isEmpty() ? "stop" : "tool_calls");
        int written = tokens(message.toString().length());
        completion
                .putObject("usage")
                .put("prompt_tokens", tokens(size))
                .put("completion_tokens", written)
                .put("total_tokens", tokens(size) + written);
        return completion;
    }

    private static List<byte[]> completionEvents(ObjectNode completion) {
        List<byte[]> events = new ArrayList<>();
        JsonNode message = completion.path("choices").path(0).path("message");
        for (String piece : ScriptedTalk.pieces(message.path("content").asText(), PIECE)) {
            events.add(chunk(completion, StrictJson.newObject().put("content", piece), null));
        }
        int index = 0;
        for (JsonNode call : message.path("tool_calls")) {
            ObjectNode opening = call.deepCopy();
            opening.put("index", index);
            ((ObjectNode) opening.path("function")).put("arguments", "");
            ObjectNode delta = StrictJson.newObject();
            delta.putArray("tool_calls").add(opening);
            events.add(chunk(completion, delta, null));
            String arguments = call.path("function").path("arguments").asText();
            for (String piece : ScriptedTalk.pieces(arguments, PIECE)) {
                ObjectNode more = StrictJson.newObject();
                more.putArray("tool_calls")
                        .addObject()
                        .put("index", index)
                        .putObject("function")
                        .put("arguments", piece);
                events.add(chunk(completion, more, null));
            }
            index++;
        }
        events.add(
                chunk(
                        completion,
                        StrictJson.newObject(),
                        completion.path("choices").path(0).path("finish_reason").asText()));
        ObjectNode counted = completion.deepCopy().put("object", "chat.completion.chunk");
        counted.putArray("choices");
        events.add(Sse.data(counted));
        events.add(Sse.raw("data: [DONE]\n\n"));
        return events;
    }

    private static byte[] chunk(ObjectNode completion, ObjectNode delta, @Nullable String end) {
        ObjectNode chunk = completion.deepCopy().put("object", "chat.completion.chunk");
        chunk.remove("usage");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.put("finish_reason", end);
        return Sse.data(chunk);
    }

    // --- Gemini

    private List<ObjectNode> chunks(ScriptedTalk talk, Said said, int size, boolean stream) {
        List<ObjectNode> parts = new ArrayList<>();
        for (String piece :
                ScriptedTalk.pieces(said.text(), stream ? PIECE : Integer.MAX_VALUE / 2)) {
            parts.add(StrictJson.newObject().put("text", piece));
        }
        for (Id id : said.calls()) {
            ObjectNode part = StrictJson.newObject();
            part.putObject("functionCall")
                    .put("id", "call_cs_" + id.id())
                    .put("name", id.call().tool())
                    .set("args", id.call().input());
            parts.add(part);
        }
        List<ObjectNode> chunks = new ArrayList<>();
        List<List<ObjectNode>> groups =
                stream ? parts.stream().map(List::of).toList() : List.of(parts);
        for (List<ObjectNode> group : groups) {
            ObjectNode chunk = StrictJson.newObject();
            ObjectNode candidate = chunk.putArray("candidates").addObject().put("index", 0);
            candidate.set("content", GeminiFormat.content("model", group));
            chunks.add(
                    chunk.put("modelVersion", talk.model()).put("responseId", "cs" + tokens(size)));
        }
        ObjectNode last = chunks.getLast();
        ((ObjectNode) last.path("candidates").path(0)).put("finishReason", "STOP");
        int written = tokens(parts.toString().length());
        last.putObject("usageMetadata")
                .put("promptTokenCount", tokens(size))
                .put("candidatesTokenCount", written)
                .put("totalTokenCount", tokens(size) + written);
        return chunks;
    }

    private static Reply json(ObjectNode body) {
        return new Reply(
                200,
                "application/json",
                Map.of(),
                new ByteArrayInputStream(body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private String hex() {
        return HexFormat.of().toHexDigits(random.nextLong());
    }

    private static int tokens(int characters) {
        return characters / 4 + 1;
    }

    /// The message as a provider streams it.
    private static List<byte[]> messageEvents(ObjectNode message) {
        List<byte[]> events = new ArrayList<>();
        ObjectNode frame = message.deepCopy();
        frame.putArray("content");
        frame.putNull("stop_reason");
        ObjectNode start = StrictJson.newObject().put("type", "message_start");
        start.set("message", frame);
        events.add(event(start));
        int index = 0;
        for (JsonNode given : message.path("content")) {
            ObjectNode opening = given.deepCopy();
            boolean call = opening.path("type").asText().equals("tool_use");
            String all = call ? opening.path("input").toString() : opening.path("text").asText();
            if (call) {
                opening.putObject("input");
            } else {
                opening.put("text", "");
            }
            events.add(event(indexed("content_block_start", index, "content_block", opening)));
            for (String piece : ScriptedTalk.pieces(all, PIECE)) {
                ObjectNode delta = call ? Delta.arguments(piece) : Delta.text(piece);
                events.add(event(indexed("content_block_delta", index, "delta", delta)));
            }
            events.add(
                    event(
                            StrictJson.newObject()
                                    .put("type", "content_block_stop")
                                    .put("index", index)));
            index++;
        }
        ObjectNode end = StrictJson.newObject().put("type", "message_delta");
        end.putObject("delta")
                .put("stop_reason", message.path("stop_reason").asText())
                .putNull("stop_sequence");
        end.putObject("usage")
                .put("output_tokens", message.path("usage").path("output_tokens").asInt());
        events.add(event(end));
        events.add(event(StrictJson.newObject().put("type", "message_stop")));
        return events;
    }

    private static ObjectNode indexed(String type, int index, String name, ObjectNode content) {
        ObjectNode event = StrictJson.newObject().put("type", type).put("index", index);
        event.set(name, content);
        return event;
    }

    private static byte[] event(ObjectNode event) {
        return Sse.event(event.path("type").asText(), event);
    }
}
