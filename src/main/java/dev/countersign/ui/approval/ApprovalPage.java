package dev.countersign.ui.approval;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.RuleOffers;
import dev.countersign.api.RuleSuggestions;
import dev.countersign.api.SessionView;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.Theme;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javafx.animation.AnimationTimer;
import javafx.beans.value.ChangeListener;
import javafx.collections.ListChangeListener;
import javafx.event.EventHandler;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.control.RadioButton;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextField;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.ToggleGroup;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.shape.Arc;
import javafx.scene.shape.ArcType;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignI;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;
import org.kordamp.ikonli.materialdesign2.MaterialDesignP;
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;

/// The requests that wait, and the card of one of them: what exactly would run, why it asks,
/// whether it can be taken back. The order of its parts never changes. Deny has the focus.
public final class ApprovalPage implements View {
    private final ApprovalViewModel model;
    private final VBox root = Nodes.styled(new VBox(), "approval-page");
    private final HBox chips = Nodes.row(8);
    private final Label position = Nodes.label("", "muted");
    private final HBox top;
    private final StackPane place = new StackPane();
    private final Button allow = new Button();
    private final Label allowWords = new Label();
    private final StackPane ring = new StackPane();
    private final Arc arc = new Arc(7, 7, 5.5, 5.5, 90, 0);
    private final Label countdown = Nodes.label("", "mono-small");
    private final Button deny;
    private final Button denyNote;
    private final TextField note = new TextField();
    private final TextField proof = new TextField();
    private final VBox lessAsked = Nodes.column(8);
    private final HBox noteBar;
    private final Label proofWords = Nodes.label("", "second");
    private final HBox proofBar;
    private final Label problem = Nodes.paragraph("", "critical-text");
    private final HBox outcomeBar = Nodes.row(12);
    private final List<LongText> texts = new ArrayList<>();
    private final AnimationTimer timer =
            new AnimationTimer() {
                @Override
                public void handle(long now) {
                    model.tick();
                }
            };
    private final EventHandler<KeyEvent> keys = this::onKey;
    private final ListChangeListener<ApprovalView> onWaiting = _ -> chips();
    private final ChangeListener<Object> onCurrent = (_, _, _) -> show();
    private final ChangeListener<Object> onArming = (_, _, _) -> arming();
    private final ChangeListener<Object> onOutcome = (_, _, _) -> outcome();
    private final ChangeListener<Object> onOffers = (_, _, _) -> offered();
    private final ChangeListener<Object> onSuggestions = (_, _, _) -> suggested();
    private @Nullable ScrollPane scroll;
    private ArmingGate.@Nullable State drawnState;
    private boolean swallow;
    private boolean active;
    private final Set<KeyCode> held = EnumSet.noneOf(KeyCode.class);

    /// Nothing is bound before [#attach()].
    public ApprovalPage(ApprovalViewModel model) {
        this.model = model;
        deny = Nodes.button(text("approval.deny"), null, "↵ Esc", model::deny);
        deny.getStyleClass().addAll("decision-button", "deny-button");
        deny.setId("deny");
        denyNote = Nodes.button(text("approval.deny-note"), null, "N", this::startNote);
        denyNote.getStyleClass().addAll("decision-button");
        denyNote.setId("deny-note");
        allow.getStyleClass().addAll("cs-button", "decision-button", "allow-button");
        allow.setId("allow");
        allow.setMinWidth(Region.USE_PREF_SIZE);
        allow.setOnAction(_ -> model.allow());
        arc.setType(ArcType.OPEN);
        arc.getStyleClass().add("arming-arc");
        Arc track = new Arc(7, 7, 5.5, 5.5, 0, 360);
        track.setType(ArcType.OPEN);
        track.getStyleClass().add("arming-track");
        ring.getChildren().add(new javafx.scene.layout.Pane(track, arc));
        ring.setMinSize(14, 14);
        ring.setMaxSize(14, 14);
        proof.setId("approval-proof");
        note.setId("approval-note");
        note.setPromptText(text("approval.note-prompt"));
        note.setAccessibleText(text("approval.note-prompt"));
        HBox.setHgrow(note, Priority.ALWAYS);
        noteBar =
                Nodes.styled(
                        Nodes.row(12, Nodes.label(text("approval.note-label"), "second"), note),
                        "note-bar");
        proofWords.setMinWidth(Region.USE_PREF_SIZE);
        proof.setPrefColumnCount(18);
        proofBar =
                Nodes.styled(
                        Nodes.row(
                                12,
                                Icons.icon(MaterialDesignL.LOCK_OUTLINE),
                                proofWords,
                                proof,
                                Nodes.grow(
                                        Nodes.label(
                                                text("approval.proof-then"), "second", "muted"))),
                        "note-bar");
        outcomeBar.getStyleClass().add("outcome-bar");
        top =
                Nodes.styled(
                        Nodes.row(
                                14,
                                Nodes.label(text("approval.title"), "page-title"),
                                position,
                                Nodes.spring(),
                                chips),
                        "approval-top");
        VBox.setVgrow(place, Priority.ALWAYS);
        root.getChildren().addAll(top, place);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.waiting().addListener(onWaiting);
        model.current().addListener(onCurrent);
        model.arming().addListener(onArming);
        model.progress().addListener(onArming);
        model.sending().addListener(onArming);
        model.outcome().addListener(onOutcome);
        problem.textProperty().bind(model.problem());
        note.textProperty().bindBidirectional(model.note());
        proof.textProperty().bindBidirectional(model.proof());
        model.offers().addListener(onOffers);
        model.suggestions().addListener(onSuggestions);
        model.noting().addListener(onOutcome);
        show();
        chips();
    }

