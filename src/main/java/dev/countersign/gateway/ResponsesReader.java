package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Understands an answer of the Responses format. Items may come in pieces, as a whole, or both:
/// then both must say the same.
final class ResponsesReader implements AnswerReader {
    /// What the frame keeps of the provider's own; the rest only repeats the request.
    private static final List<String> FRAME =
            List.of(
                    "id",
                    "object",
                    "created_at",
                    "model",
                    "parallel_tool_calls",
                    "temperature",
                    "top_p",
                    "service_tier",
                    "store",
                    "text",
                    "reasoning",
                    "truncation",
                    "max_output_tokens",
                    "metadata");

    /// Events that say nothing which the items do not say.
    private static final Set<String> REPEATING =
            Set.of(
                    "response.in_progress",
                    "response.queued",
                    "response.output_text.done",
                    "response.output_text.annotation.added",
                    "response.refusal.done",
                    "response.content_part.done",
                    "response.reasoning_summary_part.done",
                    "response.reasoning_summary_text.done",
                    "response.reasoning_text.done",
                    "response.reasoning_part.added",
                    "response.reasoning_part.done");

    private final Gathering answer;
    private final Function<String, String> freshId;
    private final Map<Integer, Item> items = new LinkedHashMap<>();
    private @Nullable Item writing;
    private int begun;
    private long sequence = -1;

    /// @param freshId an id for an item that has none, by its kind
    ResponsesReader(PartSink through, Function<String, String> freshId) {
        this.answer = new Gathering(through);
        this.freshId = freshId;
    }

    @Override
    public Turn stream(InputStream in, long limit) throws IOException, ProviderFault {
        SseReader events = new SseReader(in, limit);
        while (true) {
            SseReader.Event event = events.next();
            if (event == null) {
                throw ProviderFault.notUnderstood("the provider ended it before it was complete");
            }
            ObjectNode data;
            try {
                data = StrictJson.object(event.data());
            } catch (StrictJson.Malformed e) {
                throw ProviderFault.notUnderstood("of an event " + e.getMessage());
            }
            String type = data.path("type").asText();
            if (!event.name().equals("message") && !event.name().equals(type)) {
                throw ProviderFault.notUnderstood("an event's name and content differ");
            }
            inOrder(data.path("sequence_number"));
            switch (type) {
                case "response.completed", "response.incomplete", "response.done" -> {
                    return finished(data.path("response"));
                }
                default -> take(type, data);
            }
        }
    }

    @Override
    public Turn whole(byte[] body) throws ProviderFault {
        ObjectNode response;
        try {
            response = StrictJson.object(body);
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood(e.getMessage());
        }
        begin(response);
        for (JsonNode item : response.path("output")) {
            done(begun, item);
        }
        return finished(response);
    }

    private void inOrder(JsonNode number) throws ProviderFault {
        if (number.isIntegralNumber()) {
            if (number.asLong() <= sequence) {
                throw ProviderFault.notUnderstood("its events are not in order");
            }
            sequence = number.asLong();
        }
    }

    private void take(String type, ObjectNode data) throws ProviderFault {
        int index = data.path("output_index").asInt(begun);
        switch (type) {
            case "response.created" -> begin(data.path("response"));
            case "response.output_item.added" -> added(index, data.path("item"));
            case "response.output_item.done" -> done(index, data.path("item"));
            case "response.content_part.added" -> {
                Item item = at(data);
                item.part(
                        data.path("content_index").asInt(),
                        data.path("part").path("type").asText());
            }
            case "response.output_text.delta" -> {
                Item item = at(data);
                item.part(data.path("content_index").asInt(), "output_text");
                item.grow("text", piece(data));
            }
            case "response.refusal.delta" -> {
                Item item = at(data);
                item.part(data.path("content_index").asInt(), "refusal");
                item.grow("text", piece(data));
            }
            case "response.reasoning_summary_part.added" ->
                    at(data).thought("summary", data.path("summary_index").asInt());
            case "response.reasoning_summary_text.delta" -> {
                Item item = at(data);
                item.thought("summary", data.path("summary_index").asInt());
                item.grow("summary", piece(data));
            }
            case "response.reasoning_text.delta" -> {
                Item item = at(data);
                item.thought("thought", data.path("content_index").asInt());
                item.grow("thought", piece(data));
            }
            case "response.function_call_arguments.delta",
                    "response.custom_tool_call_input.delta" ->
                    at(data).arguments(type, piece(data));
            case "response.function_call_arguments.done" ->
                    at(data).argumentsAre(type, data.path("arguments"));
            case "response.custom_tool_call_input.done" ->
                    at(data).argumentsAre(type, data.path("input"));
            case "response.failed", "error" -> throw ResponsesFormat.reportedEvent(data);
            default -> {
                // New kinds of events may come; they are never handed on.
                if (!REPEATING.contains(type) && (type.contains("call") || type.contains("tool"))) {
                    throw Gathering.unknown("an event", type);
                }
            }
        }
    }

