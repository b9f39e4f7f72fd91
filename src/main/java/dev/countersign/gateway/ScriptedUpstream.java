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
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The bundled model: follows a scenario file in place of a provider, so that the product can be
/// tried and shown without a key. It keeps no state: each answer is worked out from the
/// conversation that the request carries, as a real model's is. Its calls' ids name the step that
/// they belong to.
public final class ScriptedUpstream implements Upstream {
    private static final Pattern OUR_ID = Pattern.compile("toolu_cs_([a-z0-9-]+)_[0-9a-f]{16}");
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
        if (request.path().endsWith("/count_tokens")) {
            return json(StrictJson.newObject().put("input_tokens", tokens(request.body().length)));
        }
        ObjectNode message = answer(body, request.body().length);
        if (!body.path("stream").asBoolean(false)) {
            return json(message);
        }
        return new Reply(
                200,
                "text/event-stream; charset=utf-8",
                Map.of(),
                new PacedStream(events(message), pace));
    }

    private static Reply json(ObjectNode body) {
        return new Reply(
                200,
                "application/json",
                Map.of(),
                new ByteArrayInputStream(body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private ObjectNode answer(ObjectNode request, int size) {
        Map<String, String> tools = new HashMap<>();
        for (JsonNode tool : request.path("tools")) {
            String name = tool.path("name").asText();
            tools.put(name.toLowerCase(java.util.Locale.ROOT), name);
        }
        String name = tools.isEmpty() ? null : stepAfter(request.path("messages"));
        Scenario.Step step = name == null ? OVER : scenario.steps().getOrDefault(name, OVER);
        ObjectNode message =
                StrictJson.newObject()
                        .put("id", "msg_cs_" + hex())
                        .put("type", "message")
                        .put("role", "assistant")
                        .put("model", request.path("model").asText());
        ArrayNode content = message.putArray("content");
        if (!step.say().isEmpty()) {
            content.addObject().put("type", "text").put("text", step.say());
        }
        boolean calls = false;
        for (Scenario.Call call : step.calls()) {
            String tool = tools.get(call.tool());
            if (tool == null) {
                content.addObject()
                        .put("type", "text")
                        .put("text", "This agent has no tool " + call.tool() + ".");
                continue;
            }
            calls = true;
            ObjectNode block =
                    content.addObject()
                            .put("type", "tool_use")
                            .put("id", "toolu_cs_" + name + "_" + hex())
                            .put("name", tool);
            block.set("input", call.input().deepCopy());
        }
        message.put("stop_reason", calls ? "tool_use" : "end_turn");
        message.putNull("stop_sequence");
        message.putObject("usage")
                .put("input_tokens", tokens(size))
                .put("output_tokens", tokens(content.toString().length()));
        return message;
    }

    /// Where the conversation stands: after the last calls of ours, by what became of them.
    private @org.jspecify.annotations.Nullable String stepAfter(JsonNode messages) {
        int last = messages.size() - 1;
        while (last >= 0 && !messages.path(last).path("role").asText().equals("assistant")) {
            last--;
        }
        if (last < 0) {
            return scenario.first();
        }
        Set<String> ids = new HashSet<>();
        Optional<String> before = Optional.empty();
        for (JsonNode block : messages.path(last).path("content")) {
            Matcher ours = OUR_ID.matcher(block.path("id").asText());
            if (ours.matches()) {
                ids.add(block.path("id").asText());
                before = Optional.of(ours.group(1));
            }
        }
        if (before.isEmpty() || !scenario.steps().containsKey(before.get())) {
            return scenario.again();
        }
        Scenario.Step step = scenario.steps().get(before.get());
        if (step == null) {
            return scenario.again();
        }
        boolean denied = false;
        boolean returned = false;
        for (int i = last + 1; i < messages.size(); i++) {
            for (JsonNode block : messages.path(i).path("content")) {
                if (ids.contains(block.path("tool_use_id").asText())) {
                    String said = block.path("content").asText();
                    denied |= said.startsWith(DenialWords.DENIED);
                    returned |= said.startsWith(DenialWords.PLAN_FIRST);
                }
            }
        }
        if (returned && step.returned() != null) {
            return step.returned();
        }
        return (denied || returned) && step.denied() != null ? step.denied() : step.next();
    }

    private String hex() {
        return HexFormat.of().toHexDigits(random.nextLong());
    }

    private static int tokens(int characters) {
        return characters / 4 + 1;
    }

    /// The message as a provider streams it.
    private static List<byte[]> events(ObjectNode message) {
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
            for (String piece : pieces(all)) {
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

    private static List<String> pieces(String all) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < all.length(); ) {
            int to = Math.min(all.length(), at + PIECE);
            if (to < all.length() && Character.isHighSurrogate(all.charAt(to - 1))) {
                to++;
            }
            pieces.add(all.substring(at, to));
            at = to;
        }
        return pieces;
    }

    private static ObjectNode indexed(String type, int index, String name, ObjectNode content) {
        ObjectNode event = StrictJson.newObject().put("type", type).put("index", index);
        event.set(name, content);
        return event;
    }

    private static byte[] event(ObjectNode event) {
        return ("event: " + event.path("type").asText() + "\ndata: " + event + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
