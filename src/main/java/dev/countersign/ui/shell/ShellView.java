package dev.countersign.ui.shell;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionState;
import dev.countersign.ui.approval.ApprovalPage;
import dev.countersign.ui.checkpoints.CheckpointsPage;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.Pill;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import dev.countersign.ui.deletions.DeletionsPage;
import dev.countersign.ui.feed.FeedView;
import dev.countersign.ui.journal.JournalPage;
import dev.countersign.ui.journal.JournalViewModel;
import dev.countersign.ui.network.NetworkPage;
import dev.countersign.ui.policy.PolicyPage;
import dev.countersign.ui.report.ReportPage;
import dev.countersign.ui.review.ReviewPage;
import dev.countersign.ui.sessions.SessionsView;
import dev.countersign.ui.start.StartSheet;
import dev.countersign.ui.start.StartViewModel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import javafx.beans.value.ChangeListener;
import javafx.css.PseudoClass;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.Ikon;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignD;
import org.kordamp.ikonli.materialdesign2.MaterialDesignF;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;
import org.kordamp.ikonli.materialdesign2.MaterialDesignP;
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;

/// The window: side, header, tabs, page, message field, status strip; over them a sheet, or a
/// critical request alone.
public final class ShellView implements View {
    private static final Duration SHEET_TICK = Duration.ofMillis(100);
    private static final PseudoClass ALONE = PseudoClass.getPseudoClass("alone");

    private final ShellViewModel model;
    private final StackPane root = Nodes.styled(new StackPane(), "shell");
    private final BorderPane frame = Nodes.styled(new BorderPane(), "frame");
    private final VBox center = new VBox();
    private final VBox banners = new VBox();
    private final HBox header = Nodes.styled(Nodes.row(10), "header");
    private final HBox tabs = Nodes.styled(new HBox(), "tabs");
    private final StackPane page = new StackPane();
    private final HBox messageBar = Nodes.styled(Nodes.row(8), "message-bar");
    private final TextField message = new TextField();
    private final Button send;
    private final HBox status = Nodes.styled(Nodes.row(0), "status");
    private final HBox aloneBar;
    private final Label othersWait = Nodes.label("", "second", "muted");
    private final Label title = Nodes.label("", "page-title");
    private final HBox subtitle = Nodes.row(6);
    private final HBox actions = Nodes.row(12);
    private final SessionsView side;
    private @Nullable ApprovalPage approvals;
    private final ToggleGroup tabGroup = new ToggleGroup();
    private final Map<ShellViewModel.Tab, ToggleButton> tabButtons =
            new EnumMap<>(ShellViewModel.Tab.class);
    private final Map<String, Views> views = new HashMap<>();
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();
    private final ChangeListener<Object> onPage = (_, _, _) -> showPage();
    private final ChangeListener<Object> onSheet = (_, _, _) -> showSheet();
    private final ChangeListener<Object> onFocus = (_, _, _) -> focusGate();
    private final ChangeListener<Object> onMove = (_, _, _) -> moved();
    private @Nullable View shown;
    private @Nullable Room watched;
    private @Nullable StartSheet sheet;
    private @Nullable PaletteView palette;
    private @Nullable Stage stage;
    private boolean narrow;
    private boolean emptyDrawnUp;
    private String drawn = "";

    /// The pages of one session, each made when it is first looked at.
    private static final class Views {
        private final Room room;
        private final String directory;
        private final Map<ShellViewModel.Tab, View> made = new EnumMap<>(ShellViewModel.Tab.class);

        Views(Room room, String directory) {
            this.room = room;
            this.directory = directory;
        }

        View page(ShellViewModel.Tab tab) {
            return made.computeIfAbsent(
                    tab,
                    wanted ->
                            switch (wanted) {
                                case FEED -> new FeedView(room.feed());
                                case REVIEW -> new ReviewPage(room.review(), directory);
                                case CHECKPOINTS -> new CheckpointsPage(room.checkpoints());
                                case NETWORK -> new NetworkPage(room.network());
                                case POLICY -> new PolicyPage(room.policy());
                                case JOURNAL -> new JournalPage(room.journal());
                                case REPORT -> new ReportPage(room.report());
                                case DELETIONS -> new DeletionsPage(room.deletions());
                            });
        }
    }

