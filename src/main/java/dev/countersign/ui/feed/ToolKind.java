package dev.countersign.ui.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a call looks like in a row: an icon and the argument that matters. The name is the guest's
/// claim; nothing is decided by it.
enum ToolKind {
    SHELL,
    READ,
    WRITE,
    OTHER;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Set<String> SHELLS =
            Set.of("bash", "shell", "sh", "exec", "run", "local_shell");
    private static final Set<String> READS =
            Set.of("read", "list", "ls", "glob", "grep", "search", "view", "cat", "find");
    private static final Set<String> WRITES =
            Set.of("write", "edit", "multiedit", "create", "delete", "apply_patch", "str_replace");
    private static final int LARGEST = 256 * 1024;

    static ToolKind of(GuestText tool) {
        String name = tool.raw().toLowerCase(Locale.ROOT);
        if (SHELLS.contains(name)) {
            return SHELL;
        }
        if (READS.contains(name)) {
            return READ;
        }
        return WRITES.contains(name) ? WRITE : OTHER;
    }

    /// The argument that matters: the command, the path, the pattern; else tool and arguments.
    GuestText titleOf(ToolCall call) {
        return switch (this) {
            case SHELL -> argument(call, List.of("command", "cmd"));
            case READ -> argument(call, List.of("path", "file_path", "pattern", "query"));
            case WRITE -> argument(call, List.of("path", "file_path"));
            case OTHER -> whole(call);
        };
    }

    private static GuestText argument(ToolCall call, List<String> names) {
        if (call.argumentsJson().raw().length() > LARGEST) {
            return whole(call);
        }
        try {
            JsonNode node = MAPPER.readTree(call.argumentsJson().raw());
            for (String name : names) {
                JsonNode value = node.path(name);
                if (value.isTextual()) {
                    return GuestText.of(value.textValue());
                }
            }
        } catch (JsonProcessingException _) {
            // Not JSON: then it is shown as it came.
            return whole(call);
        }
        return whole(call);
    }

    private static GuestText whole(ToolCall call) {
        return GuestText.of(call.tool().raw() + " " + call.argumentsJson().raw());
    }
}