    @Override
    public void detach() {
        timer.stop();
        active = false;
        model.blurred();
        model.waiting().removeListener(onWaiting);
        model.current().removeListener(onCurrent);
        model.arming().removeListener(onArming);
        model.progress().removeListener(onArming);
        model.sending().removeListener(onArming);
        model.outcome().removeListener(onOutcome);
        model.noting().removeListener(onOutcome);
        problem.textProperty().unbind();
        note.textProperty().unbindBidirectional(model.note());
        proof.textProperty().unbindBidirectional(model.proof());
        model.offers().removeListener(onOffers);
        model.suggestions().removeListener(onSuggestions);
    }

    /// Whether the card takes keys: it is on screen and nothing lies over it.
    public void active(boolean now) {
        active = now;
    }

    /// Keys of this page; put as filters on the scene for good, so that no list can eat Escape and
    /// so that a key that was pressed before the card came is known as such.
    public EventHandler<KeyEvent> keys() {
        return keys;
    }

    /// Gives the focus to the safe answer.
    public void focus() {
        deny.requestFocus();
    }

    private void onKey(KeyEvent e) {
        if (e.getEventType() == KeyEvent.KEY_RELEASED) {
            held.remove(e.getCode());
            return;
        }
        if (!active) {
            if (e.getEventType() == KeyEvent.KEY_PRESSED) {
                held.add(e.getCode());
            }
            return;
        }
        if (e.getEventType() == KeyEvent.KEY_TYPED && swallow) {
            // The letter that opened the field is not its first one.
            swallow = false;
            e.consume();
            return;
        }
        if (e.getEventType() != KeyEvent.KEY_PRESSED || model.current().get() == null) {
            return;
        }

        boolean typing =
                e.getTarget() instanceof Node node
                        && node.getScene() != null
                        && node.getScene().getFocusOwner() instanceof TextInputControl;
        swallow = false;
        KeyCode code = e.getCode();
        boolean repeat = !held.add(code);
        if (code == KeyCode.ESCAPE && typing && model.noting().get()) {
            model.noting().set(false);
            focus();
            e.consume();
        } else if (code == KeyCode.ESCAPE || (code == KeyCode.ENTER && !e.isShortcutDown())) {
            // A key that was held down when the card came decides nothing.
            if (!repeat) {
                model.deny();
            }
            e.consume();
        } else if (code == KeyCode.A && e.isShortcutDown() && !typing) {
            if (!repeat) {
                model.allow();
            }
            e.consume();
        } else if (code == KeyCode.UP && e.isShortcutDown()) {
            model.step(-1);
            e.consume();
        } else if (code == KeyCode.DOWN && e.isShortcutDown()) {
            model.step(1);
            e.consume();
        } else if (code == KeyCode.N && !typing && !e.isShortcutDown()) {
            startNote();
            swallow = true;
            e.consume();
        } else if (code == KeyCode.SPACE && !typing) {
            // Space would press whatever has the focus.
            ScrollPane pane = scroll;
            if (pane != null) {
                pane.setVvalue(Math.min(1, pane.getVvalue() + 0.25));
            }
            e.consume();
        }
    }

    private void startNote() {
        model.addNote();
        note.requestFocus();
    }

