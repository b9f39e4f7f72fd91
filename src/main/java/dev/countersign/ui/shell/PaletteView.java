package dev.countersign.ui.shell;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import java.util.function.Consumer;
import javafx.beans.value.ChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;

/// A field and what it finds, over the window. Closed by Escape, by a click beside it and by the
/// choice.
final class PaletteView implements View {
    private static final double ROW = 34;
    private static final int ROWS = 12;
    private final PaletteViewModel model;
    private final Consumer<@Nullable Action> closed;
    private final StackPane root = Nodes.styled(new StackPane(), "scrim", "palette-scrim");
    private final TextField field = new TextField();
    private final ListView<Action> list = new ListView<>();
    private final Label nothing = Nodes.label(text("palette.nothing"), "second", "muted");
    private final ChangeListener<Object> onChosen = (_, _, _) -> mark();

    /// @param closed gets what was chosen; null: nothing
    PaletteView(PaletteViewModel model, Consumer<@Nullable Action> closed) {
        this.model = model;
        this.closed = closed;
        field.setId("palette-field");
        field.setPromptText(text("palette.prompt"));
        field.setAccessibleText(text("palette.prompt"));
        list.setId("palette-list");
        list.setAccessibleText(text("palette.list"));
        list.getStyleClass().add("palette-list");
        list.setFixedCellSize(ROW);
        list.setCellFactory(_ -> new Row());
        list.setFocusTraversable(false);
        list.setOnMouseClicked(_ -> choose());
        HBox box = Nodes.row(8, Icons.icon(MaterialDesignM.MAGNIFY), Nodes.grow(field));
        box.getStyleClass().add("field-box");
        StackPane body = new StackPane(list, nothing);
        VBox card = Nodes.styled(new VBox(8, box, body), "palette");
        card.setMaxSize(620, Region.USE_PREF_SIZE);
        StackPane.setAlignment(card, Pos.TOP_CENTER);
        root.getChildren().add(card);
        root.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
        root.addEventHandler(
                MouseEvent.MOUSE_PRESSED,
                e -> {
                    if (root.equals(e.getTarget())) {
                        closed.accept(null);
                    }
                });
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        list.setItems(model.found());
        field.textProperty().bindBidirectional(model.typed());
        model.chosen().addListener(onChosen);
        model.typed().addListener(onChosen);
        mark();
        field.requestFocus();
    }

    @Override
    public void detach() {
        field.textProperty().unbindBidirectional(model.typed());
        model.chosen().removeListener(onChosen);
        model.typed().removeListener(onChosen);
    }

    private void mark() {
        int at = model.chosen().get();
        int rows = Math.clamp(model.found().size(), 1, ROWS);
        list.setPrefHeight(rows * ROW + 2);
        list.setMaxHeight(rows * ROW + 2);
        nothing.setVisible(model.found().isEmpty());
        if (at >= 0) {
            list.getSelectionModel().select(at);
            list.scrollTo(Math.max(0, at - ROWS / 2));
        }
    }

    private void onKey(KeyEvent e) {
        boolean done = true;
        switch (e.getCode()) {
            case ESCAPE -> closed.accept(null);
            case ENTER -> choose();
            case DOWN -> model.step(1);
            case UP -> model.step(-1);
            case PAGE_DOWN -> model.step(ROWS);
            case PAGE_UP -> model.step(-ROWS);
            default -> done = false;
        }
        if (done) {
            e.consume();
        }
    }

    private void choose() {
        Action chosen = list.getSelectionModel().getSelectedItem();
        if (chosen != null) {
            closed.accept(chosen);
        }
    }

    /// A name and its key.
    private static final class Row extends ListCell<Action> {
        private final Label title = Nodes.label("");
        private final HBox keys = Nodes.row(4);
        private final Node row = Nodes.row(8, title, Nodes.spring(), keys);

        Row() {
            getStyleClass().add("palette-cell");
            title.setMinWidth(0);
            keys.setMinWidth(Region.USE_PREF_SIZE);
        }

        @Override
        protected double computePrefWidth(double height) {
            return 0;
        }

        @Override
        protected void updateItem(@Nullable Action action, boolean empty) {
            super.updateItem(action, empty);
            setText(null);
            if (empty || action == null) {
                setGraphic(null);
                setAccessibleText(null);
                return;
            }
            title.setText(action.title());
            keys.getChildren().clear();
            if (!action.key().isEmpty()) {
                keys.getChildren().add(Nodes.key(action.key()));
            }
            setAccessibleText(action.title() + " " + action.key());
            setGraphic(row);
        }
    }
}
