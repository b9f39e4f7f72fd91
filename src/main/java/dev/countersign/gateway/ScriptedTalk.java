package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the bundled model must know of a request, whatever its format: the tools, and what became
/// of its last calls.
///
/// @param tools by the agent's name for each, with the schema of the arguments
/// @param answered whether the model has said anything yet
/// @param step that the model's last calls belong to
/// @param results of these calls, as far as they are there
/// @param schema that the answer must have, if it is no prose
record ScriptedTalk(
        String model,
        Map<String, JsonNode> tools,
        boolean answered,
        @Nullable String step,
        List<String> results,
        @Nullable JsonNode schema) {
    private static final Pattern OUR_ID =
            Pattern.compile("(?:toolu|call)_cs_([a-z0-9-]+)_[0-9a-f]{16}");

    static ScriptedTalk of(String path, ObjectNode body) {
        Reading reading = new Reading();
        String model = body.path("model").asText();
        JsonNode schema = null;
        if (path.endsWith("/messages")) {
            body.path("tools").forEach(t -> reading.tools.put(name(t), t.path("input_schema")));
            for (JsonNode message : body.path("messages")) {
                if (message.path("role").asText().equals("assistant")) {
                    reading.model();
                }
                for (JsonNode block : message.path("content")) {
                    reading.called(block.path("id").asText(""));
                    reading.result(
                            block.path("tool_use_id").asText(""),
                            ResponsesRequest.text(block.path("content")));
                }
            }
        } else if (path.endsWith("/responses")) {
            for (JsonNode tool : body.path("tools")) {
                if (tool.path("type").asText().equals("function")) {
                    reading.tools.put(name(tool), tool.path("parameters"));
                }
            }
            boolean inAnswer = false;
            for (JsonNode item : body.path("input")) {
                boolean ours = ResponsesRequest.fromModel(item);
                if (ours && !inAnswer) {
                    reading.model();
                }
                inAnswer = ours;
                if (ours) {
                    reading.called(item.path("call_id").asText(""));
                } else {
                    reading.result(
                            item.path("call_id").asText(""),
                            ResponsesRequest.text(item.path("output")));
                }
            }
        } else if (path.endsWith("/chat/completions")) {
            for (JsonNode tool : body.path("tools")) {
                JsonNode function = tool.path("function");
                reading.tools.put(name(function), function.path("parameters"));
            }
            for (JsonNode message : body.path("messages")) {
                if (message.path("role").asText().equals("assistant")) {
                    reading.model();
                }
                message.path("tool_calls").forEach(c -> reading.called(c.path("id").asText("")));
                reading.result(
                        message.path("tool_call_id").asText(""),
                        ResponsesRequest.text(message.path("content")));
            }
        } else {
            Matcher asked = GeminiRequest.PATH.matcher(path.replaceFirst("\\?.*", ""));
            model = asked.matches() ? asked.group(1) : "gemini";
            JsonNode config = body.path("generationConfig");
            if (config.path("responseMimeType").asText().equals("application/json")) {
                schema =
                        config.has("responseJsonSchema")
                                ? config.path("responseJsonSchema")
                                : config.path("responseSchema");
            }
            for (JsonNode group : body.path("tools")) {
                for (JsonNode tool : group.path("functionDeclarations")) {
                    reading.tools.put(
                            name(tool),
                            tool.has("parametersJsonSchema")
                                    ? tool.path("parametersJsonSchema")
                                    : tool.path("parameters"));
                }
            }
            for (JsonNode content : body.path("contents")) {
                if (content.path("role").asText().equals("model")) {
                    reading.model();
                }
                for (JsonNode part : content.path("parts")) {
                    reading.called(part.path("functionCall").path("id").asText(""));
                    JsonNode result = part.path("functionResponse");
                    JsonNode response = result.path("response");
                    reading.result(
                            result.path("id").asText(""),
                            response.path("error").isTextual()
                                    ? response.path("error").asText()
                                    : response.path("output").asText(""));
                }
            }
        }
        return new ScriptedTalk(
                model,
                reading.tools,
                reading.answered,
                reading.step,
                List.copyOf(reading.results.values()),
                schema);
    }

    private static String name(JsonNode tool) {
        return tool.path("name").asText();
    }

    private static final class Reading {
        private final Map<String, JsonNode> tools = new LinkedHashMap<>();
        private final Map<String, String> results = new LinkedHashMap<>();
        private boolean answered;
        private @Nullable String step;

        /// The model speaks again: what became of its earlier calls no longer counts.
        void model() {
            answered = true;
            step = null;
            results.clear();
        }

        void called(String id) {
            Matcher ours = OUR_ID.matcher(id);
            if (ours.find()) {
                step = ours.group(1);
                results.put(ours.group(), "");
            }
        }

        void result(String id, String text) {
            Matcher ours = OUR_ID.matcher(id);
            if (ours.find() && results.containsKey(ours.group())) {
                results.put(ours.group(), text);
            }
        }
    }

    /// The scenario speaks of `bash`, `read`, `list`, `write` and `edit`, as the bundled agent
    /// calls them. Other agents have other names and fields for the same.
    ///
    /// @return null if this agent has no way to do it
    @Nullable Call call(Scenario.Call wanted) {
        String named = sameName(wanted.tool());
        if (named != null && fits(schemaOf(named), wanted.input())) {
            return new Call(named, wanted.input().deepCopy());
        }
        Call own = byMeaning(wanted);
        if (own != null) {
            return own;
        }
        String command = asCommand(wanted);
        return command == null ? null : shell(command);
    }

    /// A call in the agent's own terms.
    record Call(String tool, ObjectNode input) {}

    private JsonNode schemaOf(String tool) {
        JsonNode found = tools.get(tool);
        return found == null ? JsonNodeFactory.instance.objectNode() : found;
    }

    private @Nullable String sameName(String tool) {
        return tools.keySet().stream().filter(tool::equalsIgnoreCase).findFirst().orElse(null);
    }

    private static boolean fits(@Nullable JsonNode schema, ObjectNode input) {
        if (schema == null || schema.path("properties").isEmpty()) {
            return true;
        }
        JsonNode properties = schema.path("properties");
        for (Map.Entry<String, JsonNode> field : input.properties()) {
            if (!properties.has(field.getKey())) {
                return false;
            }
        }
        return schema.path("required").valueStream().allMatch(need -> input.has(need.asText()));
    }

    private @Nullable Call byMeaning(Scenario.Call wanted) {
        ObjectNode input = wanted.input();
        return switch (wanted.tool()) {
            case "bash" -> shell(input.path("command").asText());
            case "read" ->
                    named(
                            List.of("read_file", "read", "view"),
                            Map.of("path", input.path("path").asText()));
            case "list" ->
                    named(
                            List.of("list_directory", "list", "ls"),
                            Map.of("path", input.path("path").asText()));
            case "write" ->
                    named(
                            List.of("write_file", "write", "create"),
                            Map.of(
                                    "path",
                                    input.path("path").asText(),
                                    "content",
                                    input.path("content").asText()));
            case "edit" ->
                    named(
                            List.of("replace", "edit"),
                            Map.of(
                                    "path",
                                    input.path("path").asText(),
                                    "old",
                                    input.path("old").asText(),
                                    "new",
                                    input.path("new").asText()));
            default -> null;
        };
    }

    private static final Map<String, List<String>> SPELLINGS =
            Map.of(
                    "path", List.of("file_path", "filePath", "absolute_path", "dir_path", "path"),
                    "content", List.of("content", "file_text", "contents"),
                    "old", List.of("old_string", "oldString", "old_str", "old"),
                    "new", List.of("new_string", "newString", "new_str", "new"));

    private @Nullable Call named(List<String> names, Map<String, String> values) {
        for (String name : names) {
            String tool = sameName(name);
            if (tool == null) {
                continue;
            }
            ObjectNode input = StrictJson.newObject();
            JsonNode properties = schemaOf(tool).path("properties");
            for (Map.Entry<String, String> value : values.entrySet()) {
                SPELLINGS.getOrDefault(value.getKey(), List.of()).stream()
                        .filter(properties::has)
                        .findFirst()
                        .ifPresent(field -> input.put(field, value.getValue()));
            }
            fill(input, schemaOf(tool));
            if (input.size() >= values.size() && fits(schemaOf(tool), input)) {
                return new Call(tool, input);
            }
        }
        return null;
    }

    /// Agents want a few words beside; they get neutral ones.
    private static void fill(ObjectNode input, JsonNode schema) {
        for (JsonNode needed : schema.path("required")) {
            String field = needed.asText();
            if (!input.has(field)
                    && List.of("description", "instruction", "explanation", "is_background")
                            .contains(field)) {
                if (field.equals("is_background")) {
                    input.put(field, false);
                } else {
                    input.put(field, "A step of the scenario");
                }
            }
        }
    }

    private @Nullable Call shell(String command) {
        for (String name :
                List.of("bash", "run_shell_command", "exec_command", "shell_command", "shell")) {
            String tool = sameName(name);
            if (tool == null) {
                continue;
            }
            JsonNode properties = schemaOf(tool).path("properties");
            ObjectNode input = StrictJson.newObject();
            if (properties.path("command").path("type").asText().equals("array")) {
                input.putArray("command").add("bash").add("-lc").add(command);
            } else {
                input.put(properties.has("cmd") ? "cmd" : "command", command);
            }
            fill(input, schemaOf(tool));
            return new Call(tool, input);
        }
        return null;
    }

    /// For an agent that reads and edits by commands only.
    private static @Nullable String asCommand(Scenario.Call wanted) {
        ObjectNode input = wanted.input();
        String path = quoted(input.path("path").asText());
        return switch (wanted.tool()) {
            case "read" -> "cat " + path;
            case "list" -> "ls -la " + path;
            case "write" -> "printf %s " + quoted(input.path("content").asText()) + " > " + path;
            case "edit" ->
                    "python3 -c "
                            + quoted(
                                    "import sys; p, o, n = sys.argv[1:]; t = open(p).read();"
                                            + " open(p, 'w').write(t.replace(o, n, 1))")
                            + " "
                            + path
                            + " "
                            + quoted(input.path("old").asText())
                            + " "
                            + quoted(input.path("new").asText());
            default -> null;
        };
    }

    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /// A value that a schema accepts, for agents that ask for one before they begin.
    static JsonNode sample(JsonNode schema) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (schema.path("enum").isArray() && !schema.path("enum").isEmpty()) {
            return schema.path("enum").path(0);
        }
        return switch (schema.path("type").asText().toLowerCase(java.util.Locale.ROOT)) {
            case "object" -> {
                ObjectNode object = StrictJson.newObject();
                schema.path("properties")
                        .properties()
                        .forEach(e -> object.set(e.getKey(), sample(e.getValue())));
                yield object;
            }
            case "array" -> make.arrayNode();
            case "integer", "number" -> make.numberNode(1);
            case "boolean" -> make.booleanNode(false);
            default -> make.textNode("scripted");
        };
    }

    static List<String> pieces(String all, int size) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < all.length(); ) {
            int to = Math.min(all.length(), at + size);
            if (to < all.length() && Character.isHighSurrogate(all.charAt(to - 1))) {
                to++;
            }
            pieces.add(all.substring(at, to));
            at = to;
        }
        return pieces;
    }
}
