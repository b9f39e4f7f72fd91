package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.gateway.http.HttpFault;
import dev.countersign.gateway.http.HttpHandler;
import dev.countersign.gateway.http.HttpListener;
import dev.countersign.gateway.http.HttpRequest;
import dev.countersign.gateway.http.HttpResponse;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session's way to its model. Text streams through; an answer that calls tools is held until
/// every call is decided; what cannot be understood is never handed over ([P4]).
public final class ModelGateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelGateway.class);
    private static final String JSON = "application/json";
    private static final int MOST_CALLS = 64;
    private static final Pattern VERSION = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

    /// Beta features that change how text and calls are written, and let the provider do nothing
    /// more. Others are left out: the fields that they would need are refused anyway.
    private static final Pattern BETA =
            Pattern.compile(
                    "(claude-code|interleaved-thinking|fine-grained-tool-streaming|context-1m"
                            + "|prompt-caching|extended-cache-ttl|token-efficient-tools|output-128k"
                            + "|context-management|effort)-[0-9-]{8,12}");

    private static final byte[] PING =
            "event: ping\ndata: {\"type\":\"ping\"}\n\n".getBytes(StandardCharsets.UTF_8);

    private final GatewaySettings settings;
    private final ModelCall.Shared shared;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("gateway-timer").factory());
    private final List<HttpListener> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> returned = ConcurrentHashMap.newKeySet();

    private final Object register = new Object();
    private final Set<ModelCall> calls = new HashSet<>();
    private final List<HeldAnswer> parked = new ArrayList<>();
    private boolean closed;

    /// Takes up what an earlier gateway over the same directory still held in this epoch.
    ///
    /// @throws CountersignException if the directory can't be made private or read
    public ModelGateway(
            GatewaySettings settings, Upstream upstream, AnswerGate gate, Recorder recorder)
            throws CountersignException {
        this.settings = settings;
        SealedFiles files = new SealedFiles(settings.held(), settings.session(), settings.key());
        this.shared =
                new ModelCall.Shared(
                        settings,
                        upstream,
                        gate,
                        recorder,
                        files,
                        new DenialMemory(files),
                        ConcurrentHashMap.newKeySet(),
                        timer);
        takeUp(files);
    }

    private void takeUp(SealedFiles files) throws CountersignException {
        int epoch = settings.epoch().getAsInt();
        for (String name : files.names(HeldAnswer.SUFFIX)) {
            Optional<byte[]> json = files.read(name);
            try {
                if (json.isPresent()) {
                    HeldAnswer answer = HeldAnswer.of(name, json.get());
                    if (answer.epoch() == epoch) {
                        parked.add(answer);
                        continue;
                    }
                }
                files.delete(name);
            } catch (StrictJson.Malformed | IllegalArgumentException e) {
                LOG.warn("a held answer is not readable and was removed: {}", name, e);
                files.delete(name);
            }
        }
    }

    /// Serves this socket, unix or loopback TCP, until the gateway is closed. May be called for
    /// several sockets.
    public void listen(ServerSocketChannel server) {
        listeners.add(new HttpListener(server, new Handler(), settings.limits().http()));
    }

    /// Voids everything that is held: the VM went back to a checkpoint. Open connections are cut,
    /// so that the agent's retry is asked anew. Call it once the settings' epoch has grown.
    public void newEpoch() {
        List<ModelCall> running;
        synchronized (register) {
            running = List.copyOf(calls);
            calls.clear();
            parked.clear();
        }
        running.forEach(call -> call.stop(true));
        listeners.forEach(HttpListener::cut);
        try {
            for (String name : shared.files().names(HeldAnswer.SUFFIX)) {
                shared.files().delete(name);
            }
        } catch (CountersignException e) {
            // Their epoch is over: nobody will ever be handed one.
            LOG.warn("answers of the abandoned epoch could not be removed", e);
        }
    }

    /// What the agent does not have yet, oldest first.
    public List<PendingAnswer> pending() {
        synchronized (register) {
            return Stream.concat(
                            calls.stream().map(ModelCall::pending),
                            parked.stream()
                                    .map(held ->
                                            new PendingAnswer(
                                                    held.key(),
                                                    held.turn().calls().stream()
                                                            .map(c -> GuestText.of(c.id()))
                                                            .toList(),
                                                    false,
                                                    held.since())))
                    .sorted(Comparator.comparing(PendingAnswer::since))
                    .toList();
        }
    }

    /// Cuts all connections. Held answers stay in the directory for the next gateway.
    @Override
    public void close() {
        List<ModelCall> running;
        synchronized (register) {
            closed = true;
            running = List.copyOf(calls);
            calls.clear();
        }
        listeners.forEach(HttpListener::close);
        running.forEach(call -> call.stop(false));
        timer.shutdownNow();
    }

    // --- requests

    private final class Handler implements HttpHandler {
        @Override
        public byte[] faultBody(HttpFault fault) {
            return body(
                    new ProviderFault(
                            fault.status(),
                            fault.status() == 413 ? "request_too_large" : "invalid_request_error",
                            fault.getMessage()));
        }

        @Override
        public void handle(HttpRequest request, HttpResponse response)
                throws IOException, InterruptedException {
            try {
                authenticate(request);
                switch (request.path()) {
                    case "/v1/messages" -> messages(request, response);
                    case "/v1/messages/count_tokens" -> count(request, response);
                    default ->
                            throw new ProviderFault(
                                    404,
                                    "not_found_error",
                                    "Only /v1/messages and /v1/messages/count_tokens are served"
                                            + " here.");
                }
            } catch (ProviderFault e) {
                refuse(response, e);
            } catch (CountersignException e) {
                LOG.warn("a request is not answered", e);
                refuse(response, ProviderFault.undecided(e.getMessage()));
            }
        }
    }

    private static void refuse(HttpResponse response, ProviderFault fault) throws IOException {
        if (response.begun()) {
            response.part(event(fault.json()));
            response.end();
        } else {
            response.send(fault.status(), JSON, Map.of(), body(fault));
        }
    }

    private void authenticate(HttpRequest request) throws ProviderFault {
        String token = settings.token();
        if (token == null) {
            return;
        }
        String given =
                request.header("x-api-key")
                        .or(() ->
                                request.header("authorization")
                                        .filter(value -> value.startsWith("Bearer "))
                                        .map(value -> value.substring(7)))
                        .orElse("");
        if (!MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8))) {
            throw new ProviderFault(
                    401,
                    "authentication_error",
                    "The request does not carry this gateway's token as x-api-key or bearer.");
        }
    }

    private static void checkCall(HttpRequest request) throws ProviderFault {
        if (!request.method().equals("POST")) {
            throw new ProviderFault(405, "invalid_request_error", "Only POST is taken here.");
        }
        if (!request.query().isEmpty() && !request.query().equals("beta=true")) {
            throw ProviderFault.refused("The query is not one that Countersign lets through.");
        }
    }

    private void count(HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault {
        checkCall(request);
        MessagesRequest asked = MessagesRequest.of(request.body(), true);
        Upstream.Request sent =
                new Upstream.Request(
                        "/v1/messages/count_tokens",
                        headers(request),
                        asked.forProvider(shared.denials(), List.of()));
        ObjectNode counted = StrictJson.newObject();
        try (Upstream.Reply reply = ask(sent)) {
            ObjectNode answer = StrictJson.object(reply.body().readNBytes(64 * 1024));
            if (reply.status() != 200) {
                throw AnswerReader.reported(answer.path("error"));
            }
            counted.put("input_tokens", answer.path("input_tokens").asLong());
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood(e.getMessage());
        }
        response.send(200, JSON, Map.of(), counted.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Upstream.Reply ask(Upstream.Request sent) throws InterruptedException, ProviderFault {
        try {
            return shared.upstream().send(sent);
        } catch (IOException e) {
            throw new ProviderFault(
                    502, "api_error", "The model's provider can't be reached: " + e.getMessage());
        }
    }

    private void messages(HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        checkCall(request);
        MessagesRequest asked = MessagesRequest.of(request.body(), false);
        recordResults(asked);
        dropHandedOver(asked);
        ModelCall call = callFor(asked, headers(request));
        response.onClientGone(call::nudge);
        boolean delivered = false;
        try {
            delivered = asked.stream() ? stream(call, response) : whole(call, response);
        } finally {
            response.onClientGone(null);
            leave(call, delivered);
        }
    }

    /// Results that the agent reports are facts too, once each. They are claimed by the guest.
    private void recordResults(MessagesRequest asked) throws CountersignException {
        for (MessagesRequest.Result result : asked.newResults()) {
            GuestText id = GuestText.of(result.callId());
            if (!returned.add(result.callId()) || settings.alreadyReturned().test(id)) {
                continue;
            }
            shared.recorder()
                    .record(
                            new Fact.Returned(
                                    id,
                                    result.error(),
                                    GuestText.of(shortened(result.output())),
                                    result.output().getBytes(StandardCharsets.UTF_8).length));
        }
    }

    private String shortened(String output) {
        int limit = settings.limits().outputShown();
        if (output.length() <= limit) {
            return output;
        }
        int half = limit / 2;
        return output.substring(0, half)
                + "\n… "
                + (output.length() - 2 * half)
                + " characters left out …\n"
                + output.substring(output.length() - half);
    }

    /// A held answer whose calls stand in the agent's history was handed over, even if an engine
    /// died before it could say so.
    private void dropHandedOver(MessagesRequest asked) throws CountersignException {
        Set<String> had = asked.callIds();
        List<HeldAnswer> gone;
        synchronized (register) {
            gone =
                    parked.stream()
                            .filter(held ->
                                    held.turn().calls().stream()
                                            .anyMatch(c -> had.contains(c.id())))
                            .toList();
            parked.removeAll(gone);
        }
        for (HeldAnswer held : gone) {
            shared.files().delete(held.file());
        }
    }

    private ModelCall callFor(MessagesRequest asked, Map<String, String> headers)
            throws ProviderFault {
        Instant now = settings.clock().instant();
        int epoch = settings.epoch().getAsInt();
        Digest key = asked.key(settings.session(), epoch);
        ModelCall call;
        synchronized (register) {
            if (closed) {
                throw ProviderFault.undecided("its engine ends.");
            }
            tidy(now);
            for (ModelCall known : calls) {
                if (known.key().equals(key) && known.claim()) {
                    return known;
                }
            }
            if (calls.size() >= MOST_CALLS) {
                throw new ProviderFault(
                        529,
                        "overloaded_error",
                        "More than " + MOST_CALLS + " questions to the model at once.");
            }
            Optional<HeldAnswer> held =
                    parked.stream().filter(answer -> answer.key().equals(key)).findFirst();
            held.ifPresent(parked::remove);
            call =
                    held.map(answer -> new ModelCall(shared, asked, headers, answer))
                            .orElseGet(() -> new ModelCall(shared, asked, headers, key, epoch));
            calls.add(call);
        }
        call.start();
        return call;
    }

    /// Lets go of what nobody came back for, and parks what failed meanwhile but is still held.
    private void tidy(Instant now) {
        for (Iterator<ModelCall> known = calls.iterator(); known.hasNext(); ) {
            ModelCall call = known.next();
            if (call.abandoned()) {
                known.remove();
                park(call);
            } else if (call.expired(now)) {
                known.remove();
                forget(call);
            }
        }
    }

    private void park(ModelCall call) {
        HeldAnswer held = call.held();
        if (held != null && !closed) {
            parked.add(held);
        }
    }

    private static void forget(ModelCall call) {
        try {
            call.forget();
        } catch (CountersignException e) {
            // Its calls stand in the agent's next request, which removes it then.
            LOG.warn("an answer that was handed over could not be removed", e);
        }
    }

    /// The connection has ended: the answer is handed over, waits for a retry, or failed.
    private void leave(ModelCall call, boolean delivered) {
        synchronized (register) {
            if (delivered) {
                calls.remove(call);
            } else if (call.failed()) {
                if (calls.remove(call)) {
                    park(call);
                }
            } else {
                call.unclaim();
            }
        }
        if (delivered) {
            forget(call);
        }
    }

    private boolean stream(ModelCall call, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        Duration keepAlive = settings.limits().keepAlive();
        int sent = 0;
        while (!response.clientGone()) {
            ModelCall.Look look = call.look(sent, keepAlive, response::clientGone);
            call.releasing(sent + look.events().size());
            if (response.clientGone()) {
                return false;
            }
            if (!response.begun() && (look.fault() == null || !look.events().isEmpty())) {
                response.stream(200, "text/event-stream; charset=utf-8", Map.of());
            }
            for (ObjectNode event : look.events()) {
                response.part(event(event));
            }
            sent += look.events().size();
            if (look.fault() != null) {
                throw look.fault();
            }
            if (look.last()) {
                response.end();
                return !response.clientGone();
            }
            if (look.events().isEmpty() && !response.clientGone()) {
                response.part(PING);
            }
        }
        return false;
    }

    private boolean whole(ModelCall call, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        Duration keepAlive = settings.limits().keepAlive();
        List<ObjectNode> events = new ArrayList<>();
        while (!response.clientGone()) {
            ModelCall.Look look = call.look(events.size(), keepAlive, response::clientGone);
            events.addAll(look.events());
            if (look.fault() != null) {
                throw look.fault();
            }
            if (look.last()) {
                byte[] message = bytes(WholeMessage.of(events));
                call.releasing(events.size());
                response.send(200, JSON, Map.of(), message);
                return !response.clientGone();
            }
        }
        return false;
    }

    private static Map<String, String> headers(HttpRequest request) {
        Map<String, String> headers = new HashMap<>();
        headers.put(
                "anthropic-version",
                request.header("anthropic-version")
                        .filter(value -> VERSION.matcher(value).matches())
                        .orElse("2023-06-01"));
        String betas =
                request.headers().getOrDefault("anthropic-beta", List.of()).stream()
                        .flatMap(value -> Stream.of(value.split(",")))
                        .map(String::trim)
                        .filter(value -> BETA.matcher(value).matches())
                        .distinct()
                        .collect(Collectors.joining(","));
        if (!betas.isEmpty()) {
            headers.put("anthropic-beta", betas);
        }
        return headers;
    }

    private static byte[] event(ObjectNode event) throws IOException {
        byte[] json = bytes(event);
        byte[] head =
                ("event: " + ModelCall.type(event) + "\ndata: ").getBytes(StandardCharsets.UTF_8);
        byte[] whole = new byte[head.length + json.length + 2];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(json, 0, whole, head.length, json.length);
        whole[whole.length - 2] = '\n';
        whole[whole.length - 1] = '\n';
        return whole;
    }

    private static byte[] bytes(ObjectNode json) throws IOException {
        try {
            return StrictJson.bytes(json);
        } catch (StrictJson.Malformed e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static byte[] body(ProviderFault fault) {
        return fault.json().toString().getBytes(StandardCharsets.UTF_8);
    }
}