    /// Nothing is bound before [#attach()].
    public ShellView(ShellViewModel model) {
        this.model = model;
        side = new SessionsView(model.sessions(), this::find);
        send = Nodes.button(text("shell.send"), MaterialDesignS.SEND_OUTLINE, null, model::send);
        send.setId("send");
        aloneBar =
                Nodes.styled(
                        Nodes.row(
                                12,
                                Icons.mark(),
                                Nodes.label(text("app.name"), "brand"),
                                Nodes.spring(),
                                othersWait),
                        "alone-bar");
        build();
    }

    private void build() {
        VBox names = Nodes.column(1, title, subtitle);
        names.setMinWidth(0);
        HBox.setHgrow(names, Priority.ALWAYS);
        actions.setMinWidth(Region.USE_PREF_SIZE);
        header.getChildren().addAll(names, actions);
        for (ShellViewModel.Tab each : ShellViewModel.Tab.values()) {
            ToggleButton button = new ToggleButton(nameOf(each));
            button.getStyleClass().setAll("tab-button");
            button.setToggleGroup(tabGroup);
            button.setUserData(each);
            button.setId("tab-" + each.name().toLowerCase(java.util.Locale.ROOT));
            button.setOnAction(_ -> model.tab().set(each));
            button.setContentDisplay(javafx.scene.control.ContentDisplay.RIGHT);
            button.setTooltip(new Tooltip("Ctrl " + each.key()));
            tabButtons.put(each, button);
            tabs.getChildren().add(button);
        }
        message.setId("message");
        message.setPromptText(text("shell.message"));
        message.setAccessibleText(text("shell.message"));
        message.setOnAction(_ -> model.send());
        HBox field =
                Nodes.styled(
                        Nodes.row(
                                8,
                                Icons.icon(MaterialDesignC.COMMENT_OUTLINE),
                                Nodes.grow(message)),
                        "field-box");
        HBox.setHgrow(field, Priority.ALWAYS);
        messageBar.getChildren().addAll(field, send);
        VBox.setVgrow(page, Priority.ALWAYS);
        frame.setBottom(status);
        root.getChildren().add(frame);
        // The card's keys come before every control's: a focused list would eat Escape.
        root.addEventFilter(
                KeyEvent.ANY,
                e -> {
                    ApprovalPage card = approvals;
                    if (card != null) {
                        card.keys().handle(e);
                    }
                });
        root.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.sessions().revision().addListener(onChange);
        model.sessions().selected().addListener(onPage);
        model.sessions().waitingShown().addListener(onPage);
        model.approvals().current().addListener(onPage);
        model.room().addListener(onPage);
        model.tab().addListener(onPage);
        model.notice().addListener(onChange);
        model.deleting().addListener(onChange);
        model.link().state().addListener(onChange);
        model.starting().addListener(onSheet);
        message.textProperty().bindBidirectional(model.message());
        message.textProperty().addListener(onChange);
        side.attach();
        showPage();
    }

    @Override
    public void detach() {
        View now = shown;
        shown = null;
        if (now != null) {
            now.detach();
        }
        side.detach();
        model.sessions().revision().removeListener(onChange);
        model.sessions().selected().removeListener(onPage);
        model.sessions().waitingShown().removeListener(onPage);
        model.approvals().current().removeListener(onPage);
        model.room().removeListener(onPage);
        model.tab().removeListener(onPage);
        model.notice().removeListener(onChange);
        model.deleting().removeListener(onChange);
        model.link().state().removeListener(onChange);
        model.starting().removeListener(onSheet);
        message.textProperty().unbindBidirectional(model.message());
        watchRoom(null);
    }

    /// Watches the window's focus and place: what is armed must not have been covered or moved.
    public void watch(Stage window) {
        stage = window;
        window.focusedProperty().addListener(onFocus);
        window.xProperty().addListener(onMove);
        window.yProperty().addListener(onMove);
        window.widthProperty().addListener(onMove);
        window.heightProperty().addListener(onMove);
        window.iconifiedProperty().addListener(onFocus);
    }

    private void moved() {
        model.approvals().moved();
    }

    private void focusGate() {
        Stage window = stage;
        boolean inFront = window != null && window.isFocused() && !window.isIconified();
        model.front(inFront);
        boolean card = shown instanceof ApprovalPage && sheet == null && palette == null;
        boolean front = inFront && card;
        ApprovalPage made = approvals;
        if (made != null) {
            made.active(card);
        }
        if (front) {
            model.approvals().focused();
        } else {
            model.approvals().blurred();
        }
    }

    private void onKey(KeyEvent e) {
        if (sheet != null || palette != null) {
            return;
        }
        for (Action each : actions()) {
            if (each.combo() != null
                    && each.combo().match(e)
                    && (each.always() || !alone())
                    && each.can().getAsBoolean()) {
                each.run().run();
                e.consume();
                return;
            }
        }
    }

