package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import java.nio.file.Path;

/// Where reviewed hunks go.
public sealed interface Target {
    /// Into the developer's files. The only one that [Workspace#undo()] takes back.
    record Tree() implements Target {}

    /// As one commit on HEAD on a new branch; files and index of the repository stay as they are.
    ///
    /// @param message the commit's
    record Branch(String name, String message) implements Target {}

    /// As a branch that goes on to a pull request.
    ///
    /// @param branch what is made first, and stays
    record PullRequest(Branch branch, PullRequests by) implements Target {}

    /// As a patch that `git apply` takes, into a new file.
    ///
    /// @param message what a commit of it would say; only a series of mails has it
    record Patch(Path file, String message) implements Target {
        /// A patch without a message.
        public Patch(Path file) {
            this(file, "");
        }
    }

    /// Into the developer's files.
    static Target tree() {
        return new Tree();
    }

    /// Reads `tree`, `branch:NAME`, `pr:NAME` or `patch:FILE`; FILE must be absolute.
    ///
    /// @throws CountersignException USAGE for anything else
    static Target parse(String text, String message, PullRequests by) throws CountersignException {
        if (text.startsWith("pr:") && text.length() > "pr:".length()) {
            return new PullRequest(new Branch(text.substring("pr:".length()), message), by);
        }
        if (text.equals("tree")) {
            return tree();
        }
        if (text.startsWith("branch:") && text.length() > "branch:".length()) {
            return new Branch(text.substring("branch:".length()), message);
        }
        if (text.startsWith("patch:") && text.length() > "patch:".length()) {
            Path file = Path.of(text.substring("patch:".length()));
            if (!file.isAbsolute()) {
                throw new CountersignException(
                        CountersignException.Kind.USAGE,
                        "The patch file "
                                + file
                                + " is not an absolute path. Give the whole path.");
            }
            return new Patch(file, message);
        }
        throw new CountersignException(
                CountersignException.Kind.USAGE,
                "Cannot apply to "
                        + text
                        + ": it is not tree, branch:NAME, pr:NAME or patch:FILE. Use one of these.");
    }

    /// As the journal writes it.
    default String word() {
        return switch (this) {
            case Tree _ -> "tree";
            case Branch branch -> "branch:" + branch.name();
            case PullRequest request -> "pr:" + request.branch.name();
            case Patch patch -> "patch:" + patch.file();
        };
    }
}
