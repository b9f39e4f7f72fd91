package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

/// The gateway alone, without a session or a VM: `gateway serve`.
public final class GatewayServe {
    private static final Duration UPSTREAM_HEADERS = Duration.ofMinutes(10);

    private GatewayServe() {}

    /// What is served.
    ///
    /// @param provider `anthropic`, `openai` or `gemini`
    /// @param upstream the provider's base address
    /// @param listen a loopback address with a port; port 0 takes a free one
    /// @param held a directory of its own, for answers that wait
    public record Options(String provider, URI upstream, InetSocketAddress listen, Path held) {}

    /// Serves until the returned gateway is closed. Tells `out` one line of JSON first:
    /// `{"listening":"127.0.0.1:PORT","token":…}`; every request must carry that token as
    /// `x-api-key`, `x-goog-api-key` or bearer.
    ///
    /// @param key the provider's key, asked for with each request
    /// @param gate who decides; where nobody can be asked, [AnswerGate#refusing]
    /// @throws CountersignException USAGE for a provider or address that is not served, FAILED if
    ///   the port is taken
    public static ModelGateway run(
            Options options,
            Supplier<Optional<String>> key,
            AnswerGate gate,
            Recorder recorder,
            Consumer<String> out)
            throws CountersignException {
        HttpUpstream.Dialect dialect = HttpUpstream.Dialect.named(options.provider());
        if (options.listen().isUnresolved() || !options.listen().getAddress().isLoopbackAddress()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The gateway listens on loopback only, such as 127.0.0.1:0. Whoever reaches"
                            + " it can use your key.");
        }
        byte[] token = new byte[24];
        new SecureRandom().nextBytes(token);
        String required = HexFormat.of().formatHex(token);
        ModelGateway gateway =
                new ModelGateway(
                        GatewaySettings.of(
                                        new SessionId("gateway"),
                                        () -> 0,
                                        options.held(),
                                        freshKey())
                                .withToken(required),
                        new HttpUpstream(dialect, options.upstream(), key, UPSTREAM_HEADERS),
                        gate,
                        recorder);
        try {
            ServerSocketChannel server = bound(options.listen());
            gateway.listen(server);
            InetSocketAddress at = (InetSocketAddress) server.getLocalAddress();
            ObjectNode line =
                    StrictJson.newObject()
                            .put("listening", at.getAddress().getHostAddress() + ":" + at.getPort())
                            .put("token", required);
            out.accept(line.toString());
            return gateway;
        } catch (CountersignException e) {
            gateway.close();
            throw e;
        } catch (IOException e) {
            gateway.close();
            throw new CountersignException(Kind.FAILED, "The gateway's port is gone.", e);
        }
    }

    private static SecretKey freshKey() {
        try {
            KeyGenerator generator = KeyGenerator.getInstance("AES");
            generator.init(256);
            return generator.generateKey();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has AES", e);
        }
    }

    private static ServerSocketChannel bound(InetSocketAddress at) throws CountersignException {
        try {
            ServerSocketChannel server =
                    ServerSocketChannel.open(
                            at.getAddress() instanceof java.net.Inet6Address
                                    ? StandardProtocolFamily.INET6
                                    : StandardProtocolFamily.INET);
            try {
                return server.bind(at);
            } catch (IOException e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The gateway can't listen on "
                            + at
                            + ": "
                            + e.getMessage()
                            + ". Choose another port, or 0 for a free one.",
                    e);
        }
    }
}
