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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session's way to its model. Text streams through; an answer that calls tools is held until
/// every call is decided; what cannot be understood is never handed over ([P4]).
public final class ModelGateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelGateway.class);
    private static final String JSON = "application/json";
    private static final int MOST_CALLS = 64;
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(2);
    private static final int MOST_TOOLS = 10_000;

    /// So many keep-alive periods without a word of the provider, then the stream begins.
    private static final int SILENT = 4;

    private static final List<WireFormat> FORMATS =
            List.of(
                    MessagesFormat.INSTANCE,
                    ResponsesFormat.INSTANCE,
                    ChatFormat.INSTANCE,
                    GeminiFormat.INSTANCE);

    private static final Set<String> QUERIES =
            Set.of("beta=true", "alt=sse", "alt=json", "$alt=json;enum-encoding=int");

    private final GatewaySettings settings;
    private final ModelList models;
    private final Set<ToolDefinition> offered = ConcurrentHashMap.newKeySet();
    private final Set<String> leftOut = ConcurrentHashMap.newKeySet();
    private final ModelCall.Shared shared;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("gateway-timer").factory());
    private final List<HttpListener> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> returned = ConcurrentHashMap.newKeySet();

    /// Documents of the conversation that were looked through.
    private final Set<Digest> documents = ConcurrentHashMap.newKeySet();

    private final Object register = new Object();
    private final Set<ModelCall> calls = new HashSet<>();
    private final List<HeldAnswer> parked = new ArrayList<>();
    private boolean closed;
    private volatile @Nullable HookDesk hooks;
    private volatile @Nullable SudoDesk sudo;

    /// Takes up what an earlier gateway over the same directory still held in this epoch.
    ///
    /// @throws CountersignException if the directory can't be made private or read
    public ModelGateway(
            GatewaySettings settings, Upstream upstream, AnswerGate gate, Recorder recorder)
            throws CountersignException {
        this.settings = settings;
        this.models = new ModelList(upstream);
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

    /// Serves the agent's hooks under `/hook/` as well.
    public void serveHooks(HookDesk desk) {
        hooks = desk;
    }

    /// Serves the guest's `sudo` as well.
    public void serveSudo(SudoDesk desk) {
        sudo = desk;
    }

    /// Serves this socket, unix or loopback TCP, until the gateway is closed. May be called for
    /// several sockets.
    public void listen(ServerSocketChannel server) {
        listeners.add(new HttpListener(server, new Handler(), settings.limits().http()));
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

    /// Cuts all connections and ends what runs for them. Held answers stay in the directory for the
    /// next gateway, which takes up those of the epoch that it finds.
    @Override
    public void close() {
        List<ModelCall> running;
        synchronized (register) {
            closed = true;
            running = List.copyOf(calls);
            calls.clear();
        }
        listeners.forEach(HttpListener::close);
        running.forEach(ModelCall::stop);
        timer.shutdownNow();
        awaitEnd(running);
    }

    /// What was stopped asks nobody any more once this returns; a call that does not end in time is
    /// left to itself.
    private static void awaitEnd(List<ModelCall> stopped) {
        long until = System.nanoTime() + STOPPED_WITHIN.toNanos();
        try {
            for (ModelCall call : stopped) {
                if (!call.ended(Duration.ofNanos(Math.max(0, until - System.nanoTime())))) {
                    LOG.warn("a stopped model call has not ended");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- requests

    private final class Handler implements HttpHandler {
        /// All formats have the words at the same place of an error.
        @Override
        public byte[] faultBody(HttpFault fault) {
            return body(
                    MessagesFormat.INSTANCE,
                    new ProviderFault(
                            fault.status(),
                            fault.status() == 413 ? "request_too_large" : "invalid_request_error",
                            fault.getMessage()));
        }

        @Override
        public void handle(HttpRequest request, HttpResponse response)
                throws IOException, InterruptedException {
            WireFormat format = formatOf(request);
            try {
                authenticate(request);
                SudoDesk root = sudo;
                if (root != null && request.path().equals(SudoDesk.PATH)) {
                    root.handle(request, response);
                    return;
                }
                HookDesk desk = hooks;
                if (desk != null && request.path().startsWith(HookDesk.PATH)) {
                    desk.handle(request, response);
                    return;
                }
                if (ModelList.takes(request)) {
                    response.send(200, JSON, Map.of(), bytes(models.answer(request)));
                    return;
                }
                if (!format.takes(request.path()) && !MessagesFormat.COUNT.equals(request.path())) {
                    throw new ProviderFault(
                            404,
                            "not_found_error",
                            "This address is not served here. Served: /v1/messages, /v1/responses,"
                                    + " /v1/chat/completions, /v1beta/models/NAME:generateContent"
                                    + " and the list of models of each.");
                }
                if (!shared.upstream().serves(provided(request.path()))) {
                    throw new ProviderFault(
                            404,
                            "not_found_error",
                            "The provider of this session does not speak the format "
                                    + format.name()
                                    + ". Start the session with a provider that does.");
                }
                if (request.path().equals(MessagesFormat.COUNT)
                        || request.path().endsWith(":countTokens")) {
                    count(format, request, response);
                } else {
                    answer(format, request, response);
                }
            } catch (ProviderFault e) {
                refuse(format, response, e);
            } catch (CountersignException e) {
                LOG.warn("a request is not answered", e);
                refuse(format, response, ProviderFault.undecided(e.getMessage()));
            }
        }
    }

    /// The format that a request is answered in, errors too.
    private static WireFormat formatOf(HttpRequest request) {
        String path = request.path();
        for (WireFormat format : FORMATS) {
            if (format.takes(path)) {
                return format;
            }
        }
        if (path.startsWith("/v1beta")) {
            return GeminiFormat.INSTANCE;
        }
        return path.startsWith("/v1/chat") || path.startsWith(ResponsesFormat.PATH)
                ? ChatFormat.INSTANCE
                : MessagesFormat.INSTANCE;
    }

    /// Agents may leave the version out of the address.
    private static String provided(String path) {
        return path.equals("/responses") || path.equals("/chat/completions") ? "/v1" + path : path;
    }

    private static void refuse(WireFormat format, HttpResponse response, ProviderFault fault)
            throws IOException {
        int status =
                fault.status() == 529 && format != MessagesFormat.INSTANCE ? 503 : fault.status();
        response.send(status, JSON, Map.of(), body(format, fault));
    }

    private void authenticate(HttpRequest request) throws ProviderFault {
        String token = settings.token();
        if (token == null) {
            return;
        }
        byte[] required = token.getBytes(StandardCharsets.UTF_8);
        boolean carried =
                Stream.of(
                                request.header("x-api-key"),
                                request.header("x-goog-api-key"),
                                request.header("authorization")
                                        .filter(value ->
                                                value.regionMatches(true, 0, "Bearer ", 0, 7))
                                        .map(value -> value.substring(7)),
                                Stream.of(request.query().split("&"))
                                        .filter(one -> one.startsWith("key="))
                                        .map(one -> one.substring(4))
                                        .findFirst())
                        .flatMap(Optional::stream)
                        .anyMatch(given ->
                                MessageDigest.isEqual(
                                        given.getBytes(StandardCharsets.UTF_8), required));
        if (!carried) {
            throw new ProviderFault(
                    401,
                    "authentication_error",
                    "The request does not carry this gateway's token as x-api-key, x-goog-api-key"
                            + " or bearer.");
        }
    }

    private static void checkCall(HttpRequest request) throws ProviderFault {
        if (!request.method().equals("POST")) {
            throw new ProviderFault(405, "invalid_request_error", "Only POST is taken here.");
        }
        for (String one : request.query().split("&")) {
            boolean key = one.startsWith("key=") && GeminiFormat.INSTANCE.takes(request.path());
            if (!one.isEmpty() && !key && !QUERIES.contains(one)) {
                throw ProviderFault.refused("The query is not one that Countersign lets through.");
            }
        }
    }

    private void count(WireFormat format, HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault {
        checkCall(request);
        boolean messages = format == MessagesFormat.INSTANCE;
        Question asked =
                messages
                        ? MessagesRequest.of(request.body(), true, MessagesFormat.headers(request))
                        : format.question(request);
        ObjectNode counted = StrictJson.newObject();
        String field = messages ? "input_tokens" : "totalTokens";
        try (Upstream.Reply reply = ask(asked.forProvider(shared.denials(), List.of()))) {
            ObjectNode answer = StrictJson.object(reply.body().readNBytes(64 * 1024));
            if (reply.status() != 200) {
                throw format.reported(reply.status(), answer);
            }
            counted.put(field, answer.path(field).asLong());
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.notUnderstood(e.getMessage());
        }
        response.send(200, JSON, Map.of(), bytes(counted));
    }

    private Upstream.Reply ask(Upstream.Request sent) throws InterruptedException, ProviderFault {
        try {
            return shared.upstream().send(sent);
        } catch (IOException e) {
            throw new ProviderFault(
                    502, "api_error", "The model's provider can't be reached: " + e.getMessage());
        }
    }

    private void answer(WireFormat format, HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        checkCall(request);
        Question asked = format.question(request);
        models.used(asked.model());
        recordLeftOut(asked);
        tellOfTools(asked);
        recordResults(asked);
        dropHandedOver(asked);
        Joined joined = callFor(asked);
        ModelCall call = joined.call();
        response.onClientGone(call::nudge);
        boolean delivered = false;
        try {
            delivered =
                    asked.stream()
                            ? stream(asked, joined, response)
                            : whole(asked, joined, response);
        } finally {
            response.onClientGone(null);
            leave(call, delivered);
        }
    }

    /// The agent may count on a tool that it offered: what was taken from its request is on record.
    private void recordLeftOut(Question asked) throws CountersignException {
        for (String tool : asked.leftOut()) {
            if (leftOut.add(tool)) {
                shared.recorder()
                        .record(
                                new Fact.Noticed(
                                        "info",
                                        "gateway",
                                        "The provider's own tool "
                                                + GuestText.of(tool).visible()
                                                + " is left out of the agent's requests: what it"
                                                + " does could not be seen."));
            }
        }
    }

    private void tellOfTools(Question asked) throws CountersignException, ProviderFault {
        for (ToolDefinition tool : asked.definitions()) {
            if (offered.size() > MOST_TOOLS) {
                throw ProviderFault.refused(
                        "Its agent has described more than "
                                + MOST_TOOLS
                                + " tools to the model; that is not an agent's work.");
            }
            // Told first, then remembered: what could not be recorded is told again.
            if (!offered.contains(tool)) {
                shared.gate().offered(tool);
                offered.add(tool);
            }
        }
    }

    /// Results that the agent reports are facts too, once each. They are claimed by the guest.
    private void recordResults(Question asked) throws CountersignException {
        for (Question.Result result : asked.newResults()) {
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
            shared.gate().read(id, result.output());
        }
        for (String document : asked.newDocuments()) {
            if (documents.add(Digest.of(document))) {
                shared.gate().read(GuestText.of("document"), document);
            }
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
    private void dropHandedOver(Question asked) throws CountersignException {
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

    /// A connection and the answer that it waits for.
    ///
    /// @param from the first part that the agent does not have; the answer's beginning aside
    private record Joined(ModelCall call, int from) {
        boolean wants(int part) {
            return part == 0 || part >= from;
        }

        List<Part> wanted(List<Part> parts, int first) {
            List<Part> wanted = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                if (wants(first + i)) {
                    wanted.add(parts.get(i));
                }
            }
            return wanted;
        }
    }

    private Joined callFor(Question asked) throws ProviderFault {
        Instant now = settings.clock().instant();
        int epoch = settings.epoch().getAsInt();
        Digest key = asked.key(settings.session(), epoch);
        Optional<Question.Cut> cut = asked.cut();
        ModelCall call;
        synchronized (register) {
            if (closed) {
                throw ProviderFault.undecided("its engine ends.");
            }
            tidy(now);
            for (ModelCall known : calls) {
                if (known.key().equals(key) && known.claim()) {
                    return new Joined(known, 0);
                }
            }
            if (cut.isPresent()) {
                Joined rest = rest(asked, cut.get(), epoch);
                if (rest != null) {
                    return rest;
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
                    held.map(answer -> new ModelCall(shared, asked, answer))
                            .orElseGet(() -> new ModelCall(shared, asked, key, epoch));
            calls.add(call);
        }
        call.start();
        return new Joined(call, 0);
    }

    /// The rest of an answer that broke off: nobody waits for it any more, it is the answer to this
    /// very conversation without the words that the agent took in, and it begins with these words.
    /// Whoever can say all that could as well repeat the question itself. Under the register's
    /// lock.
    private @Nullable Joined rest(Question asked, Question.Cut cut, int epoch)
            throws ProviderFault {
        Digest key = asked.key(settings.session(), epoch, cut.conversation());
        for (ModelCall known : calls) {
            int from = known.key().equals(key) ? known.claimBehind(cut.had()) : -1;
            if (from > 0) {
                return new Joined(known, from);
            }
        }
        for (HeldAnswer held : parked) {
            int from =
                    held.key().equals(key)
                            ? Part.behind(held.published(), cut.had(), asked.format())
                            : -1;
            if (from > 0) {
                parked.remove(held);
                ModelCall call = new ModelCall(shared, asked, held);
                calls.add(call);
                call.start();
                return new Joined(call, from);
            }
        }
        return null;
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

    private boolean stream(Question asked, Joined joined, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        AnswerWriter writer = asked.format().writer(asked);
        try {
            return stream(writer, joined, response);
        } catch (ProviderFault e) {
            end(writer, response, e);
        } catch (CountersignException e) {
            LOG.warn("an answer is not handed over", e);
            end(writer, response, ProviderFault.undecided(e.getMessage()));
        }
        return false;
    }

    /// An error in place of an answer, or as the end of one that has begun.
    private static void end(AnswerWriter writer, HttpResponse response, ProviderFault fault)
            throws IOException, ProviderFault {
        if (!response.begun()) {
            throw fault;
        }
        response.part(writer.fault(fault));
        response.end();
    }

    private boolean stream(AnswerWriter writer, Joined joined, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        ModelCall call = joined.call();
        Duration keepAlive = settings.limits().keepAlive();
        int sent = 0;
        int silent = 0;
        while (!response.clientGone()) {
            ModelCall.Look look = call.look(sent, keepAlive, response::clientGone);
            call.releasing(sent + look.parts().size());
            if (response.clientGone()) {
                return false;
            }
            if (!response.begun() && !look.parts().isEmpty()) {
                response.stream(200, writer.contentType(), Map.of());
            }
            for (Part part : joined.wanted(look.parts(), sent)) {
                for (byte[] event : writer.events(part)) {
                    response.part(event);
                }
            }
            sent += look.parts().size();
            if (look.fault() != null) {
                throw look.fault();
            }
            if (look.last()) {
                response.end();
                // The client was there when the last part left. That it closes now is its right.
                return true;
            }
            if (look.parts().isEmpty() && !response.clientGone()) {
                if (response.begun()) {
                    response.part(writer.keepAlive());
                } else if (++silent == SILENT) {
                    // An error that comes later can't have its status any more.
                    response.stream(200, writer.contentType(), Map.of());
                }
            }
        }
        return false;
    }

    private boolean whole(Question asked, Joined joined, HttpResponse response)
            throws IOException, InterruptedException, ProviderFault, CountersignException {
        ModelCall call = joined.call();
        Duration keepAlive = settings.limits().keepAlive();
        List<Part> parts = new ArrayList<>();
        while (!response.clientGone()) {
            ModelCall.Look look = call.look(parts.size(), keepAlive, response::clientGone);
            parts.addAll(look.parts());
            if (look.fault() != null) {
                throw look.fault();
            }
            if (look.last()) {
                byte[] message = bytes(asked.format().whole(asked, joined.wanted(parts, 0)));
                call.releasing(parts.size());
                if (response.clientGone()) {
                    return false;
                }
                response.send(200, JSON, Map.of(), message);
                return true;
            }
        }
        return false;
    }

    private static byte[] bytes(ObjectNode json) throws IOException {
        try {
            return StrictJson.bytes(json);
        } catch (StrictJson.Malformed e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static byte[] body(WireFormat format, ProviderFault fault) {
        return format.fault(fault).toString().getBytes(StandardCharsets.UTF_8);
    }
}
