package dev.countersign.gateway;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// A real provider over HTTPS. The key is taken from its supplier for each request, so that it
/// lives on the host alone and can change ([P6]).
public final class HttpUpstream implements Upstream, AutoCloseable {
    private static final List<String> KEPT = List.of("retry-after", "request-id");

    private static final Pattern VERSIONED = Pattern.compile("/v\\d+([a-z]+\\d*)?$");

    private final Dialect dialect;
    private final URI base;
    private final Supplier<Optional<String>> key;
    private final Duration timeout;
    private final HttpClient client;

    /// What a provider speaks, and how it takes its key.
    public enum Dialect {
        /// Messages; the key as `x-api-key`.
        ANTHROPIC,
        /// Responses and Chat Completions; the key as bearer.
        OPENAI,
        /// Gemini; the key as `x-goog-api-key`.
        GEMINI;

        /// @throws CountersignException USAGE if there is no such dialect
        public static Dialect named(String name) throws CountersignException {
            return switch (name) {
                case "anthropic" -> ANTHROPIC;
                case "openai" -> OPENAI;
                case "gemini" -> GEMINI;
                default ->
                        throw new CountersignException(
                                Kind.USAGE,
                                "There is no kind of provider "
                                        + dev.countersign.domain.GuestText.of(name).visible()
                                        + ". Kinds: anthropic, openai, gemini; local and compatible"
                                        + " servers are of one of these.");
            };
        }

        /// Whether it takes a format: `messages`, `responses`, `chat` or `gemini`.
        public boolean speaks(String wire) {
            return switch (this) {
                case ANTHROPIC -> wire.equals("messages");
                case OPENAI -> wire.equals("responses") || wire.equals("chat");
                case GEMINI -> wire.equals("gemini");
            };
        }

        boolean serves(String path) {
            String plain = path.replaceFirst("\\?.*", "");
            return switch (this) {
                case ANTHROPIC ->
                        plain.equals(MessagesFormat.PATH) || plain.equals(MessagesFormat.COUNT);
                case OPENAI -> plain.equals(ResponsesFormat.PATH) || plain.equals(ChatFormat.PATH);
                case GEMINI -> GeminiRequest.PATH.matcher(plain).matches();
            };
        }

        private String header() {
            return switch (this) {
                case ANTHROPIC -> "x-api-key";
                case OPENAI -> "authorization";
                case GEMINI -> "x-goog-api-key";
            };
        }

        private String value(String key) {
            return this == OPENAI ? "Bearer " + key : key;
        }
    }

    /// @param base such as `https://api.anthropic.com`; plain `http` is taken for loopback only
    /// @param key the provider's key; empty sends none, for local models
    /// @param timeout until the provider's headers are there
    /// @throws CountersignException if the address is not one
    public HttpUpstream(Dialect dialect, URI base, Supplier<Optional<String>> key, Duration timeout)
            throws CountersignException {
        this.dialect = dialect;
        this.base = checked(base);
        this.key = key;
        this.timeout = timeout;
        this.client =
                HttpClient.newBuilder()
                        .connectTimeout(Duration.ofSeconds(20))
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .version(
                                "https".equals(base.getScheme())
                                        ? HttpClient.Version.HTTP_2
                                        : HttpClient.Version.HTTP_1_1)
                        .build();
    }

    private static URI checked(URI base) throws CountersignException {
        String scheme = base.getScheme();
        String host = base.getHost();
        boolean loopback = host != null && Set.of("127.0.0.1", "localhost", "[::1]").contains(host);
        if (host == null
                || base.getUserInfo() != null
                || base.getQuery() != null
                || base.getFragment() != null
                || !("https".equals(scheme) || ("http".equals(scheme) && loopback))) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The provider's address is not usable: "
                            + dev.countersign.domain.GuestText.of(base.toString()).visible()
                            + ". It must be https://HOST, or http:// on loopback, without user,"
                            + " query or fragment.");
        }
        return base;
    }

    @Override
    public Reply send(Request request) throws IOException, InterruptedException {
        if (!dialect.serves(request.path())) {
            throw new IOException("the path is not one that a provider is asked for");
        }
        HttpRequest.Builder ask =
                HttpRequest.newBuilder(base.resolve(joined(request.path())))
                        .timeout(timeout)
                        .header("content-type", "application/json")
                        .header("accept-encoding", "identity")
                        .header("user-agent", "countersign")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
        request.headers().forEach(ask::header);
        key.get().ifPresent(value -> ask.header(dialect.header(), dialect.value(value)));
        HttpResponse<InputStream> reply =
                client.send(ask.build(), HttpResponse.BodyHandlers.ofInputStream());
        Map<String, String> kept = new HashMap<>();
        for (String name : KEPT) {
            reply.headers().firstValue(name).ifPresent(value -> kept.put(name, value));
        }
        return new Reply(
                reply.statusCode(),
                reply.headers().firstValue("content-type").orElse(""),
                kept,
                reply.body());
    }

    @Override
    public boolean serves(String path) {
        return dialect.serves(path);
    }

    /// A base address may end with the version already, as those of compatible servers do.
    private String joined(String path) {
        String prefix = base.getPath() == null ? "" : base.getPath();
        prefix = prefix.replaceFirst("/+$", "");
        int version = path.indexOf('/', 1);
        return VERSIONED.matcher(prefix).find() ? prefix + path.substring(version) : prefix + path;
    }

    /// Ends the connections.
    @Override
    public void close() {
        client.shutdownNow();
    }
}
