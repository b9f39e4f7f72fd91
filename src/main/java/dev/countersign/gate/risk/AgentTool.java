package dev.countersign.gate.risk;

import java.util.Map;

/// What the agents call their tools. Names are exact: another spelling is another tool.
enum AgentTool {
    SHELL,
    READ,
    LIST,
    SEARCH,
    WRITE,
    EDIT,
    DELETE,
    PATCH,
    FETCH,
    NOTE,
    DELEGATE,
    UNKNOWN;

    private static final Map<String, AgentTool> NAMES =
            Map.ofEntries(
                    // mini, OpenCode, Qwen Code
                    Map.entry("bash", SHELL),
                    Map.entry("read", READ),
                    Map.entry("write", WRITE),
                    Map.entry("edit", EDIT),
                    Map.entry("list", LIST),
                    Map.entry("delete", DELETE),
                    Map.entry("glob", SEARCH),
                    Map.entry("grep", SEARCH),
                    Map.entry("multiedit", EDIT),
                    Map.entry("patch", PATCH),
                    Map.entry("webfetch", FETCH),
                    Map.entry("task", DELEGATE),
                    Map.entry("todowrite", NOTE),
                    Map.entry("todoread", NOTE),
                    // Countersign's own in the guest
                    Map.entry("sudo", SHELL),
                    // Claude Code
                    Map.entry("Bash", SHELL),
                    Map.entry("Read", READ),
                    Map.entry("Write", WRITE),
                    Map.entry("Edit", EDIT),
                    Map.entry("MultiEdit", EDIT),
                    Map.entry("NotebookEdit", EDIT),
                    Map.entry("NotebookRead", READ),
                    Map.entry("Glob", SEARCH),
                    Map.entry("Grep", SEARCH),
                    Map.entry("LS", LIST),
                    Map.entry("WebFetch", FETCH),
                    Map.entry("WebSearch", FETCH),
                    Map.entry("Task", DELEGATE),
                    Map.entry("Agent", DELEGATE),
                    Map.entry("TodoWrite", NOTE),
                    Map.entry("TodoRead", NOTE),
                    Map.entry("ExitPlanMode", NOTE),
                    Map.entry("EnterPlanMode", NOTE),
                    // Codex
                    Map.entry("shell", SHELL),
                    Map.entry("shell_command", SHELL),
                    Map.entry("local_shell", SHELL),
                    Map.entry("exec_command", SHELL),
                    Map.entry("container.exec", SHELL),
                    Map.entry("apply_patch", PATCH),
                    Map.entry("update_plan", NOTE),
                    // Gemini CLI, Qwen Code
                    Map.entry("run_shell_command", SHELL),
                    Map.entry("read_file", READ),
                    Map.entry("read_many_files", READ),
                    Map.entry("list_directory", LIST),
                    Map.entry("write_file", WRITE),
                    Map.entry("replace", EDIT),
                    Map.entry("search_file_content", SEARCH),
                    Map.entry("grep_search", SEARCH),
                    Map.entry("web_fetch", FETCH),
                    Map.entry("google_web_search", FETCH),
                    Map.entry("write_todos", NOTE),
                    Map.entry("todo_write", NOTE));

    static AgentTool named(String name) {
        return NAMES.getOrDefault(name, UNKNOWN);
    }
}
