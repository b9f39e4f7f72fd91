package dev.countersign.ui.start;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.Mode;
import dev.countersign.domain.Tier;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.LaunchOptions.Choice;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javafx.beans.property.ObjectProperty;
import javafx.beans.value.ChangeListener;
import javafx.collections.FXCollections;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.DirectoryChooser;
import javafx.util.StringConverter;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignF;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;

/// The sheet over the window: choices at the left, the steps of the start at the right.
public final class StartSheet implements View {
    private final StartViewModel model;
    private final Runnable closed;
    private final StackPane root = Nodes.styled(new StackPane(), "scrim");
    private final VBox sheet = Nodes.styled(new VBox(), "start-sheet");
    private final TextField folder = new TextField();
    private final TextArea task = new TextArea();
    private final Label folderState = Nodes.label("", "second", "muted");
    private final Label remembered = Nodes.label("", "second", "muted");
    private final Label modeWhy = Nodes.paragraph("", "second", "muted");
    private final Label classWhy = Nodes.label("", "second", "muted");
    private final HBox modeLevels = Nodes.row(12);
    private final VBox form = new VBox(14);
    private static final int RECENT = 12;

    /// In MiB.
    private static final List<Integer> MEMORIES = List.of(1024, 2048, 4096, 8192, 16384);

    private final VBox stepList = new VBox();
    private final Label took = Nodes.label("", "mono");
    private final VBox failure = new VBox();
    private final Label footnote = Nodes.label("", "second", "muted");
    private final Button cancel;
    private final Button start;
    private final List<ToggleButton> modes = new ArrayList<>();
    private final List<ToggleButton> classes = new ArrayList<>();
    private final List<VBox> tiers = new ArrayList<>();
    private final ChangeListener<Object> onChange = (_, _, _) -> update();
    private final ListChangeListener<StartViewModel.Step> onSteps = _ -> drawSteps();

    /// @param closed puts the sheet away
    public StartSheet(StartViewModel model, Runnable closed) {
        this.model = model;
        this.closed = closed;
        cancel = Nodes.button(text("common.cancel"), null, "Esc", this::cancel);
        cancel.getStyleClass().add("decision-button");
        start = Nodes.button(text("start.start"), null, null, model::start);
        start.getStyleClass().addAll("primary-button", "decision-button");
        start.setId("start");
        build();
        root.getChildren().add(sheet);
        root.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        folder.textProperty().bindBidirectional(model.folder());
        task.textProperty().bindBidirectional(model.task());
        folderState.textProperty().bind(model.folderState());
        remembered.textProperty().bind(model.remembered());
        model.folder().addListener(onChange);
        model.task().addListener(onChange);
        model.mode().addListener(onChange);
        model.tier().addListener(onChange);
        model.dataClass().addListener(onChange);
        model.phase().addListener(onChange);
        model.problem().addListener(onChange);
        model.steps().addListener(onSteps);
        update();
        drawSteps();
        if (model.folder().get().isEmpty()) {
            folder.requestFocus();
        } else {
            task.requestFocus();
        }
    }

    @Override
    public void detach() {
        folder.textProperty().unbindBidirectional(model.folder());
        task.textProperty().unbindBidirectional(model.task());
        folderState.textProperty().unbind();
        remembered.textProperty().unbind();
        model.folder().removeListener(onChange);
        model.task().removeListener(onChange);
        model.mode().removeListener(onChange);
        model.tier().removeListener(onChange);
        model.dataClass().removeListener(onChange);
        model.phase().removeListener(onChange);
        model.problem().removeListener(onChange);
        model.steps().removeListener(onSteps);
        model.close();
    }

    /// Called at every screen tick: entries and the running time.
    public void tick() {
        model.drain();
        if (preparing()) {
            took.setText(model.took());
        }
    }

    private void onKey(KeyEvent e) {
        if (e.getCode() == KeyCode.ESCAPE) {
            cancel();
            e.consume();
        } else if (e.getCode() == KeyCode.ENTER && e.isShortcutDown()) {
            model.start();
            e.consume();
        }
    }

    private void cancel() {
        if (preparing()) {
            model.cancel();
        } else {
            closed.run();
        }
    }

