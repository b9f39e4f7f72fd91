package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// A request of the Chat Completions format, as OpenAI and compatible servers take it.
final class ChatRequest implements Question {
    private static final Map<String, Predicate<JsonNode>> FIELDS =
            Map.ofEntries(
                    Map.entry("model", JsonNode::isTextual),
                    Map.entry("messages", JsonNode::isArray),
                    Map.entry("stream", Fields.YES_NO),
                    Map.entry("stream_options", Fields.OBJECT),
                    Map.entry("tools", Fields.LIST),
                    Map.entry("tool_choice", node -> node.isTextual() || Fields.OBJECT.test(node)),
                    Map.entry("parallel_tool_calls", Fields.YES_NO),
                    Map.entry("max_tokens", Fields.WHOLE),
                    Map.entry("max_completion_tokens", Fields.WHOLE),
                    Map.entry("temperature", Fields.NUMBER),
                    Map.entry("top_p", Fields.NUMBER),
                    Map.entry("top_k", Fields.WHOLE),
                    Map.entry("min_p", Fields.NUMBER),
                    Map.entry("n", node -> node.isNull() || node.asInt() == 1),
                    Map.entry("stop", node -> node.isNull() || node.isTextual() || node.isArray()),
                    Map.entry("presence_penalty", Fields.NUMBER),
                    Map.entry("frequency_penalty", Fields.NUMBER),
                    Map.entry("repetition_penalty", Fields.NUMBER),
                    Map.entry("logit_bias", Fields.OBJECT),
                    Map.entry("logprobs", Fields.YES_NO),
                    Map.entry("top_logprobs", Fields.WHOLE),
                    Map.entry("response_format", Fields.OBJECT),
                    Map.entry("seed", Fields.WHOLE),
                    Map.entry("user", Fields.TEXT),
                    Map.entry("safety_identifier", Fields.TEXT),
                    Map.entry("prompt_cache_key", Fields.TEXT),
                    Map.entry("prompt_cache_retention", Fields.TEXT),
                    Map.entry("metadata", Fields.WORDS),
                    Map.entry("store", Fields.YES_NO),
                    Map.entry("reasoning_effort", Fields.TEXT),
                    Map.entry("reasoning", Fields.OBJECT),
                    Map.entry("thinking", Fields.OBJECT),
                    Map.entry("enable_thinking", Fields.YES_NO),
                    Map.entry("thinking_budget", Fields.WHOLE),
                    Map.entry("preserve_thinking", Fields.YES_NO),
                    Map.entry("vl_high_resolution_images", Fields.YES_NO),
                    Map.entry("verbosity", Fields.TEXT),
                    Map.entry("service_tier", Fields.TEXT),
                    Map.entry("prediction", Fields.NOTHING),
                    Map.entry("audio", Fields.NOTHING),
                    Map.entry("web_search_options", Fields.NOTHING),
                    Map.entry(
                            "modalities",
                            node ->
                                    node.isNull()
                                            || (node.size() == 1
                                                    && node.path(0).asText().equals("text"))));
    private static final Set<String> MESSAGE_FIELDS =
            Set.of(
                    "role",
                    "content",
                    "name",
                    "refusal",
                    "tool_calls",
                    "tool_call_id",
                    "reasoning",
                    "reasoning_content",
                    "reasoning_details",
                    "reasoning_text",
                    "reasoning_opaque",
                    "cache_control");
    private static final int MOST_MESSAGES = 100_000;

    private final ObjectNode body;

    private ChatRequest(ObjectNode body) {
        this.body = body;
    }

    static ChatRequest of(byte[] bytes) throws ProviderFault {
        ObjectNode body = Fields.object(bytes);
        Fields.check(body, FIELDS);
        for (String needed : List.of("model", "messages")) {
            if (!body.has(needed)) {
                throw Fields.refuse(needed, "is missing");
            }
        }
        if (body.path("messages").size() > MOST_MESSAGES) {
            throw Fields.refuse("messages", "has more than " + MOST_MESSAGES + " entries");
        }
        int number = 0;
        for (JsonNode tool : body.path("tools")) {
            checkTool("tools[" + number++ + "]", tool);
        }
        number = 0;
        for (JsonNode message : body.path("messages")) {
            checkMessage("messages[" + number++ + "]", message);
        }
        return new ChatRequest(body);
    }