    /// All that has a key, in the order in which it is listed. While a critical request is on
    /// screen nothing else may be reached, but for the kill switch.
    private List<Action> actions() {
        SessionView session = model.session();
        SessionState state = session == null ? null : session.state();
        BooleanSupplier any = () -> session != null;
        BooleanSupplier runs = () -> state == SessionState.RUNNING;
        List<Action> all = new ArrayList<>();
        all.add(
                new Action(
                        "waiting",
                        text("action.waiting"),
                        KeyCombination.valueOf("Shortcut+Enter"),
                        true,
                        () -> !(shown instanceof ApprovalPage),
                        () -> model.showWaiting(null)));
        all.add(
                Action.of(
                        "new",
                        text("action.new"),
                        "Shortcut+N",
                        () -> model.link().up(),
                        model::startSession));
        all.add(Action.of("palette", text("palette.prompt"), "Shortcut+K", () -> true, this::find));
        all.add(Action.of("keys", text("action.keys"), "F1", () -> true, this::find));
        for (ShellViewModel.Tab tab : ShellViewModel.Tab.values()) {
            ToggleButton button = tabButtons.get(tab);
            if (button != null && button.isVisible()) {
                all.add(
                        Action.of(
                                "tab-" + tab.name().toLowerCase(java.util.Locale.ROOT),
                                text("action.tab", nameOf(tab)),
                                "Shortcut+" + tab.key(),
                                any,
                                () -> toTab(tab)));
            }
        }
        all.add(
                Action.of(
                        "search",
                        text("action.search"),
                        "Shortcut+F",
                        any,
                        () -> {
                            toTab(ShellViewModel.Tab.FEED);
                            Views now = viewsOfRoom();
                            if (now != null
                                    && now.page(ShellViewModel.Tab.FEED) instanceof FeedView feed) {
                                feed.find();
                            }
                        }));
        all.add(
                Action.of(
                        "message",
                        text("action.message"),
                        "Shortcut+M",
                        model::canSend,
                        () -> {
                            toTab(ShellViewModel.Tab.FEED);
                            message.requestFocus();
                        }));
        all.add(
                Action.of(
                        "checkpoint",
                        text("action.checkpoint"),
                        "Shortcut+Shift+C",
                        runs,
                        this::askCheckpoint));
        all.add(
                Action.of(
                        "interrupt",
                        text("action.interrupt"),
                        "Shortcut+I",
                        () -> runs.getAsBoolean() && session != null && session.agentRunning(),
                        model::interrupt));
        all.add(
                Action.of(
                        "resume",
                        text("action.resume"),
                        "Shortcut+R",
                        () ->
                                state == SessionState.REVIEW
                                        || state == SessionState.CLOSED
                                        || state == SessionState.FAILED,
                        model::resume));
        all.add(
                Action.of(
                        "stop",
                        text("action.stop"),
                        "Shortcut+Shift+E",
                        () ->
                                state == SessionState.RUNNING
                                        || state == SessionState.REVIEW
                                        || state == SessionState.PREPARING,
                        model::stop));
        all.add(
                Action.of(
                        "delete",
                        text("action.delete"),
                        "Shortcut+Shift+Delete",
                        any,
                        model::askDelete));
        all.add(
                Action.of(
                                "freeze",
                                text("action.freeze"),
                                "Shortcut+Shift+PERIOD",
                                any,
                                model::freeze)
                        .evenAlone());
        all.add(
                Action.of(
                                "freeze-all",
                                text("action.freeze-all"),
                                "Shortcut+Shift+Alt+PERIOD",
                                () -> true,
                                model::freezeAll)
                        .evenAlone());
        all.add(
                Action.of(
                        "thaw",
                        text("action.thaw"),
                        "Shortcut+Shift+T",
                        () -> state == SessionState.FROZEN,
                        model::thaw));
        all.add(
                Action.of(
                        "session-next",
                        text("action.session-next"),
                        "Shortcut+PAGE_DOWN",
                        () -> model.sessions().sessions().size() > 1,
                        () -> model.stepSession(1)));
        all.add(
                Action.of(
                        "session-previous",
                        text("action.session-previous"),
                        "Shortcut+PAGE_UP",
                        () -> model.sessions().sessions().size() > 1,
                        () -> model.stepSession(-1)));
        all.add(
                Action.of(
                        "rail",
                        text("action.rail"),
                        "Shortcut+B",
                        () -> true,
                        () -> {
                            narrow = !narrow;
                            side.narrow(narrow);
                        }));
        all.add(
                Action.of(
                        "larger",
                        text("action.larger"),
                        "Shortcut+EQUALS",
                        () -> model.textSize().get() < Zoom.LARGEST,
                        () -> model.resizeText(1)));
        all.add(
                Action.of(
                        "smaller",
                        text("action.smaller"),
                        "Shortcut+MINUS",
                        () -> model.textSize().get() > Zoom.SMALLEST,
                        () -> model.resizeText(-1)));
        all.add(
                Action.of(
                        "usual",
                        text("action.usual"),
                        "Shortcut+0",
                        () -> model.textSize().get() != Zoom.USUAL,
                        () -> model.resizeText(0)));
        return all;
    }