    private boolean preparing() {
        StartViewModel.Phase now = model.phase().get();
        return now == StartViewModel.Phase.PREPARING || now == StartViewModel.Phase.ASKED;
    }

    private void build() {
        Button close = Nodes.iconButton(MaterialDesignC.CLOSE, text("common.close"), this::cancel);
        close.getStyleClass().add("flat");
        HBox head =
                Nodes.styled(
                        Nodes.row(
                                12,
                                Nodes.label(text("start.title"), "page-title"),
                                Nodes.spring(),
                                remembered,
                                close),
                        "sheet-head");
        buildForm();
        ScrollPane left = new ScrollPane(form);
        left.setFitToWidth(true);
        left.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        left.getStyleClass().add("card-scroll");
        HBox.setHgrow(left, Priority.ALWAYS);
        VBox right =
                new VBox(
                        14,
                        Nodes.row(
                                8,
                                Nodes.label(text("start.preparing"), "strong"),
                                Nodes.spring(),
                                took),
                        stepList,
                        failure,
                        Nodes.spring(),
                        Nodes.label(text("start.holds"), "section-title"),
                        Nodes.row(
                                8,
                                Nodes.gate("boundary-enforced"),
                                Nodes.label(text("start.holds-boundary"), "second", "muted")),
                        Nodes.row(
                                8,
                                Nodes.gate("cooperative"),
                                Nodes.label(text("start.holds-agent"), "second", "muted")));
        right.getStyleClass().add("sheet-side");
        HBox body = new HBox(left, right);
        VBox.setVgrow(body, Priority.ALWAYS);
        HBox bar =
                Nodes.styled(Nodes.row(12, footnote, Nodes.spring(), cancel, start), "sheet-bar");
        sheet.getChildren().addAll(head, body, bar);
        sheet.setMaxSize(1200, 704);
    }

    private void buildForm() {
        folder.setId("start-folder");
        folder.getStyleClass().add("mono-field");
        folder.setPromptText(text("start.folder-prompt"));
        folder.setAccessibleText(text("start.folder"));
        Button choose = Nodes.button(text("start.choose"), null, null, this::choose);
        choose.getStyleClass().add("small-button");
        MenuButton recent = recent();
        HBox box =
                Nodes.styled(
                        Nodes.row(
                                8,
                                Icons.icon(MaterialDesignF.FOLDER_OUTLINE),
                                Nodes.grow(folder),
                                folderState,
                                recent,
                                choose),
                        "field-box");
        task.setId("start-task");
        task.setPromptText(text("start.task-prompt"));
        task.setAccessibleText(text("start.task"));
        task.setWrapText(true);
        task.setPrefRowCount(3);
        task.addEventFilter(
                KeyEvent.KEY_PRESSED,
                e -> {
                    // Tab leaves the field, as everywhere else in the form.
                    if (e.getCode() == KeyCode.TAB && !e.isShortcutDown()) {
                        (e.isShiftDown() ? folder : start).requestFocus();
                        e.consume();
                    }
                });
        ToggleGroup modeGroup = new ToggleGroup();
        HBox modeSegments = Nodes.styled(new HBox(), "segments");
        for (Mode each : Mode.values()) {
            modes.add(segment(each.word(), each, model.mode(), modeGroup));
        }
        modeSegments.getChildren().addAll(wrapped(modes));
        ToggleGroup classGroup = new ToggleGroup();
        HBox classSegments = Nodes.styled(new HBox(), "segments");
        for (DataClass each : DataClass.values()) {
            classes.add(segment(each.word(), each, model.dataClass(), classGroup));
        }
        classSegments.getChildren().addAll(wrapped(classes));
        HBox tierCards = new HBox(8);
        for (Tier each : Tier.values()) {
            VBox card = tierCard(each);
            tiers.add(card);
            HBox.setHgrow(card, Priority.ALWAYS);
            tierCards.getChildren().add(card);
        }
        form.getStyleClass().add("sheet-form");
        form.getChildren()
                .addAll(
                        line(text("start.folder"), box),
                        line(text("start.task"), task),
                        line(text("start.agent"), agents()));
        form.getChildren()
                .addAll(
                        line(text("start.class"), Nodes.row(10, classSegments, classWhy)),
                        line(text("start.tier"), tierCards),
                        line(
                                text("start.mode"),
                                Nodes.column(8, Nodes.row(0, modeSegments), modeLevels, modeWhy)));
        form.getChildren().add(line(text("start.machine"), machine()));
        takeDrops();
        if (!model.choices().egress().isEmpty()) {
            form.getChildren()
                    .add(
                            line(
                                    text("start.network"),
                                    combo(
                                            text("start.network"),
                                            model.choices().egress(),
                                            model.egress())));
        }
    }

