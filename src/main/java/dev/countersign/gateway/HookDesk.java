package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.ToolCall;
import dev.countersign.gateway.http.HttpFault;
import dev.countersign.gateway.http.HttpHandler;
import dev.countersign.gateway.http.HttpRequest;
import dev.countersign.gateway.http.HttpResponse;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The second lock: answers the hooks of agents that ask before each call. A call that the gateway
/// allowed, with the same id and the same arguments, passes; any other is asked anew, as a call of
/// the layer `hook`. It stands between gateway and gate, so that it knows what was allowed.
///
/// An agent's hook is cooperative: what keeps a call from running is the gateway ([P8]).
public final class HookDesk implements AnswerGate, HttpHandler {
    /// Where hooks are served on the gateway's socket.
    static final String PATH = "/hook/";

    private static final Logger LOG = LoggerFactory.getLogger(HookDesk.class);
    private static final String JSON = "application/json";

    /// How an agent's hook names things and takes an answer.
    private enum Dialect {
        CLAUDE,
        CODEX;

        static @Nullable Dialect of(String path) {
            return switch (path) {
                case PATH + "claude" -> CLAUDE;
                case PATH + "codex" -> CODEX;
                default -> null;
            };
        }
    }

    private record Allowed(int epoch, String tool, JsonNode arguments) {}

    private final AnswerGate gate;
    private final Recorder recorder;
    private final IntSupplier epoch;
    private final GuestText cwd;
    private final Map<String, Allowed> allowed = new ConcurrentHashMap<>();

    /// @param gate decides; asked for whatever the gateway did not allow
    /// @param epoch how often the session was restored; what was allowed in another one is void
    /// @param cwd the directory that the agent works in, as its profile says
    public HookDesk(AnswerGate gate, Recorder recorder, IntSupplier epoch, GuestText cwd) {
        this.gate = gate;
        this.recorder = recorder;
        this.epoch = epoch;
        this.cwd = cwd;
    }

    /// Goes on where an earlier engine ended: these calls were handed over in this epoch and no
    /// result of them is on record. Those whose arguments the journal has only with a secret marked
    /// are left out: they are asked anew.
    public void takeUp(List<Fact.Called> handedOver) {
        int now = epoch.getAsInt();
        for (Fact.Called called : handedOver) {
            if (called.call().digest().equals(called.digest())) {
                remember(called.call(), now);
            }
        }
    }

    @Override
    public Verdicts decide(List<ToolCall> calls, GuestText text, @Nullable GuestText model)
            throws InterruptedException, CountersignException {
        int asked = epoch.getAsInt();
        Verdicts verdicts = gate.decide(calls, text, model);
        for (ToolCall call : calls) {
            if (!verdicts.planFirst() && allows(verdicts, call)) {
                remember(call, asked);
            }
        }
        return verdicts;
    }

    @Override
    public void read(GuestText callId, String result) throws CountersignException {
        gate.read(callId, result);
    }

    @Override
    public void offered(ToolDefinition tool) throws CountersignException {
        gate.offered(tool);
    }

    private static boolean allows(Verdicts verdicts, ToolCall call) {
        return verdicts.calls().stream()
                .anyMatch(verdict ->
                        verdict.callId().equals(call.id()) && verdict.answer() == Answer.ALLOWED);
    }

    private void remember(ToolCall call, int inEpoch) {
        try {
            allowed.put(
                    call.id().raw(),
                    new Allowed(
                            inEpoch,
                            call.tool().raw(),
                            StrictJson.canonical(StrictJson.object(call.argumentsJson().raw()))));
        } catch (StrictJson.Malformed e) {
            // Not JSON: no hook can show the same, so it is asked anew.
            LOG.debug("the arguments of call {} are no JSON object", call.id().visible(), e);
        }
    }

    @Override
    public byte[] faultBody(HttpFault fault) {
        return new byte[0];
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response)
            throws IOException, InterruptedException {
        Dialect dialect = Dialect.of(request.path());
        if (dialect == null || !request.method().equals("POST")) {
            response.send(404, JSON, Map.of(), new byte[0]);
            return;
        }
        String refusal;
        try {
            refusal = answer(dialect, StrictJson.object(request.body()));
        } catch (StrictJson.Malformed e) {
            refusal = "Countersign can't read what the hook asks: " + e.getMessage() + ".";
        } catch (CountersignException e) {
            LOG.warn("a hook's question could not be decided", e);
            refusal = "Countersign could not decide about this call: " + e.getMessage();
        }
        response.send(200, JSON, Map.of(), written(dialect, refusal));
    }

