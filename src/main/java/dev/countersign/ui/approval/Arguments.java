package dev.countersign.ui.approval;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.api.ApprovalView;
import dev.countersign.domain.GuestText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A call's arguments, one by one, for reading. Whatever is not one plain JSON object with each
/// name once is shown as it came: two readers of such text could see two things.
record Arguments(List<Argument> all) {
    private static final Set<String> CONTENT =
            Set.of(
                    "content",
                    "file_text",
                    "new_string",
                    "old_string",
                    "new_str",
                    "old_str",
                    "text");
    private static final ObjectMapper MAPPER =
            new ObjectMapper()
                    .configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int LARGEST = 4 * 1024 * 1024;

    /// One argument.
    ///
    /// @param name empty: the whole text, as it came
    /// @param content whether it is a file's content, which may be shown folded
    record Argument(GuestText name, GuestText value, boolean content) {}

    /// Whether the words of the call show its text already, character by character: one command, no
    /// quoting.
    static boolean saidByWords(ApprovalView.Call call, GuestText command) {
        return call.argv().size() == 1
                && command.raw().length() <= 400
                && command.raw()
                        .equals(
                                String.join(
                                        " ",
                                        call.argv().getFirst().stream()
                                                .map(GuestText::raw)
                                                .toList()))
                && command.raw().chars().allMatch(c -> c > ' ' || c == ' ');
    }

    static Arguments of(GuestText json) {
        if (json.raw().length() <= LARGEST) {
            try {
                JsonNode node = MAPPER.readTree(json.raw());
                if (node.isObject()) {
                    List<Argument> all = new ArrayList<>();
                    for (Map.Entry<String, JsonNode> field : node.properties()) {
                        JsonNode value = field.getValue();
                        all.add(
                                new Argument(
                                        GuestText.of(field.getKey()),
                                        GuestText.of(
                                                value.isTextual()
                                                        ? value.textValue()
                                                        : value.toString()),
                                        value.isTextual() && CONTENT.contains(field.getKey())));
                    }
                    return new Arguments(all);
                }
            } catch (JsonProcessingException _) {
                // Shown as it came, below.
                return whole(json);
            }
        }
        return whole(json);
    }

    private static Arguments whole(GuestText json) {
        return new Arguments(List.of(new Argument(GuestText.of(""), json, false)));
    }
}