    /// The folders of earlier sessions; absent while there are none.
    private MenuButton recent() {
        MenuButton recent = new MenuButton(text("start.recent"));
        recent.setId("start-recent");
        recent.getStyleClass().addAll("cs-button", "small-button");
        recent.setMinWidth(Region.USE_PREF_SIZE);
        for (String each : model.recent().subList(0, Math.min(RECENT, model.recent().size()))) {
            MenuItem item = new MenuItem(Guest.line(GuestText.of(Words.directory(each)), 90));
            item.setOnAction(_ -> model.folder().set(each));
            recent.getItems().add(item);
        }
        Nodes.show(recent, !recent.getItems().isEmpty());
        return recent;
    }

    /// A folder can be dropped anywhere on the sheet.
    private void takeDrops() {
        root.setOnDragOver(e -> {
            if (e.getDragboard().hasFiles() && !preparing()) {
                e.acceptTransferModes(TransferMode.COPY, TransferMode.LINK);
            }
            e.consume();
        });
        root.setOnDragDropped(e -> {
            List<File> files = e.getDragboard().getFiles();
            boolean taken = !preparing() && files.size() == 1 && files.getFirst().isDirectory();
            if (taken) {
                model.folder().set(files.getFirst().getAbsolutePath());
            }
            e.setDropCompleted(taken);
            e.consume();
        });
    }

    private VBox machine() {
        ComboBox<@Nullable Integer> memory = new ComboBox<>();
        memory.setId("start-memory");
        memory.getItems().add(null);
        MEMORIES.forEach(each -> memory.getItems().add(each));
        memory.setConverter(
                sizes(
                        text("start.memory-usual"),
                        each -> text("start.memory", Integer.toString(each / 1024))));
        memory.setAccessibleText(text("start.memory-name"));
        memory.valueProperty().bindBidirectional(model.memoryMiB());
        memory.setPrefWidth(216);
        ComboBox<@Nullable Integer> cpus = new ComboBox<>();
        cpus.setId("start-cpus");
        cpus.getItems().add(null);
        for (int each = 1; each <= Runtime.getRuntime().availableProcessors(); each *= 2) {
            cpus.getItems().add(each);
        }
        cpus.setConverter(sizes(text("start.cpus-usual"), each -> text("start.cpus", each)));
        cpus.setAccessibleText(text("start.cpus-name"));
        cpus.valueProperty().bindBidirectional(model.cpus());
        cpus.setPrefWidth(216);
        Label note = Nodes.label("", "second", "muted");
        note.textProperty().bind(model.machine());
        return Nodes.column(6, Nodes.row(8, memory, cpus), note);
    }

    private static StringConverter<@Nullable Integer> sizes(
            String usual, Function<Integer, String> words) {
        return new StringConverter<>() {
            @Override
            public String toString(@Nullable Integer size) {
                return size == null ? usual : words.apply(size);
            }

            @Override
            public @Nullable Integer fromString(String words) {
                throw new UnsupportedOperationException("it is chosen, not typed");
            }
        };
    }

    private Node agents() {
        ComboBox<Choice> agents =
                new ComboBox<>(FXCollections.observableList(model.choices().agents()));
        agents.valueProperty().bindBidirectional(model.agent());
        agents.setId("start-agent");
        agents.setPrefWidth(216);
        agents.setAccessibleText(text("start.agent"));
        HBox row = Nodes.row(8, agents);
        if (!model.choices().providers().isEmpty()) {
            row.getChildren()
                    .add(
                            combo(
                                    text("start.provider"),
                                    model.choices().providers(),
                                    model.provider()));
        }
        Label note = Nodes.label(model.agent().get().note(), "second", "muted");
        model.agent().addListener((_, _, now) -> note.setText(now.note()));
        row.getChildren().add(note);
        return row;
    }

