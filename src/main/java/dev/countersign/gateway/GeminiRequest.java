package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A request of the Gemini format. Only the names that the format's JSON has are taken, not their
/// other spellings: one field must not hide behind another.
final class GeminiRequest implements Question {
    private static final Map<String, Predicate<JsonNode>> FIELDS =
            Map.ofEntries(
                    Map.entry("contents", JsonNode::isArray),
                    Map.entry("systemInstruction", Fields.OBJECT),
                    Map.entry("tools", Fields.LIST),
                    Map.entry("toolConfig", Fields.OBJECT),
                    Map.entry("safetySettings", Fields.LIST),
                    Map.entry("generationConfig", GeminiRequest::onlyText),
                    Map.entry("labels", Fields.WORDS),
                    Map.entry("cachedContent", Fields.NOTHING));
    private static final Set<String> COUNTED =
            Set.of("contents", "generateContentRequest", "model");
    private static final Set<String> GENERATION =
            Set.of(
                    "temperature",
                    "topP",
                    "topK",
                    "candidateCount",
                    "maxOutputTokens",
                    "stopSequences",
                    "presencePenalty",
                    "frequencyPenalty",
                    "seed",
                    "responseMimeType",
                    "responseSchema",
                    "responseJsonSchema",
                    "responseModalities",
                    "responseLogprobs",
                    "logprobs",
                    "thinkingConfig",
                    "mediaResolution",
                    "enableEnhancedCivicAnswers",
                    "modelSelectionConfig");
    private static final Set<String> PART =
            Set.of(
                    "text",
                    "thought",
                    "thoughtSignature",
                    "inlineData",
                    "functionCall",
                    "functionResponse",
                    "videoMetadata",
                    "mediaResolution",
                    "partMetadata");
    static final Pattern PATH =
            Pattern.compile(
                    "/(?:v1beta|v1|v1alpha)/models/([A-Za-z0-9._-]{1,100})"
                            + ":(generateContent|streamGenerateContent|countTokens)");
    private static final int MOST_CONTENTS = 100_000;

    /// Begins the ids that the gateway gives to calls that have none.
    static final String OUR_ID = "call_csg_";

    private final ObjectNode body;
    private final String model;
    private final String method;
    private final boolean events;
    private final List<String> leftOut;

    private GeminiRequest(
            ObjectNode body, String model, String method, boolean events, List<String> leftOut) {
        this.body = body;
        this.model = model;
        this.method = method;
        this.events = events;
        this.leftOut = List.copyOf(leftOut);
    }

