package dev.countersign.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How a test speaks one wire format: as a provider that answers, and as an agent that asks and
/// reads. Written by hand from the formats' references, without the gateway's own code.
enum Speech {
    MESSAGES("/v1/messages"),
    RESPONSES("/v1/responses"),
    CHAT("/v1/chat/completions"),
    GEMINI("/v1beta/models/m:");

    static final ObjectMapper JSON = new ObjectMapper();
    private final String path;

    Speech(String path) {
        this.path = path;
    }

    /// A call of the provider.
    record Call(String id, String tool, String arguments) {}

    /// What an agent understands of an answer.
    record Heard(String text, List<String> calls, JsonNode history) {}

    static String quoted(String text) {
        return Provider.quoted(text);
    }

    String path(boolean stream) {
        return this != GEMINI
                ? path
                : path + (stream ? "streamGenerateContent?alt=sse" : "generateContent");
    }

    String ask(boolean stream, String... history) {
        List<String> entries = new ArrayList<>(List.of(user("go")));
        entries.addAll(List.of(history));
        String all = String.join(",", entries);
        return switch (this) {
            case MESSAGES ->
                    "{\"model\":\"m\",\"max_tokens\":99,\"stream\":%s,\"messages\":[%s]}"
                            .formatted(stream, all);
            case RESPONSES ->
                    "{\"model\":\"m\",\"stream\":%s,\"store\":false,\"input\":[%s]}"
                            .formatted(stream, all);
            case CHAT -> "{\"model\":\"m\",\"stream\":%s,\"messages\":[%s]}".formatted(stream, all);
            case GEMINI -> "{\"contents\":[%s]}".formatted(all);
        };
    }

    String user(String text) {
        return switch (this) {
            case GEMINI -> "{\"role\":\"user\",\"parts\":[{\"text\":" + quoted(text) + "}]}";
            default -> "{\"role\":\"user\",\"content\":" + quoted(text) + "}";
        };
    }

    String result(String id, String text) {
        return switch (this) {
            case MESSAGES ->
                    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":%s,\"content\":%s}]}"
                            .formatted(quoted(id), quoted(text));
            case RESPONSES ->
                    "{\"type\":\"function_call_output\",\"call_id\":%s,\"output\":%s}"
                            .formatted(quoted(id), quoted(text));
            case CHAT ->
                    "{\"role\":\"tool\",\"tool_call_id\":%s,\"content\":%s}"
                            .formatted(quoted(id), quoted(text));
            case GEMINI ->
                    "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"id\":%s,\"name\":\"bash\",\"response\":{\"output\":%s}}}]}"
                            .formatted(quoted(id), quoted(text));
        };
    }

