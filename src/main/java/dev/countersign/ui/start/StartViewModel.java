package dev.countersign.ui.start;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.SessionView;
import dev.countersign.api.StartRequest;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Mode;
import dev.countersign.domain.SessionState;
import dev.countersign.domain.Tier;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.EntryPump;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.LaunchOptions.Choice;
import dev.countersign.ui.common.LaunchOptions.Choices;
import dev.countersign.ui.common.WindowSettings;
import dev.countersign.ui.common.Words;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/// What a session is started with, and the steps of its start. Choices that the data class does not
/// allow can't be made, and it is said why.
public final class StartViewModel {
    /// Where the start is.
    enum Phase {
        CHOOSING,
        ASKED,
        PREPARING,
        FAILED,
        STARTED
    }

    /// A step of the preparation that is done.
    record Step(String name, String detail, Duration took) {}

    private final EngineLink link;
    private final Lanes lanes;
    private final Clock clock;
    private final WindowSettings settings;
    private final Choices choices;
    private final Consumer<SessionView> started;
    private final StringProperty folder = new SimpleStringProperty("");
    private final StringProperty task = new SimpleStringProperty("");
    private final ObjectProperty<Choice> agent;
    private final ObjectProperty<@Nullable Choice> provider = new SimpleObjectProperty<>();
    private final ObjectProperty<@Nullable Choice> egress = new SimpleObjectProperty<>();
    private final ObjectProperty<Mode> mode = new SimpleObjectProperty<>(Mode.CHECKPOINT);
    private final ObjectProperty<Tier> tier = new SimpleObjectProperty<>(Tier.VM);
    private final ObjectProperty<DataClass> dataClass =
            new SimpleObjectProperty<>(DataClass.INTERNAL);
    private final ObjectProperty<@Nullable Integer> memoryMiB = new SimpleObjectProperty<>();
    private final ObjectProperty<@Nullable Integer> cpus = new SimpleObjectProperty<>();
    private final ReadOnlyStringWrapper machine = new ReadOnlyStringWrapper("");
    private final ReadOnlyObjectWrapper<Phase> phase = new ReadOnlyObjectWrapper<>(Phase.CHOOSING);
    private final ReadOnlyStringWrapper problem = new ReadOnlyStringWrapper("");
    private final ReadOnlyStringWrapper folderState = new ReadOnlyStringWrapper("");
    private final ReadOnlyStringWrapper remembered = new ReadOnlyStringWrapper("");
    private final ObservableList<Step> steps = FXCollections.observableArrayList();
    private @Nullable SessionView session;
    private @Nullable EntryPump pump;
    private Instant askedAt = Instant.EPOCH;
    private @Nullable String offeredProvider;

    /// @param started is told once the session's agent may work
    public StartViewModel(
            EngineLink link,
            Lanes lanes,
            Clock clock,
            WindowSettings settings,
            Choices choices,
            Consumer<SessionView> started) {
        this.link = link;
        this.lanes = lanes;
        this.clock = clock;
        this.settings = settings;
        this.choices = choices;
        this.started = started;
        this.agent = new SimpleObjectProperty<>(choices.agents().getFirst());
        provider.set(choices.providers().isEmpty() ? null : choices.providers().getFirst());
        egress.set(choices.egress().isEmpty() ? null : choices.egress().getFirst());
        folder.addListener((_, _, now) -> look(now));
        dataClass.addListener((_, _, now) -> tighten(now));
        link.ask(
                service -> service.resources(),
                now ->
                        machine.set(
                                text(
                                        "start.machine-has",
                                        Words.bytes(now.memoryFree()),
                                        Words.bytes(now.memoryTotal()))),
                _ -> {
                    // A number beside a choice: the engine refuses what does not fit, and says so.
                });
        List<String> folders = settings.folders();
        if (!folders.isEmpty()) {
            folder.set(folders.getFirst());
        }
    }

    /// Takes what a sample or another place proposes.
    public void propose(StartRequest request) {
        folder.set(request.directory());
        task.set(request.task());
        choices.agents().stream()
                .filter(each -> each.id().equals(request.agent()))
                .findFirst()
                .ifPresent(agent::set);
        offeredProvider = request.provider();
        if (request.dataClass() != null) {
            dataClass.set(request.dataClass());
        }
        if (request.mode() != null) {
            mode.set(request.mode());
        }
    }

