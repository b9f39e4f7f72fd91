package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/// OpenAI's Responses.
final class ResponsesFormat implements WireFormat {
    static final ResponsesFormat INSTANCE = new ResponsesFormat(new SecureRandom());
    static final String PATH = "/v1/responses";

    private final RandomGenerator random;

    private ResponsesFormat(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public String name() {
        return "responses";
    }

    @Override
    public boolean takes(String path) {
        return path.equals(PATH) || path.equals("/responses");
    }

    @Override
    public Question question(HttpRequest request) throws ProviderFault {
        return ResponsesRequest.of(request.body());
    }

    @Override
    public AnswerReader reader(Question question, PartSink through) {
        return new ResponsesReader(through, this::freshId);
    }

    private String freshId(String kind) {
        return kind + "_cs_" + HexFormat.of().toHexDigits(random.nextLong());
    }

    @Override
    public AnswerWriter writer(Question question) {
        return new Writer();
    }

    /// The stream, with the counters that clients of the format check.
    private static final class Writer implements AnswerWriter {
        private static final byte[] COMMENT = Sse.raw(": keepalive\n\n");
        private final List<ObjectNode> output = new ArrayList<>();
        private final List<byte[]> events = new ArrayList<>();
        private ObjectNode frame = StrictJson.newObject();
        private ObjectNode item = StrictJson.newObject();
        private long sequence;
        private String part = "";
        private int partIndex = -1;
        private final StringBuilder text = new StringBuilder();

        @Override
        public List<byte[]> events(Part step) {
            events.clear();
            switch (step) {
                case Part.Begun(ObjectNode given) -> {
                    frame = given;
                    add("response.created", "response", response("in_progress"));
                    add("response.in_progress", "response", response("in_progress"));
                }
                case Part.Opened(ObjectNode block) -> {
                    item = block;
                    part = "";
                    partIndex = -1;
                    add("response.output_item.added", "item", block);
                }
                case Part.Grown(ObjectNode delta) -> grow(delta);
                case Part.Closed(Turn.Block block) -> {
                    endPart();
                    if (block.call() != null) {
                        endCall(block.json());
                    }
                    add("response.output_item.done", "item", block.json());
                    output.add(block.json());
                }
                case Part.Ended(ObjectNode ending) ->
                        add(
                                "response." + ending.path("status").asText(),
                                "response",
                                complete(frame, ending, output));
            }
            return List.copyOf(events);
        }

        private void grow(ObjectNode delta) {
            if (delta.has("part")) {
                endPart();
                String kind = delta.path("part").asText();
                partIndex =
                        kind.equals(part) || partIndex < 0 || !kind.equals("thought")
                                ? partIndex + 1
                                : 0;
                part = kind;
                text.setLength(0);
                openPart();
                return;
            }
            String piece = delta.properties().iterator().next().getValue().asText();
            text.append(piece);
            switch (part) {
                case "output_text" ->
                        add(at("response.output_text.delta", "content_index").put("delta", piece));
                case "refusal" ->
                        add(at("response.refusal.delta", "content_index").put("delta", piece));
                case "summary" ->
                        add(
                                at("response.reasoning_summary_text.delta", "summary_index")
                                        .put("delta", piece));
                case "thought" ->
                        add(
                                at("response.reasoning_text.delta", "content_index")
                                        .put("delta", piece));
                default ->
                        add(
                                here(item.path("type").asText().equals("function_call")
                                                ? "response.function_call_arguments.delta"
                                                : "response.custom_tool_call_input.delta")
                                        .put("delta", piece));
            }
        }

        private void openPart() {
            switch (part) {
                case "output_text", "refusal" -> {
                    ObjectNode event = at("response.content_part.added", "content_index");
                    event.set("part", partOf(""));
                    add(event);
                }
                case "summary" -> {
                    ObjectNode event = at("response.reasoning_summary_part.added", "summary_index");
                    event.set("part", partOf(""));
                    add(event);
                }
                default -> {}
            }
        }

        private void endPart() {
            String all = text.toString();
            switch (part) {
                case "output_text" -> {
                    add(at("response.output_text.done", "content_index").put("text", all));
                    ObjectNode event = at("response.content_part.done", "content_index");
                    event.set("part", partOf(all));
                    add(event);
                }
                case "refusal" -> {
                    add(at("response.refusal.done", "content_index").put("refusal", all));
                    ObjectNode event = at("response.content_part.done", "content_index");
                    event.set("part", partOf(all));
                    add(event);
                }
                case "summary" -> {
                    add(
                            at("response.reasoning_summary_text.done", "summary_index")
                                    .put("text", all));
                    ObjectNode event = at("response.reasoning_summary_part.done", "summary_index");
                    event.set("part", partOf(all));
                    add(event);
                }
                case "thought" ->
                        add(at("response.reasoning_text.done", "content_index").put("text", all));
                default -> {}
            }
            text.setLength(0);
        }

        private ObjectNode partOf(String all) {
            ObjectNode given = StrictJson.newObject();
            switch (part) {
                case "refusal" -> given.put("type", "refusal").put("refusal", all);
                case "summary" -> given.put("type", "summary_text").put("text", all);
                default -> {
                    given.put("type", "output_text").put("text", all);
                    given.putArray("annotations");
                }
            }
            return given;
        }

        private void endCall(ObjectNode call) {
            switch (call.path("type").asText()) {
                case "function_call" -> {
                    ObjectNode event = here("response.function_call_arguments.done");
                    event.set("arguments", call.path("arguments"));
                    event.set("name", call.path("name"));
                    add(event);
                }
                case "custom_tool_call" -> {
                    ObjectNode event = here("response.custom_tool_call_input.done");
                    event.set("input", call.path("input"));
                    add(event);
                }
                default -> {}
            }
        }

        private ObjectNode here(String type) {
            return StrictJson.newObject()
                    .put("type", type)
                    .put("item_id", item.path("id").asText())
                    .put("output_index", output.size());
        }

        private ObjectNode at(String type, String counter) {
            return here(type).put(counter, partIndex);
        }

        private void add(String type, String field, ObjectNode content) {
            ObjectNode event = StrictJson.newObject().put("type", type);
            if (field.equals("item")) {
                event.put("output_index", output.size());
            }
            event.set(field, content);
            add(event);
        }

        private void add(ObjectNode event) {
            events.add(
                    Sse.event(
                            event.path("type").asText(), event.put("sequence_number", sequence++)));
        }

        private ObjectNode response(String status) {
            ObjectNode response = frame.deepCopy();
            response.put("object", "response").put("status", status);
            response.putNull("error");
            response.putNull("incomplete_details");
            response.putNull("instructions");
            response.putArray("tools");
            response.put("tool_choice", "auto");
            response.putArray("output");
            response.putNull("usage");
            return response;
        }

        @Override
        public byte[] keepAlive() {
            return COMMENT;
        }

        @Override
        public byte[] fault(ProviderFault fault) {
            ObjectNode response = response("failed");
            response.putArray("output").addAll(output);
            response.putObject("error").put("code", code(fault)).put("message", fault.getMessage());
            ObjectNode event = StrictJson.newObject().put("type", "response.failed");
            event.set("response", response);
            return Sse.event("response.failed", event.put("sequence_number", sequence++));
        }

        private static String code(ProviderFault fault) {
            return switch (fault.status()) {
                case 400, 413 -> "invalid_prompt";
                case 429 -> "rate_limit_exceeded";
                default -> "server_error";
            };
        }
    }

    private static ObjectNode complete(
            ObjectNode frame, ObjectNode ending, List<ObjectNode> output) {
        ObjectNode response = frame.deepCopy();
        response.put("object", "response");
        response.set("status", ending.path("status"));
        response.putNull("error");
        response.set("incomplete_details", ending.path("incomplete_details"));
        response.putNull("instructions");
        response.putArray("tools");
        response.put("tool_choice", "auto");
        response.putArray("output").addAll(output);
        response.set("usage", ending.path("usage"));
        return response;
    }

    @Override
    public ObjectNode whole(Question question, List<Part> parts) {
        ObjectNode frame = StrictJson.newObject();
        ObjectNode ending = StrictJson.newObject();
        List<ObjectNode> output = new ArrayList<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Begun(ObjectNode given) -> frame = given;
                case Part.Closed(Turn.Block block) -> output.add(block.json());
                case Part.Ended(ObjectNode given) -> ending = given;
                case Part.Opened _, Part.Grown _ -> {}
            }
        }
        return complete(frame, ending, output);
    }

    /// A message of the model as it stands in a conversation.
    static ObjectNode said(String text) {
        ObjectNode item = StrictJson.newObject().put("type", "message").put("role", "assistant");
        item.putArray("content").addObject().put("type", "output_text").put("text", text);
        return item;
    }

    @Override
    public String said(JsonNode block) {
        return switch (block.path("type").asText()) {
            case "message" -> {
                String text = ResponsesRequest.text(block.path("content"));
                yield text.isEmpty() ? "" : "text " + text;
            }
            case "reasoning" ->
                    "reasoning "
                            + block.path("encrypted_content").asText()
                            + ResponsesRequest.text(block.path("summary"));
            default -> "";
        };
    }

    @Override
    public Turn.Block note(String text) {
        ObjectNode item =
                StrictJson.newObject()
                        .put("type", "message")
                        .put("id", freshId("msg"))
                        .put("status", "completed")
                        .put("role", "assistant");
        item.putArray("content")
                .addObject()
                .put("type", "output_text")
                .put("text", text)
                .putArray("annotations");
        return Turn.Block.of(item);
    }

    @Override
    public List<Part> parts(Turn.Block block) {
        List<Part> parts = new ArrayList<>();
        ObjectNode opening = block.json().deepCopy();
        String type = opening.path("type").asText();
        switch (type) {
            case "message" -> {
                opening.put("status", "in_progress").putArray("content");
                parts.add(new Part.Opened(opening));
                for (JsonNode part : block.json().path("content")) {
                    String kind = part.path("type").asText();
                    parts.add(grown("part", kind));
                    parts.add(
                            grown(
                                    "text",
                                    part.path(kind.equals("refusal") ? "refusal" : "text")
                                            .asText()));
                }
            }
            case "reasoning" -> {
                opening.putArray("summary");
                opening.remove(List.of("content", "encrypted_content"));
                parts.add(new Part.Opened(opening));
                for (JsonNode one : block.json().path("summary")) {
                    parts.add(grown("part", "summary"));
                    parts.add(grown("summary", one.path("text").asText()));
                }
            }
            case "function_call", "custom_tool_call" -> {
                String field = type.equals("function_call") ? "arguments" : "input";
                opening.put("status", "in_progress").put(field, "");
                parts.add(new Part.Opened(opening));
                parts.add(grown(field, block.json().path(field).asText()));
            }
            default -> parts.add(new Part.Opened(opening));
        }
        parts.add(new Part.Closed(block));
        return parts;
    }

    private static Part grown(String field, String text) {
        return new Part.Grown(StrictJson.newObject().put(field, text));
    }

    @Override
    public ObjectNode ending(Turn turn, boolean over, long earlierOutput) {
        ObjectNode ending = turn.ending().deepCopy();
        ObjectNode usage = (ObjectNode) ending.path("usage");
        if (earlierOutput > 0) {
            usage.put("output_tokens", earlierOutput + turn.tokens().output());
            usage.put(
                    "total_tokens", turn.tokens().input() + earlierOutput + turn.tokens().output());
        }
        return ending;
    }

    @Override
    public ObjectNode denied(Turn.Block call, String told) {
        String type = call.json().path("type").asText();
        return StrictJson.newObject()
                .put("type", type + "_output")
                .put("call_id", call.json().path("call_id").asText())
                .put("output", told);
    }

    @Override
    public List<ObjectNode> continuation(Turn turn, List<ObjectNode> results) {
        List<ObjectNode> items = new ArrayList<>();
        turn.all().forEach(block -> items.add(block.json()));
        items.addAll(results);
        return items;
    }

    @Override
    public ObjectNode fault(ProviderFault fault) {
        return OpenAiFault.json(fault);
    }

    @Override
    public ProviderFault reported(int status, ObjectNode body) {
        return OpenAiFault.reported(status, body);
    }

    /// From an event of a stream, or an answer whose status says that it failed.
    static ProviderFault reportedEvent(JsonNode event) {
        JsonNode error =
                event.path("response").path("error").isObject()
                        ? event.path("response").path("error")
                        : event.path("error").isObject() ? event.path("error") : event;
        String code = error.path("code").asText("");
        int status =
                switch (code) {
                    case "rate_limit_exceeded", "insufficient_quota" -> 429;
                    case "context_length_exceeded", "invalid_prompt" -> 400;
                    case "server_is_overloaded", "slow_down" -> 503;
                    default -> 500;
                };
        return new ProviderFault(
                status,
                status == 429
                        ? "rate_limit_error"
                        : status == 400 ? "invalid_request_error" : "api_error",
                "The model's provider says: " + error.path("message").asText("(nothing)"));
    }
}