    private void chips() {
        chips.getChildren().clear();
        ApprovalView shown = model.current().get();
        int room = 3;
        for (ApprovalView each : model.waiting()) {
            if (room-- == 0) {
                chips.getChildren()
                        .add(
                                Nodes.label(
                                        text("approval.more", model.waiting().size() - 3),
                                        "second",
                                        "muted"));
                break;
            }
            SessionView session = model.sessionOf(each);
            Label who =
                    Nodes.label(
                            session == null ? each.session().value() : session.name(), "strong");
            who.setMaxWidth(160);
            Button chip = new Button();
            chip.getStyleClass().addAll("cs-button", "waiting-chip");
            chip.setGraphic(
                    Nodes.row(
                            8,
                            who,
                            Nodes.badge(each.level()),
                            Nodes.label(age(each), "second", "muted")));
            chip.setAccessibleText(who.getText() + " " + Words.level(each.level()));
            if (shown != null && shown.id().equals(each.id())) {
                chip.getStyleClass().add("chip-selected");
            }
            chip.setOnAction(_ -> model.open(each.id()));
            chip.setFocusTraversable(false);
            chips.getChildren().add(chip);
        }
        if (model.waiting().size() > 1) {
            chips.getChildren().addAll(Nodes.key("Ctrl ↑"), Nodes.key("Ctrl ↓"));
        }
        int place = model.position();
        position.setText(
                place == 0 ? "" : text("approval.position", place, model.waiting().size()));
    }

    private String age(ApprovalView of) {
        return Words.age(Duration.between(of.opened(), model.now()));
    }

    private void show() {
        ApprovalView shown = model.current().get();
        texts.clear();
        scroll = null;
        place.getChildren().clear();
        chips();
        if (shown == null) {
            Nodes.show(top, true);
            String last = model.lastAnswer().get();
            place.getChildren()
                    .setAll(
                            new VBox(
                                    Nodes.empty(
                                            Icons.icon(MaterialDesignC.CHECK, "empty-icon"),
                                            text("approval.nothing"),
                                            last == null
                                                    ? text("approval.nothing-why")
                                                    : text("approval.last", last)),
                                    scrolling(new VBox(suggestions()))));
            return;
        }
        boolean alone = model.alone();
        Nodes.show(top, !alone);
        Region card = alone ? critical(shown) : card(shown);
        card.setId("approval-card");
        place.getChildren().add(card);
        texts.forEach(each -> each.seen().addListener((_, _, _) -> checkSeen()));
        drawnState = null;
        arming();
        outcome();
        focus();
    }

    private Region card(ApprovalView shown) {
        boolean plan = shown.kind().equals("plan");
        VBox left = new VBox();
        if (plan) {
            fillPlan(left, shown);
        } else {
            fillCalls(left, shown);
        }
        VBox right = new VBox();
        if (plan) {
            right.getChildren().add(section(text("approval.if-you-approve"), planLevels()));
            right.getChildren().add(section(text("approval.covers"), directories(shown)));
        } else {
            right.getChildren().add(section(text("approval.why"), why(shown)));
            if (!shown.planDirectories().isEmpty()) {
                right.getChildren().add(section(text("approval.covers"), directories(shown)));
            }
        }
        right.getChildren().add(section(text("approval.undo"), undo(shown)));
        lessAsked.getChildren().clear();
        right.getChildren()
                .add(
                        section(
                                shown.kind().equals("hosts")
                                        ? text("approval.reach")
                                        : text("approval.less"),
                                lessAsked));
        right.getChildren().add(section(text("approval.time"), time(shown)));
        offered();
        ScrollPane leftScroll = scrolling(left);
        ScrollPane rightScroll = scrolling(right);
        rightScroll.getStyleClass().add("card-right");
        rightScroll.setMinWidth(300);
        rightScroll.setPrefWidth(408);
        rightScroll.setMaxWidth(408);
        HBox.setHgrow(leftScroll, Priority.ALWAYS);
        scroll = leftScroll;
        HBox body = new HBox(leftScroll, rightScroll);
        body.setFillHeight(true);
        VBox.setVgrow(body, Priority.ALWAYS);
        VBox card = new VBox(head(shown), body, noteBar, proofBar, bar(shown));
        card.getStyleClass().add("card");
        return card;
    }

    private Region critical(ApprovalView shown) {
        VBox content = new VBox();
        content.getChildren().add(section(text("approval.command"), commands(shown)));
        HBox both =
                new HBox(
                        Nodes.grow(section(text("approval.why"), why(shown))),
                        Nodes.grow(
                                Nodes.styled(
                                        section(text("approval.undo"), undo(shown)), "left-line")));
        both.getChildren().forEach(each -> ((Region) each).setPrefWidth(380));
        content.getChildren().addAll(both, says(shown));
        ScrollPane pane = scrolling(content);
        scroll = pane;
        VBox.setVgrow(pane, Priority.SOMETIMES);
        pane.setMinHeight(120);
        // As high as its content, as far as the window allows.
        content.heightProperty()
                .addListener((_, _, now) -> pane.setPrefHeight(now.doubleValue() + 2));
        Region edge = Nodes.styled(new Region(), "critical-edge");
        VBox card = new VBox(edge, head(shown), pane, noteBar, proofBar, bar(shown));
        card.getStyleClass().addAll("card", "critical-card");
        card.setMaxWidth(800);
        card.setMaxHeight(Region.USE_PREF_SIZE);
        StackPane alone = new StackPane(card);
        alone.getStyleClass().add("alone");
        return alone;
    }