    private void toTab(ShellViewModel.Tab tab) {
        model.leaveWaiting();
        model.tab().set(tab);
    }

    /// Opens the palette: what can be done, what waits, and the sessions.
    private void find() {
        List<Action> all = new ArrayList<>();
        for (ApprovalView each : model.approvals().waiting()) {
            SessionView of = model.sessions().find(each.session());
            all.add(
                    Action.named(
                            "answer-" + each.id(),
                            text(
                                    "action.answer",
                                    Words.level(each.level()),
                                    of == null ? each.session().value() : of.name(),
                                    each.title()),
                            () -> model.showWaiting(each.id())));
        }
        actions().stream()
                .filter(each -> !each.id().equals("palette") && !each.id().equals("keys"))
                .forEach(all::add);
        for (SessionView each : model.sessions().sessions()) {
            all.add(
                    Action.named(
                            "session-" + each.id(),
                            text("action.session", each.name(), Words.folder(each.directory())),
                            () -> {
                                model.leaveWaiting();
                                model.showSession(each.id());
                            }));
        }
        PaletteView next = new PaletteView(new PaletteViewModel(all), this::found);
        palette = next;
        frame.setDisable(true);
        root.getChildren().add(next.root());
        next.attach();
        focusGate();
    }

    private void found(@Nullable Action chosen) {
        PaletteView old = palette;
        palette = null;
        if (old != null) {
            old.detach();
            root.getChildren().remove(old.root());
        }
        frame.setDisable(sheet != null);
        // What had the focus lost it to the field; the page takes it again.
        if (shown instanceof ApprovalPage card) {
            card.focus();
        } else if (shown instanceof ReviewPage review) {
            review.focus();
        }
        focusGate();
        if (chosen != null) {
            chosen.run().run();
        }
    }

    private @Nullable Views viewsOfRoom() {
        Room room = model.room().get();
        if (room == null) {
            return null;
        }
        return views.computeIfAbsent(
                room.session().value(),
                _ -> {
                    SessionView session = model.sessions().find(room.session());
                    return new Views(room, session == null ? "" : session.directory());
                });
    }

    /// What the first frame does without. The card is made before any request can come: it must
    /// know of the keys that are held down already.
    void afterFirstFrame() {
        approvals();
    }

    private ApprovalPage approvals() {
        ApprovalPage made = approvals;
        if (made == null) {
            made = new ApprovalPage(model.approvals());
            approvals = made;
        }
        return made;
    }

    private boolean alone() {
        return model.sessions().waitingShown().get() && model.approvals().alone();
    }

    private void watchRoom(@Nullable Room room) {
        Room before = watched;
        if (before != room) {
            if (before != null) {
                before.deletions().held().removeListener(onChange);
            }
            if (room != null) {
                room.deletions().held().addListener(onChange);
            }
            watched = room;
        }
    }

    /// Puts the page on screen that the model asks for.
    private void showPage() {
        Room room = model.room().get();
        watchRoom(room);
        boolean waiting = model.sessions().waitingShown().get();
        Views now = waiting ? null : viewsOfRoom();
        View wanted = waiting ? approvals() : now == null ? null : now.page(model.tab().get());
        View before = shown;
        if (!Objects.equals(before, wanted) || wanted == null) {
            if (before != null) {
                before.detach();
            }
            shown = wanted;
            page.getChildren().clear();
            if (wanted != null) {
                page.getChildren().add(wanted.root());
                wanted.attach();
            } else if (room == null) {
                emptyDrawnUp = model.link().up();
                page.getChildren().add(nothing());
            }
        }
        arrange(waiting);
        draw();
        focusGate();
        if (shown instanceof ReviewPage review) {
            review.focus();
        } else if (shown instanceof ApprovalPage card) {
            card.focus();
        }
    }