    private static String piece(ObjectNode data) throws ProviderFault {
        if (!data.path("delta").isTextual()) {
            throw ProviderFault.notUnderstood("a piece has no text");
        }
        return data.path("delta").asText();
    }

    private Item at(ObjectNode data) throws ProviderFault {
        JsonNode index = data.path("output_index");
        Item item = index.isIntegralNumber() ? items.get(index.asInt()) : writing;
        if (item == null || item.done) {
            throw ProviderFault.notUnderstood("a piece comes outside of an item");
        }
        JsonNode id = data.path("item_id");
        if (id.isTextual()
                && item.given.path("id").isTextual()
                && !id.equals(item.given.path("id"))) {
            throw ProviderFault.notUnderstood("a piece belongs to another item");
        }
        return item;
    }

    private void begin(JsonNode given) throws ProviderFault {
        if (!given.isObject()) {
            throw ProviderFault.notUnderstood("it does not begin as an answer does");
        }
        ObjectNode frame = StrictJson.newObject();
        for (String field : FRAME) {
            if (given.has(field)) {
                frame.set(field, given.path(field));
            }
        }
        answer.begin(frame);
    }

    private void added(int index, JsonNode given) throws ProviderFault {
        if (index != begun || !(given instanceof ObjectNode item)) {
            throw ProviderFault.notUnderstood("its items are not in order");
        }
        Item next = new Item(item);
        Item open = writing;
        if (open != null && !open.done && !open.call) {
            throw ProviderFault.notUnderstood("an item begins inside another");
        }
        items.put(index, next);
        begun++;
        writing = next;
        next.open();
    }

    private void done(int index, JsonNode given) throws ProviderFault {
        if (!items.containsKey(index)) {
            added(index, given);
        }
        Item item = items.get(index);
        if (item == null || item.done || !(given instanceof ObjectNode whole)) {
            throw ProviderFault.notUnderstood("an item ends twice or never began");
        }
        item.close(whole);
    }

    private Turn finished(JsonNode response) throws ProviderFault {
        String status = response.path("status").asText("completed");
        if (status.equals("failed") || status.equals("cancelled")) {
            throw ResponsesFormat.reportedEvent(response);
        }
        if (!answer.begun() || items.values().stream().anyMatch(item -> !item.done)) {
            throw ProviderFault.notUnderstood("it ends before it is complete");
        }
        boolean incomplete = status.equals("incomplete");
        if (incomplete && answer.hasCalls()) {
            throw ProviderFault.refused(
                    "The model's answer was cut short ("
                            + response.path("incomplete_details").path("reason").asText("unknown")
                            + ") and has calls; none of them is handed over. Raise"
                            + " max_output_tokens.");
        }
        sameItems(response.path("output"));
        ObjectNode ending =
                StrictJson.newObject().put("status", incomplete ? "incomplete" : "completed");
        ending.set("incomplete_details", incomplete ? response.path("incomplete_details") : null);
        JsonNode usage = response.path("usage");
        ending.set("usage", usage.isObject() ? usage : StrictJson.newObject());
        return answer.turn(
                ending,
                new Tokens(
                        usage.path("input_tokens").asLong(),
                        usage.path("output_tokens").asLong(),
                        usage.path("input_tokens_details").path("cached_tokens").asLong(),
                        0));
    }

    /// The end may repeat all items; a call that was not among them before is none.
    private void sameItems(JsonNode output) throws ProviderFault {
        if (!output.isArray() || output.isEmpty()) {
            return;
        }
        List<String> listed =
                output.valueStream()
                        .filter(item -> !ordinary(item))
                        .map(ResponsesReader::named)
                        .toList();
        List<String> seen =
                items.values().stream()
                        .map(item -> item.whole)
                        .filter(item -> !ordinary(item))
                        .map(ResponsesReader::named)
                        .toList();
        if (!listed.equals(seen)) {
            throw ProviderFault.notUnderstood("its end names other calls than it had");
        }
    }