    private HBox head(ApprovalView shown) {
        SessionView session = model.sessionOf(shown);
        String name = session == null ? shown.session().value() : session.name();
        Label title = Nodes.paragraph(text("approval.sentence", name, shown.title()), "card-title");
        HBox.setHgrow(title, Priority.ALWAYS);
        title.setMaxWidth(Double.MAX_VALUE);
        HBox head = Nodes.row(12, Nodes.badge(shown.level(), "badge-large"), title);
        head.getChildren().add(Nodes.gate(shown.gate()));
        if (!model.alone()) {
            head.getChildren()
                    .add(Nodes.tag(text("approval.held"), MaterialDesignC.CHECK_DECAGRAM_OUTLINE));
        }
        head.getStyleClass().add("card-head");
        return head;
    }

    private void fillCalls(VBox left, ApprovalView shown) {
        boolean hosts = shown.kind().equals("hosts");
        left.getChildren()
                .add(
                        section(
                                hosts ? text("approval.hosts") : text("approval.command"),
                                commands(shown)));
        VBox effects = effects(shown);
        if (!effects.getChildren().isEmpty()) {
            left.getChildren().add(section(text("approval.effects"), effects));
        }
        if (!hosts || !shown.agentText().raw().isEmpty()) {
            left.getChildren().add(says(shown));
        }
    }

    private void fillPlan(VBox left, ApprovalView shown) {
        SessionView session = model.sessionOf(shown);
        if (session != null) {
            left.getChildren()
                    .add(
                            section(
                                    text("approval.task"),
                                    Nodes.paragraph(Guest.line(session.task(), 1500))));
        }
        left.getChildren().add(section(text("approval.plan"), says(shown)));
        left.getChildren().add(section(text("approval.plan-calls"), commands(shown)));
    }

    private VBox commands(ApprovalView shown) {
        VBox all = Nodes.column(12);
        if (shown.warning() != null) {
            all.getChildren()
                    .add(
                            Nodes.styled(
                                    Nodes.point(
                                            Icons.icon(MaterialDesignA.ALERT_OUTLINE, "verdict-no"),
                                            Nodes.paragraph(shown.warning())),
                                    "banner",
                                    "banner-critical"));
        }
        int number = 0;
        for (ApprovalView.Call call : shown.calls()) {
            number++;
            all.getChildren()
                    .add(
                            shown.kind().equals("hosts")
                                    ? host(shown, call, number)
                                    : command(shown, call, number));
        }
        return all;
    }

    /// One call: in which directory, its words in frames, and the exact text.
    private VBox command(ApprovalView shown, ApprovalView.Call call, int number) {
        VBox box = Nodes.column(6);
        HBox where =
                Nodes.row(
                        8,
                        Guest.label(call.tool(), "strong"),
                        Nodes.label(text("approval.claimed-tool"), "second", "muted"),
                        Nodes.spring(),
                        Nodes.label(text("approval.in"), "second", "muted"),
                        Guest.label(call.cwd(), "mono-small"),
                        Nodes.label(text("approval.claimed"), "second", "muted"));
        if (shown.kind().equals("calls") && oneOfSome(shown, call)) {
            where.getChildren().add(tick(text("approval.may-run"), number));
        }
        if (shown.calls().size() > 1) {
            where.getChildren()
                    .addAll(
                            0,
                            List.of(
                                    Nodes.label(
                                            text("approval.call-of", number, shown.calls().size()),
                                            "strong"),
                                    Nodes.badge(call.level())));
        }
        box.getChildren().add(where);
        if (!call.argv().isEmpty()) {
            box.getChildren().add(frames(call));
        }
        GuestText command = call.command();
        if (command != null && !Arguments.saidByWords(call, command)) {
            box.getChildren()
                    .addAll(
                            Nodes.label(
                                    call.argv().isEmpty()
                                            ? text("approval.not-parsed")
                                            : text("approval.exact"),
                                    "caption",
                                    "subtle"),
                            whole(command, false));
        }
        if (call.path() != null) {
            box.getChildren()
                    .add(
                            Nodes.row(
                                    8,
                                    Icons.icon(MaterialDesignP.PENCIL_OUTLINE),
                                    Guest.label(call.path(), "strong")));
        }
        for (Arguments.Argument each : Arguments.of(call.argumentsJson()).all()) {
            // The command and the path stand above already, if they are the same text.
            if (each.value().equals(command) || each.value().equals(call.path())) {
                continue;
            }
            box.getChildren()
                    .addAll(
                            each.name().raw().isEmpty()
                                    ? Nodes.label(text("approval.arguments"), "caption", "subtle")
                                    : Guest.label(each.name(), "caption", "subtle"),
                            whole(each.value(), each.content()));
        }
        return box;
    }

