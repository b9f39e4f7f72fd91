package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A request of the Responses format. The conversation must come whole: a reference to one that the
/// provider keeps is refused, because nobody here saw it.
final class ResponsesRequest implements Question {
    private static final Map<String, Predicate<JsonNode>> FIELDS =
            Map.ofEntries(
                    Map.entry("model", JsonNode::isTextual),
                    Map.entry("input", node -> node.isTextual() || node.isArray()),
                    Map.entry("instructions", Fields.TEXT),
                    Map.entry("stream", Fields.YES_NO),
                    Map.entry("stream_options", Fields.OBJECT),
                    Map.entry("tools", Fields.LIST),
                    Map.entry("tool_choice", node -> node.isTextual() || Fields.OBJECT.test(node)),
                    Map.entry("parallel_tool_calls", Fields.YES_NO),
                    Map.entry("max_output_tokens", Fields.WHOLE),
                    Map.entry("max_tool_calls", Fields.WHOLE),
                    Map.entry("temperature", Fields.NUMBER),
                    Map.entry("top_p", Fields.NUMBER),
                    Map.entry("top_logprobs", Fields.WHOLE),
                    Map.entry("truncation", Fields.TEXT),
                    Map.entry("text", Fields.OBJECT),
                    Map.entry("reasoning", Fields.OBJECT),
                    Map.entry("include", Fields.LIST),
                    Map.entry("store", Fields.YES_NO),
                    Map.entry("user", Fields.TEXT),
                    Map.entry("safety_identifier", Fields.TEXT),
                    Map.entry("prompt_cache_key", Fields.TEXT),
                    Map.entry("prompt_cache_retention", Fields.TEXT),
                    Map.entry("service_tier", Fields.TEXT),
                    Map.entry("metadata", Fields.WORDS),
                    Map.entry("client_metadata", Fields.WORDS),
                    Map.entry("previous_response_id", Fields.NOTHING),
                    Map.entry("conversation", Fields.NOTHING),
                    Map.entry("prompt", Fields.NOTHING),
                    Map.entry(
                            "background",
                            node -> node.isNull() || (node.isBoolean() && !node.asBoolean())));

    /// Tools that the agent runs; all others the provider would.
    private static final Set<String> OWN_TOOLS =
            Set.of("function", "custom", "local_shell", "namespace", "apply_patch");

    private static final Set<String> PROVIDER_TOOLS =
            Set.of(
                    "web_search",
                    "web_search_preview",
                    "web_search_2025_08_26",
                    "web_search_preview_2025_03_11",
                    "file_search",
                    "code_interpreter",
                    "image_generation",
                    "mcp",
                    "computer",
                    "computer_use_preview",
                    "computer-preview",
                    "shell",
                    "tool_search",
                    "programmatic_tool_calling");

    static final Set<String> CALLS =
            Set.of("function_call", "custom_tool_call", "local_shell_call", "apply_patch_call");
    private static final Set<String> RESULTS =
            Set.of(
                    "function_call_output",
                    "custom_tool_call_output",
                    "local_shell_call_output",
                    "apply_patch_call_output");
    private static final int MOST_ITEMS = 100_000;

    private final ObjectNode body;
    private final List<String> leftOut;

    private ResponsesRequest(ObjectNode body, List<String> leftOut) {
        this.body = body;
        this.leftOut = List.copyOf(leftOut);
    }

    static ResponsesRequest of(byte[] bytes) throws ProviderFault {
        ObjectNode body = Fields.object(bytes);
        Fields.check(body, FIELDS);
        for (String needed : List.of("model", "input")) {
            if (!body.has(needed)) {
                throw Fields.refuse(needed, "is missing");
            }
        }
        List<String> leftOut = withoutProviderTools(body);
        checkInput(body.path("input"));
        checkIncluded(body.path("include"));
        return new ResponsesRequest(body, leftOut);
    }

    /// Agents send the provider's own tools along with theirs, whether they are used or not: those
    /// are left out. A request for nothing else is refused by name.
    private static List<String> withoutProviderTools(ObjectNode body) throws ProviderFault {
        List<String> leftOut = new ArrayList<>();
        List<JsonNode> kept = new ArrayList<>();
        int number = 0;
        for (JsonNode tool : body.path("tools")) {
            String at = "tools[" + number++ + "]";
            String type = tool.path("type").asText();
            if (PROVIDER_TOOLS.contains(type)) {
                leftOut.add(type);
                continue;
            }
            checkTool(at, tool);
            kept.add(tool);
        }
        JsonNode choice = body.path("tool_choice");
        String chosen = choice.path("type").asText("");
        if (!leftOut.isEmpty() && (kept.isEmpty() || leftOut.contains(chosen))) {
            throw Fields.atProvider("tools", leftOut.getFirst());
        }
        if (choice.isObject()
                && !Set.of("function", "custom", "allowed_tools", "local_shell", "apply_patch")
                        .contains(chosen)) {
            throw Fields.kind("tool_choice.type", chosen);
        }
        if (!leftOut.isEmpty()) {
            body.putArray("tools").addAll(kept);
        }
        return leftOut;
    }