    private static void checkTool(String at, JsonNode tool) throws ProviderFault {
        String type = tool.path("type").asText();
        if (!type.equals("function") && !type.equals("custom")) {
            throw Fields.atProvider(at + ".type", type);
        }
        Fields.only(at, tool, Set.of("type", type, "cache_control"));
        if (!tool.path(type).path("name").isTextual()) {
            throw Fields.refuse(at + "." + type + ".name", "is missing");
        }
    }

    private static void checkMessage(String at, JsonNode message) throws ProviderFault {
        Fields.only(at, message, MESSAGE_FIELDS);
        String role = message.path("role").asText();
        if (!Set.of("system", "developer", "user", "assistant", "tool").contains(role)) {
            throw Fields.refuse(at + ".role", "must be system, developer, user, assistant or tool");
        }
        if (role.equals("tool") && !message.path("tool_call_id").isTextual()) {
            throw Fields.refuse(at + ".tool_call_id", "is missing");
        }
        int number = 0;
        for (JsonNode call : message.path("tool_calls")) {
            String here = at + ".tool_calls[" + number++ + "]";
            if (!role.equals("assistant") || !call.path("id").isTextual()) {
                throw Fields.refuse(here, "is not a call of the model with an id");
            }
        }
        checkContent(at + ".content", message.path("content"));
    }

    private static void checkContent(String at, JsonNode content) throws ProviderFault {
        if (content.isTextual() || content.isNull() || content.isMissingNode()) {
            return;
        }
        if (!content.isArray()) {
            throw Fields.refuse(at, "must be a text or a list of parts");
        }
        int number = 0;
        for (JsonNode part : content) {
            String here = at + "[" + number++ + "]";
            String type = part.path("type").asText();
            switch (type) {
                case "text" -> {
                    Fields.only(here, part, Set.of("type", "text", "cache_control"));
                    if (!part.path("text").isTextual()) {
                        throw Fields.refuse(here + ".text", "is missing");
                    }
                }
                case "refusal" -> Fields.only(here, part, Set.of("type", "refusal"));
                case "image_url" -> {
                    Fields.only(here, part, Set.of("type", "image_url", "cache_control"));
                    Fields.only(
                            here + ".image_url", part.path("image_url"), Set.of("url", "detail"));
                    Fields.inline(here + ".image_url.url", part.path("image_url").path("url"));
                }
                case "input_audio" -> {
                    Fields.only(here, part, Set.of("type", "input_audio"));
                    Fields.only(
                            here + ".input_audio",
                            part.path("input_audio"),
                            Set.of("data", "format"));
                    if (part.path("input_audio").path("data").asText().contains(":")
                            && !part.path("input_audio")
                                    .path("data")
                                    .asText()
                                    .startsWith("data:")) {
                        Fields.inline(
                                here + ".input_audio.data", part.path("input_audio").path("data"));
                    }
                }
                case "file" -> {
                    Fields.only(here, part, Set.of("type", "file"));
                    Fields.only(here + ".file", part.path("file"), Set.of("file_data", "filename"));
                    Fields.inline(here + ".file.file_data", part.path("file").path("file_data"));
                }
                default -> throw Fields.kind(here + ".type", type);
            }
        }
    }

    @Override
    public WireFormat format() {
        return ChatFormat.INSTANCE;
    }

    @Override
    public String model() {
        return body.path("model").asText();
    }

    @Override
    public boolean stream() {
        return body.path("stream").asBoolean(false);
    }

    /// Whether the agent wants the count at the end of a stream.
    boolean wantsUsage() {
        return body.path("stream_options").path("include_usage").asBoolean(false);
    }

    @Override
    public List<JsonNode> conversation() {
        return List.of(body.path("tools"), body.path("messages"));
    }

    @Override
    public List<ToolDefinition> definitions() {
        return body.path("tools")
                .valueStream()
                .map(tool -> {
                    JsonNode described = tool.path(tool.path("type").asText());
                    return ToolDefinition.of(described.path("name").asText(), tool);
                })
                .toList();
    }