    static GeminiRequest of(HttpRequest request) throws ProviderFault {
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            throw new ProviderFault(404, "not_found_error", "This address is not served here.");
        }
        ObjectNode body = Fields.object(request.body());
        String method = path.group(2);
        ObjectNode asked = body;
        if (method.equals("countTokens")) {
            Fields.only("request", body, COUNTED);
            if (body.path("generateContentRequest") instanceof ObjectNode inner) {
                asked = inner.deepCopy();
                asked.remove("model");
            }
        }
        if (!method.equals("countTokens") || body.has("generateContentRequest")) {
            Fields.check(asked, FIELDS);
        }
        List<String> leftOut = withoutProviderTools(asked);
        if (!asked.path("contents").isArray()) {
            throw Fields.refuse("contents", "is missing");
        }
        if (asked.path("contents").size() > MOST_CONTENTS) {
            throw Fields.refuse("contents", "has more than " + MOST_CONTENTS + " entries");
        }
        int number = 0;
        for (JsonNode content : asked.path("contents")) {
            checkContent("contents[" + number++ + "]", content);
        }
        if (asked.has("systemInstruction")) {
            checkContent("systemInstruction", asked.path("systemInstruction"));
        }
        if (asked.path("generationConfig").path("candidateCount").asInt(1) != 1) {
            throw Fields.refuse("generationConfig.candidateCount", "must be 1");
        }
        return new GeminiRequest(
                asked,
                path.group(1),
                method,
                List.of(request.query().split("&")).contains("alt=sse"),
                leftOut);
    }

    private static boolean onlyText(JsonNode config) {
        return config.isObject()
                && config.properties().stream().allMatch(e -> GENERATION.contains(e.getKey()))
                && config.path("responseModalities")
                        .valueStream()
                        .allMatch(kind -> kind.asText().equals("TEXT"));
    }

    /// As for the other formats: left out beside the agent's own, refused alone.
    private static List<String> withoutProviderTools(ObjectNode body) throws ProviderFault {
        List<String> leftOut = new ArrayList<>();
        List<ObjectNode> kept = new ArrayList<>();
        int number = 0;
        for (JsonNode tool : body.path("tools")) {
            String at = "tools[" + number++ + "]";
            if (!(tool instanceof ObjectNode given)) {
                throw Fields.refuse(at, "must be an object");
            }
            ObjectNode own = StrictJson.newObject();
            for (Map.Entry<String, JsonNode> field : given.properties()) {
                switch (field.getKey()) {
                    case "functionDeclarations" -> own.set(field.getKey(), field.getValue());
                    case "googleSearch",
                            "googleSearchRetrieval",
                            "codeExecution",
                            "urlContext",
                            "googleMaps",
                            "fileSearch",
                            "computerUse",
                            "mcpServers" ->
                            leftOut.add(field.getKey());
                    default -> throw Fields.kind(at, field.getKey());
                }
            }
            if (!own.isEmpty()) {
                kept.add(own);
            }
        }
        if (!leftOut.isEmpty()) {
            if (kept.isEmpty()) {
                throw Fields.atProvider("tools", leftOut.getFirst());
            }
            body.putArray("tools").addAll(kept);
        }
        return leftOut;
    }

    private static void checkContent(String at, JsonNode content) throws ProviderFault {
        Fields.only(at, content, Set.of("role", "parts"));
        if (!Set.of("user", "model", "function", "system", "")
                .contains(content.path("role").asText(""))) {
            throw Fields.refuse(at + ".role", "must be user or model");
        }
        if (content.path("parts").isObject()) {
            checkPart(at + ".parts", content.path("parts"));
            return;
        }
        int number = 0;
        for (JsonNode part : content.path("parts")) {
            checkPart(at + ".parts[" + number++ + "]", part);
        }
    }

    private static void checkPart(String at, JsonNode part) throws ProviderFault {
        if (part.has("fileData")) {
            throw Fields.refuse(
                    at + ".fileData", "is an address: only media that is inline is let through");
        }
        Fields.only(at, part, PART);
        if (part.has("inlineData")) {
            Fields.only(
                    at + ".inlineData",
                    part.path("inlineData"),
                    Set.of("mimeType", "data", "displayName"));
        }
        JsonNode called = part.path("functionCall");
        if (!called.isMissingNode()) {
            Fields.only(at + ".functionCall", called, Set.of("id", "name", "args"));
        }
        JsonNode result = part.path("functionResponse");
        if (!result.isMissingNode()) {
            Fields.only(
                    at + ".functionResponse",
                    result,
                    Set.of("id", "name", "response", "parts", "willContinue", "scheduling"));
            int number = 0;
            for (JsonNode inner : result.path("parts")) {
                String here = at + ".functionResponse.parts[" + number++ + "]";
                Fields.only(here, inner, Set.of("inlineData"));
                Fields.only(
                        here + ".inlineData",
                        inner.path("inlineData"),
                        Set.of("mimeType", "data", "displayName"));
            }
        }
    }

    @Override
    public WireFormat format() {
        return GeminiFormat.INSTANCE;
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public boolean stream() {
        return method.equals("streamGenerateContent");
    }

    /// Whether a stream comes as events; else as one list that grows.
    boolean events() {
        return events;
    }

    @Override
    public List<JsonNode> conversation() {
        return List.of(body.path("systemInstruction"), body.path("tools"), body.path("contents"));
    }

    /// The id that the agent answers to: it may put the tool's name before it.
    static String id(JsonNode part) {
        return part.path("id").asText("");
    }

    @Override
    public List<ToolDefinition> definitions() {
        return body.path("tools")
                .valueStream()
                .flatMap(group -> ToolDefinition.named(group.path("functionDeclarations")).stream())
                .toList();
    }

    @Override
    public List<Result> newResults() {
        List<Result> results = new ArrayList<>();
        JsonNode contents = body.path("contents");
        int from = contents.size();
        while (from > 0 && !contents.path(from - 1).path("role").asText().equals("model")) {
            from--;
        }
        List<String> called = new ArrayList<>();
        if (from > 0) {
            for (JsonNode part : contents.path(from - 1).path("parts")) {
                if (part.has("functionCall")) {
                    called.add(id(part.path("functionCall")));
                }
            }
        }
        int place = 0;
        for (int i = from; i < contents.size(); i++) {
            for (JsonNode part : contents.path(i).path("parts")) {
                JsonNode result = part.path("functionResponse");
                if (result.isMissingNode()) {
                    continue;
                }
                String id = place < called.size() ? called.get(place) : "";
                place++;
                if (id.isEmpty()) {
                    id = id(result);
                }
                if (!id.isEmpty()) {
                    JsonNode response = result.path("response");
                    results.add(
                            new Result(
                                    id,
                                    response.has("error"),
                                    response.path("output").isTextual()
                                            ? response.path("output").asText()
                                            : response.toString()));
                }
            }
        }
        return results;
    }

    @Override
    public Set<String> callIds() {
        Set<String> ids = new HashSet<>();
        for (JsonNode content : body.path("contents")) {
            for (JsonNode part : content.path("parts")) {
                if (part.path("functionCall").has("id")) {
                    ids.add(id(part.path("functionCall")));
                }
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
        List<ObjectNode> contents = restored(denials);
        contents.addAll(further);
        sent.putArray("contents")
                .addAll(contents.stream().map(GeminiRequest::withoutOurIds).toList());
        String path = "/v1beta/models/" + model + ":" + method + (stream() ? "?alt=sse" : "");
        if (method.equals("countTokens") && sent.has("systemInstruction")) {
            ObjectNode inner = sent.put("model", "models/" + model);
            sent = StrictJson.newObject();
            sent.set("generateContentRequest", inner);
        }
        return new Upstream.Request(path, Map.of(), Question.written(sent));
    }

    /// The provider gets no id that it did not give.
    private static ObjectNode withoutOurIds(ObjectNode content) {
        ObjectNode copy = content.deepCopy();
        for (JsonNode part : copy.path("parts")) {
            for (String kind : List.of("functionCall", "functionResponse")) {
                if (part.path(kind) instanceof ObjectNode one && id(one).contains(OUR_ID)) {
                    one.remove("id");
                }
            }
        }
        return copy;
    }

    /// The conversation as it really went.
    private List<ObjectNode> restored(DenialMemory denials) {
        List<ObjectNode> restored = new ArrayList<>();
        List<ObjectNode> owed = new ArrayList<>();
        for (JsonNode given : body.path("contents")) {
            ObjectNode content = (ObjectNode) given;
            boolean model = content.path("role").asText().equals("model");
            if (!model && !owed.isEmpty()) {
                ObjectNode whole = content.deepCopy();
                owed.forEach(whole.withArray("parts")::add);
                owed.clear();
                restored.add(whole);
            } else if (model && denials.hasAny()) {
                settle(owed, restored);
                restore(content, denials, restored, owed);
            } else {
                restored.add(content);
            }
        }
        settle(owed, restored);
        return restored;
    }

    private static void settle(List<ObjectNode> owed, List<ObjectNode> restored) {
        if (!owed.isEmpty()) {
            restored.add(GeminiFormat.content("user", owed));
            owed.clear();
        }
    }

    private static void restore(
            ObjectNode content,
            DenialMemory denials,
            List<ObjectNode> restored,
            List<ObjectNode> owed) {
        List<ObjectNode> rest = new ArrayList<>();
        List<ObjectNode> order = new ArrayList<>();
        for (JsonNode given : content.path("parts")) {
            ObjectNode part = (ObjectNode) given;
            List<DenialMemory.Piece> pieces = denials.pieces(part.path("text").asText(""));
            if (pieces.stream().noneMatch(DenialMemory.Piece.Denied.class::isInstance)) {
                rest.add(part);
                continue;
            }
            for (DenialMemory.Piece piece : pieces) {
                switch (piece) {
                    case DenialMemory.Piece.Words(String words) ->
                            rest.add(part.deepCopy().put("text", words));
                    case DenialMemory.Piece.Denied(DenialMemory.Denial denial)
                            when denial.all() -> {
                        rest.addAll(denial.blocks());
                        restored.add(GeminiFormat.content("model", rest));
                        restored.add(GeminiFormat.content("user", denial.results()));
                        rest.clear();
                    }
                    case DenialMemory.Piece.Denied(DenialMemory.Denial denial) -> {
                        order.addAll(denial.blocks());
                        owed.addAll(denial.results());
                    }
                }
            }
        }
        order.stream().filter(call -> !call.has(DenialMemory.HANDED_OVER)).forEach(rest::add);
        if (!rest.isEmpty()) {
            restored.add(GeminiFormat.content("model", rest));
        }
    }
}