    /// Why the call must not run; empty if it may.
    private String answer(Dialect dialect, ObjectNode question)
            throws CountersignException, InterruptedException {
        String id = question.path("tool_use_id").asText();
        String tool = question.path("tool_name").asText();
        JsonNode input = question.path("tool_input");
        if (!question.path("hook_event_name").asText().equals("PreToolUse")
                || id.isEmpty()
                || tool.isEmpty()
                || !input.isObject()) {
            return "Countersign was asked about a call without id, tool or arguments.";
        }
        Allowed known = allowed.get(id);
        if (known != null
                && known.epoch() == epoch.getAsInt()
                && same(dialect, known, tool, StrictJson.canonical(input))) {
            return "";
        }
        return askedAnew(id, tool, input, known != null);
    }

    private String askedAnew(String id, String tool, JsonNode input, boolean known)
            throws CountersignException, InterruptedException {
        ToolCall call =
                new ToolCall(
                        GuestText.of("hook." + id),
                        GuestText.of(tool),
                        GuestText.of(input.toString()),
                        cwd);
        if (known) {
            recorder.record(
                    new Fact.Noticed(
                            "warning",
                            "hook",
                            "The agent is about to run call %s with other arguments than were allowed, or after a restore. It is asked anew."
                                    .formatted(GuestText.of(id).visible())));
        }
        recorder.record(new Fact.Called(call, call.digest(), "hook", null));
        Verdicts verdicts = gate.decide(List.of(call), GuestText.of(""), null);
        if (!verdicts.planFirst() && allows(verdicts, call)) {
            recorder.record(new Fact.Released(call.id()));
            return "";
        }
        return verdicts.calls().stream()
                .filter(verdict -> verdict.callId().equals(call.id()))
                .map(Verdict::told)
                .filter(told -> !told.isBlank())
                .findFirst()
                .orElse("Countersign did not allow this call.");
    }

    private static boolean same(Dialect dialect, Allowed known, String tool, JsonNode input) {
        if (known.tool().equals(tool) && known.arguments().equals(input)) {
            return true;
        }
        return switch (dialect) {
            case CLAUDE -> false;
            case CODEX -> sameCodexCommand(known, tool, input);
        };
    }

    /// Codex's hooks name each way to a shell `Bash`, with the command alone; a patch keeps its
    /// text.
    private static boolean sameCodexCommand(Allowed known, String tool, JsonNode input) {
        JsonNode shown = input.path("command");
        if (input.size() != 1 || !shown.isTextual()) {
            return false;
        }
        Optional<String> wire =
                switch (known.tool()) {
                    case "exec_command" -> text(known.arguments().path("cmd"));
                    case "shell_command", "local_shell" -> text(known.arguments().path("command"));
                    case "apply_patch" -> text(known.arguments().path("input"));
                    default -> Optional.empty();
                };
        String expected = known.tool().equals("apply_patch") ? "apply_patch" : "Bash";
        return tool.equals(expected) && wire.filter(shown.asText()::equals).isPresent();
    }

    private static Optional<String> text(JsonNode node) {
        return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
    }

    private static byte[] written(Dialect dialect, String refusal) {
        ObjectNode answer = StrictJson.newObject();
        if (!refusal.isEmpty()) {
            answer.putObject("hookSpecificOutput")
                    .put("hookEventName", "PreToolUse")
                    .put("permissionDecision", "deny")
                    .put("permissionDecisionReason", refusal);
        } else if (dialect == Dialect.CLAUDE) {
            // Codex takes an empty answer as consent.
            answer.putObject("hookSpecificOutput")
                    .put("hookEventName", "PreToolUse")
                    .put("permissionDecision", "allow")
                    .put("permissionDecisionReason", "allowed by Countersign's gateway");
        }
        return answer.toString().getBytes(StandardCharsets.UTF_8);
    }
}
