package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Anthropic's Messages.
final class MessagesFormat implements WireFormat {
    static final MessagesFormat INSTANCE = new MessagesFormat();
    static final String PATH = "/v1/messages";
    static final String COUNT = PATH + "/count_tokens";

    private static final Pattern VERSION = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

    /// Beta features that change how text and calls are written, and let the provider do nothing
    /// more. Others are left out: the fields that they would need are refused anyway.
    private static final Pattern BETA =
            Pattern.compile(
                    "(claude-code|interleaved-thinking|fine-grained-tool-streaming|context-1m"
                            + "|prompt-caching|extended-cache-ttl|token-efficient-tools|output-128k"
                            + "|context-management|effort|per-turn-control"
                            + "|mid-conversation-tool-changes|thinking-token-count)-[0-9-]{8,12}");

    private MessagesFormat() {}

    @Override
    public String name() {
        return "messages";
    }

    @Override
    public boolean takes(String path) {
        return path.equals(PATH);
    }

    @Override
    public Question question(HttpRequest request) throws ProviderFault {
        return MessagesRequest.of(request.body(), false, headers(request));
    }

    static Map<String, String> headers(HttpRequest request) {
        Map<String, String> headers = new HashMap<>();
        headers.put(
                "anthropic-version",
                request.header("anthropic-version")
                        .filter(value -> VERSION.matcher(value).matches())
                        .orElse("2023-06-01"));
        String betas =
                request.headers().getOrDefault("anthropic-beta", List.of()).stream()
                        .flatMap(value -> Stream.of(value.split(",")))
                        .map(String::trim)
                        .filter(value -> BETA.matcher(value).matches())
                        .distinct()
                        .collect(Collectors.joining(","));
        if (!betas.isEmpty()) {
            headers.put("anthropic-beta", betas);
        }
        return headers;
    }

    @Override
    public AnswerReader reader(Question question, PartSink through) {
        return new MessagesReader(through);
    }

    @Override
    public AnswerWriter writer(Question question) {
        return new Writer();
    }

    private static final class Writer implements AnswerWriter {
        private static final byte[] PING = Sse.raw("event: ping\ndata: {\"type\":\"ping\"}\n\n");
        private int index;

        @Override
        public List<byte[]> events(Part part) {
            return switch (part) {
                case Part.Begun(ObjectNode frame) ->
                        List.of(event(with("message_start", "message", frame)));
                case Part.Opened(ObjectNode block) ->
                        List.of(event(at(with("content_block_start", "content_block", block))));
                case Part.Grown(ObjectNode delta) ->
                        List.of(event(at(with("content_block_delta", "delta", delta))));
                case Part.Closed _ -> {
                    ObjectNode stop = at(StrictJson.newObject().put("type", "content_block_stop"));
                    index++;
                    yield List.of(event(stop));
                }
                case Part.Ended(ObjectNode ending) -> {
                    ObjectNode end = StrictJson.newObject().put("type", "message_delta");
                    ObjectNode delta = end.putObject("delta");
                    delta.set("stop_reason", ending.path("stop_reason"));
                    delta.set("stop_sequence", ending.path("stop_sequence"));
                    end.set("usage", ending.path("usage"));
                    yield List.of(
                            event(end), event(StrictJson.newObject().put("type", "message_stop")));
                }
            };
        }

        private static ObjectNode with(String type, String field, ObjectNode content) {
            ObjectNode event = StrictJson.newObject().put("type", type);
            event.set(field, content);
            return event;
        }

        private ObjectNode at(ObjectNode event) {
            return event.put("index", index);
        }

        private static byte[] event(ObjectNode event) {
            return Sse.event(event.path("type").asText(), event);
        }

        @Override
        public byte[] keepAlive() {
            return PING;
        }

        @Override
        public byte[] fault(ProviderFault fault) {
            return Sse.event("error", INSTANCE.fault(fault));
        }
    }

