package dev.countersign.gate.risk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;

/// `classify --json`: one answer per line, in the order of the lines.
public final class Classifier {
    /// Two fields of one name, or more behind the object, are two questions: which one counts would
    /// depend on who reads.
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private final RiskRater risk;
    private final WorkspaceView workspace = WorkspaceView.standard();

    /// @param risk kept open by the caller
    public Classifier(RiskRater risk) {
        this.risk = risk;
    }

    /// `{"id","tool":"shell","command","cwd"}` or `{"id","tool":"read|write|delete|...","path"}` to
    /// `{"id","level","effects","reasons"}`. A line that is neither is `high` and has an `error`.
    public String classifyLine(String line) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            JsonNode question = JSON.readTree(line);
            if (question == null || !question.isObject()) {
                return fault(answer, "the line is not a JSON object");
            }
            if (question.has("id")) {
                answer.set("id", question.get("id"));
            }
            return rated(answer, question);
        } catch (JsonProcessingException _) {
            return fault(answer, "the line is not JSON");
        }
    }

    private String rated(ObjectNode answer, JsonNode question) {
        String tool = question.path("tool").asText("");
        String cwd = question.path("cwd").asText(workspace.root());
        Rating rating;
        if (tool.equals("shell") && question.path("command").isTextual()) {
            rating = risk.rateShell(question.path("command").textValue(), cwd, workspace);
        } else if (question.path("path").isTextual() && kind(tool) != ToolKind.UNKNOWN) {
            rating = risk.ratePath(kind(tool), question.path("path").textValue(), cwd, workspace);
        } else if (tool.equals(ToolKind.NETWORK.word())) {
            rating = network(question, cwd);
        } else if (tool.isEmpty()) {
            return fault(answer, "the line has no tool");
        } else if (tool.equals("shell") && !question.path("command").isArray()) {
            return fault(answer, "a shell call needs a command");
        } else if (kind(tool) != ToolKind.UNKNOWN) {
            return fault(answer, "a " + tool + " call needs a path");
        } else {
            rating =
                    risk.rate(
                            new ToolCall(
                                    GuestText.of("classify"),
                                    GuestText.of(tool),
                                    GuestText.of(question.toString()),
                                    GuestText.of(cwd)),
                            workspace);
        }
        answer.put("level", rating.level().word());
        rating.effects().forEach(answer.putArray("effects")::add);
        rating.reasons().forEach(answer.putArray("reasons")::add);
        return answer.toString();
    }

    /// `{"tool":"network","url"}` or `{"tool":"network","host","port"}`, with `method` and `body`.
    private Rating network(JsonNode question, String cwd) {
        ObjectNode arguments = JSON.createObjectNode();
        if (question instanceof ObjectNode given) {
            arguments.setAll(given);
        }
        if (!arguments.has("url") && question.path("host").isTextual()) {
            arguments.put(
                    "url",
                    "https://"
                            + question.path("host").textValue()
                            + ":"
                            + question.path("port").asInt(443)
                            + "/");
        }
        return risk.rate(
                new ToolCall(
                        GuestText.of("classify"),
                        GuestText.of("webfetch"),
                        GuestText.of(arguments.toString()),
                        GuestText.of(cwd)),
                workspace);
    }

    private static ToolKind kind(String tool) {
        for (ToolKind kind : ToolKind.values()) {
            if (kind.word().equals(tool)
                    && kind != ToolKind.SHELL
                    && kind != ToolKind.NETWORK
                    && kind != ToolKind.NOTE) {
                return kind;
            }
        }
        return tool.equals("list") ? ToolKind.READ : ToolKind.UNKNOWN;
    }

    private static String fault(ObjectNode answer, String why) {
        answer.put("level", Level.HIGH.word());
        answer.putArray("reasons").add(why);
        answer.put("error", why);
        return answer.toString();
    }
}
