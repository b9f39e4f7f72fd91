package dev.countersign.ui.policy;

import dev.countersign.api.SecondFactorRequest;
import dev.countersign.api.SecondFactorView;
import dev.countersign.ui.common.EngineLink;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import org.jspecify.annotations.Nullable;

/// What critical requests need beside the answer, and the steps to change it. An authenticator app
/// counts once its first code was confirmed; to change away from it, a code is needed too.
public final class SecondFactorViewModel {
    static final String NONE = "none";
    static final String PHRASE = "phrase";
    static final String TOTP = "totp";

    private final EngineLink link;
    private final ReadOnlyStringWrapper choice = new ReadOnlyStringWrapper("");
    private final ReadOnlyObjectWrapper<@Nullable Step> step = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyStringWrapper problem = new ReadOnlyStringWrapper("");
    private final StringProperty code = new SimpleStringProperty("");

    /// What is to be done before a choice counts.
    sealed interface Step {
        /// Put the secret into the app, then type its code. It is shown this once.
        record Enrol(String uri, String secret) implements Step {}

        /// Type the code of the app that is in use, to change to this.
        record Leave(String to) implements Step {}
    }

    /// Nothing is asked before [#look()].
    public SecondFactorViewModel(EngineLink link) {
        this.link = link;
    }

    /// Asks what is in force.
    void look() {
        send("show", null);
    }

    /// Chooses; what needs a step more waits for [#confirm()].
    void choose(String wanted) {
        code.set("");
        problem.set("");
        if (wanted.equals(choice.get())) {
            step.set(null);
        } else if (choice.get().equals(TOTP)) {
            step.set(new Step.Leave(wanted));
        } else {
            send(wanted, null);
        }
    }

    /// Sends the code that was typed.
    void confirm() {
        String typed = code.get().strip();
        switch (step.get()) {
            case Step.Enrol _ -> send("confirm", typed);
            case Step.Leave leave -> send(leave.to(), typed);
            case null -> {}
        }
    }

    private void send(String action, @Nullable String typed) {
        link.ask(
                service -> service.secondFactor(new SecondFactorRequest(action, typed)),
                this::take,
                failure -> problem.set(failure.getMessage()));
    }

    private void take(SecondFactorView now) {
        problem.set("");
        code.set("");
        choice.set(now.choice());
        String uri = now.uri();
        String secret = now.secret();
        step.set(uri == null || secret == null ? null : new Step.Enrol(uri, secret));
    }

    /// `none`, `phrase` or `totp`; empty: not known yet.
    ReadOnlyStringProperty choice() {
        return choice.getReadOnlyProperty();
    }

    ReadOnlyObjectProperty<@Nullable Step> step() {
        return step.getReadOnlyProperty();
    }

    StringProperty code() {
        return code;
    }

    ReadOnlyStringProperty problem() {
        return problem.getReadOnlyProperty();
    }
}
