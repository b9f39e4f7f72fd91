package dev.countersign.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.egress.Decision;
import dev.countersign.egress.EgressEvent;
import dev.countersign.egress.EgressLimits;
import dev.countersign.egress.EgressPolicy;
import dev.countersign.egress.EgressProxy;
import dev.countersign.egress.NameResolver;
import dev.countersign.gate.policy.PolicyCheck;
import dev.countersign.gate.risk.RiskRater;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `egress check` and `egress serve`: the rules and the proxy without an engine.
final class EgressTool implements Tools.Egress {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();
    private static final long LOOK_MILLIS = 200;

    private final Supplier<RiskRater> risk;

    EgressTool(Supplier<RiskRater> risk) {
        this.risk = risk;
    }

    @Override
    public Tools.Answers check(Path file) throws CountersignException {
        EgressPolicy policy = read(file);
        return line -> answer(policy, line);
    }

    private EgressPolicy read(Path file) throws CountersignException {
        return EgressPolicy.of(new PolicyCheck(risk.get()).egress(file));
    }

    private static String answer(EgressPolicy policy, String line) {
        JsonNode asked;
        try {
            asked = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return malformed(null, "the line is not one JSON object");
        }
        if (asked == null || !asked.isObject()) {
            return malformed(null, "the line is not one JSON object");
        }
        JsonNode host = asked.get("host");
        JsonNode port = asked.get("port");
        if (host == null || !host.isTextual()) {
            return malformed(asked, "host is not a text");
        }
        if (port == null || !port.isIntegralNumber() || !port.canConvertToInt()) {
            return malformed(asked, "port is not a number");
        }
        Decision decision = policy.check(host.textValue(), port.intValue());
        ObjectNode answer = withId(asked);
        answer.put("decision", decision.verdict().name().toLowerCase(Locale.ROOT));
        answer.put("reason", decision.reason().code());
        answer.put("host", decision.host());
        answer.put("port", decision.port());
        return answer.toString();
    }

    private static ObjectNode withId(@Nullable JsonNode asked) {
        ObjectNode answer = JSON.createObjectNode();
        JsonNode id = asked == null ? null : asked.get("id");
        if (id != null && id.isValueNode()) {
            answer.set("id", id);
        }
        return answer;
    }

    private static String malformed(@Nullable JsonNode asked, String error) {
        ObjectNode answer = withId(asked);
        answer.put("decision", "deny");
        answer.put("reason", "malformed");
        answer.put("host", "");
        answer.put("error", error);
        return answer.toString();
    }

    @Override
    public void serve(Tools.EgressRequest request, Consumer<String> line)
            throws CountersignException {
        EgressPolicy policy = read(request.policy());
        NameResolver resolver = resolver(request.hosts());
        Object oneLineAtATime = new Object();
        Consumer<String> say =
                text -> {
                    synchronized (oneLineAtATime) {
                        line.accept(text);
                    }
                };
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(address(request.listen()), 1024);
            InetSocketAddress bound = (InetSocketAddress) listener.getLocalAddress();
            say.accept(listening(bound));
            try (EgressProxy proxy =
                    EgressProxy.start(
                            listener,
                            policy,
                            resolver,
                            EgressLimits.USUAL,
                            event -> told(event, say))) {
                watch(request.policy(), proxy);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "Nothing can listen on "
                            + GuestText.of(request.listen()).visible()
                            + " ("
                            + e.getMessage()
                            + "). Choose another address, or port 0 for a free one.",
                    e);
        }
    }

    private static NameResolver resolver(@Nullable Path hosts) throws CountersignException {
        try {
            return hosts == null ? NameResolver.ofHost() : NameResolver.ofFile(hosts);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The hosts file " + hosts + " can't be used: " + e.getMessage() + ".",
                    e);
        }
    }

    private static InetSocketAddress address(String listen) throws CountersignException {
        int colon = listen.lastIndexOf(':');
        String port = listen.substring(colon + 1);
        if (colon <= 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
            throw new CountersignException(
                    Kind.USAGE,
                    "--listen "
                            + GuestText.of(listen).visible()
                            + " is not ADDR:PORT, such as 127.0.0.1:8080.");
        }
        return new InetSocketAddress(listen.substring(0, colon), Integer.parseInt(port));
    }

    private static String listening(InetSocketAddress bound) {
        String host = bound.getAddress().getHostAddress();
        ObjectNode first = JSON.createObjectNode();
        first.put(
                "listening",
                (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + bound.getPort());
        return first.toString();
    }

    /// One line per decision; ends are not told, so that lines and requests can be counted.
    private static void told(EgressEvent event, Consumer<String> say) {
        boolean cut =
                event.what() == EgressEvent.What.END
                        && !event.decision().reason().code().equals("closed")
                        && !event.decision().reason().code().equals("idle");
        if (event.what() == EgressEvent.What.END && !cut) {
            return;
        }
        Decision decision = event.decision();
        ObjectNode line = JSON.createObjectNode();
        line.put(
                cut ? "ended" : "decision",
                cut ? "cut" : decision.verdict().name().toLowerCase(Locale.ROOT));
        line.put("reason", decision.reason().code());
        line.put("host", decision.host());
        line.put("port", decision.port());
        line.put("method", GuestText.of(event.method()).visible());
        if (event.address() != null) {
            line.put("address", event.address());
        }
        if (!event.flags().isEmpty()) {
            event.flags().forEach(line.putArray("flags")::add);
        }
        say.accept(line.toString());
    }

    /// Reads the policy again when its file changes; while it is bad, nothing goes out.
    private void watch(Path file, EgressProxy proxy) {
        String known = stamp(file);
        CountDownLatch never = new CountDownLatch(1);
        try {
            while (!never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                String now = stamp(file);
                if (!now.equals(known)) {
                    known = now;
                    try {
                        proxy.policy(read(file));
                    } catch (CountersignException e) {
                        proxy.refuseAll();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String stamp(Path file) {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            return time.toInstant() + " " + Files.size(file);
        } catch (IOException e) {
            return "gone";
        }
    }
}