    private static void checkTool(String at, JsonNode tool) throws ProviderFault {
        String type = tool.path("type").asText();
        if (!OWN_TOOLS.contains(type)) {
            throw Fields.kind(at + ".type", type);
        }
        switch (type) {
            case "function", "custom" -> {
                Fields.only(
                        at,
                        tool,
                        Set.of(
                                "type",
                                "name",
                                "description",
                                "parameters",
                                "strict",
                                "format",
                                "output_schema",
                                "defer_loading"));
                if (!tool.path("name").isTextual()) {
                    throw Fields.refuse(at + ".name", "is missing");
                }
            }
            case "namespace" -> {
                Fields.only(at, tool, Set.of("type", "name", "description", "tools"));
                int number = 0;
                for (JsonNode inner : tool.path("tools")) {
                    String here = at + ".tools[" + number++ + "]";
                    if (inner.path("type").asText().equals("namespace")) {
                        throw Fields.kind(here + ".type", "namespace");
                    }
                    checkTool(here, inner);
                }
            }
            default -> Fields.only(at, tool, Set.of("type"));
        }
    }

    /// What the provider adds to the answer; sources and results of its own tools are not taken.
    private static void checkIncluded(JsonNode include) throws ProviderFault {
        int number = 0;
        for (JsonNode wanted : include) {
            String at = "include[" + number++ + "]";
            if (!Set.of("reasoning.encrypted_content", "message.output_text.logprobs")
                    .contains(wanted.asText())) {
                throw Fields.kind(at, wanted.asText());
            }
        }
    }

    private static void checkInput(JsonNode input) throws ProviderFault {
        if (input.isTextual()) {
            return;
        }
        if (input.size() > MOST_ITEMS) {
            throw Fields.refuse("input", "has more than " + MOST_ITEMS + " entries");
        }
        int number = 0;
        for (JsonNode item : input) {
            checkItem("input[" + number++ + "]", item);
        }
    }

    private static void checkItem(String at, JsonNode item) throws ProviderFault {
        if (!item.isObject()) {
            throw Fields.refuse(at, "must be an object");
        }
        String type = item.path("type").asText("message");
        switch (type) {
            case "message" -> checkMessage(at, item);
            case "reasoning" ->
                    Fields.only(
                            at,
                            item,
                            Set.of(
                                    "type",
                                    "id",
                                    "summary",
                                    "content",
                                    "encrypted_content",
                                    "status"));
            case "compaction", "compaction_summary" ->
                    Fields.only(at, item, Set.of("type", "id", "encrypted_content"));
            case "function_call", "custom_tool_call", "local_shell_call", "apply_patch_call" -> {
                if (!item.path("call_id").isTextual()) {
                    throw Fields.refuse(at + ".call_id", "is missing");
                }
            }
            case "function_call_output",
                    "custom_tool_call_output",
                    "local_shell_call_output",
                    "apply_patch_call_output" -> {
                if (!item.path("call_id").isTextual()) {
                    throw Fields.refuse(at + ".call_id", "is missing");
                }
                checkContent(at + ".output", item.path("output"));
            }
            default -> throw Fields.kind(at + ".type", type);
        }
    }

    private static void checkMessage(String at, JsonNode item) throws ProviderFault {
        Fields.only(at, item, Set.of("type", "id", "role", "content", "status", "phase"));
        String role = item.path("role").asText();
        if (!Set.of("user", "assistant", "system", "developer").contains(role)) {
            throw Fields.refuse(at + ".role", "must be user, assistant, system or developer");
        }
        checkContent(at + ".content", item.path("content"));
    }