    private static boolean oneOfSome(ApprovalView shown, ApprovalView.Call call) {
        return call.waits() && shown.calls().stream().filter(ApprovalView.Call::waits).count() > 1;
    }

    private CheckBox tick(String words, int number) {
        CheckBox tick = new CheckBox(words);
        tick.setId("may-run-" + number);
        tick.setSelected(!model.leftOut().contains(number));
        tick.setOnAction(_ -> {
            model.take(number, tick.isSelected());
            allowWords();
        });
        return tick;
    }

    /// A host that is wanted: its name, and below all else that is known of the wish.
    private VBox host(ApprovalView shown, ApprovalView.Call call, int number) {
        HBox head = Nodes.row(8, Guest.label(call.id(), "strong"), Nodes.spring());
        if (oneOfSome(shown, call)) {
            head.getChildren().add(tick(text("approval.may-reach"), number));
        }
        VBox box = Nodes.column(6, head);
        for (Arguments.Argument each : Arguments.of(call.argumentsJson()).all()) {
            String name = each.name().raw();
            if (name.equals("host") || name.equals("port")) {
                continue; // the name above is both
            }
            box.getChildren()
                    .add(
                            new HBox(
                                    8,
                                    Guest.label(each.name(), "caption", "subtle", "host-argument"),
                                    Nodes.grow(whole(each.value(), false))));
        }
        return box;
    }

    private LongText whole(GuestText text, boolean mayFold) {
        LongText whole = new LongText(text, mayFold);
        texts.add(whole);
        return whole;
    }

    private VBox frames(ApprovalView.Call call) {
        VBox rows = Nodes.styled(new VBox(), "frames", "frames-" + call.level().word());
        int number = 0;
        for (List<GuestText> argv : call.argv()) {
            number++;
            FlowPane words = new FlowPane(4, 4);
            argv.forEach(word -> words.getChildren().add(frame(word)));
            HBox.setHgrow(words, Priority.ALWAYS);
            HBox row =
                    new HBox(
                            14,
                            Nodes.styled(
                                    Nodes.label(Integer.toString(number), "mono", "frame-number")),
                            words);
            row.getStyleClass().add("frame-row");
            rows.getChildren().add(row);
        }
        return rows;
    }

    /// A word of the command. A long one goes on in the next line of its frame; nothing is cut.
    private static Label frame(GuestText word) {
        Label frame =
                new Label(
                        word.raw().isEmpty()
                                ? text("approval.empty-word")
                                : String.join("\n", Guest.wrapped(word, 72)));
        frame.getStyleClass().addAll("guest-mono", "word-frame");
        if (Guest.deceptive(word)) {
            frame.getStyleClass().add("deceptive");
        }
        frame.setMinSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
        return frame;
    }

    private static VBox effects(ApprovalView shown) {
        VBox box = Nodes.column(8);
        shown.calls().stream()
                .flatMap(call -> call.effects().stream())
                .distinct()
                .forEach(effect ->
                        box.getChildren()
                                .add(
                                        Nodes.point(
                                                Icons.icon(MaterialDesignC.CHEVRON_RIGHT),
                                                Nodes.paragraph(effect))));
        return box;
    }

    private static VBox why(ApprovalView shown) {
        VBox box = Nodes.column(8);
        for (ApprovalView.Call call : shown.calls()) {
            for (String reason : call.reasons()) {
                box.getChildren().add(Nodes.point(mark(call.level()), Nodes.paragraph(reason)));
            }
        }
        shown.calls().stream()
                .map(ApprovalView.Call::rule)
                .distinct()
                .forEach(rule ->
                        box.getChildren()
                                .add(
                                        Nodes.point(
                                                Icons.icon(MaterialDesignS.SHIELD_OUTLINE),
                                                Nodes.paragraph(
                                                        text("approval.rule", rule), "muted"))));
        return box;
    }

    private static VBox undo(ApprovalView shown) {
        VBox box = Nodes.column(8);
        for (String line : shown.undo()) {
            boolean yes = line.toLowerCase(Locale.ROOT).startsWith("yes");
            box.getChildren()
                    .add(
                            Nodes.point(
                                    yes
                                            ? Icons.icon(MaterialDesignC.CHECK, "verdict-ok")
                                            : Icons.icon(MaterialDesignC.CLOSE, "verdict-no"),
                                    Nodes.paragraph(line)));
        }
        if (shown.undo().isEmpty()) {
            box.getChildren().add(Nodes.paragraph(text("approval.undo-unknown"), "muted"));
        }
        return box;
    }

    private VBox time(ApprovalView shown) {
        VBox box = Nodes.column(6, deadline(shown));
        SessionView session = model.sessionOf(shown);
        SessionView.Budget budget = session == null ? null : session.budget();
        if (budget != null && budget.prompts() > 0) {
            box.getChildren().add(Nodes.paragraph(budget(budget), "muted"));
        }
        return box;
    }

