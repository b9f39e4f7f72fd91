package dev.countersign.egress;

import dev.countersign.domain.CountersignException;
import dev.countersign.egress.RequestHead.Field;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;

/// Asks servers with a credential that the guest does not have: over TLS that is verified with what
/// the host trusts, at the server that the credential names, following nothing. What the server
/// says of the value is taken out of its answer.
final class ApiServer implements AutoCloseable {
    private static final Duration DIAL = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofMinutes(2);

    /// Of an answer's head, the rest is for the host alone.
    private static final Set<String> KEPT_BACK =
            Set.of(
                    "alt-svc",
                    "connection",
                    "content-length",
                    "keep-alive",
                    "proxy-authenticate",
                    "set-cookie",
                    "set-cookie2",
                    "strict-transport-security",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    private final HttpClient client;

    ApiServer(SSLContext tls) {
        this.client =
                HttpClient.newBuilder()
                        .sslContext(tls)
                        .connectTimeout(DIAL)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
    }

    /// An answer whose value is already taken out of its head.
    record Answer(int status, List<Field> fields, InputStream body, Redactor values) {}

    /// Sends it. The future ends with the answer's head; cancelling it ends the connection.
    CompletableFuture<HttpResponse<InputStream>> send(ApiCall call, String secret, byte[] body) {
        HttpRequest.Builder ask =
                HttpRequest.newBuilder(call.url())
                        .timeout(ANSWER)
                        .method(
                                call.method(),
                                body.length == 0
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body))
                        .header("accept-encoding", "identity");
        call.fields().forEach(field -> ask.header(field.name(), field.value()));
        ask.header(call.credential().header(), call.credential().carrying(secret));
        return client.sendAsync(ask.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /// The answer as the guest may have it.
    ///
    /// @throws IOException if it is packed: nobody could look into it
    static Answer answer(ApiCall call, String secret, HttpResponse<InputStream> response)
            throws IOException {
        String packed = response.headers().firstValue("content-encoding").orElse("identity");
        if (!packed.equalsIgnoreCase("identity")) {
            throw new IOException("the answer is packed although it was asked for plain");
        }
        Redactor values = Redactor.ofValuesAlone();
        try {
            values.entrust(call.credential().name(), secret);
        } catch (CountersignException e) {
            throw new IOException(e.getMessage(), e);
        }
        String own = "https://" + call.url().getRawAuthority();
        List<Field> fields =
                response.headers().map().entrySet().stream()
                        .filter(entry ->
                                !KEPT_BACK.contains(entry.getKey().toLowerCase(Locale.ROOT)))
                        .filter(entry -> !entry.getKey().startsWith(":"))
                        .flatMap(entry ->
                                entry.getValue().stream()
                                        .map(value -> Map.entry(entry.getKey(), value)))
                        .map(entry ->
                                new Field(
                                        entry.getKey(),
                                        values.redact(
                                                through(
                                                        own,
                                                        call,
                                                        entry.getKey(),
                                                        entry.getValue()))))
                        .toList();
        return new Answer(response.statusCode(), fields, response.body(), values);
    }

    /// What leads back to the same server leads through the gateway again.
    private static String through(String own, ApiCall call, String name, String value) {
        return (name.equalsIgnoreCase("location") || name.equalsIgnoreCase("link"))
                ? value.replace(
                        own + "/", SessionCredentials.GATEWAY + call.credential().name() + "/")
                : value;
    }

    /// The head's text for the guest; what is no single line is left out.
    static String head(Answer answer) {
        StringBuilder head =
                new StringBuilder("HTTP/1.1 ").append(answer.status()).append(" Answer\r\n");
        for (Field field : answer.fields()) {
            if (field.value().chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f))) {
                head.append(field.name()).append(": ").append(field.value()).append("\r\n");
            }
        }
        return head.append("Connection: close\r\n\r\n").toString();
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
