package dev.countersign.ui.deletions;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.HeldView;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import javafx.beans.value.ChangeListener;
import javafx.collections.FXCollections;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.OverrunStyle;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignD;

/// The paths that wait, what it means, and the one answer that there is to give.
public final class DeletionsPage implements View {
    private final DeletionsViewModel model;
    private final StackPane root = new StackPane();
    private final VBox page = new VBox();
    private final ListView<GuestText> list = new ListView<>();
    private final Label title = Nodes.paragraph("", "strong");
    private final Label bound = Nodes.label("", "second", "muted", "mono-part");
    private final Label problem = Nodes.paragraph("", "critical-text");
    private final Button allow;
    private final Node empty;
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();

    /// Nothing is bound before [#attach()].
    public DeletionsPage(DeletionsViewModel model) {
        this.model = model;
        list.setId("deletions-list");
        list.getStyleClass().add("journal-list");
        list.setAccessibleText(text("deletions.list"));
        list.setFixedCellSize(28);
        list.setCellFactory(_ -> new Path());
        VBox.setVgrow(list, Priority.ALWAYS);
        allow = Nodes.button("", MaterialDesignD.DELETE_OUTLINE, null, model::allow);
        allow.getStyleClass().addAll("danger-button", "decision-button");
        allow.setId("deletions-allow");
        VBox words = Nodes.column(2, title, Nodes.paragraph(text("deletions.means")));
        HBox head =
                Nodes.styled(
                        new HBox(
                                12,
                                Icons.icon(MaterialDesignA.ALERT_OUTLINE, "banner-icon"),
                                Nodes.grow(words)),
                        "banner",
                        "page-banner",
                        "banner-high");
        problem.managedProperty().bind(problem.textProperty().isNotEmpty());
        VBox left = Nodes.column(2, Nodes.label(text("deletions.keep"), "second"), bound, problem);
        HBox.setHgrow(left, Priority.ALWAYS);
        left.setMinWidth(0);
        HBox bar = Nodes.styled(Nodes.row(12, left, allow), "page-bar");
        page.getChildren().addAll(head, list, bar);
        empty =
                Nodes.empty(
                        Icons.icon(MaterialDesignC.CHECK, "empty-icon"),
                        text("deletions.none"),
                        text("deletions.none-why"));
        root.getChildren().addAll(page, empty);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.held().addListener(onChange);
        model.busy().addListener(onChange);
        problem.textProperty().bind(model.problem());
        model.look();
        draw();
    }

    @Override
    public void detach() {
        model.held().removeListener(onChange);
        model.busy().removeListener(onChange);
        problem.textProperty().unbind();
    }

    private void draw() {
        HeldView now = model.held().get();
        int count = model.count();
        empty.setVisible(count == 0);
        page.setVisible(count > 0);
        title.setText(text("deletions.title", count));
        allow.setText(text("deletions.allow", count));
        allow.setDisable(model.busy().get() || count == 0);
        bound.setText(now == null ? "" : text("deletions.bound", brief(now.digest())));
        if (!list.getItems().equals(model.paths())) {
            list.setItems(FXCollections.observableArrayList(model.paths()));
        }
    }

    private static String brief(String digest) {
        return digest.length() > 12 ? digest.substring(0, 12) : digest;
    }

    /// A path, shown as what it is.
    private static final class Path extends ListCell<GuestText> {
        private final Label path = Nodes.label("", "guest-mono");
        private final HBox row =
                Nodes.row(10, Icons.icon(MaterialDesignD.DELETE_OUTLINE, "small"), path);

        Path() {
            path.setMinWidth(0);
            path.setTextOverrun(OverrunStyle.CENTER_ELLIPSIS);
            getStyleClass().add("journal-cell");
        }

        @Override
        protected double computePrefWidth(double height) {
            return 0;
        }

        @Override
        protected void updateItem(@Nullable GuestText item, boolean empty) {
            super.updateItem(item, empty);
            setText(null);
            if (empty || item == null) {
                setGraphic(null);
                return;
            }
            path.setText(Guest.line(item, 1000));
            path.getStyleClass().remove("critical-text");
            if (Guest.deceptive(item)) {
                path.getStyleClass().add("critical-text");
            }
            setGraphic(row);
        }
    }
}
