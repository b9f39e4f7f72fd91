package dev.countersign.ui.deletions;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.HeldView;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import java.util.List;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import org.jspecify.annotations.Nullable;

/// Deletions on the host that do not go into the guest before the developer has looked at them:
/// very many came at once, as when a disk is unmounted. The answer names the digest of the list
/// that was shown ([P4]); other ones are shown anew.
public final class DeletionsViewModel {
    private final EngineLink link;
    private final SessionId session;
    private final ReadOnlyObjectWrapper<@Nullable HeldView> held = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyBooleanWrapper busy = new ReadOnlyBooleanWrapper();
    private final ReadOnlyStringWrapper problem = new ReadOnlyStringWrapper("");
    private boolean asking;
    private boolean again;

    /// Nothing is asked before [#look()].
    public DeletionsViewModel(EngineLink link, SessionId session) {
        this.link = link;
        this.session = session;
    }

    /// Entries of the session: some mean that deletions may wait, or no longer do.
    public void take(List<Entry> batch) {
        boolean news = false;
        for (Entry entry : batch) {
            switch (entry.fact()) {
                case Fact.Noticed _, Fact.Pushed _, Fact.Restored _, Fact.StateChanged _ ->
                        news = true;
                default -> {}
            }
        }
        if (news) {
            look();
        }
    }

    /// Asks the engine what waits.
    public void look() {
        if (asking) {
            again = true;
            return;
        }
        asking = true;
        link.ask(
                service -> service.heldDeletions(session),
                now -> {
                    asking = false;
                    HeldView before = held.get();
                    if (before != null
                            && !before.paths().isEmpty()
                            && !now.digest().equals(before.digest())) {
                        problem.set(now.paths().isEmpty() ? "" : text("deletions.changed"));
                    }
                    held.set(now);
                    if (again) {
                        again = false;
                        look();
                    }
                },
                // A session without a VM has none; what waits is asked for again with its news.
                _ -> asking = false);
    }

    /// Lets exactly those go that are shown.
    void allow() {
        HeldView shown = held.get();
        if (shown == null || shown.paths().isEmpty() || busy.get()) {
            return;
        }
        busy.set(true);
        problem.set("");
        link.tell(
                service -> service.allowDeletions(session, shown.digest()),
                () -> {
                    busy.set(false);
                    look();
                },
                failure -> {
                    busy.set(false);
                    problem.set(failure.getMessage());
                    if (failure.kind() == CountersignException.Kind.CONFLICT) {
                        look();
                    }
                });
    }

    /// How many wait.
    public int count() {
        HeldView now = held.get();
        return now == null ? 0 : now.paths().size();
    }

    /// What waits; null: not asked yet.
    public ReadOnlyObjectProperty<@Nullable HeldView> held() {
        return held.getReadOnlyProperty();
    }

    List<GuestText> paths() {
        HeldView now = held.get();
        return now == null ? List.of() : now.paths();
    }

    ReadOnlyBooleanProperty busy() {
        return busy.getReadOnlyProperty();
    }

    ReadOnlyStringProperty problem() {
        return problem.getReadOnlyProperty();
    }
}