    private void arrange(boolean waiting) {
        boolean alone = alone();
        root.pseudoClassStateChanged(ALONE, alone);
        center.getChildren().clear();
        if (alone) {
            frame.setLeft(null);
            frame.setTop(aloneBar);
            center.getChildren().addAll(banners, page);
        } else {
            frame.setTop(null);
            frame.setLeft(side.root());
            if (waiting) {
                center.getChildren().addAll(banners, page);
            } else if (model.room().get() == null) {
                center.getChildren().addAll(banners, page);
            } else {
                center.getChildren().addAll(header, tabs, banners, page);
                if (model.tab().get() == ShellViewModel.Tab.FEED) {
                    center.getChildren().add(messageBar);
                }
            }
        }
        frame.setCenter(center);
    }

    private void showSheet() {
        StartSheet old = sheet;
        if (old != null) {
            old.detach();
            root.getChildren().remove(old.root());
        }
        StartViewModel now = model.starting().get();
        StartSheet next = now == null ? null : new StartSheet(now, model::closeSheet);
        sheet = next;
        frame.setDisable(next != null);
        if (next != null) {
            root.getChildren().add(next.root());
            next.attach();
            Fx.every(
                    SHEET_TICK,
                    () -> {
                        next.tick();
                        return next.equals(sheet) && next.root().getScene() != null;
                    });
        }
        focusGate();
    }

    private Node nothing() {
        if (!(model.link().state().get() instanceof EngineLink.State.Up)) {
            return Nodes.empty(
                    Icons.spinner(), text("empty.connecting"), text("empty.connecting-why"));
        }
        List<Button> buttons = new ArrayList<>();
        Button start = Nodes.button(text("empty.start"), null, "Ctrl N", model::startSession);
        start.getStyleClass().add("primary-button");
        start.setId("empty-start");
        buttons.add(start);
        if (model.options().sample() != null) {
            Button sample = Nodes.button(text("empty.sample"), null, null, model::trySample);
            sample.setId("empty-sample");
            buttons.add(sample);
        }
        return Nodes.empty(
                Icons.mark(),
                text("empty.title"),
                model.options().sample() == null ? text("empty.why") : text("empty.why-sample"),
                buttons.toArray(Button[]::new));
    }

    private void draw() {
        if (model.room().get() == null && shown == null && model.link().up() != emptyDrawnUp) {
            emptyDrawnUp = model.link().up();
            page.getChildren().setAll(nothing());
        }
        drawBanners();
        drawHeader();
        drawTabs();
        drawStatus();
        int others = Math.max(0, model.approvals().waiting().size() - 1);
        othersWait.setText(others == 0 ? "" : text("shell.others-wait", others));
        boolean can = model.canSend() && model.link().up();
        message.setDisable(!can);
        send.setDisable(!can || message.getText().isBlank());
    }