    private static boolean ordinary(JsonNode item) {
        return Set.of("message", "reasoning").contains(item.path("type").asText());
    }

    private static String named(JsonNode item) {
        return String.join(
                "\n",
                item.path("type").asText(),
                item.path("call_id").asText(),
                item.path("namespace").asText(),
                item.path("name").asText(),
                item.path("arguments").asText(),
                item.path("input").asText(),
                item.path("action").toString(),
                item.path("operation").toString());
    }

    /// An item between its start and its end.
    private final class Item {
        private final ObjectNode given;
        private final String type;
        private final boolean call;
        private final StringBuilder text = new StringBuilder();
        private ObjectNode whole = StrictJson.newObject();
        private String part = "";
        private int partIndex = -1;
        private boolean done;

        Item(ObjectNode given) throws ProviderFault {
            this.given = given;
            this.type = given.path("type").asText();
            this.call = ResponsesRequest.CALLS.contains(type);
            if (!call && !ordinary(given)) {
                throw Gathering.unknown("an item of a kind", type);
            }
            if (type.equals("message")
                    && !given.path("role").asText("assistant").equals("assistant")) {
                throw ProviderFault.notUnderstood("a message is not the model's");
            }
        }

        void open() throws ProviderFault {
            if (call) {
                answer.hold();
                return;
            }
            ObjectNode opening = StrictJson.newObject().put("type", type).put("id", id(given));
            if (type.equals("message")) {
                opening.put("status", "in_progress").put("role", "assistant");
                if (given.has("phase")) {
                    opening.set("phase", given.path("phase"));
                }
                opening.putArray("content");
            } else {
                opening.putArray("summary");
            }
            answer.opened(opening);
        }

        private String id(JsonNode item) {
            String id = item.path("id").asText("");
            if (id.isEmpty()) {
                id = given.path("id").asText("");
            }
            if (id.isEmpty()) {
                id = freshId.apply(type.equals("message") ? "msg" : "rs");
                given.put("id", id);
            }
            return id;
        }

        void part(int index, String kind) throws ProviderFault {
            if (!type.equals("message") || !Set.of("output_text", "refusal").contains(kind)) {
                throw Gathering.unknown("a part", kind);
            }
            if (index == partIndex && kind.equals(part)) {
                return;
            }
            next(index, kind);
            answer.grown(StrictJson.newObject().put("part", kind));
        }

        void thought(String kind, int index) throws ProviderFault {
            if (!type.equals("reasoning")) {
                throw ProviderFault.notUnderstood("a thought comes outside of one");
            }
            if (index == partIndex && kind.equals(part)) {
                return;
            }
            if (!kind.equals(part)) {
                partIndex = -1;
            }
            next(index, kind);
            answer.grown(StrictJson.newObject().put("part", kind));
        }

        private void next(int index, String kind) throws ProviderFault {
            if (index != partIndex + 1) {
                throw ProviderFault.notUnderstood("its parts are not in order");
            }
            partIndex = index;
            part = kind;
        }

        void grow(String kind, String piece) {
            text.append(piece);
            answer.grown(StrictJson.newObject().put(kind, piece));
        }

        void arguments(String event, String piece) throws ProviderFault {
            matches(event);
            text.append(piece);
        }

        void argumentsAre(String event, JsonNode all) throws ProviderFault {
            matches(event);
            if (!all.isTextual() || (!text.isEmpty() && !all.asText().contentEquals(text))) {
                throw ProviderFault.notUnderstood("a call's arguments differ from their pieces");
            }
            if (text.isEmpty()) {
                text.append(all.asText());
            }
        }

        private void matches(String event) throws ProviderFault {
            if (!(event.startsWith("response.function_call") && type.equals("function_call"))
                    && !(event.startsWith("response.custom_tool_call")
                            && type.equals("custom_tool_call"))) {
                throw ProviderFault.notUnderstood("arguments come outside of a call");
            }
        }

        void close(ObjectNode last) throws ProviderFault {
            if (!last.path("type").asText().equals(type)) {
                throw ProviderFault.notUnderstood("an item ends as another kind");
            }
            done = true;
            if (call) {
                closeCall(last);
                return;
            }
            String said = type.equals("message") ? closeMessage(last) : closeReasoning(last);
            if (!text.isEmpty() && !said.contentEquals(text)) {
                throw ProviderFault.notUnderstood("an item differs from its pieces");
            }
            answer.closed(Turn.Block.of(whole));
        }

