package dev.countersign.ui.sessions;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.Resources;
import dev.countersign.api.SessionView;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionState;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.Pill;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javafx.beans.value.ChangeListener;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;
import org.kordamp.ikonli.materialdesign2.MaterialDesignP;

/// The side: what waits, the sessions, the machine, and the switch that freezes all. Narrow, it
/// shows the marks only.
public final class SessionsView implements View {
    private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
    private final SessionsViewModel model;
    private final VBox root = Nodes.styled(new VBox(), "side");
    private final VBox list = Nodes.styled(new VBox(), "session-list");
    private final HBox waitingRow = Nodes.styled(Nodes.row(12), "side-row");
    private final HBox findRow = Nodes.styled(Nodes.row(12), "side-row");
    private final Button waiting = new Button();
    private final VBox machine = Nodes.styled(new VBox(4), "machine");
    private final HBox brand;
    private final HBox head;
    private final HBox bottom;
    private final Map<String, Cell> cells = new HashMap<>();
    private boolean narrow;
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();

    /// Nothing is bound before [#attach()].
    ///
    /// @param find opens the palette
    public SessionsView(SessionsViewModel model, Runnable find) {
        this.model = model;
        Button search = new Button();
        search.getStyleClass().setAll("side-button");
        search.setId("side-find");
        search.setMaxWidth(Double.MAX_VALUE);
        search.setAccessibleText(text("palette.prompt"));
        search.setOnAction(_ -> find.run());
        findRow.getChildren()
                .setAll(
                        Icons.icon(MaterialDesignM.MAGNIFY),
                        Nodes.label(text("palette.prompt")),
                        Nodes.spring(),
                        Nodes.key("Ctrl K"));
        search.setGraphic(findRow);
        brand =
                Nodes.styled(
                        Nodes.row(12, Icons.mark(), Nodes.label(text("app.name"), "brand")),
                        "brand-row");
        waiting.getStyleClass().setAll("side-button");
        waiting.setId("side-waiting");
        waiting.setGraphic(waitingRow);
        waiting.setMaxWidth(Double.MAX_VALUE);
        waiting.setAccessibleText(text("side.waiting"));
        waiting.setOnAction(_ -> model.actions().waiting());
        Button fresh =
                Nodes.button(
                        text("side.new"),
                        MaterialDesignP.PLUS,
                        null,
                        () -> model.actions().start());
        fresh.getStyleClass().addAll("flat", "small-button");
        fresh.setId("new-session");
        fresh.setAccessibleText(text("empty.start"));
        head =
                Nodes.styled(
                        Nodes.row(
                                8,
                                Nodes.label(text("side.sessions"), "section-title"),
                                Nodes.spring(),
                                fresh),
                        "side-head");
        ScrollPane scroll = new ScrollPane(list);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.getStyleClass().add("card-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        Button freeze =
                Nodes.button(
                        text("side.freeze-all"),
                        MaterialDesignP.PAUSE_BOX_OUTLINE,
                        null,
                        () -> model.actions().freezeAll());
        freeze.getStyleClass().add("danger-button");
        freeze.setId("freeze-all");
        freeze.setMaxWidth(Double.MAX_VALUE);
        freeze.setTooltip(new Tooltip(text("side.freeze-all-why")));
        HBox.setHgrow(freeze, Priority.ALWAYS);
        bottom = Nodes.styled(Nodes.row(8, freeze), "side-bottom");
        root.getChildren().addAll(brand, waiting, search, head, scroll, machine, bottom);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.revision().addListener(onChange);
        model.selected().addListener(onChange);
        model.resources().addListener(onChange);
        model.waitingShown().addListener(onChange);
        draw();
    }

    @Override
    public void detach() {
        model.revision().removeListener(onChange);
        model.selected().removeListener(onChange);
        model.resources().removeListener(onChange);
        model.waitingShown().removeListener(onChange);
    }

    /// Narrow or wide.
    public void narrow(boolean now) {
        narrow = now;
        root.pseudoClassStateChanged(PseudoClass.getPseudoClass("narrow"), now);
        Nodes.show(head, !now);
        findRow.getChildren().stream().skip(1).forEach(each -> Nodes.show(each, !now));
        Nodes.show(machine, !now);
        Nodes.show(bottom, !now);
        if (brand.getChildren().getLast() instanceof Label name) {
            Nodes.show(name, !now);
        }
        cells.clear();
        draw();
    }

    private void draw() {
        int count = model.waitingCount();
        Level worst = model.worst();
        String waits = narrow + " " + count + " " + worst;
        if (!waits.equals(waitingRow.getUserData())) {
            waitingRow.setUserData(waits);
            waitingRow.getChildren().setAll(Icons.icon(MaterialDesignC.CLOCK_OUTLINE));
            if (!narrow) {
                waitingRow.getChildren().addAll(Nodes.label(text("side.waiting")), Nodes.spring());
            }
            if (count > 0 && worst != null) {
                waitingRow.getChildren().add(Pill.count(count, worst));
            }
        }
        waiting.pseudoClassStateChanged(SELECTED, model.waitingShown().get());
        List<Node> rows = new ArrayList<>();
        for (SessionView each : model.sessions()) {
            Cell cell = cells.computeIfAbsent(each.id().value(), _ -> new Cell());
            cell.fill(each);
            rows.add(cell);
        }
        // The same nodes stay where they are: focus and pointer are not disturbed.
        if (!list.getChildren().equals(rows)) {
            list.getChildren().setAll(rows);
        }
        cells.values().removeIf(cell -> !rows.contains(cell));
        drawMachine(model.resources().get());
    }

    private void drawMachine(@Nullable Resources now) {
        if (Objects.equals(now, machine.getUserData())) {
            return;
        }
        machine.setUserData(now);
        machine.getChildren().clear();
        if (now == null) {
            return;
        }
        machine.getChildren()
                .addAll(
                        fact(
                                text("side.vms"),
                                text("side.vms-of", now.vmsRunning(), now.vmsPaused())),
                        fact(
                                text("side.memory"),
                                text(
                                        "side.memory-of",
                                        Words.bytes(now.memoryTaken()),
                                        Words.bytes(now.memoryTotal()))),
                        fact(text("side.disk"), Words.bytes(now.diskTaken())));
    }

    private static HBox fact(String name, String value) {
        return Nodes.row(
                8,
                Nodes.label(name, "second", "muted"),
                Nodes.spring(),
                Nodes.label(value, "second", "muted"));
    }

    /// One session.
    private final class Cell extends Button {
        private final StackPane mark = new StackPane();
        private final Label name = Nodes.label("", "strong");
        private final HBox right = Nodes.row(4);
        private final Label where = Nodes.label("", "second", "muted");
        private final Label state = Nodes.label("", "second");
        private final Label since = Nodes.label("", "second", "muted");
        private @Nullable String drawnMark;

        Cell() {
            getStyleClass().setAll("session-cell");
            setMaxWidth(Double.MAX_VALUE);
            setAlignment(Pos.TOP_LEFT);
            mark.setMinSize(16, 20);
            mark.setMaxSize(16, 20);
            if (narrow) {
                setGraphic(mark);
                return;
            }
            name.setMinWidth(40);
            HBox.setHgrow(name, Priority.ALWAYS);
            name.setMaxWidth(Double.MAX_VALUE);
            right.setMinWidth(Region.USE_PREF_SIZE);
            state.setMinWidth(Region.USE_PREF_SIZE);
            VBox words =
                    Nodes.column(1, Nodes.row(6, name, right), where, Nodes.row(4, state, since));
            HBox.setHgrow(words, Priority.ALWAYS);
            HBox row = new HBox(8, mark, words);
            row.prefWidthProperty().bind(widthProperty().subtract(28));
            setGraphic(row);
        }

        void fill(SessionView session) {
            setId("session-" + session.id().value());
            setOnAction(_ -> model.select(session.id()));
            boolean selected =
                    session.id().equals(model.selected().get()) && !model.waitingShown().get();
            pseudoClassStateChanged(SELECTED, selected);
            boolean working = session.agentRunning();
            String wanted = session.state().word() + working;
            if (!wanted.equals(drawnMark)) {
                drawnMark = wanted;
                mark.getChildren().setAll(Icons.state(session.state(), working));
            }
            name.setText(session.name());
            where.setText(text("side.where", Words.folder(session.directory()), session.agent()));
            state.setText(Words.state(session.state()));
            boolean bad =
                    session.state() == SessionState.FROZEN
                            || session.state() == SessionState.FAILED;
            List<String> look = List.of("label", "second", bad ? "critical-text" : "muted");
            if (!state.getStyleClass().equals(look)) {
                state.getStyleClass().setAll(look);
            }
            Duration ago = Duration.between(session.lastActivity(), model.clock().instant());
            String active =
                    ago.toSeconds() < 60 ? text("side.just-now") : text("side.ago", Words.age(ago));
            since.setText("· " + active);
            SessionsViewModel.Waits waits = model.waitsIn(session.id());
            String tags = waits + " " + session.stagedHunks() + session.state();
            if (!tags.equals(right.getUserData())) {
                right.setUserData(tags);
                right.getChildren().clear();
                tags(session, waits);
            }
            setAccessibleText(
                    text(
                            "side.accessible",
                            session.name(),
                            Words.state(session.state()),
                            waits == null ? 0 : waits.count()));
            if (narrow && getTooltip() == null) {
                setTooltip(new Tooltip(session.name()));
            }
        }

        private void tags(SessionView session, SessionsViewModel.@Nullable Waits waits) {
            if (waits != null) {
                right.getChildren()
                        .add(
                                waits.plan()
                                        ? Pill.of(text("side.plan"), waits.worst())
                                        : Pill.of(
                                                text("pill.waiting", waits.count()),
                                                waits.worst()));
            } else if (session.stagedHunks() > 0 && session.state() != SessionState.PREPARING) {
                right.getChildren()
                        .add(Nodes.label(text("side.hunks", session.stagedHunks()), "count-tag"));
            }
        }
    }
}