    private void drawHeader() {
        SessionView session = model.session();
        if (session == null) {
            return;
        }
        title.setText(session.name());
        Instant now = model.clock().instant();
        String state =
                switch (session.state()) {
                    case RUNNING ->
                            session.agentRunning()
                                    ? text(
                                            "header.running",
                                            Words.age(Duration.between(session.created(), now)))
                                    : text("header.idle");
                    case PREPARING -> text("header.preparing");
                    case REVIEW -> text("header.review");
                    case CLOSED -> text("header.closed");
                    case FROZEN -> text("header.frozen");
                    case FAILED -> text("header.failed");
                };
        String words =
                String.join(
                        "\n",
                        session.directory(),
                        session.agent(),
                        state,
                        Guest.line(session.task(), 200));
        // Drawn anew only when it differs: the second's tick alone redraws nothing.
        if (!words.equals(subtitle.getUserData())) {
            subtitle.setUserData(words);
            subtitle.getChildren()
                    .setAll(
                            Nodes.whole(
                                    Nodes.label(
                                            Words.folder(session.directory()),
                                            "mono-small",
                                            "muted")),
                            Nodes.whole(Nodes.label("·", "second", "muted")),
                            Nodes.whole(Nodes.label(session.agent(), "second", "muted")),
                            Nodes.whole(Nodes.label("·", "second", "muted")),
                            Nodes.whole(Nodes.label(state, "second", "muted")),
                            Nodes.whole(Nodes.label("·", "second", "muted")),
                            Nodes.label(Guest.line(session.task(), 200), "second", "muted"));
        }
        Level worst = model.sessions().worst();
        int waiting = model.sessions().waitingCount();
        // Drawn anew only when it differs: a press must meet the button that was under it.
        String key =
                session.id()
                        + session.state().word()
                        + session.agentRunning()
                        + waiting
                        + (worst == null ? "" : worst.word());
        if (key.equals(drawn)) {
            return;
        }
        drawn = key;
        actions.getChildren().clear();
        if (waiting > 0 && worst != null) {
            Button pill = new Button();
            pill.getStyleClass().setAll("pill-button");
            pill.setGraphic(Pill.of(text("pill.waiting", waiting), worst));
            pill.setAccessibleText(text("pill.waiting", waiting));
            pill.setId("waiting-pill");
            pill.setOnAction(_ -> model.showWaiting(null));
            actions.getChildren().add(pill);
        }
        switch (session.state()) {
            case RUNNING -> {
                if (session.agentRunning()) {
                    actions.getChildren()
                            .add(
                                    Nodes.button(
                                            text("header.interrupt"),
                                            MaterialDesignS.STOP_CIRCLE_OUTLINE,
                                            null,
                                            model::interrupt));
                }
                actions.getChildren()
                        .add(
                                Nodes.named(
                                        "checkpoint",
                                        Nodes.button(
                                                text("header.checkpoint"),
                                                MaterialDesignF.FLAG_OUTLINE,
                                                null,
                                                this::askCheckpoint)));
            }
            case REVIEW, CLOSED, FAILED ->
                    actions.getChildren()
                            .add(
                                    Nodes.button(
                                            text("header.resume"),
                                            MaterialDesignP.PLAY_OUTLINE,
                                            null,
                                            model::resume));
            case FROZEN ->
                    actions.getChildren()
                            .add(
                                    Nodes.named(
                                            "thaw",
                                            Nodes.button(
                                                    text("header.thaw"),
                                                    MaterialDesignP.PLAY_OUTLINE,
                                                    null,
                                                    model::thaw)));
            case PREPARING -> {}
        }
        if (session.state() == SessionState.RUNNING || session.state() == SessionState.PREPARING) {
            Button freeze =
                    Nodes.button(
                            text("header.freeze"),
                            MaterialDesignP.PAUSE_BOX_OUTLINE,
                            null,
                            model::freeze);
            freeze.getStyleClass().add("danger-button");
            freeze.setId("freeze");
            actions.getChildren().add(freeze);
        }
        MenuButton more = new MenuButton();
        more.getStyleClass().setAll("menu-button", "cs-button", "icon-button", "more-button");
        more.setGraphic(Icons.icon(MaterialDesignD.DOTS_HORIZONTAL));
        more.setAccessibleText(text("header.more"));
        more.setId("more");
        MenuItem stop = new MenuItem(text("header.stop"));
        stop.setOnAction(_ -> model.stop());
        stop.setDisable(
                session.state() != SessionState.RUNNING
                        && session.state() != SessionState.REVIEW
                        && session.state() != SessionState.PREPARING);
        MenuItem delete = new MenuItem(text("header.delete"));
        delete.setOnAction(_ -> model.askDelete());
        more.getItems().addAll(stop, delete);
        actions.getChildren().add(more);
    }

    private void askCheckpoint() {
        model.tab().set(ShellViewModel.Tab.CHECKPOINTS);
        Views now = viewsOfRoom();
        if (now != null
                && now.page(ShellViewModel.Tab.CHECKPOINTS) instanceof CheckpointsPage page) {
            page.askName();
        }
    }

    private void drawTabs() {
        Room room = model.room().get();
        SessionView session = model.session();
        tabButtons.forEach((tab, button) -> {
            button.setSelected(tab == model.tab().get());
            int count =
                    switch (tab) {
                        case FEED, POLICY, JOURNAL, REPORT -> 0;
                        case REVIEW -> session == null ? 0 : session.stagedHunks();
                        case CHECKPOINTS ->
                                room == null ? 0 : room.checkpoints().checkpoints().size();
                        case NETWORK -> room == null ? 0 : room.network().count();
                        case DELETIONS -> room == null ? 0 : room.deletions().count();
                    };
            if (tab == ShellViewModel.Tab.DELETIONS) {
                Nodes.show(button, count > 0 || model.tab().get() == tab);
            }
            if (count == 0) {
                button.setGraphic(null);
            } else if (button.getGraphic() instanceof Label tag) {
                tag.setText(Words.count(count));
            } else {
                button.setGraphic(Nodes.label(Words.count(count), "count-tag"));
            }
        });
    }