    private static void checkContent(String at, JsonNode content) throws ProviderFault {
        if (content.isTextual() || content.isMissingNode() || content.isNull()) {
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
                case "input_text", "output_text", "text", "refusal", "reasoning_text" -> {}
                case "input_image" -> {
                    Fields.only(here, part, Set.of("type", "image_url", "detail", "file_id"));
                    if (!part.path("file_id").isMissingNode() && !part.path("file_id").isNull()) {
                        throw Fields.refuse(
                                here + ".file_id",
                                "names a file: only media that is inline is let through");
                    }
                    Fields.inline(here + ".image_url", part.path("image_url"));
                }
                case "input_file" -> {
                    Fields.only(here, part, Set.of("type", "file_data", "filename", "detail"));
                    Fields.inline(here + ".file_data", part.path("file_data"));
                }
                default -> throw Fields.kind(here + ".type", type);
            }
        }
    }

    @Override
    public WireFormat format() {
        return ResponsesFormat.INSTANCE;
    }

    @Override
    public String model() {
        return body.path("model").asText();
    }

    @Override
    public boolean stream() {
        return body.path("stream").asBoolean(false);
    }

    @Override
    public List<JsonNode> conversation() {
        ArrayNode items = items();
        return conversation(items, items.size());
    }

    private List<JsonNode> conversation(ArrayNode items, int count) {
        return List.of(body.path("instructions"), body.path("tools"), nameless(items, count));
    }

    /// Agents that lose an answer ask again with the items that were complete by then.
    @Override
    public Optional<Cut> cut() {
        ArrayNode items = items();
        int end = items.size();
        List<String> had = new ArrayList<>();
        while (end > 0) {
            JsonNode item = items.path(end - 1);
            String said = fromModel(item) ? ResponsesFormat.INSTANCE.said(item) : "";
            if (said.isEmpty()) {
                break;
            }
            had.addFirst(said);
            end--;
        }
        return had.isEmpty()
                ? Optional.empty()
                : Optional.of(new Cut(conversation(items, end), had));
    }

    /// The first items without the ids that an agent may make anew at each try.
    private static ArrayNode nameless(ArrayNode items, int count) {
        ArrayNode plain = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < count; i++) {
            ObjectNode copy = items.path(i).deepCopy();
            copy.remove("id");
            plain.add(copy);
        }
        return plain;
    }

    private ArrayNode items() {
        if (body.path("input") instanceof ArrayNode items) {
            return items;
        }
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        items.addObject()
                .put("type", "message")
                .put("role", "user")
                .put("content", body.path("input").asText());
        return items;
    }

    @Override
    public List<Result> newResults() {
        List<Result> results = new ArrayList<>();
        ArrayNode items = items();
        int from = items.size();
        while (from > 0 && !fromModel(items.path(from - 1))) {
            from--;
        }
        for (int i = from; i < items.size(); i++) {
            JsonNode item = items.path(i);
            if (RESULTS.contains(item.path("type").asText())) {
                results.add(
                        new Result(
                                item.path("call_id").asText(),
                                item.path("status").asText().equals("failed"),
                                text(item.path("output"))));
            }
        }
        return results;
    }

    static boolean fromModel(JsonNode item) {
        String type = item.path("type").asText("message");
        return CALLS.contains(type)
                || type.equals("reasoning")
                || (type.equals("message") && item.path("role").asText().equals("assistant"));
    }

    static String text(JsonNode content) {
        if (content.isTextual()) {
            return content.asText();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            text.append(
                    part.path("text").isTextual()
                            ? part.path("text").asText()
                            : "(" + part.path("type").asText() + ")");
        }
        return text.toString();
    }

    /// A tool without a name is called by its kind, one of a group by both names.
    @Override
    public List<ToolDefinition> definitions() {
        List<ToolDefinition> all = new ArrayList<>();
        for (JsonNode tool : body.path("tools")) {
            if (!tool.path("type").asText().equals("namespace")) {
                all.addAll(ToolDefinition.named(JsonNodeFactory.instance.arrayNode().add(tool)));
                continue;
            }
            for (JsonNode inner : tool.path("tools")) {
                String name = tool.path("name").asText() + "." + inner.path("name").asText();
                ObjectNode whole = tool.deepCopy();
                whole.putArray("tools").add(inner);
                all.add(ToolDefinition.of(name, whole));
            }
        }
        return all;
    }

    @Override
    public Set<String> callIds() {
        Set<String> ids = new HashSet<>();
        for (JsonNode item : items()) {
            if (CALLS.contains(item.path("type").asText())) {
                ids.add(item.path("call_id").asText());
            }
        }
        return ids;
    }

    @Override
    public List<String> leftOut() {
        return leftOut;
    }

    @Override
    public Upstream.Request forProvider(DenialMemory denials, List<ObjectNode> further)
            throws ProviderFault {
        ObjectNode sent = body.deepCopy();
        if (denials.hasAny() || !further.isEmpty()) {
            ArrayNode input = sent.putArray("input");
            input.addAll(restored(denials));
            input.addAll(further);
        }
        return new Upstream.Request(ResponsesFormat.PATH, Map.of(), Question.written(sent));
    }

    /// The conversation as it really went.
    private List<JsonNode> restored(DenialMemory denials) {
        List<JsonNode> restored = new ArrayList<>();
        for (JsonNode item : items()) {
            if (!denials.hasAny()
                    || !item.path("type").asText("message").equals("message")
                    || !item.path("role").asText().equals("assistant")) {
                restored.add(item);
                continue;
            }
            restore(item, denials, restored);
        }
        return restored;
    }

    /// A denied call stands where its note stood, each with its result: calls that were handed over
    /// follow, with the results that the agent reports.
    private static void restore(JsonNode item, DenialMemory denials, List<JsonNode> restored) {
        List<DenialMemory.Piece> pieces = denials.pieces(text(item.path("content")));
        if (pieces.stream().noneMatch(DenialMemory.Piece.Denied.class::isInstance)) {
            restored.add(item);
            return;
        }
        for (DenialMemory.Piece piece : pieces) {
            switch (piece) {
                case DenialMemory.Piece.Words(String words) ->
                        restored.add(ResponsesFormat.said(words));
                case DenialMemory.Piece.Denied(DenialMemory.Denial denial) -> {
                    denial.blocks().stream()
                            .filter(block -> !block.has(DenialMemory.HANDED_OVER))
                            .forEach(restored::add);
                    restored.addAll(denial.results());
                }
            }
        }
    }
}