    private static String budget(SessionView.Budget budget) {
        Long typical = budget.typicalMillis();
        String asked =
                text(
                        "approval.budget",
                        budget.prompts(),
                        budget.lastHour(),
                        budget.allowed(),
                        budget.denied(),
                        budget.covered());
        return typical == null
                ? asked
                : asked
                        + " "
                        + text("approval.budget-time", Words.span(Duration.ofMillis(typical)));
    }

    /// The rules that the answer could also make, and the choice to answer all equal requests.
    private void offered() {
        lessAsked.getChildren().clear();
        ApprovalView shown = model.current().get();
        if (shown == null) {
            return;
        }
        ApprovalView.Equal equal = shown.equal();
        if (equal != null) {
            CheckBox all = new CheckBox(text("approval.all-equal", equal.ids().size()));
            all.setId("all-equal");
            all.setWrapText(true);
            all.setSelected(model.allEqual().get());
            all.setOnAction(_ -> {
                model.together(all.isSelected());
                allowWords();
            });
            lessAsked.getChildren().add(all);
        }
        if (shown.kind().equals("hosts")) {
            ToggleGroup far = new ToggleGroup();
            lessAsked
                    .getChildren()
                    .addAll(
                            reach(far, ApprovalViewModel.Reach.ONCE, text("approval.reach-once")),
                            reach(
                                    far,
                                    ApprovalViewModel.Reach.SESSION,
                                    text("approval.reach-session")),
                            reach(
                                    far,
                                    ApprovalViewModel.Reach.REPOSITORY,
                                    text("approval.reach-repository", model.lastDay())));
            return;
        }
        RuleOffers offers = model.offers().get();
        if (offers == null || offers.offers().isEmpty()) {
            lessAsked
                    .getChildren()
                    .add(
                            Nodes.paragraph(
                                    offers == null || offers.whyNone() == null
                                            ? text("approval.no-offer")
                                            : offers.whyNone(),
                                    "muted"));
            return;
        }
        ToggleGroup group = new ToggleGroup();
        lessAsked.getChildren().add(choice(group, "rule-none", text("approval.once"), null));
        int number = 0;
        for (RuleOffers.Offer offer : offers.offers()) {
            number++;
            lessAsked
                    .getChildren()
                    .addAll(
                            Nodes.styled(new Region(), "offer-line"),
                            Guest.label(GuestText.of(String.join("; ", offer.words())), "strong"),
                            Nodes.paragraph(offer.effect().sentence() + ".", "second", "muted"),
                            choice(
                                    group,
                                    "rule-session-" + number,
                                    text("approval.rule-session"),
                                    new ApprovalViewModel.Standing(offer, "session", null)),
                            choice(
                                    group,
                                    "rule-repository-" + number,
                                    text("approval.rule-repository", model.lastDay()),
                                    new ApprovalViewModel.Standing(
                                            offer, "repository", model.lastDay())));
        }
    }

    private RadioButton reach(ToggleGroup group, ApprovalViewModel.Reach reach, String words) {
        RadioButton choice = new RadioButton(words);
        choice.setId("reach-" + reach.word());
        choice.setWrapText(true);
        choice.setToggleGroup(group);
        choice.setSelected(model.reach() == reach);
        choice.setOnAction(_ -> {
            model.reach(reach);
            allowWords();
        });
        return choice;
    }

    private RadioButton choice(
            ToggleGroup group,
            String id,
            String words,
            ApprovalViewModel.@Nullable Standing standing) {
        RadioButton choice = new RadioButton(words);
        choice.setId(id);
        choice.setWrapText(true);
        choice.setToggleGroup(group);
        choice.setSelected(java.util.Objects.equals(standing, model.standing().get()));
        choice.setOnAction(_ -> {
            model.choose(standing);
            allowWords();
        });
        return choice;
    }

    /// Says on the button what a press does.
    private void allowWords() {
        ApprovalView shown = model.current().get();
        if (shown == null) {
            return;
        }
        long waiting = shown.calls().stream().filter(ApprovalView.Call::waits).count();
        long some = waiting - model.leftOut().size();
        ApprovalView.Equal equal = shown.equal();
        boolean rule = model.standing().get() != null;
        String words;
        if (shown.kind().equals("plan")) {
            words = text("approval.approve-plan");
        } else if (equal != null && model.allEqual().get()) {
            words = text("approval.allow-equal", equal.ids().size());
        } else if (some < waiting) {
            words = text("approval.allow-some", some, waiting);
        } else if (shown.kind().equals("hosts")) {
            words =
                    switch (model.reach()) {
                        case ONCE -> text("approval.allow");
                        case SESSION -> text("approval.allow-session");
                        case REPOSITORY -> text("approval.allow-repository");
                    };
        } else {
            words = text("approval.allow");
        }
        allowWords.setText(rule ? text("approval.allow-rule", words) : words);
        allow.setAccessibleText(allowWords.getText());
    }