    private static String nameOf(ShellViewModel.Tab tab) {
        return switch (tab) {
            case FEED -> text("tab.feed");
            case REVIEW -> text("tab.review");
            case CHECKPOINTS -> text("tab.checkpoints");
            case NETWORK -> text("tab.network");
            case POLICY -> text("tab.policy");
            case JOURNAL -> text("tab.journal");
            case REPORT -> text("tab.report");
            case DELETIONS -> text("tab.deletions");
        };
    }

    private void drawBanners() {
        List<Node> all = new ArrayList<>();
        if (model.link().state().get() instanceof EngineLink.State.Lost lost) {
            all.add(
                    Banner.of(
                            Banner.Kind.DEGRADED,
                            text("banner.engine-lost", Words.second(lost.since()), lost.tries()),
                            text("banner.engine-lost-why", lost.why())));
        }
        ShellViewModel.Notice notice = model.notice().get();
        if (notice != null) {
            all.add(
                    Banner.of(
                            notice.problem() ? Banner.Kind.STOPPED : Banner.Kind.INFO,
                            notice.title(),
                            notice.detail(),
                            Nodes.button(text("common.dismiss"), null, null, model::dismiss)));
        }
        SessionView session = model.session();
        if (session != null && !model.sessions().waitingShown().get()) {
            sessionBanners(session, all);
        }
        List<String> before = banners.getChildren().stream().map(Node::getId).toList();
        all.forEach(each -> each.setId(words(each)));
        if (!before.equals(all.stream().map(Node::getId).toList())) {
            banners.getChildren().setAll(all);
        }
    }

    /// The words of a part tell it from another: it is kept while they are the same.
    private static String words(Node banner) {
        StringBuilder words = new StringBuilder();
        if (banner instanceof Label label) {
            words.append(label.getText());
        } else if (banner instanceof Button button) {
            words.append(button.getText());
        } else if (banner instanceof javafx.scene.Parent parent) {
            parent.getChildrenUnmodifiable().forEach(each -> words.append(words(each)));
        }
        return words.toString();
    }

    private void sessionBanners(SessionView session, List<Node> all) {
        String why = Objects.requireNonNullElse(session.why(), "");
        switch (session.state()) {
            case FROZEN ->
                    all.add(
                            Banner.of(
                                    Banner.Kind.FROZEN,
                                    why.isEmpty()
                                            ? text("banner.frozen")
                                            : text("banner.frozen-why", why),
                                    text("banner.frozen-means"),
                                    Nodes.button(text("header.thaw"), null, null, model::thaw)));
            case FAILED ->
                    all.add(
                            Banner.of(
                                    Banner.Kind.STOPPED,
                                    text("banner.failed"),
                                    why.isEmpty() ? text("banner.failed-unknown") : why,
                                    Nodes.button(
                                            text("header.resume"), null, null, model::resume)));
            case RUNNING -> {
                if (Boolean.FALSE.equals(session.linkUp())) {
                    Room room = model.room().get();
                    Instant since = room == null ? null : room.linkLost();
                    all.add(
                            Banner.of(
                                    Banner.Kind.DEGRADED,
                                    since == null
                                            ? text("banner.link")
                                            : text("banner.link-since", Words.second(since)),
                                    text("banner.link-means")));
                }
            }
            case PREPARING, REVIEW, CLOSED -> {}
        }
        Room now = model.room().get();
        int held = now == null ? 0 : now.deletions().count();
        if (held > 0 && model.tab().get() != ShellViewModel.Tab.DELETIONS) {
            all.add(
                    Banner.of(
                            Banner.Kind.DEGRADED,
                            text("banner.deletions", held),
                            text("banner.deletions-means"),
                            Nodes.named(
                                    "deletions-look",
                                    Nodes.button(
                                            text("banner.deletions-look"),
                                            null,
                                            null,
                                            () -> model.tab().set(ShellViewModel.Tab.DELETIONS)))));
        }
        if (session.id().equals(model.deleting().get())) {
            Button drop =
                    Nodes.button(
                            session.stagedHunks() > 0
                                    ? text("banner.delete-drop", session.stagedHunks())
                                    : text("banner.delete-do"),
                            null,
                            null,
                            () -> model.delete(session.stagedHunks() > 0));
            drop.getStyleClass().add("danger-button");
            all.add(
                    Banner.of(
                            Banner.Kind.STOPPED,
                            text("banner.delete", session.name()),
                            session.stagedHunks() > 0
                                    ? text("banner.delete-staged", session.stagedHunks())
                                    : text("banner.delete-means"),
                            drop,
                            Nodes.button(text("banner.keep"), null, null, model::keep)));
        }
    }

