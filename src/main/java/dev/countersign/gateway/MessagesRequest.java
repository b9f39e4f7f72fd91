package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// A request in the Messages format that was checked against what is allowed: every field is known,
/// and none lets the provider act or fetch for the guest. What is sent on is written from this
/// tree, never from the guest's bytes.
final class MessagesRequest implements Question {
    private static final Map<String, Predicate<JsonNode>> FIELDS =
            Map.ofEntries(
                    Map.entry("model", JsonNode::isTextual),
                    Map.entry("messages", JsonNode::isArray),
                    Map.entry("max_tokens", JsonNode::isIntegralNumber),
                    Map.entry("system", node -> node.isTextual() || node.isArray()),
                    Map.entry("stream", JsonNode::isBoolean),
                    Map.entry("temperature", JsonNode::isNumber),
                    Map.entry("top_p", JsonNode::isNumber),
                    Map.entry("top_k", JsonNode::isIntegralNumber),
                    Map.entry("stop_sequences", JsonNode::isArray),
                    Map.entry("tools", JsonNode::isArray),
                    Map.entry("tool_choice", JsonNode::isObject),
                    Map.entry("metadata", MessagesRequest::onlyUserId),
                    Map.entry("thinking", JsonNode::isObject),
                    Map.entry("output_config", JsonNode::isObject),
                    Map.entry("context_management", MessagesRequest::onlyClearing),
                    Map.entry("service_tier", JsonNode::isTextual));
    private static final Set<String> COUNTED =
            Set.of(
                    "model",
                    "messages",
                    "system",
                    "tools",
                    "tool_choice",
                    "thinking",
                    "output_config",
                    "context_management");
    private static final Set<String> TOOL_FIELDS =
            Set.of(
                    "type",
                    "name",
                    "description",
                    "input_schema",
                    "cache_control",
                    "strict",
                    "input_examples",
                    "eager_input_streaming",
                    "max_characters");

    /// Tools that the agent runs itself although the provider defines their form.
    private static final Pattern CLIENT_TOOL = Pattern.compile("(bash|text_editor)_\\d{8}");

    private static final Pattern CLEARING = Pattern.compile("clear_[a-z_]+_\\d{8}");
    private static final Pattern CALL_ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    /// `output_config`: how much effort one turn shall take.
    private static final Set<String> MESSAGE_FIELDS = Set.of("role", "content", "output_config");

    private static final int MOST_MESSAGES = 100_000;

    /// What Claude Code says behind an answer that broke off after a while, word for word. Where a
    /// version says something else, the question is a new one.
    private static final String GO_ON =
            "Your response above was cut off mid-stream. Resume directly from where it stops \u2014 no apology, no recap. If none of it survived, answer the request from the start.";

    private final ObjectNode body;
    private final boolean counting;
    private final Map<String, String> headers;

    private MessagesRequest(ObjectNode body, boolean counting, Map<String, String> headers) {
        this.body = body;
        this.counting = counting;
        this.headers = headers;
    }