    /// A whole answer in events.
    List<String> events(String text, Call... calls) {
        List<String> events = new ArrayList<>();
        switch (this) {
            case MESSAGES -> {
                String all = Provider.start() + Provider.text(0, text);
                for (int i = 0; i < calls.length; i++) {
                    String a = calls[i].arguments;
                    all +=
                            Provider.call(
                                    i + 1,
                                    calls[i].id,
                                    calls[i].tool,
                                    a.substring(0, a.length() / 2),
                                    a.substring(a.length() / 2));
                }
                all += Provider.end(calls.length == 0 ? "end_turn" : "tool_use");
                for (String event : all.split("(?<=\n\n)", -1)) {
                    if (!event.isEmpty()) {
                        events.add(event);
                    }
                }
            }
            case RESPONSES -> {
                int seq = 0;
                events.add(
                        named(
                                "{\"type\":\"response.created\",\"sequence_number\":%d,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1,\"status\":\"in_progress\",\"model\":\"m\",\"output\":[]}}"
                                        .formatted(seq++)));
                String item = message(text);
                events.add(
                        named(
                                "{\"type\":\"response.output_item.added\",\"sequence_number\":%d,\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"msg_1\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}"
                                        .formatted(seq++)));
                events.add(
                        named(
                                "{\"type\":\"response.content_part.added\",\"sequence_number\":%d,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}}"
                                        .formatted(seq++)));
                events.add(
                        named(
                                "{\"type\":\"response.output_text.delta\",\"sequence_number\":%d,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":%s}"
                                        .formatted(seq++, quoted(text))));
                events.add(
                        named(
                                "{\"type\":\"response.output_item.done\",\"sequence_number\":%d,\"output_index\":0,\"item\":%s}"
                                        .formatted(seq++, item)));
                List<String> items = new ArrayList<>(List.of(item));
                for (int i = 0; i < calls.length; i++) {
                    events.add(
                            named(
                                    "{\"type\":\"response.output_item.added\",\"sequence_number\":%d,\"output_index\":%d,\"item\":%s}"
                                            .formatted(seq++, i + 1, call(calls[i], ""))));
                    events.add(
                            named(
                                    "{\"type\":\"response.function_call_arguments.delta\",\"sequence_number\":%d,\"output_index\":%d,\"item_id\":\"fc_%s\",\"delta\":%s}"
                                            .formatted(
                                                    seq++,
                                                    i + 1,
                                                    calls[i].id,
                                                    quoted(calls[i].arguments))));
                    String whole = call(calls[i], calls[i].arguments);
                    items.add(whole);
                    events.add(
                            named(
                                    "{\"type\":\"response.output_item.done\",\"sequence_number\":%d,\"output_index\":%d,\"item\":%s}"
                                            .formatted(seq++, i + 1, whole)));
                }
                events.add(
                        named(
                                "{\"type\":\"response.completed\",\"sequence_number\":%d,\"response\":%s}"
                                        .formatted(seq, response(items))));
            }
            case CHAT -> {
                events.add(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
                events.add(chunk("{\"content\":" + quoted(text) + "}", "null"));
                for (int i = 0; i < calls.length; i++) {
                    events.add(
                            chunk(
                                    "{\"tool_calls\":[{\"index\":%d,\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":\"\"}}]}"
                                            .formatted(
                                                    i, quoted(calls[i].id), quoted(calls[i].tool)),
                                    "null"));
                    events.add(
                            chunk(
                                    "{\"tool_calls\":[{\"index\":%d,\"function\":{\"arguments\":%s}}]}"
                                            .formatted(i, quoted(calls[i].arguments)),
                                    "null"));
                }
                events.add(chunk("{}", calls.length == 0 ? "\"stop\"" : "\"tool_calls\""));
                events.add(
                        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":7,\"total_tokens\":17}}\n\n");
                events.add("data: [DONE]\n\n");
            }
            case GEMINI -> {
                events.add(part("{\"text\":" + quoted(text) + "}", ""));
                for (Call call : calls) {
                    events.add(part(called(call), ""));
                }
                events.add(part("{\"text\":\"\"}", ",\"finishReason\":\"STOP\""));
            }
        }
        return events;
    }

    /// A whole answer in one body.
    String whole(String text, Call... calls) {
        return switch (this) {
            case MESSAGES ->
                    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":%s}%s],\"stop_reason\":\"%s\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,\"output_tokens\":7}}"
                            .formatted(
                                    quoted(text),
                                    Stream.of(calls)
                                            .map(c ->
                                                    ",{\"type\":\"tool_use\",\"id\":%s,\"name\":%s,\"input\":%s}"
                                                            .formatted(
                                                                    quoted(c.id),
                                                                    quoted(c.tool),
                                                                    c.arguments))
                                            .collect(Collectors.joining()),
                                    calls.length == 0 ? "end_turn" : "tool_use");
            case RESPONSES -> {
                List<String> items = new ArrayList<>(List.of(message(text)));
                for (Call call : calls) {
                    items.add(call(call, call.arguments));
                }
                yield response(items);
            }
            case CHAT ->
                    "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":%s%s},\"finish_reason\":\"%s\"}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":7,\"total_tokens\":17}}"
                            .formatted(
                                    quoted(text),
                                    calls.length == 0
                                            ? ""
                                            : ",\"tool_calls\":["
                                                    + Stream.of(calls)
                                                            .map(c ->
                                                                    "{\"id\":%s,\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":%s}}"
                                                                            .formatted(
                                                                                    quoted(c.id),
                                                                                    quoted(c.tool),
                                                                                    quoted(
                                                                                            c.arguments)))
                                                            .collect(Collectors.joining(","))
                                                    + "]",
                                    calls.length == 0 ? "stop" : "tool_calls");
            case GEMINI -> {
                List<String> parts = new ArrayList<>();
                parts.add("{\"text\":" + quoted(text) + "}");
                for (Call call : calls) {
                    parts.add(called(call));
                }
                yield "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[%s]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":7,\"totalTokenCount\":17},\"modelVersion\":\"m\"}"
                        .formatted(String.join(",", parts));
            }
        };
    }

    private static String message(String text) {
        return "{\"type\":\"message\",\"id\":\"msg_1\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":%s,\"annotations\":[]}]}"
                .formatted(quoted(text));
    }

    private static String call(Call call, String arguments) {
        return "{\"type\":\"function_call\",\"id\":\"fc_%s\",\"status\":\"completed\",\"call_id\":%s,\"name\":%s,\"arguments\":%s}"
                .formatted(call.id, quoted(call.id), quoted(call.tool), quoted(arguments));
    }

    private static String response(List<String> items) {
        return "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1,\"status\":\"completed\",\"model\":\"m\",\"output\":[%s],\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":7,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":17}}"
                .formatted(String.join(",", items));
    }

    private static String called(Call call) {
        return "{\"functionCall\":{\"id\":%s,\"name\":%s,\"args\":%s}}"
                .formatted(quoted(call.id), quoted(call.tool), call.arguments);
    }

    private static String named(String json) {
        return Provider.event(json);
    }

    private static String chunk(String delta, String finish) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n"
                .formatted(delta, finish);
    }

    private static String part(String part, String more) {
        return "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[%s]},\"index\":0%s}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":7,\"totalTokenCount\":17},\"modelVersion\":\"m\"}\n\n"
                .formatted(part, more);
    }

    /// Reads a body as an agent does.
    Heard heard(String body, boolean stream) throws JsonProcessingException {
        List<JsonNode> data = new ArrayList<>();
        if (stream) {
            for (String frame : body.split("\r?\n\r?\n", -1)) {
                int at = frame.indexOf("data: ");
                if (at >= 0 && !frame.contains("[DONE]")) {
                    data.add(JSON.readTree(frame.substring(at + 6)));
                }
            }
        } else {
            data.add(JSON.readTree(body));
        }
        StringBuilder text = new StringBuilder();
        List<String> calls = new ArrayList<>();
        ObjectNode history = JSON.createObjectNode();
        switch (this) {
            case MESSAGES -> {
                history.put("role", "assistant");
                List<ObjectNode> blocks = new ArrayList<>();
                for (JsonNode event : data) {
                    switch (event.path("type").asText()) {
                        case "message" ->
                                event.path("content").forEach(b -> blocks.add((ObjectNode) b));
                        case "content_block_start" ->
                                blocks.add((ObjectNode) event.path("content_block"));
                        case "content_block_delta" -> {
                            ObjectNode block = blocks.getLast();
                            JsonNode delta = event.path("delta");
                            if (delta.has("text")) {
                                block.put(
                                        "text",
                                        block.path("text").asText() + delta.path("text").asText());
                            } else if (delta.has("partial_json")) {
                                block.put(
                                        "raw",
                                        block.path("raw").asText()
                                                + delta.path("partial_json").asText());
                            }
                        }
                        default -> {}
                    }
                }
                for (ObjectNode block : blocks) {
                    text.append(block.path("text").asText(""));
                    if (block.path("type").asText().equals("tool_use")) {
                        calls.add(block.path("id").asText());
                        if (block.has("raw")) {
                            block.set("input", JSON.readTree(block.remove("raw").asText()));
                        }
                    }
                }
                history.putArray("content").addAll(blocks);
            }
            case RESPONSES -> {
                JsonNode last = data.getLast();
                JsonNode response = stream ? last.path("response") : last;
                for (JsonNode item : response.path("output")) {
                    item.path("content").forEach(p -> text.append(p.path("text").asText()));
                    if (item.path("type").asText().endsWith("_call")) {
                        calls.add(item.path("call_id").asText());
                    }
                }
                history.set("items", response.path("output"));
            }
            case CHAT -> {
                history.put("role", "assistant");
                for (JsonNode one : data) {
                    JsonNode choice = one.path("choices").path(0);
                    JsonNode delta = stream ? choice.path("delta") : choice.path("message");
                    text.append(delta.path("content").asText(""));
                    for (JsonNode call : delta.path("tool_calls")) {
                        calls.add(call.path("id").asText());
                        ObjectNode copy = call.deepCopy();
                        copy.remove("index");
                        history.withArray("tool_calls").add(copy);
                    }
                }
                history.put("content", text.toString());
            }
            case GEMINI -> {
                history.put("role", "model");
                for (JsonNode one : data) {
                    for (JsonNode part :
                            one.path("candidates").path(0).path("content").path("parts")) {
                        text.append(part.path("text").asText(""));
                        if (part.has("functionCall")) {
                            calls.add(part.path("functionCall").path("id").asText());
                        }
                        history.withArray("parts").add(part);
                    }
                }
            }
        }
        return new Heard(text.toString(), calls, history);
    }

    /// The answer as the agent sends it back.
    String sentBack(Heard heard) {
        return this == RESPONSES
                ? heard.history()
                        .path("items")
                        .valueStream()
                        .map(JsonNode::toString)
                        .collect(Collectors.joining(","))
                : heard.history().toString();
    }

    /// The words of an error, from where clients of the format look for them.
    String error(String body, boolean stream) throws JsonProcessingException {
        String json = body;
        if (stream) {
            int at = body.lastIndexOf("data: ");
            json = body.substring(at + 6);
        }
        JsonNode node = JSON.readTree(json);
        return switch (this) {
            case MESSAGES ->
                    node.path("type").asText().equals("error")
                            ? node.path("error").path("message").asText("")
                            : "";
            case RESPONSES ->
                    node.path("type").asText().equals("response.failed")
                            ? node.path("response").path("error").path("message").asText("")
                            : node.path("error").path("message").asText("");
            case CHAT -> node.path("error").path("message").asText("");
            case GEMINI ->
                    node.path("error").path("status").isTextual()
                            ? node.path("error").path("message").asText("")
                            : "";
        };
    }
}