    private static ComboBox<@Nullable Choice> combo(
            String name, List<Choice> choices, ObjectProperty<@Nullable Choice> value) {
        ComboBox<@Nullable Choice> combo = new ComboBox<>();
        combo.setAccessibleText(name);
        combo.getItems().addAll(choices);
        combo.valueProperty().bindBidirectional(value);
        combo.setPrefWidth(216);
        return combo;
    }

    private static HBox line(String title, Node field) {
        Label label = Nodes.label(title, "form-label");
        HBox line = new HBox(16, label, Nodes.grow(field));
        line.setAlignment(Pos.TOP_LEFT);
        return line;
    }

    private <T> ToggleButton segment(
            String words, T value, ObjectProperty<T> property, ToggleGroup group) {
        ToggleButton button = new ToggleButton(words);
        button.getStyleClass().setAll("segment");
        button.setUserData(value);
        button.setToggleGroup(group);
        button.setMinWidth(Region.USE_PREF_SIZE);
        button.setId("choice-" + words);
        button.setOnAction(_ -> property.set(value));
        return button;
    }

    /// A disabled node gets no mouse: its tooltip hangs on a box around it.
    private static List<Node> wrapped(List<ToggleButton> buttons) {
        List<Node> boxes = new ArrayList<>();
        buttons.forEach(each -> boxes.add(new StackPane(each)));
        return boxes;
    }

    private VBox tierCard(Tier tier) {
        Label title =
                Nodes.label(
                        switch (tier) {
                            case CONTAINER -> text("start.tier-container");
                            case VM -> text("start.tier-vm");
                            case VM_NESTED -> text("start.tier-nested");
                        },
                        "tier-title");
        Label words =
                Nodes.paragraph(
                        switch (tier) {
                            case CONTAINER -> "";
                            case VM -> text("start.tier-vm-note");
                            case VM_NESTED -> "";
                        },
                        "second",
                        "muted");
        words.setMinHeight(36);
        words.setAlignment(Pos.TOP_LEFT);
        VBox card = Nodes.column(4, title, words);
        card.getStyleClass().add("tier-card");
        card.setPrefWidth(208);
        card.setUserData(tier);
        return card;
    }

    private void choose() {
        DirectoryChooser chooser = new DirectoryChooser();
        chooser.setTitle(text("start.choose-title"));
        File now = new File(model.folder().get());
        if (now.isDirectory()) {
            chooser.setInitialDirectory(now);
        }
        File chosen = chooser.showDialog(root.getScene().getWindow());
        if (chosen != null) {
            model.folder().set(chosen.getAbsolutePath());
        }
    }

    private void update() {
        for (ToggleButton each : modes) {
            if (each.getUserData() instanceof Mode mode) {
                choice(each, model.mode().get() == mode, model.why(mode));
            }
        }
        for (ToggleButton each : classes) {
            choice(each, model.dataClass().get() == each.getUserData(), "");
        }
        for (VBox card : tiers) {
            if (card.getUserData() instanceof Tier tier) {
                drawTier(card, tier);
            }
        }
        classWhy.setText(model.classNote());
        drawLevels();
        String blocked = "";
        for (Mode each : Mode.values()) {
            if (blocked.isEmpty()) {
                blocked = model.why(each);
            }
        }
        modeWhy.setText(blocked);
        Nodes.show(modeWhy, !blocked.isEmpty());
        boolean preparing = preparing();
        form.setDisable(preparing);
        String missing = model.missing();
        footnote.setText(
                preparing
                        ? text("start.locked")
                        : missing.isEmpty() ? text("start.nothing-changes") : missing);
        start.setDisable(preparing || !missing.isEmpty());
        start.setText(preparing ? text("start.starting") : text("start.start"));
        start.setGraphic(preparing ? Icons.spinner() : null);
        drawFailure();
        drawSteps();
    }

