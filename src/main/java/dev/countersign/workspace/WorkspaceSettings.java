package dev.countersign.workspace;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one session's workspace is made of.
///
/// @param root the developer's directory on the host
/// @param state where base, staging and undo are kept: `sessions/ID/workspace`; made if missing
/// @param limits what the guest may make the host keep
/// @param excludes further patterns that stay out of the guest, in the syntax of `.gitignore`
/// @param includes patterns of what enters the guest although `.gitignore` names it; `*` is all.
///   What is excluded or secret stays out nevertheless
/// @param secrets asked about each file's content, beside the built-in check
/// @param guestRoot the workspace in the guest
/// @param guestUser who owns it there; null: whoever the helper runs as
/// @param helper how the guest's side is started over the link
/// @param hostForm how files of the guest are written on the host
public record WorkspaceSettings(
        Path root,
        Path state,
        Limits limits,
        List<String> excludes,
        List<String> includes,
        SecretFilter secrets,
        String guestRoot,
        @Nullable String guestUser,
        List<String> helper,
        HostForm hostForm) {
    /// Where the guest kit puts the guest's side, root-owned.
    public static final String HELPER = "/opt/countersign/helper.py";

    /// The usual guest: `/workspace` of user `agent`, standard limits, no further excludes, the
    /// built-in secret check alone.
    public static WorkspaceSettings standard(Path root, Path state) {
        return new WorkspaceSettings(
                root,
                state,
                Limits.standard(),
                List.of(),
                List.of(),
                (_, _) -> java.util.Optional.empty(),
                "/workspace",
                "agent",
                List.of("python3", "-S", "-E", "-I", HELPER),
                HostForm.SAME);
    }

    /// The same with another content check.
    public WorkspaceSettings withSecrets(SecretFilter filter) {
        return new WorkspaceSettings(
                root, state, limits, excludes, includes, filter, guestRoot, guestUser, helper,
                hostForm);
    }

    /// The same with further patterns that stay out.
    public WorkspaceSettings withExcludes(List<String> patterns) {
        return new WorkspaceSettings(
                root, state, limits, patterns, includes, secrets, guestRoot, guestUser, helper,
                hostForm);
    }

    /// The same with patterns of what enters although `.gitignore` names it.
    public WorkspaceSettings withIncludes(List<String> patterns) {
        return new WorkspaceSettings(
                root, state, limits, excludes, patterns, secrets, guestRoot, guestUser, helper,
                hostForm);
    }

    /// The same with other limits.
    public WorkspaceSettings withLimits(Limits other) {
        return new WorkspaceSettings(
                root, state, other, excludes, includes, secrets, guestRoot, guestUser, helper,
                hostForm);
    }

    /// The same with the guest's side elsewhere.
    public WorkspaceSettings withGuest(
            String root, @Nullable String user, List<String> helperCommand) {
        return new WorkspaceSettings(
                this.root,
                state,
                limits,
                excludes,
                includes,
                secrets,
                root,
                user,
                helperCommand,
                hostForm);
    }

    /// The same with another form on the host.
    public WorkspaceSettings withHostForm(HostForm form) {
        return new WorkspaceSettings(
                root, state, limits, excludes, includes, secrets, guestRoot, guestUser, helper,
                form);
    }

    /// Keeps the lists from changing.
    public WorkspaceSettings {
        excludes = List.copyOf(excludes);
        includes = List.copyOf(includes);
        helper = List.copyOf(helper);
    }
}
