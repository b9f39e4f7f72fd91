package dev.countersign.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A credential of the host, never its value.
///
/// @param as how it is put into a request: `bearer`, `token`, `basic:USER` or `header:NAME`
/// @param command whose output is the value; empty: it is in the key store
/// @param env the variable of the guest that holds the placeholder
/// @param urlEnv the variable of the guest that holds the address
/// @param guestUrl where the guest reaches the server
/// @param repository whose sessions may use it; null: all
public record CredentialView(
        String name,
        String url,
        List<String> paths,
        List<String> methods,
        String as,
        List<String> command,
        @Nullable String env,
        @Nullable String urlEnv,
        String guestUrl,
        @Nullable String repository) {}
