package dev.countersign.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A credential to keep. Fields as in [CredentialView].
///
/// @param value null where a command gives it
public record CredentialRequest(
        String name,
        String url,
        List<String> paths,
        List<String> methods,
        String as,
        List<String> command,
        @Nullable String value,
        @Nullable String env,
        @Nullable String urlEnv,
        @Nullable String repository) {
    /// Without the value.
    @Override
    public String toString() {
        return "CredentialRequest[" + name + " " + url + "]";
    }
}