    private void suggested() {
        if (model.current().get() == null) {
            show();
        }
    }

    private Region suggestions() {
        VBox box = Nodes.column(8);
        box.setMaxWidth(720);
        Button look = Nodes.button(text("approval.suggest"), null, null, model::suggest);
        look.setId("suggest-rules");
        box.getChildren().add(look);
        RuleSuggestions found = model.suggestions().get();
        if (found == null) {
            return box;
        }
        box.getChildren()
                .add(Nodes.paragraph(text("approval.suggested", found.sessions(), found.asked())));
        for (RuleSuggestions.Step step : found.steps()) {
            VBox rules = Nodes.column(2);
            step.rules()
                    .forEach(rule ->
                            rules.getChildren().add(Guest.label(GuestText.of(rule), "mono-small")));
            rules.getChildren()
                    .add(
                            Nodes.paragraph(
                                    text(
                                            "approval.suggested-left",
                                            step.left(),
                                            step.effect().sentence()),
                                    "muted"));
            HBox.setHgrow(rules, Priority.ALWAYS);
            Button make =
                    Nodes.button(
                            text("approval.make-rule", model.lastDay()),
                            null,
                            null,
                            () -> model.make(step));
            make.setMinWidth(Region.USE_PREF_SIZE);
            box.getChildren().add(Nodes.row(12, rules, make));
        }
        found.remaining()
                .forEach(stays ->
                        box.getChildren()
                                .add(
                                        Nodes.paragraph(
                                                text("approval.stays", stays.why()), "muted")));
        return box;
    }

    private Label deadline(ApprovalView shown) {
        Instant deadline = shown.deadline();
        return Nodes.paragraph(
                deadline == null
                        ? text("approval.waits", age(shown))
                        : text("approval.deadline", age(shown), Words.second(deadline)),
                "muted");
    }

    private static VBox planLevels() {
        VBox box = Nodes.column(8);
        box.getChildren()
                .addAll(
                        level(Level.LOW, text("approval.plan-low")),
                        level(Level.MEDIUM, text("approval.plan-medium")),
                        level(Level.HIGH, text("approval.plan-high")),
                        level(Level.CRITICAL, text("approval.plan-critical")));
        return box;
    }

    private static HBox level(Level level, String words) {
        StackPane badge = new StackPane(Nodes.badge(level));
        badge.setAlignment(Pos.CENTER_LEFT);
        badge.setMinWidth(84);
        return Nodes.row(8, badge, Nodes.label(words));
    }

    private static VBox directories(ApprovalView shown) {
        VBox box = Nodes.column(4);
        shown.planDirectories().forEach(each -> box.getChildren().add(Guest.label(each)));
        if (shown.planDirectories().isEmpty()) {
            box.getChildren().add(Nodes.paragraph(text("approval.covers-none"), "muted"));
        }
        box.getChildren().add(Nodes.paragraph(text("approval.covers-why"), "second", "muted"));
        return box;
    }

    private VBox says(ApprovalView shown) {
        HBox label =
                Nodes.row(
                        8,
                        Icons.icon(MaterialDesignC.COMMENT_OUTLINE, "says-icon"),
                        Nodes.label(text("feed.agent-says"), "says-label"),
                        Nodes.label(text("approval.not-checked"), "says-note"));
        LongText words = whole(shown.agentText(), false);
        words.getStyleClass().setAll("says-lines");
        VBox box = Nodes.styled(Nodes.column(6, label, words), "says-card");
        if (shown.kind().equals("plan")) {
            return box;
        }
        return Nodes.styled(new VBox(box), "section");
    }

    private static Node mark(Level level) {
        StackPane mark = new StackPane(Icons.shape(level));
        mark.getStyleClass().add("level-" + level.word() + "-plain");
        mark.setMinSize(16, 18);
        mark.setMaxSize(16, 18);
        return mark;
    }

    private static VBox section(String title, Node body) {
        VBox section = Nodes.column(8, Nodes.label(title, "section-title"), body);
        section.getStyleClass().add("section");
        return section;
    }

    private ScrollPane scrolling(VBox content) {
        ScrollPane pane = new ScrollPane(content);
        pane.setFitToWidth(true);
        pane.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        pane.getStyleClass().add("card-scroll");
        pane.vvalueProperty().addListener((_, _, _) -> checkSeen());
        pane.viewportBoundsProperty().addListener((_, _, _) -> checkSeen());
        content.layoutBoundsProperty().addListener((_, _, _) -> checkSeen());
        return pane;
    }

