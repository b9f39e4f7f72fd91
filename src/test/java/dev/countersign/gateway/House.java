package dev.countersign.gateway;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// A gateway over a unix socket with a gate that the test plays; it can be ended and opened anew
/// over the same directory, as the next engine does.
public final class House implements AutoCloseable {
    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "AES");
    public final Facts facts = new Facts();
    public final AtomicInteger epoch = new AtomicInteger();
    public final AtomicInteger asked = new AtomicInteger();
    public final List<ToolCall> calls = new ArrayList<>();
    public final List<ToolDefinition> offered = new CopyOnWriteArrayList<>();
    public final Path held;
    private final Path socket;
    private final Upstream upstream;
    private final AnswerGate gate;
    public GatewaySettings settings;
    private @Nullable ModelGateway gateway;

    public House(Path directory, Upstream upstream, Function<ToolCall, Answer> decide)
            throws CountersignException, IOException {
        this(
                directory,
                upstream,
                (AnswerGate)
                        (calls, _, _) ->
                                new AnswerGate.Verdicts(
                                        calls.stream()
                                                .map(c -> verdict(c, decide.apply(c)))
                                                .toList(),
                                        false));
    }

    public House(Path directory, Upstream upstream, AnswerGate gate)
            throws CountersignException, IOException {
        this.held = directory.resolve("held");
        this.socket = directory.resolve("m.sock");
        this.upstream = upstream;
        this.gate =
                new AnswerGate() {
                    @Override
                    public Verdicts decide(
                            List<ToolCall> given, GuestText text, @Nullable GuestText model)
                            throws InterruptedException, CountersignException {
                        asked.incrementAndGet();
                        synchronized (calls) {
                            calls.addAll(given);
                        }
                        return gate.decide(given, text, model);
                    }

                    @Override
                    public void offered(ToolDefinition tool) throws CountersignException {
                        offered.add(tool);
                        gate.offered(tool);
                    }
                };
        this.settings =
                new GatewaySettings(
                        new SessionId("s-test"),
                        epoch::get,
                        held,
                        KEY,
                        GuestText.of("/workspace"),
                        null,
                        _ -> false,
                        Budget.none(),
                        new GatewaySettings.Limits(
                                Duration.ofMillis(50),
                                Duration.ofSeconds(20),
                                Duration.ofMinutes(1),
                                1024 * 1024,
                                3,
                                200,
                                dev.countersign.gateway.http.HttpLimits.defaults()),
                        Clock.systemUTC());
        open();
    }

    public static AnswerGate.Verdict verdict(ToolCall call, Answer answer) {
        return new AnswerGate.Verdict(
                call.id(), answer, DecidedBy.PERSON, answer == Answer.ALLOWED ? "" : "not today");
    }

    public void open() throws CountersignException, IOException {
        Files.deleteIfExists(socket);
        gateway = new ModelGateway(settings, upstream, gate, facts);
        gateway.listen(ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address()));
    }

    public SocketAddress address() {
        return UnixDomainSocketAddress.of(socket);
    }

    public WireClient client() throws IOException {
        return new WireClient(address());
    }

    public ModelGateway gateway() {
        ModelGateway open = gateway;
        if (open == null) {
            throw new IllegalStateException("closed");
        }
        return open;
    }

    public List<Path> heldFiles(String suffix) throws IOException {
        try (var files = Files.list(held)) {
            return files.filter(f -> f.toString().endsWith(suffix)).toList();
        }
    }

    /// Ends the gateway as an engine does that ends; what is held stays.
    public void kill() {
        gateway().close();
    }

    @Override
    public void close() {
        kill();
    }
}