    /// What is missing or wrong; empty: it can be started.
    String missing() {
        if (folder.get().isBlank()) {
            return text("start.no-folder");
        }
        if (!directory(folder.get())) {
            return text("start.not-a-folder");
        }
        return task.get().isBlank() ? text("start.no-task") : "";
    }

    /// Why a mode can't be chosen; empty: it can.
    String why(Mode each) {
        Mode freest = dataClass.get().freestMode();
        return each.compareTo(freest) < 0
                ? text("start.mode-too-free", each.word(), dataClass.get().word(), freest.word())
                : "";
    }

    /// Why a tier can't be chosen; empty: it can.
    String why(Tier each) {
        return switch (each) {
            case CONTAINER ->
                    dataClass.get() == DataClass.PUBLIC
                            ? text("start.tier-not-there")
                            : text("start.tier-shares", dataClass.get().word());
            case VM -> "";
            case VM_NESTED -> text("start.tier-not-there");
        };
    }

    /// What follows from the data class; empty: nothing to say.
    String classNote() {
        return switch (dataClass.get()) {
            case PUBLIC -> text("start.class-public");
            case INTERNAL -> text("start.class-internal");
            case CONFIDENTIAL -> text("start.class-confidential");
            case RESTRICTED -> text("start.class-restricted");
        };
    }

    /// Asks the engine for the session.
    void start() {
        boolean free = phase.get() == Phase.CHOOSING || phase.get() == Phase.FAILED;
        if (!free || !missing().isEmpty()) {
            return;
        }
        Choice chosenEgress = egress.get();
        Choice chosenProvider = provider.get();
        String providerId =
                offeredProvider != null
                        ? offeredProvider
                        : chosenProvider == null ? null : chosenProvider.id();
        StartRequest request =
                new StartRequest(
                        folder.get().strip(),
                        agent.get().id(),
                        task.get().strip(),
                        mode.get(),
                        tier.get(),
                        dataClass.get(),
                        chosenEgress == null ? null : chosenEgress.id(),
                        providerId,
                        memoryMiB.get(),
                        cpus.get());
        settings.remember(
                request.directory(),
                new WindowSettings.Last(
                        request.agent(),
                        request.task(),
                        mode.get().word(),
                        tier.get().word(),
                        dataClass.get().word(),
                        request.egress(),
                        chosenProvider == null ? null : chosenProvider.id(),
                        memoryMiB.get(),
                        cpus.get()));
        lanes.background(settings::write);
        steps.clear();
        problem.set("");
        askedAt = clock.instant();
        phase.set(Phase.ASKED);
        link.ask(
                service -> service.start(request),
                view -> {
                    session = view;
                    phase.set(Phase.PREPARING);
                    EntryPump stream =
                            new EntryPump(
                                    link,
                                    lanes,
                                    view.id(),
                                    this::take,
                                    failure -> problem.set(failure.getMessage()));
                    pump = stream;
                    stream.start();
                },
                failure -> {
                    problem.set(failure.getMessage());
                    phase.set(Phase.FAILED);
                });
    }

    /// Gives the start up: the session is deleted again, nothing of it is left.
    void cancel() {
        SessionView now = session;
        if (phase.get() == Phase.PREPARING && now != null) {
            link.tell(
                    service -> service.delete(now.id(), true),
                    () -> {},
                    failure -> problem.set(failure.getMessage()));
        }
        close();
        phase.set(Phase.CHOOSING);
    }

    /// Takes what came; called at every screen tick.
    public void drain() {
        EntryPump stream = pump;
        if (stream != null) {
            stream.drain();
        }
    }

    /// The sheet is closed.
    public void close() {
        EntryPump stream = pump;
        pump = null;
        if (stream != null) {
            stream.close();
        }
    }

