package dev.countersign.egress;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A credential of the host, never its value: for which server, paths and methods it is put into a
/// guest's request, how, and where its value comes from.
///
/// ```java
/// new Credential("code", URI.create("https://api.example.org"), List.of("/repos/**"),
///         List.of("GET"), "bearer", List.of("gh", "auth", "token"), "CODE_TOKEN", null, null)
/// ```
///
/// @param name stable word, in the path at which the guest reaches the server
/// @param url the server, `https://HOST[:PORT]`
/// @param paths `/a/b` is that path alone, `*` stands for one segment, a last `**` for any rest
/// @param methods such as `GET`
/// @param as `bearer`, `token`, `basic:USER` or `header:NAME`
/// @param command whose output is the value, taken at each use; empty: it is in the key store
/// @param env the variable by which the guest's programs find the placeholder; null: none
/// @param urlEnv the variable by which they find the address; null: none
/// @param repository the directory whose sessions may use it; null: all
public record Credential(
        String name,
        URI url,
        List<String> paths,
        List<String> methods,
        String as,
        List<String> command,
        @Nullable String env,
        @Nullable String urlEnv,
        @Nullable String repository) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,30}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final Pattern PATH =
            Pattern.compile("(?:/(?:[A-Za-z0-9._~@:+,=-]+|\\*))*(?:/\\*\\*|/)?");
    private static final Pattern HEADER = Pattern.compile("header:[A-Za-z][A-Za-z0-9-]{0,60}");
    private static final Pattern BASIC = Pattern.compile("basic:[A-Za-z0-9._@+-]{0,100}");
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

    /// Keeps copies.
    public Credential {
        paths = List.copyOf(paths);
        methods = List.copyOf(methods);
        command = List.copyOf(command);
    }

    /// Refuses what can't be meant.
    ///
    /// @throws CountersignException USAGE with what is wrong
    void check() throws CountersignException {
        demand(NAME.matcher(name).matches(), "its name must be a-z, 0-9 and -, at most 31");
        String path = url.getRawPath();
        demand(
                "https".equals(url.getScheme())
                        && url.getHost() != null
                        && CanonicalHost.read(url.getHost()).host() != null
                        && url.getUserInfo() == null
                        && url.getRawQuery() == null
                        && url.getRawFragment() == null
                        && (path == null || path.isEmpty() || path.equals("/")),
                "its address must be https://HOST or https://HOST:PORT, without a path");
        demand(!paths.isEmpty(), "no path is named");
        for (String one : paths) {
            demand(
                    one.startsWith("/") && PATH.matcher(one).matches(),
                    "the path %s is not one such as /user, /repos/*/issues or /repos/**"
                            .formatted(GuestText.of(one).visible()));
        }
        demand(
                !methods.isEmpty() && METHODS.containsAll(methods),
                "its methods must be of " + String.join(", ", METHODS));
        demand(
                as.equals("bearer")
                        || as.equals("token")
                        || BASIC.matcher(as).matches()
                        || HEADER.matcher(as).matches(),
                "it is put in as bearer, token, basic:USER or header:NAME");
        demand(
                command.stream().noneMatch(word -> word.indexOf('\0') >= 0)
                        && (command.isEmpty() || !command.getFirst().isBlank()),
                "its command is none");
        for (String variable : new String[] {env, urlEnv}) {
            demand(
                    variable == null || VARIABLE.matcher(variable).matches(),
                    "a variable's name has letters, digits and _");
        }
    }

    private static void demand(boolean holds, String otherwise) throws CountersignException {
        if (!holds) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The credential is refused: %s. Nothing was kept.".formatted(otherwise));
        }
    }

    @JsonIgnore
    String host() {
        CanonicalHost canonical = CanonicalHost.read(url.getHost()).host();
        return canonical == null ? "" : canonical.name();
    }

    @JsonIgnore
    int port() {
        return url.getPort() < 0 ? 443 : url.getPort();
    }

    /// Whether sessions of that repository may use it.
    boolean isFor(String directory) {
        return repository == null || repository.equals(directory);
    }

    /// Whether it is meant for this request.
    ///
    /// @param path without its query, plain
    boolean covers(String method, String path) {
        return methods.contains(method) && paths.stream().anyMatch(glob -> fits(glob, path));
    }

    private static boolean fits(String glob, String path) {
        String[] wanted = glob.split("/", -1);
        String[] given = path.split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("**")) {
                return given.length > i;
            }
            if (i >= given.length
                    || !(wanted[i].equals("*")
                            ? !given[i].isEmpty()
                            : wanted[i].equals(given[i]))) {
                return false;
            }
        }
        return wanted.length == given.length;
    }

    /// The header that carries it.
    @JsonIgnore
    String header() {
        return as.startsWith("header:")
                ? as.substring("header:".length()).toLowerCase(Locale.ROOT)
                : "authorization";
    }

    /// The header's value with this secret in it.
    String carrying(String secret) {
        if (as.startsWith("header:")) {
            return secret;
        }
        if (as.startsWith("basic:")) {
            String pair = as.substring("basic:".length()) + ":" + secret;
            return "Basic "
                    + Base64.getEncoder()
                            .encodeToString(pair.getBytes(StandardCharsets.ISO_8859_1));
        }
        return (as.equals("token") ? "token " : "Bearer ") + secret;
    }
}