    private HBox bar(ApprovalView shown) {
        boolean plan = shown.kind().equals("plan");
        Label bound =
                Nodes.label(
                        text("approval.bound", shown.digest().brief()),
                        "second",
                        "muted",
                        "mono-part");
        Label what =
                Nodes.label(
                        plan
                                ? text("approval.plan-ends")
                                : model.alone()
                                        ? text("approval.no-rule")
                                        : text("approval.closing"),
                        "second",
                        "muted");
        VBox words = Nodes.column(0, bound, what, problem);
        problem.setMaxWidth(460);
        problem.managedProperty().bind(problem.textProperty().isNotEmpty());
        HBox.setHgrow(words, Priority.ALWAYS);
        words.setAlignment(Pos.CENTER_LEFT);
        askProof(shown);
        allowWords();
        if (denyNote.getGraphic() instanceof HBox row
                && row.getChildren().getFirst() instanceof Label label) {
            label.setText(plan ? text("approval.ask-changes") : text("approval.deny-note"));
        }
        HBox bar =
                Nodes.row(
                        12,
                        Icons.icon(MaterialDesignC.CHECK_DECAGRAM_OUTLINE),
                        words,
                        outcomeBar,
                        denyNote,
                        allow,
                        deny);
        bar.getStyleClass().add("card-bar");
        return bar;
    }

    private void askProof(ApprovalView shown) {
        ApprovalView.Proof wanted = shown.proof();
        proof.setText("");
        if (wanted != null) {
            String words =
                    wanted.kind().equals("totp")
                            ? text("approval.proof-code")
                            : text("approval.proof-phrase", String.valueOf(wanted.phrase()));
            proofWords.setText(words);
            proof.setAccessibleText(words);
        }
    }

    private void arming() {
        ArmingGate.State state = model.arming().get();
        boolean over = !model.outcome().get().isEmpty();
        // The ring is the only thing that moves, and only while it says something.
        if (state == ArmingGate.State.ARMING && !over) {
            timer.start();
        } else {
            timer.stop();
        }
        allow.setDisable(model.sending().get() || over);
        deny.setDisable(model.sending().get());
        if (state == ArmingGate.State.OFF) {
            // What is laid out already tells nothing again by itself.
            Fx.later(this::checkSeen);
        }
        arc.setLength(-360 * model.progress().get());
        countdown.setText(Words.span(model.left()));
        if (state == drawnState) {
            return;
        }
        drawnState = state;
        HBox graphic = Nodes.row(8);
        graphic.setAlignment(Pos.CENTER);
        switch (state) {
            case OFF -> graphic.getChildren().add(Icons.icon(MaterialDesignL.LOCK_OUTLINE));
            case ARMING -> {
                graphic.getChildren().add(Theme.still() ? countdown : ring);
            }
            case ARMED -> graphic.getChildren().add(Icons.icon(MaterialDesignC.CHECK));
        }
        graphic.getChildren().add(allowWords);
        Label hint = Nodes.label("Ctrl A", "key-hint");
        graphic.getChildren().add(hint);
        allow.setGraphic(graphic);
        allow.pseudoClassStateChanged(
                javafx.css.PseudoClass.getPseudoClass("unarmed"), state != ArmingGate.State.ARMED);
        allow.setAccessibleHelp(
                switch (state) {
                    case OFF -> text("approval.off");
                    case ARMING -> text("approval.arming");
                    case ARMED -> text("approval.armed");
                });
    }

    private void outcome() {
        String now = model.outcome().get();
        boolean over = !now.isEmpty();
        outcomeBar.getChildren().clear();
        if (over) {
            outcomeBar
                    .getChildren()
                    .addAll(
                            Icons.icon(MaterialDesignI.INFORMATION_OUTLINE),
                            Nodes.label(now, "strong"),
                            Nodes.button(text("approval.next"), null, null, model::next));
        }
        Nodes.show(outcomeBar, over);
        Nodes.show(allow, !over);
        Nodes.show(deny, !over);
        Nodes.show(denyNote, !over && !model.noting().get());
        Nodes.show(noteBar, !over && model.noting().get());
        ApprovalView shown = model.current().get();
        Nodes.show(proofBar, !over && shown != null && shown.proof() != null);
    }

    /// Everything that the decision covers was on screen: the card's end, and that of each long
    /// text.
    private void checkSeen() {
        ScrollPane pane = scroll;
        if (pane == null || pane.getContent() == null || !model.outcome().get().isEmpty()) {
            return;
        }
        double content = pane.getContent().getLayoutBounds().getHeight();
        double view = pane.getViewportBounds().getHeight();
        boolean laidOut = content > 0 && view > 0;
        boolean end = content <= view + 1 || pane.getVvalue() >= pane.getVmax() - 0.001;
        if (laidOut && end && texts.stream().allMatch(each -> each.seen().get())) {
            model.seenToEnd();
        }
    }
}