    private void take(List<Entry> batch) {
        for (Entry entry : batch) {
            switch (entry.fact()) {
                case Fact.StepDone f -> steps.add(new Step(f.step(), f.detail(), f.took()));
                case Fact.StateChanged f -> moved(f);
                default -> {}
            }
        }
    }

    private void moved(Fact.StateChanged to) {
        SessionView now = session;
        if (now == null || phase.get() != Phase.PREPARING) {
            return;
        }
        if (to.to() == SessionState.FAILED) {
            problem.set(to.why());
            phase.set(Phase.FAILED);
            close();
        } else if (to.to() != SessionState.PREPARING) {
            phase.set(Phase.STARTED);
            close();
            started.accept(now);
        }
    }

    private void look(String path) {
        WindowSettings.Last last = settings.last(path.strip());
        remembered.set(last == null ? "" : text("start.remembered"));
        if (last != null) {
            recall(last);
        }
        offeredProvider = null;
        if (path.isBlank()) {
            folderState.set("");
        } else if (!directory(path)) {
            folderState.set(text("start.folder-missing"));
        } else {
            folderState.set(
                    Files.exists(Path.of(path.strip()).resolve(".git"))
                            ? text("start.folder-git")
                            : text("start.folder-plain"));
        }
    }

    private void recall(WindowSettings.Last last) {
        if (task.get().isBlank()) {
            task.set(last.task());
        }
        choices.agents().stream()
                .filter(each -> each.id().equals(last.agent()))
                .findFirst()
                .ifPresent(agent::set);
        choices.providers().stream()
                .filter(each -> each.id().equals(last.provider()))
                .findFirst()
                .ifPresent(provider::set);
        choices.egress().stream()
                .filter(each -> each.id().equals(last.egress()))
                .findFirst()
                .ifPresent(egress::set);
        memoryMiB.set(last.memoryMiB());
        cpus.set(last.cpus());
        for (DataClass each : DataClass.values()) {
            if (each.word().equals(last.dataClass())) {
                dataClass.set(each);
            }
        }
        for (Mode each : Mode.values()) {
            if (each.word().equals(last.mode()) && why(each).isEmpty()) {
                mode.set(each);
            }
        }
    }

    private void tighten(DataClass now) {
        if (mode.get().compareTo(now.freestMode()) < 0) {
            mode.set(now.freestMode());
        }
        tier.set(Tier.VM);
    }

    private static boolean directory(String path) {
        try {
            return Path.of(path.strip()).isAbsolute() && Files.isDirectory(Path.of(path.strip()));
        } catch (InvalidPathException _) {
            return false;
        }
    }

    Choices choices() {
        return choices;
    }

    StringProperty folder() {
        return folder;
    }

    StringProperty task() {
        return task;
    }

    ObjectProperty<Choice> agent() {
        return agent;
    }

    ObjectProperty<@Nullable Choice> provider() {
        return provider;
    }

    ObjectProperty<@Nullable Choice> egress() {
        return egress;
    }

    /// Of the VM; null: the usual size.
    ObjectProperty<@Nullable Integer> memoryMiB() {
        return memoryMiB;
    }

    /// Of the VM; null: the usual number.
    ObjectProperty<@Nullable Integer> cpus() {
        return cpus;
    }

    /// What the machine has free.
    ReadOnlyStringProperty machine() {
        return machine.getReadOnlyProperty();
    }

    ObjectProperty<Mode> mode() {
        return mode;
    }

    ObjectProperty<Tier> tier() {
        return tier;
    }

    ObjectProperty<DataClass> dataClass() {
        return dataClass;
    }

    ReadOnlyObjectProperty<Phase> phase() {
        return phase.getReadOnlyProperty();
    }

    ReadOnlyStringProperty problem() {
        return problem.getReadOnlyProperty();
    }

    ReadOnlyStringProperty folderState() {
        return folderState.getReadOnlyProperty();
    }

    ReadOnlyStringProperty remembered() {
        return remembered.getReadOnlyProperty();
    }

    ObservableList<Step> steps() {
        return steps;
    }

    List<String> recent() {
        return settings.folders();
    }

    /// How long the start has taken so far.
    String took() {
        return Words.fine(Duration.between(askedAt, clock.instant()));
    }
}