    @Override
    public List<Result> newResults() {
        List<Result> results = new ArrayList<>();
        JsonNode messages = body.path("messages");
        int from = messages.size();
        while (from > 0 && !messages.path(from - 1).path("role").asText().equals("assistant")) {
            from--;
        }
        for (int i = from; i < messages.size(); i++) {
            JsonNode message = messages.path(i);
            if (message.path("role").asText().equals("tool")) {
                results.add(
                        new Result(
                                message.path("tool_call_id").asText(),
                                false,
                                ResponsesRequest.text(message.path("content"))));
            }
        }
        return results;
    }

    @Override
    public Set<String> callIds() {
        Set<String> ids = new HashSet<>();
        for (JsonNode message : body.path("messages")) {
            for (JsonNode call : message.path("tool_calls")) {
                ids.add(call.path("id").asText());
            }
        }
        return ids;
    }

    @Override
    public Upstream.Request forProvider(DenialMemory denials, List<ObjectNode> further)
            throws ProviderFault {
        ObjectNode sent = body.deepCopy();
        if (denials.hasAny()) {
            List<ObjectNode> restored = new ArrayList<>();
            for (JsonNode message : body.path("messages")) {
                restore((ObjectNode) message, denials, restored);
            }
            sent.putArray("messages").addAll(restored);
        }
        ((ArrayNode) sent.path("messages")).addAll(further);
        if (stream()) {
            // What an answer cost is recorded whether or not the agent asks.
            JsonNode options = sent.path("stream_options");
            (options instanceof ObjectNode given ? given : sent.putObject("stream_options"))
                    .put("include_usage", true);
        }
        return new Upstream.Request(ChatFormat.PATH, Map.of(), Question.written(sent));
    }

    private static void restore(
            ObjectNode message, DenialMemory denials, List<ObjectNode> restored) {
        String said = ResponsesRequest.text(message.path("content"));
        List<DenialMemory.Piece> pieces =
                message.path("role").asText().equals("assistant")
                        ? denials.pieces(said)
                        : List.of();
        if (pieces.stream().noneMatch(DenialMemory.Piece.Denied.class::isInstance)) {
            restored.add(message);
            return;
        }
        List<ObjectNode> results = new ArrayList<>();
        List<ObjectNode> order = new ArrayList<>();
        StringBuilder words = new StringBuilder();
        for (DenialMemory.Piece piece : pieces) {
            switch (piece) {
                case DenialMemory.Piece.Words(String text) -> words.append(text);
                case DenialMemory.Piece.Denied(DenialMemory.Denial denial) when denial.all() -> {
                    ObjectNode answer = ChatFormat.message(denial.blocks());
                    if (!words.isEmpty()) {
                        answer.put("content", words + answer.path("content").asText(""));
                    }
                    words.setLength(0);
                    restored.add(answer);
                    restored.addAll(denial.results());
                }
                case DenialMemory.Piece.Denied(DenialMemory.Denial denial) -> {
                    order.addAll(denial.blocks());
                    results.addAll(denial.results());
                }
            }
        }
        ObjectNode rest = message.deepCopy();
        if (words.isEmpty()) {
            rest.putNull("content");
        } else {
            rest.put("content", words.toString());
        }
        if (!order.isEmpty()) {
            rest.putArray("tool_calls").addAll(merged(message.path("tool_calls"), order));
        }
        if (!words.isEmpty() || !rest.path("tool_calls").isEmpty()) {
            restored.add(rest);
        }
        restored.addAll(results);
    }

    /// Denied calls back where they stood among those that were handed over.
    private static List<ObjectNode> merged(JsonNode present, List<ObjectNode> order) {
        List<ObjectNode> whole = new ArrayList<>();
        Set<String> placed = new HashSet<>();
        for (ObjectNode call : order) {
            JsonNode handed = call.path(DenialMemory.HANDED_OVER);
            if (handed.isMissingNode()) {
                whole.add(ChatFormat.call(call));
                placed.add(call.path("id").asText());
                continue;
            }
            for (JsonNode given : present) {
                if (given.path("id").equals(handed) && placed.add(handed.asText())) {
                    whole.add((ObjectNode) given);
                }
            }
        }
        for (JsonNode given : present) {
            if (placed.add(given.path("id").asText())) {
                whole.add((ObjectNode) given);
            }
        }
        return whole;
    }
}
