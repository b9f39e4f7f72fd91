package dev.countersign.ui.journal;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.VerifyView;
import dev.countersign.domain.Entry;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.FactWords;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import javafx.beans.value.ChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;

/// What was written, line by line, and how far it is verified.
public final class JournalPage implements View {
    private final JournalViewModel model;
    private final VBox root = new VBox();
    private final VBox state = new VBox();
    private final ListView<Entry> list = new ListView<>();
    private final TextField search = new TextField();
    private final Button verify;
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();

    /// Nothing is bound before [#attach()].
    public JournalPage(JournalViewModel model) {
        this.model = model;
        list.setFixedCellSize(28);
        list.getStyleClass().add("journal-list");
        list.setId("journal-list");
        list.setAccessibleText(text("tab.journal"));
        list.setCellFactory(_ -> new Line());
        VBox.setVgrow(list, Priority.ALWAYS);
        search.setPromptText(text("journal.search"));
        search.setAccessibleText(text("journal.search"));
        search.setId("journal-search");
        search.setPrefWidth(260);
        verify =
                Nodes.button(
                        text("journal.verify"),
                        MaterialDesignC.CHECK_DECAGRAM_OUTLINE,
                        null,
                        model::verify);
        verify.setId("journal-verify");
        HBox bar = Nodes.styled(Nodes.row(8), "filter-bar");
        ToggleGroup kinds = new ToggleGroup();
        for (Kind kind : Kind.values()) {
            ToggleButton chip = new ToggleButton(nameOf(kind));
            chip.getStyleClass().setAll("chip");
            chip.setId("journal-" + kind.name().toLowerCase(java.util.Locale.ROOT));
            chip.setUserData(kind);
            chip.setToggleGroup(kinds);
            chip.setSelected(kind == Kind.ALL);
            chip.setMinWidth(Region.USE_PREF_SIZE);
            bar.getChildren().add(chip);
        }
        kinds.selectedToggleProperty()
                .addListener((_, old, now) -> {
                    if (now == null) {
                        kinds.selectToggle(old);
                    } else if (now.getUserData() instanceof Kind kind) {
                        model.kind().set(kind);
                    }
                });
        bar.getChildren().addAll(search, Nodes.spring(), verify);
        root.getChildren().addAll(bar, state, list);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        list.setItems(model.shown());
        search.textProperty().bindBidirectional(model.search());
        model.checked().addListener(onChange);
        model.checking().addListener(onChange);
        model.watch(true);
        list.scrollTo(Math.max(0, model.shown().size() - 1));
        draw();
    }

    @Override
    public void detach() {
        model.watch(false);
        search.textProperty().unbindBidirectional(model.search());
        model.checked().removeListener(onChange);
        model.checking().removeListener(onChange);
    }

    private static String nameOf(Kind kind) {
        return switch (kind) {
            case ALL -> text("journal.kind-all");
            case DECISIONS -> text("journal.kind-decisions");
            case CALLS -> text("journal.kind-calls");
            case FILES -> text("journal.kind-files");
            case NETWORK -> text("journal.kind-network");
            case SESSION -> text("journal.kind-session");
        };
    }

    private void draw() {
        state.getChildren().clear();
        verify.setDisable(model.checking().get());
        JournalViewModel.Checked checked = model.checked().get();
        if (checked == null) {
            return;
        }
        VerifyView view = checked.view();
        if (view == null) {
            state.getChildren()
                    .add(
                            Banner.of(
                                    Banner.Kind.DEGRADED,
                                    text("journal.not-checked"),
                                    checked.failed() == null ? "" : checked.failed()));
        } else if (view.ok()) {
            state.getChildren()
                    .add(
                            Banner.of(
                                    Banner.Kind.INFO,
                                    checked.upTo() == null
                                            ? text("journal.good", view.entries())
                                            : text(
                                                    "journal.good-to",
                                                    Words.second(checked.upTo()),
                                                    view.entries()),
                                    text(
                                            "journal.anchor",
                                            view.anchor().equals("none")
                                                    ? text("journal.no-anchor")
                                                    : view.anchor(),
                                            Words.second(checked.at()))));
        } else {
            state.getChildren()
                    .add(
                            Banner.of(
                                    Banner.Kind.STOPPED,
                                    text("journal.bad"),
                                    view.problem() == null ? "" : view.problem()));
        }
    }

    /// Number, time, epoch, sentence.
    private static final class Line extends ListCell<Entry> {
        private final Label seq = Nodes.label("", "mono-small", "subtle", "journal-seq");
        private final Label time = Nodes.label("", "mono-small", "muted", "journal-time");
        private final Label ours = Nodes.label("");
        private final Label guest = Nodes.label("", "guest-mono", "mono-small", "muted");
        private final HBox row;

        Line() {
            ours.setMinWidth(Region.USE_PREF_SIZE);
            guest.setMinWidth(0);
            seq.setAlignment(Pos.CENTER_RIGHT);
            row = Nodes.row(14, seq, time, ours, guest);
            getStyleClass().add("journal-cell");
        }

        @Override
        protected double computePrefWidth(double height) {
            return 0;
        }

        @Override
        protected void updateItem(@Nullable Entry entry, boolean empty) {
            super.updateItem(entry, empty);
            setText(null);
            if (empty || entry == null) {
                setGraphic(null);
                return;
            }
            FactWords words = FactWords.of(entry.fact());
            seq.setText(Long.toString(entry.seq()));
            time.setText(Words.second(entry.at()));
            ours.setText(words.ours());
            guest.setText(words.guest());
            setGraphic(row);
        }
    }
}