        private String closeMessage(ObjectNode last) throws ProviderFault {
            whole.put("type", "message").put("id", id(last)).put("status", "completed");
            whole.put("role", "assistant");
            if (last.has("phase")) {
                whole.set("phase", last.path("phase"));
            }
            StringBuilder said = new StringBuilder();
            boolean late = text.isEmpty();
            int index = 0;
            for (JsonNode given : last.path("content")) {
                String kind = given.path("type").asText();
                String words = given.path(kind.equals("refusal") ? "refusal" : "text").asText();
                ObjectNode kept = whole.withArray("content").addObject().put("type", kind);
                switch (kind) {
                    case "output_text" -> {
                        kept.put("text", words);
                        kept.putArray("annotations");
                        for (String beside : List.of("annotations", "logprobs")) {
                            if (given.path(beside).isArray()) {
                                kept.set(beside, given.path(beside));
                            }
                        }
                    }
                    case "refusal" -> kept.put("refusal", words);
                    default -> throw Gathering.unknown("a part", kind);
                }
                said.append(words);
                answer.say(words);
                if (late) {
                    part(index, kind);
                    answer.grown(StrictJson.newObject().put("text", words));
                }
                index++;
            }
            whole.withArray("content");
            answer.saidAll();
            return said.toString();
        }

        /// As it came: what is encrypted or signed in it must come back to the provider unchanged.
        private String closeReasoning(ObjectNode last) throws ProviderFault {
            whole.put("type", "reasoning").put("id", id(last));
            whole.putArray("summary");
            StringBuilder said = new StringBuilder();
            for (Map.Entry<String, JsonNode> field : last.properties()) {
                switch (field.getKey()) {
                    case "type", "id" -> {}
                    case "summary", "content", "encrypted_content", "status" ->
                            whole.set(field.getKey(), field.getValue());
                    default -> throw Gathering.unknown("a thought with a field", field.getKey());
                }
            }
            for (String where : List.of("summary", "content")) {
                last.path(where).forEach(one -> said.append(one.path("text").asText()));
            }
            return said.toString();
        }

        private void closeCall(ObjectNode last) throws ProviderFault {
            for (Map.Entry<String, JsonNode> field : last.properties()) {
                if (!Set.of(
                                "type",
                                "id",
                                "call_id",
                                "name",
                                "namespace",
                                "arguments",
                                "input",
                                "action",
                                "operation",
                                "status")
                        .contains(field.getKey())) {
                    throw Gathering.unknown("a call with a field", field.getKey());
                }
            }
            for (String field : List.of("id", "call_id", "name", "namespace")) {
                if (given.path(field).isTextual() && !given.path(field).equals(last.path(field))) {
                    throw ProviderFault.notUnderstood("a call ends with another " + field);
                }
            }
            whole.setAll(last);
            String id = last.path("call_id").asText();
            String name = last.path("name").asText();
            String space = last.path("namespace").asText("");
            String tool =
                    switch (type) {
                        case "local_shell_call" -> "local_shell";
                        case "apply_patch_call" -> "apply_patch";
                        default -> space.isEmpty() ? name : space + "." + name;
                    };
            answer.checkCall(id, tool);
            answer.called(new Turn.Block(whole, new Turn.Call(id, tool, written(last))));
        }

        private String written(ObjectNode last) throws ProviderFault {
            try {
                return switch (type) {
                    case "function_call" -> {
                        String arguments = same(last.path("arguments"));
                        StrictJson.object(arguments.isEmpty() ? "{}" : arguments);
                        yield arguments.isEmpty() ? "{}" : arguments;
                    }
                    case "custom_tool_call" ->
                            StrictJson.text(
                                    StrictJson.newObject().put("input", same(last.path("input"))));
                    case "local_shell_call" -> StrictJson.text(last.path("action"));
                    default -> StrictJson.text(last.path("operation"));
                };
            } catch (StrictJson.Malformed e) {
                throw ProviderFault.notUnderstood("of a call's arguments, " + e.getMessage());
            }
        }

        private String same(JsonNode all) throws ProviderFault {
            if (!all.isTextual() || (!text.isEmpty() && !all.asText().contentEquals(text))) {
                throw ProviderFault.notUnderstood("a call's arguments differ from their pieces");
            }
            return all.asText();
        }
    }
}