    /// @param counting whether it only asks how many tokens it has
    /// @throws ProviderFault naming the field that is not taken
    static MessagesRequest of(byte[] bytes, boolean counting, Map<String, String> headers)
            throws ProviderFault {
        ObjectNode body;
        try {
            body = StrictJson.object(bytes);
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.refused("The request can't be read: " + e.getMessage() + ".");
        }
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            Predicate<JsonNode> shape = FIELDS.get(field.getKey());
            if (shape == null || (counting && !COUNTED.contains(field.getKey()))) {
                throw refuse(field.getKey(), "is not a field that Countersign lets through");
            }
            if (!shape.test(field.getValue())) {
                throw refuse(field.getKey(), "has a form that Countersign does not let through");
            }
        }
        for (String needed :
                counting
                        ? List.of("model", "messages")
                        : List.of("model", "messages", "max_tokens")) {
            if (!body.has(needed)) {
                throw refuse(needed, "is missing");
            }
        }
        if (body.path("messages").size() > MOST_MESSAGES) {
            throw refuse("messages", "has more than " + MOST_MESSAGES + " entries");
        }
        int number = 0;
        for (JsonNode tool : body.path("tools")) {
            checkTool("tools[" + number++ + "]", tool);
        }
        if (body.path("system").isArray()) {
            checkBlocks("system", body.path("system"), Set.of("text"));
        }
        number = 0;
        for (JsonNode message : body.path("messages")) {
            checkMessage("messages[" + number++ + "]", message);
        }
        return new MessagesRequest(body, counting, headers);
    }

    private static boolean onlyUserId(JsonNode metadata) {
        return metadata.isObject()
                && metadata.properties().stream()
                        .allMatch(e -> e.getKey().equals("user_id") && e.getValue().isTextual());
    }

    /// Edits that drop old parts of the conversation; others could add blocks that nobody checked.
    private static boolean onlyClearing(JsonNode management) {
        return management.isObject()
                && management.properties().stream()
                        .allMatch(e -> e.getKey().equals("edits") && e.getValue().isArray())
                && management
                        .path("edits")
                        .valueStream()
                        .allMatch(edit -> CLEARING.matcher(edit.path("type").asText()).matches());
    }

    private static void checkTool(String at, JsonNode tool) throws ProviderFault {
        String type = tool.path("type").asText("custom");
        if (!type.equals("custom") && !CLIENT_TOOL.matcher(type).matches()) {
            throw refuse(
                    at + ".type",
                    "is "
                            + GuestText.of(type).visible()
                            + ": tools that the provider runs are not let through");
        }
        if (!tool.path("name").isTextual()) {
            throw refuse(at + ".name", "is missing");
        }
        for (Map.Entry<String, JsonNode> field : tool.properties()) {
            if (!TOOL_FIELDS.contains(field.getKey())) {
                throw refuse(
                        at + "." + field.getKey(), "is not a field that Countersign lets through");
            }
        }
    }

    private static void checkMessage(String at, JsonNode message) throws ProviderFault {
        String role = message.path("role").asText();
        if (!Set.of("user", "assistant", "system").contains(role)) {
            throw refuse(at + ".role", "must be user, assistant or system");
        }
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            if (!MESSAGE_FIELDS.contains(field.getKey())) {
                throw refuse(
                        at + "." + field.getKey(), "is not a field that Countersign lets through");
            }
        }
        JsonNode content = message.path("content");
        if (content.isTextual()) {
            return;
        }
        checkBlocks(
                at + ".content",
                content,
                switch (role) {
                    case "user" -> Set.of("text", "image", "document", "tool_result");
                    case "assistant" -> Set.of("text", "thinking", "redacted_thinking", "tool_use");
                    default -> Set.of("text");
                });
    }

    private static void checkBlocks(String at, JsonNode blocks, Set<String> allowed)
            throws ProviderFault {
        if (!blocks.isArray()) {
            throw refuse(at, "must be a text or a list of blocks");
        }
        int number = 0;
        for (JsonNode block : blocks) {
            String here = at + "[" + number++ + "]";
            String type = block.path("type").asText();
            if (!allowed.contains(type)) {
                throw refuse(
                        here + ".type",
                        "is " + GuestText.of(type).visible() + ", which is not let through here");
            }
            switch (type) {
                case "image" -> checkSource(here, block, Set.of("base64"));
                case "document" -> checkSource(here, block, Set.of("base64", "text", "content"));
                case "tool_result" -> {
                    if (!CALL_ID.matcher(block.path("tool_use_id").asText()).matches()) {
                        throw refuse(here + ".tool_use_id", "is missing or not an id");
                    }
                    JsonNode content = block.path("content");
                    if (!content.isMissingNode() && !content.isTextual()) {
                        checkBlocks(
                                here + ".content", content, Set.of("text", "image", "document"));
                    }
                }
                case "tool_use" -> {
                    if (!CALL_ID.matcher(block.path("id").asText()).matches()
                            || !block.path("name").isTextual()
                            || !block.path("input").isObject()) {
                        throw refuse(here, "is not a call with id, name and input");
                    }
                }
                case "text" -> {
                    if (!block.path("text").isTextual()) {
                        throw refuse(here + ".text", "is missing");
                    }
                }
                default -> {}
            }
        }
    }

    /// Media must be inline: a URL or a file's id would let the provider fetch for the guest.
    private static void checkSource(String at, JsonNode block, Set<String> kinds)
            throws ProviderFault {
        JsonNode source = block.path("source");
        String kind = source.path("type").asText();
        if (!kinds.contains(kind)) {
            throw refuse(
                    at + ".source.type",
                    "is "
                            + GuestText.of(kind).visible()
                            + ": only media that is inline is let through");
        }
        for (Map.Entry<String, JsonNode> field : source.properties()) {
            if (!Set.of("type", "media_type", "data", "content").contains(field.getKey())) {
                throw refuse(
                        at + ".source." + field.getKey(),
                        "is not a field that Countersign lets through");
            }
        }
        if (kind.equals("content") && !source.path("content").isTextual()) {
            checkBlocks(at + ".source.content", source.path("content"), Set.of("text", "image"));
        }
    }

    private static ProviderFault refuse(String field, String why) {
        return ProviderFault.refused(GuestText.of(field).visible() + " " + why + ".");
    }

    @Override
    public WireFormat format() {
        return MessagesFormat.INSTANCE;
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
        return conversation(body.path("messages").size());
    }

    private List<JsonNode> conversation(int messages) {
        ArrayNode plain = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < messages; i++) {
            plain.add(plain(body.path("messages").path(i)));
        }
        return List.of(body.path("system"), body.path("tools"), plain);
    }

    /// A message without what an agent moves about between two tries: where the provider shall
    /// cache, and whether a lone text stands in a list.
    private static ObjectNode plain(JsonNode message) {
        ObjectNode copy = message.deepCopy();
        if (copy.path("content").isTextual()) {
            String text = copy.path("content").asText();
            copy.putArray("content").addObject().put("type", "text").put("text", text);
        }
        for (JsonNode block : copy.path("content")) {
            ((ObjectNode) block).remove("cache_control");
        }
        return copy;
    }

    @Override
    public Optional<Cut> cut() {
        JsonNode messages = body.path("messages");
        int end = messages.size();
        List<String> had = new ArrayList<>();
        while (end >= 2 && goesOn(messages.path(end - 1)) && saysOnly(messages.path(end - 2))) {
            // Earlier tries come first.
            had.addAll(0, said(messages.path(end - 2)));
            end -= 2;
        }
        return had.isEmpty() ? Optional.empty() : Optional.of(new Cut(conversation(end), had));
    }

    /// Whether a message is the agent's own request for the rest of an answer.
    private static boolean goesOn(JsonNode message) {
        JsonNode content = plain(message).path("content");
        return message.path("role").asText().equals("user")
                && content.size() == 1
                && GO_ON.equals(content.path(0).path("text").asText());
    }

    private static boolean saysOnly(JsonNode message) {
        return message.path("role").asText().equals("assistant")
                && plain(message)
                        .path("content")
                        .valueStream()
                        .noneMatch(block -> block.path("type").asText().equals("tool_use"));
    }

    private static List<String> said(JsonNode message) {
        return plain(message)
                .path("content")
                .valueStream()
                .map(MessagesFormat.INSTANCE::said)
                .filter(said -> !said.isEmpty())
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
            for (JsonNode block : messages.path(i).path("content")) {
                if (block.path("type").asText().equals("tool_result")) {
                    results.add(
                            new Result(
                                    block.path("tool_use_id").asText(),
                                    block.path("is_error").asBoolean(false),
                                    text(block.path("content"))));
                }
            }
        }
        return results;
    }

    private static String text(JsonNode content) {
        if (content.isTextual()) {
            return content.asText();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode block : content) {
            String type = block.path("type").asText();
            text.append(
                    switch (type) {
                        case "text" -> block.path("text").asText();
                        case "document" -> document(block);
                        default -> "(" + type + ")";
                    });
        }
        return text.toString();
    }

    /// What a document says in the open: its title, its context, and its text where that is not a
    /// file of another kind.
    private static String document(JsonNode block) {
        JsonNode source = block.path("source");
        String said =
                switch (source.path("type").asText()) {
                    case "text" -> source.path("data").asText();
                    case "content" -> text(source.path("content"));
                    default -> "(document)";
                };
        return String.join(
                "\n", block.path("title").asText(), block.path("context").asText(), said);
    }

    @Override
    public List<String> newDocuments() {
        List<String> documents = new ArrayList<>();
        JsonNode messages = body.path("messages");
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.path(i).path("role").asText().equals("assistant")) {
                break;
            }
            for (JsonNode block : messages.path(i).path("content")) {
                if (block.path("type").asText().equals("document")) {
                    documents.add(document(block));
                }
            }
        }
        return documents;
    }

    @Override
    public List<ToolDefinition> definitions() {
        return ToolDefinition.named(body.path("tools"));
    }

    @Override
    public Set<String> callIds() {
        Set<String> ids = new HashSet<>();
        for (JsonNode message : body.path("messages")) {
            for (JsonNode block : message.path("content")) {
                if (block.path("type").asText().equals("tool_use")) {
                    ids.add(block.path("id").asText());
                }
            }
        }
        return ids;
    }

    @Override
    public Upstream.Request forProvider(DenialMemory denials, List<ObjectNode> further)
            throws ProviderFault {
        ObjectNode sent = body.deepCopy();
        if (denials.hasAny()) {
            sent.set(
                    "messages",
                    MessagesConversation.restored((ArrayNode) sent.path("messages"), denials));
        }
        ((ArrayNode) sent.path("messages")).addAll(further);
        return new Upstream.Request(
                counting ? MessagesFormat.COUNT : MessagesFormat.PATH,
                headers,
                Question.written(sent));
    }
}