    private static void choice(ToggleButton button, boolean selected, String why) {
        button.setSelected(selected);
        button.setDisable(!why.isEmpty());
        button.setGraphic(why.isEmpty() ? null : Icons.icon(MaterialDesignL.LOCK_OUTLINE, "small"));
        if (button.getParent() instanceof StackPane wrapper) {
            if (wrapper.getProperties().remove(Tooltip.class) instanceof Tooltip old) {
                Tooltip.uninstall(wrapper, old);
            }
            if (!why.isEmpty()) {
                Tooltip tip = new Tooltip(why);
                Tooltip.install(wrapper, tip);
                wrapper.getProperties().put(Tooltip.class, tip);
            }
        }
    }

    private void drawTier(VBox card, Tier tier) {
        String why = model.why(tier);
        card.getStyleClass().removeAll("tier-off", "tier-on");
        card.getStyleClass().add(why.isEmpty() ? "tier-on" : "tier-off");
        if (card.getChildren().getLast() instanceof Label words && tier != Tier.VM) {
            words.setText(why);
        }
    }

    private void drawLevels() {
        modeLevels.getChildren().clear();
        Mode mode = model.mode().get();
        for (Level level : Level.values()) {
            modeLevels
                    .getChildren()
                    .add(
                            Nodes.row(
                                    6,
                                    Nodes.badge(level),
                                    Nodes.label(does(mode, level), "second", "muted")));
        }
    }

    private static String does(Mode mode, Level level) {
        return switch (mode) {
            case AUTONOMOUS ->
                    switch (level) {
                        case LOW, MEDIUM -> text("start.does-run");
                        case HIGH -> text("start.does-flag");
                        case CRITICAL -> text("start.does-ask");
                    };
            case POST_HOC ->
                    switch (level) {
                        case LOW -> text("start.does-run");
                        case MEDIUM -> text("start.does-flag");
                        case HIGH, CRITICAL -> text("start.does-ask");
                    };
            case CHECKPOINT ->
                    switch (level) {
                        case LOW -> text("start.does-run");
                        case MEDIUM -> text("start.does-plan");
                        case HIGH -> text("start.does-ask");
                        case CRITICAL -> text("start.does-alone");
                    };
            case STEP -> level == Level.LOW ? text("start.does-ask-reads") : text("start.does-ask");
        };
    }

    private void drawSteps() {
        stepList.getChildren().clear();
        for (StartViewModel.Step step : model.steps()) {
            stepList.getChildren()
                    .add(
                            step(
                                    Icons.icon(MaterialDesignC.CHECK, "verdict-ok"),
                                    step.name(),
                                    step.detail(),
                                    Words.fine(step.took())));
        }
        if (preparing()) {
            stepList.getChildren()
                    .add(
                            step(
                                    Icons.spinner(),
                                    model.steps().isEmpty()
                                            ? text("start.admission")
                                            : text("start.going-on"),
                                    "",
                                    ""));
        } else if (model.steps().isEmpty()
                && model.phase().get() == StartViewModel.Phase.CHOOSING) {
            stepList.getChildren()
                    .add(Nodes.paragraph(text("start.steps-come"), "second", "muted"));
        }
    }

    private static HBox step(Node mark, String name, String detail, String took) {
        VBox words = Nodes.column(1, Nodes.label(name));
        if (!detail.isEmpty()) {
            words.getChildren().add(Nodes.paragraph(detail, "second", "muted"));
        }
        StackPane place = new StackPane(mark);
        place.setMinSize(18, 20);
        place.setMaxSize(18, 20);
        Label time = Nodes.label(took, "mono-small", "muted");
        time.setMinWidth(Region.USE_PREF_SIZE);
        HBox row = new HBox(12, place, Nodes.grow(words), time);
        row.getStyleClass().add("step-row");
        return row;
    }

    private void drawFailure() {
        failure.getChildren().clear();
        if (!model.problem().get().isEmpty()) {
            failure.getChildren()
                    .add(
                            Banner.of(
                                    Banner.Kind.STOPPED,
                                    text("start.failed"),
                                    model.problem().get()));
        }
    }
}
