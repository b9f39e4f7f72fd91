package dev.countersign.workspace;

import dev.countersign.domain.GuestText;

/// A path that was not copied in or is not collected, and why.
///
/// @param path a file, or a directory with a trailing slash that stands for all below it
/// @param count files that it stands for; 0 where nobody counted
public record LeftOut(GuestText path, Reason reason, String detail, int count) {
    /// Why.
    public enum Reason {
        /// Its name is one of those that hold keys or credentials.
        SECRET_NAME,
        /// Its content holds a key or a credential, or is that of a file which was kept out.
        SECRET_CONTENT,
        /// `.gitignore` names it.
        IGNORED,
        /// The settings exclude it.
        EXCLUDED,
        /// `.git` of this or a nested repository.
        GIT,
        /// Larger than the limit.
        TOO_LARGE,
        /// A device, socket or pipe.
        SPECIAL,
        /// A symbolic link that leaves the workspace.
        LINK_OUTSIDE,
        /// It could not be read.
        UNREADABLE,
        /// Its name is not UTF-8 or is too long.
        BAD_NAME
    }

    /// As the journal writes it: path, colon, reason.
    public GuestText line() {
        return GuestText.of(path.raw() + ": " + detail);
    }
}
