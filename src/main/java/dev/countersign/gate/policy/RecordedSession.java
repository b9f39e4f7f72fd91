package dev.countersign.gate.policy;

import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.ToolCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a session's journal says of its calls and of what was asked: enough to try rules on it.
/// Calls are as the journal has them, with secrets marked.
public final class RecordedSession {
    private final SessionId session;
    private String repository = "";
    private final Map<String, ToolCall> called = new HashMap<>();
    private final Map<String, Prompt> prompts = new LinkedHashMap<>();
    private final Map<String, String> origins = new HashMap<>();
    private final List<Decided> decided = new ArrayList<>();

    /// One decision about one call, in the order of the journal.
    ///
    /// @param requestId of the request that decided it, or whose plan did
    record Decided(
            ToolCall call,
            Answer answer,
            DecidedBy by,
            Level level,
            String rule,
            @Nullable String requestId) {}

    /// One request that was shown, with all that hung on it: the calls that it asked about, and
    /// those that ran later because of it, under its plan or a rule that was made of it.
    record Prompt(String requestId, String kind, Level level, List<Decided> calls) {}

    /// Nothing read yet.
    public RecordedSession(SessionId session) {
        this.session = session;
    }

    /// Takes the next entry of the session's journal.
    public void add(Entry entry) {
        switch (entry.fact()) {
            case Fact.SessionOpened opened -> repository = opened.repository();
            case Fact.Called call -> called.put(call.call().id().raw(), call.call());
            case Fact.Asked asked ->
                    prompts.computeIfAbsent(
                            asked.requestId(),
                            id -> new Prompt(id, asked.kind(), asked.level(), new ArrayList<>()));
            case Fact.RuleAdded added -> {
                String requestId = added.requestId();
                if (requestId != null) {
                    added.places().forEach(place -> origins.put(place, requestId));
                }
            }
            case Fact.Decided fact -> decided(fact);
            default -> {}
        }
    }

    private void decided(Fact.Decided fact) {
        ToolCall call = called.get(fact.callId().raw());
        if (call == null || fact.answer() == Answer.PLAN_FIRST) {
            return;
        }
        String requestId =
                fact.requestId() != null
                        ? fact.requestId()
                        : fact.by() == DecidedBy.RULE ? origins.get(fact.rule()) : null;
        Decided one =
                new Decided(call, fact.answer(), fact.by(), fact.level(), fact.rule(), requestId);
        decided.add(one);
        Prompt prompt = requestId == null ? null : prompts.get(requestId);
        if (prompt != null) {
            prompt.calls().add(one);
        }
    }

    /// Whose journal it is.
    public SessionId session() {
        return session;
    }

    String repository() {
        return repository;
    }

    List<Prompt> prompts() {
        return List.copyOf(prompts.values());
    }

    /// The decisions that a rule could have taken off somebody's hands.
    List<Decided> asked() {
        return decided.stream().filter(one -> one.requestId() != null).toList();
    }
}
