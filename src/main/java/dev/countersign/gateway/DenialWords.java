package dev.countersign.gateway;

import dev.countersign.domain.Answer;
import dev.countersign.domain.GuestText;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What agent and model are told about calls that do not run.
final class DenialWords {
    /// Begins every error result that the gateway writes in place of a tool.
    static final String DENIED = "Denied by Countersign, the call did not run: ";

    static final String PLAN_FIRST = "Returned by Countersign, the call did not run: ";
    static final String TOO_OFTEN =
            "[Countersign] The model was denied too often in a row; its turn ends here.";
    static final String CANNOT_GO_ON =
            "[Countersign] The model could not be asked to go on, its turn ends here. ";
    private static final int LONGEST = 1_000;

    private DenialWords() {}

    /// For the agent, in place of the calls.
    static String note(List<Turn.Call> denied, Map<String, AnswerGate.Verdict> verdicts) {
        StringBuilder note = new StringBuilder("[Countersign] Not run: ");
        for (int i = 0; i < denied.size(); i++) {
            AnswerGate.Verdict verdict = verdicts.get(denied.get(i).id());
            note.append(i == 0 ? "" : "; ").append(GuestText.of(denied.get(i).tool()).visible());
            note.append(" (").append(verdict == null ? "denied" : said(verdict)).append(")");
        }
        return note.append(".").toString();
    }

    /// For the model, as the result of a call that does not run.
    static String result(AnswerGate.@Nullable Verdict verdict) {
        boolean plan = verdict != null && verdict.answer() == Answer.PLAN_FIRST;
        return (plan ? PLAN_FIRST : DENIED) + (verdict == null ? "denied" : said(verdict));
    }

    private static String said(AnswerGate.Verdict verdict) {
        String told =
                verdict.told().isBlank()
                        ? (verdict.answer() == Answer.PLAN_FIRST
                                ? "state your plan first"
                                : "denied")
                        : verdict.told();
        return GuestText.of(told.substring(0, Math.min(told.length(), LONGEST))).visible();
    }
}
