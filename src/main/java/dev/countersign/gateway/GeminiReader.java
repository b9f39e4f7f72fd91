package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Understands an answer of the Gemini format. Each part is complete when it comes.
final class GeminiReader implements AnswerReader {
    private static final RandomGenerator RANDOM = new SecureRandom();
    private static final Pattern REASON = Pattern.compile("[A-Z_]{1,60}");
    private static final Set<String> BESIDE = Set.of("thought", "thoughtSignature", "partMetadata");

    private final Gathering answer;
    private @Nullable String finish;
    private JsonNode usage = JsonNodeFactory.instance.nullNode();
    private JsonNode finishMessage = JsonNodeFactory.instance.nullNode();

    GeminiReader(PartSink through) {
        this.answer = new Gathering(through);
    }

    @Override
    public Turn stream(InputStream in, long limit) throws IOException, ProviderFault {
        SseReader events = new SseReader(in, limit);
        while (true) {
            SseReader.Event event = events.next();
            if (event == null) {
                return finished();
            }
            try {
                take(StrictJson.object(event.data()));
            } catch (StrictJson.Malformed e) {
                throw ProviderFault.notUnderstood("of an event " + e.getMessage());
            }
        }
    }

    @Override
    public Turn whole(byte[] body) throws ProviderFault {
        try {
            take(StrictJson.object(body));
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood(e.getMessage());
        }
        return finished();
    }

    private void take(ObjectNode chunk) throws ProviderFault {
        if (chunk.has("error")) {
            throw GeminiFormat.reportedError(502, chunk);
        }
        if (!answer.begun()) {
            ObjectNode frame = StrictJson.newObject();
            for (String field :
                    List.of("modelVersion", "responseId", "createTime", "promptFeedback")) {
                if (chunk.has(field)) {
                    frame.set(field, chunk.path(field));
                }
            }
            answer.begin(frame);
        }
        if (chunk.path("usageMetadata").isObject()) {
            usage = chunk.path("usageMetadata");
        }
        JsonNode candidates = chunk.path("candidates");
        if (candidates.size() > 1 || candidates.path(0).path("index").asInt(0) != 0) {
            throw ProviderFault.notUnderstood("it has more than one candidate");
        }
        JsonNode blocked = chunk.path("promptFeedback").path("blockReason");
        if (candidates.isEmpty() && blocked.isTextual()) {
            finish = "SAFETY";
        }
        if (!candidates.isEmpty()) {
            candidate(candidates.path(0));
        }
    }

    private void candidate(JsonNode given) throws ProviderFault {
        JsonNode content = given.path("content");
        String role = content.path("role").asText("model");
        if (!role.equals("model") && !role.isEmpty()) {
            throw ProviderFault.notUnderstood("a content is not the model's");
        }
        for (JsonNode part : content.path("parts")) {
            if (finish != null) {
                throw ProviderFault.notUnderstood("it goes on after its end");
            }
            part(part);
        }
        JsonNode reason = given.path("finishReason");
        if (reason.isTextual()) {
            if (!REASON.matcher(reason.asText()).matches()
                    || (finish != null && !finish.equals(reason.asText()))) {
                throw ProviderFault.notUnderstood("it ends twice");
            }
            finish = reason.asText();
            if (given.path("finishMessage").isTextual()) {
                finishMessage = given.path("finishMessage");
            }
        }
    }

    private void part(JsonNode given) throws ProviderFault {
        ObjectNode kept = StrictJson.newObject();
        String kind = "";
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            String name = field.getKey();
            if (BESIDE.contains(name)) {
                kept.set(name, field.getValue());
                continue;
            }
            if (!Set.of("text", "inlineData", "functionCall").contains(name) || !kind.isEmpty()) {
                throw Gathering.unknown("a part", name);
            }
            kind = name;
            kept.set(name, field.getValue());
        }
        switch (kind) {
            case "functionCall" -> call(kept);
            case "inlineData" -> {
                Fields.only(
                        "inlineData",
                        kept.path("inlineData"),
                        Set.of("mimeType", "data", "displayName"));
                through(kept);
            }
            default -> {
                if (kind.equals("text") && !kept.path("text").isTextual()) {
                    throw ProviderFault.notUnderstood("a text is none");
                }
                if (!kept.path("thought").asBoolean(false)) {
                    answer.say(kept.path("text").asText(""));
                }
                through(kept);
            }
        }
    }

    private void through(ObjectNode part) throws ProviderFault {
        answer.opened(part);
        answer.closed(Turn.Block.of(part));
    }

    private void call(ObjectNode part) throws ProviderFault {
        if (!(part.path("functionCall") instanceof ObjectNode call)) {
            throw ProviderFault.notUnderstood("a call is none");
        }
        for (Map.Entry<String, JsonNode> field : call.properties()) {
            if (!Set.of("id", "name", "args").contains(field.getKey())) {
                throw Gathering.unknown("a call with a field", field.getKey());
            }
        }
        JsonNode args = call.path("args");
        if (args.isMissingNode() || args.isNull()) {
            args = call.putObject("args");
        }
        if (!args.isObject()) {
            throw ProviderFault.notUnderstood("a call's arguments are no object");
        }
        if (call.path("id").asText("").isEmpty()) {
            // The format may leave the id out; every layer above needs one.
            call.put("id", GeminiRequest.OUR_ID + HexFormat.of().toHexDigits(RANDOM.nextLong()));
        }
        String id = call.path("id").asText();
        String name = call.path("name").asText();
        answer.checkCall(id, name);
        try {
            answer.called(new Turn.Block(part, new Turn.Call(id, name, StrictJson.text(args))));
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood("of a call's arguments, " + e.getMessage());
        }
    }

    private Turn finished() throws ProviderFault {
        String reason = finish;
        if (!answer.begun() || reason == null) {
            throw ProviderFault.notUnderstood("it ends before it is complete");
        }
        if (answer.hasCalls() && !reason.equals("STOP")) {
            throw reason.equals("MAX_TOKENS")
                    ? ProviderFault.refused(
                            "The model reached its limit of tokens inside an answer with calls;"
                                    + " none of them is handed over. Raise maxOutputTokens.")
                    : ProviderFault.notUnderstood(
                            "it has calls but ends as " + GuestText.of(reason).visible());
        }
        ObjectNode ending = StrictJson.newObject().put("finishReason", reason);
        if (finishMessage.isTextual()) {
            ending.set("finishMessage", finishMessage);
        }
        ending.set("usageMetadata", usage.isObject() ? usage : StrictJson.newObject());
        return answer.turn(
                ending,
                new Tokens(
                        usage.path("promptTokenCount").asLong()
                                + usage.path("toolUsePromptTokenCount").asLong(),
                        usage.path("candidatesTokenCount").asLong()
                                + usage.path("thoughtsTokenCount").asLong(),
                        usage.path("cachedContentTokenCount").asLong(),
                        0));
    }
}
