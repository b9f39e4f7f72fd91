package dev.countersign.ui.feed;

import dev.countersign.domain.Answer;

/// What of the feed is shown.
enum Filter {
    ALL,
    ASKED,
    DENIED,
    FLAGGED,
    SHELL,
    FILES;

    boolean covers(Block block) {
        return switch (block) {
            case Block.Call call ->
                    switch (this) {
                        case ALL -> true;
                        case ASKED -> call.requestId != null;
                        case DENIED ->
                                call.decided != null && call.decided.answer() == Answer.DENIED;
                        case FLAGGED -> call.flagged();
                        case SHELL -> call.kind == ToolKind.SHELL;
                        case FILES -> call.kind == ToolKind.READ || call.kind == ToolKind.WRITE;
                    };
            case Block.Note _, Block.Said _ -> this == ALL;
        };
    }
}