    @Override
    public ObjectNode whole(Question question, List<Part> parts) {
        ObjectNode message = StrictJson.newObject();
        List<ObjectNode> content = new ArrayList<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Begun(ObjectNode frame) -> message = frame.deepCopy();
                case Part.Closed(Turn.Block block) -> content.add(block.json());
                case Part.Ended(ObjectNode ending) -> {
                    message.set("stop_reason", ending.path("stop_reason"));
                    message.set("stop_sequence", ending.path("stop_sequence"));
                    ((ObjectNode) message.path("usage")).setAll((ObjectNode) ending.path("usage"));
                }
                case Part.Opened _, Part.Grown _ -> {}
            }
        }
        message.putArray("content").addAll(content);
        return message;
    }

    @Override
    public Turn.Block note(String text) {
        return Turn.Block.of(StrictJson.newObject().put("type", "text").put("text", text));
    }

    @Override
    public String said(JsonNode block) {
        String text = block.path("text").asText();
        return switch (block.path("type").asText()) {
            case "text" -> text.isEmpty() ? "" : "text " + text;
            case "thinking" -> "thinking " + block.path("signature").asText();
            case "redacted_thinking" -> "redacted " + block.path("data").asText();
            default -> "";
        };
    }

    @Override
    public List<Part> parts(Turn.Block block) {
        ObjectNode opening = block.json().deepCopy();
        List<ObjectNode> deltas = new ArrayList<>();
        switch (opening.path("type").asText()) {
            case "text" -> {
                deltas.add(Delta.text(opening.path("text").asText()));
                opening.path("citations").forEach(cited -> deltas.add(Delta.citation(cited)));
                opening.put("text", "").remove("citations");
            }
            case "thinking" -> {
                deltas.add(Delta.thinking(opening.path("thinking").asText()));
                deltas.add(Delta.signature(opening.path("signature").asText()));
                opening.put("thinking", "").put("signature", "");
            }
            case "tool_use" -> {
                Turn.Call call = block.call();
                deltas.add(Delta.arguments(call == null ? "{}" : call.arguments()));
                opening.putObject("input");
            }
            default -> {}
        }
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Opened(opening));
        deltas.forEach(delta -> parts.add(new Part.Grown(delta)));
        parts.add(new Part.Closed(block));
        return parts;
    }

    @Override
    public ObjectNode ending(Turn turn, boolean over, long earlierOutput) {
        ObjectNode ending = turn.ending().deepCopy();
        if (over) {
            ending.put("stop_reason", "end_turn");
        }
        ((ObjectNode) ending.path("usage"))
                .put("output_tokens", earlierOutput + turn.tokens().output());
        return ending;
    }

    @Override
    public ObjectNode denied(Turn.Block call, String told) {
        return StrictJson.newObject()
                .put("type", "tool_result")
                .put("tool_use_id", call.json().path("id").asText())
                .put("is_error", true)
                .put("content", told);
    }

    @Override
    public List<ObjectNode> continuation(Turn turn, List<ObjectNode> results) {
        ObjectNode answer = StrictJson.newObject().put("role", "assistant");
        ArrayNode content = answer.putArray("content");
        turn.all().forEach(block -> content.add(block.json()));
        ObjectNode told = StrictJson.newObject().put("role", "user");
        told.putArray("content").addAll(results);
        return List.of(answer, told);
    }

    @Override
    public ObjectNode fault(ProviderFault fault) {
        ObjectNode body = StrictJson.newObject().put("type", "error");
        body.putObject("error").put("type", fault.type()).put("message", fault.getMessage());
        return body;
    }

    @Override
    public ProviderFault reported(int status, ObjectNode body) {
        return reported(body.path("error"));
    }

    static ProviderFault reported(JsonNode error) {
        String type = error.path("type").asText("api_error");
        int status =
                switch (type) {
                    case "invalid_request_error" -> 400;
                    case "authentication_error" -> 401;
                    case "permission_error" -> 403;
                    case "not_found_error" -> 404;
                    case "request_too_large" -> 413;
                    case "rate_limit_error" -> 429;
                    case "overloaded_error" -> 529;
                    default -> 500;
                };
        return new ProviderFault(
                status,
                status == 500 ? "api_error" : type,
                "The model's provider says: " + error.path("message").asText("(nothing)"));
    }
}