    private void drawStatus() {
        List<Node> parts = new ArrayList<>();
        SessionView session = model.session();
        Room room = model.room().get();
        if (session == null) {
            parts.add(
                    part(
                            MaterialDesignL.LIGHTNING_BOLT_OUTLINE,
                            switch (model.link().state().get()) {
                                case EngineLink.State.Up up ->
                                        text("status.engine", up.hello().version());
                                case EngineLink.State.Connecting _ -> text("status.connecting");
                                case EngineLink.State.Lost _ -> text("status.lost");
                            },
                            "",
                            ""));
        } else {
            Duration took = room == null ? null : room.startTook();
            if (session.startKind() != null) {
                parts.add(
                        part(
                                MaterialDesignL.LIGHTNING_BOLT_OUTLINE,
                                text("status.start", session.startKind()),
                                took == null ? "" : Words.span(took),
                                ""));
            }
            String accelerator = session.accelerator();
            parts.add(
                    part(
                            MaterialDesignC.CUBE_OUTLINE,
                            text("status.tier"),
                            session.tier().word(),
                            accelerator == null
                                    ? ""
                                    : text(
                                            "status.accelerator",
                                            accelerator.toUpperCase(java.util.Locale.ROOT))));
            parts.add(
                    part(
                            MaterialDesignS.SHIELD_OUTLINE,
                            text("status.mode"),
                            session.mode().word(),
                            ""));
            parts.add(
                    part(
                            MaterialDesignL.LOCK_OUTLINE,
                            text("status.class"),
                            session.dataClass().word(),
                            ""));
            parts.add(
                    part(
                            MaterialDesignM.MESSAGE_OUTLINE,
                            text("status.tokens"),
                            Words.count(session.inputTokens()),
                            text("status.tokens-of", Words.count(session.outputTokens()))));
            Boolean up = session.linkUp();
            parts.add(
                    part(
                            MaterialDesignL.LINK_VARIANT,
                            text("status.link"),
                            up == null
                                    ? text("status.link-none")
                                    : up ? text("status.link-ok") : text("status.link-down"),
                            ""));
        }
        HBox line = Nodes.row(0);
        for (Node each : parts) {
            if (!line.getChildren().isEmpty()) {
                line.getChildren().add(Nodes.styled(new Region(), "status-line"));
            }
            line.getChildren().add(each);
        }
        line.getChildren().add(Nodes.spring());
        if (room != null) {
            line.getChildren().add(journal(room.journal().checked().get()));
        }
        HBox.setHgrow(line, Priority.ALWAYS);
        String now = words(line);
        if (!now.equals(status.getUserData())) {
            status.setUserData(now);
            status.getChildren().setAll(line);
        }
    }

    private static Node journal(JournalViewModel.@Nullable Checked checked) {
        if (checked == null) {
            return part(
                    MaterialDesignC.CHECK_DECAGRAM_OUTLINE, text("status.journal-unknown"), "", "");
        }
        if (!checked.good()) {
            Node bad =
                    part(
                            MaterialDesignC.CHECK_DECAGRAM_OUTLINE,
                            checked.failed() == null
                                    ? text("status.journal-bad")
                                    : text("status.journal-unknown"),
                            "",
                            "");
            bad.getStyleClass().add("status-bad");
            return bad;
        }
        Instant to = checked.upTo();
        if (checked.view() != null && checked.view().verifiedTo() < 0) {
            return part(
                    MaterialDesignC.CHECK_DECAGRAM_OUTLINE, text("status.journal-empty"), "", "");
        }
        String anchor = checked.view() == null ? "none" : checked.view().anchor();
        return part(
                MaterialDesignC.CHECK_DECAGRAM_OUTLINE,
                text("status.journal"),
                to == null
                        ? text(
                                "status.journal-entry",
                                checked.view() == null ? 0 : checked.view().verifiedTo())
                        : Words.second(to),
                anchor.equals("none") ? text("status.no-anchor") : text("status.anchor", anchor));
    }

    private static Node part(Ikon icon, String name, String value, String more) {
        HBox part = Nodes.row(6, Icons.icon(icon, "small"), Nodes.label(name, "second", "muted"));
        if (!value.isEmpty()) {
            part.getChildren().add(Nodes.label(value, "second", "strong-second"));
        }
        if (!more.isEmpty()) {
            part.getChildren().add(Nodes.label(more, "second", "muted"));
        }
        part.getStyleClass().add("status-part");
        return part;
    }
}
