package dev.countersign.ui.policy;

import dev.countersign.api.PolicyText;
import dev.countersign.api.PolicyView;
import dev.countersign.api.TrialView;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Lanes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import org.jspecify.annotations.Nullable;

/// The rules of one session as the engine has them, and what they would say about a command. A
/// command that is tried runs nowhere.
public final class PolicyViewModel {
    /// After the last key, so that a word that is half typed is not judged.
    private static final Duration SETTLE = Duration.ofMillis(250);

    private final EngineLink link;
    private final SecondFactorViewModel secondFactor;
    private final Lanes lanes;
    private final SessionId session;
    private final ReadOnlyObjectWrapper<@Nullable PolicyView> policy =
            new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable PolicyText> file = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable TrialView> trial = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyStringWrapper problem = new ReadOnlyStringWrapper("");
    private final StringProperty command = new SimpleStringProperty("");
    private Lanes.@Nullable Pause settling;

    /// Nothing is asked before [#look()].
    public PolicyViewModel(EngineLink link, Lanes lanes, SessionId session) {
        this.link = link;
        secondFactor = new SecondFactorViewModel(link);
        this.lanes = lanes;
        this.session = session;
        command.addListener((_, _, _) -> typed());
    }

    /// Asks for the rules and the file as they are now.
    public void look() {
        problem.set("");
        link.ask(
                service -> inOrder(service.policy(Optional.of(session))),
                policy::set,
                failure -> problem.set(failure.getMessage()));
        link.ask(
                service -> service.policyText(),
                file::set,
                failure -> problem.set(failure.getMessage()));
        typed();
    }

    /// The rules as they are asked: built-in ones, then by verb. Within a step the order of the
    /// files stays; the strictest wins there whatever its place.
    private static PolicyView inOrder(PolicyView view) {
        List<PolicyView.Rule> rules = new ArrayList<>(view.rules());
        rules.sort(Comparator.comparingInt(PolicyViewModel::step));
        return new PolicyView(
                view.file(),
                view.mode(),
                view.dataClass(),
                view.trouble(),
                List.copyOf(rules),
                view.builtIn());
    }

    private static int step(PolicyView.Rule rule) {
        if (rule.text().startsWith("raise")) {
            return 0;
        }
        if (rule.text().startsWith("deny")) {
            return rule.place().startsWith("built-in") ? 1 : 2;
        }
        return rule.text().startsWith("ask") ? 3 : 4;
    }

    private void typed() {
        Lanes.Pause before = settling;
        if (before != null) {
            before.cancel();
        }
        // The old answer is not one to what stands there now.
        trial.set(null);
        String wanted = command.get().strip();
        if (!wanted.isEmpty()) {
            settling = lanes.after(SETTLE, () -> ask(wanted));
        }
    }

    private void ask(String wanted) {
        link.ask(
                service -> service.tryCommand(session, wanted),
                answer -> {
                    if (command.get().strip().equals(wanted)) {
                        problem.set("");
                        trial.set(answer);
                    }
                },
                failure -> problem.set(failure.getMessage()));
    }

    /// The rules in force; null: not known yet.
    public ReadOnlyObjectProperty<@Nullable PolicyView> policy() {
        return policy.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable PolicyText> file() {
        return file.getReadOnlyProperty();
    }

    /// The answer to what is typed now; null: none yet.
    ReadOnlyObjectProperty<@Nullable TrialView> trial() {
        return trial.getReadOnlyProperty();
    }

    /// What critical requests need.
    SecondFactorViewModel secondFactor() {
        return secondFactor;
    }

    StringProperty command() {
        return command;
    }

    ReadOnlyStringProperty problem() {
        return problem.getReadOnlyProperty();
    }

    /// Index of the rule that decided the trial among those listed, or -1: a mode did.
    int deciding() {
        TrialView now = trial.get();
        PolicyView rules = policy.get();
        if (now == null || rules == null) {
            return -1;
        }
        for (int i = 0; i < rules.rules().size(); i++) {
            if (rules.rules().get(i).place().equals(now.rule())) {
                return i;
            }
        }
        return -1;
    }
}
