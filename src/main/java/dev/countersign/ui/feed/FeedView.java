package dev.countersign.ui.feed;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import java.util.ArrayList;
import java.util.List;
import javafx.beans.value.ChangeListener;
import javafx.beans.value.ObservableValue;
import javafx.collections.ListChangeListener;
import javafx.geometry.Insets;
import javafx.geometry.Orientation;
import javafx.scene.Node;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.ScrollBar;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;

/// The feed: filters, the list, and whether it follows.
public final class FeedView implements View {
    private final FeedViewModel model;
    private final VBox root = new VBox();
    private final ListView<FeedRow> list = new ListView<>();
    private final ToggleGroup filters = new ToggleGroup();
    private final List<ToggleButton> chips = new ArrayList<>();
    private final TextField search = new TextField();
    private final Label following = Nodes.label(text("feed.following"), "second", "muted");
    private final Hyperlink latest = Nodes.link("", this::toEnd);
    private final HBox header;
    private final Node empty;
    private final ListChangeListener<FeedRow> onRows = _ -> Fx.later(this::stayAtEnd);
    private final ChangeListener<Number> onRevision = (_, _, _) -> counts();
    private final ChangeListener<Object> onFollow = (_, _, _) -> follow();

    /// Nothing is bound before [#attach()].
    public FeedView(FeedViewModel model) {
        this.model = model;
        list.setFixedCellSize(FeedRow.HEIGHT);
        list.setCellFactory(_ -> new FeedCell(model));
        list.getStyleClass().add("feed-list");
        list.setId("feed-list");
        list.setAccessibleText(text("tab.feed"));
        list.addEventFilter(ScrollEvent.SCROLL, this::onScroll);
        list.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
        list.skinProperty().addListener((_, _, _) -> watchBar());
        empty =
                Nodes.empty(
                        Icons.icon(MaterialDesignM.MESSAGE_OUTLINE, "empty-icon"),
                        text("feed.empty"),
                        text("feed.empty-why"));
        StackPane body = new StackPane(list, empty);
        VBox.setVgrow(body, Priority.ALWAYS);
        header = header();
        root.getChildren().addAll(bar(), header, body);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        list.setItems(model.rows());
        model.rows().addListener(onRows);
        model.revision().addListener(onRevision);
        model.following().addListener(onFollow);
        model.unseen().addListener(onFollow);
        search.textProperty().bindBidirectional(model.search());
        empty.visibleProperty().bind(model.empty());
        counts();
        follow();
        stayAtEnd();
    }

    @Override
    public void detach() {
        model.rows().removeListener(onRows);
        model.revision().removeListener(onRevision);
        model.following().removeListener(onFollow);
        model.unseen().removeListener(onFollow);
        search.textProperty().unbindBidirectional(model.search());
        empty.visibleProperty().unbind();
        list.setItems(null);
    }

    /// Puts the caret into the search field.
    public void find() {
        search.requestFocus();
    }

    private HBox bar() {
        HBox row = Nodes.row(8);
        row.getStyleClass().add("filter-bar");
        for (Filter filter : Filter.values()) {
            ToggleButton chip = new ToggleButton();
            chip.getStyleClass().setAll("chip");
            chip.setUserData(filter);
            chip.setId("filter-" + filter.name().toLowerCase(java.util.Locale.ROOT));
            chip.setToggleGroup(filters);
            chip.setSelected(filter == Filter.ALL);
            chip.setMinWidth(Region.USE_PREF_SIZE);
            chips.add(chip);
            if (filter == Filter.SHELL) {
                Region line = Nodes.styled(new Region(), "bar-line");
                row.getChildren().add(line);
            }
            row.getChildren().add(chip);
        }
        filters.selectedToggleProperty()
                .addListener((_, old, now) -> {
                    if (now == null) {
                        filters.selectToggle(old);
                    } else if (now.getUserData() instanceof Filter filter) {
                        model.filter().set(filter);
                    }
                });
        search.setPromptText(text("feed.search"));
        search.setAccessibleText(text("feed.search"));
        search.setId("feed-search");
        search.getStyleClass().add("search-field");
        HBox box = Nodes.row(8, Icons.icon(MaterialDesignM.MAGNIFY), Nodes.grow(search));
        box.getStyleClass().add("search-box");
        following.setGraphic(Icons.icon(MaterialDesignA.ARROW_COLLAPSE_DOWN));
        following.setMinWidth(Region.USE_PREF_SIZE);
        latest.setMinWidth(Region.USE_PREF_SIZE);
        latest.setId("feed-latest");
        row.getChildren().addAll(box, Nodes.spring(), following, latest);
        return row;
    }

    private static HBox header() {
        HBox header = new HBox();
        header.getStyleClass().addAll("feed-header");
        header.setPadding(new Insets(0, 20, 0, 20));
        Label call = Nodes.label(text("feed.column-call"), "head-call");
        HBox.setHgrow(call, Priority.ALWAYS);
        call.setMaxWidth(Double.MAX_VALUE);
        header.getChildren()
                .addAll(
                        Nodes.label(text("feed.column-time"), "head-time"),
                        call,
                        Nodes.label(text("feed.column-level"), "feed-level"),
                        Nodes.label(text("feed.column-decision"), "feed-decision"),
                        Nodes.label(text("feed.column-result"), "feed-result"),
                        Nodes.label(text("feed.column-effects"), "feed-effects"));
        return header;
    }

    private void counts() {
        for (ToggleButton chip : chips) {
            if (chip.getUserData() instanceof Filter filter) {
                chip.setText(nameOf(filter, model.count(filter)));
            }
        }
    }

    private static String nameOf(Filter filter, int count) {
        return switch (filter) {
            case ALL -> text("feed.filter-all", count);
            case ASKED -> text("feed.filter-asked", count);
            case DENIED -> text("feed.filter-denied", count);
            case FLAGGED -> text("feed.filter-flagged", count);
            case SHELL -> text("feed.filter-shell");
            case FILES -> text("feed.filter-files");
        };
    }

    private void follow() {
        boolean now = model.following().get();
        Nodes.show(following, now);
        Nodes.show(latest, !now);
        int unseen = model.unseen().get();
        latest.setText(unseen == 0 ? text("feed.to-end") : text("feed.unseen", unseen));
    }

    private void toEnd() {
        model.follow();
        stayAtEnd();
    }

    private void stayAtEnd() {
        // It may have left the screen meanwhile.
        boolean shown = list.getItems() != null;
        if (shown && model.following().get() && !model.rows().isEmpty()) {
            list.scrollTo(model.rows().size() - 1);
        }
    }

    private void onScroll(ScrollEvent e) {
        if (e.getDeltaY() > 0) {
            model.hold();
        }
    }

    private void onKey(KeyEvent e) {
        switch (e.getCode()) {
            case END -> {
                toEnd();
                e.consume();
            }
            case UP, PAGE_UP, HOME -> model.hold();
            case SPACE, ENTER -> {
                if (list.getSelectionModel().getSelectedItem() instanceof FeedRow.Called called) {
                    model.toggle(called.block());
                    e.consume();
                }
            }
            case J -> step(e, 1);
            case K -> step(e, -1);
            default -> {}
        }
    }

    private void step(KeyEvent e, int by) {
        if (e.isShortcutDown()) {
            return;
        }
        int next = list.getSelectionModel().getSelectedIndex() + by;
        model.hold();
        list.getSelectionModel().select(Math.clamp(next, 0, Math.max(0, model.rows().size() - 1)));
        e.consume();
    }

    /// Following starts again once the bar is at its end, and stops when it is dragged away.
    private void watchBar() {
        for (Node node : list.lookupAll(".scroll-bar")) {
            if (node instanceof ScrollBar bar && bar.getOrientation() == Orientation.VERTICAL) {
                bar.addEventFilter(javafx.scene.input.MouseEvent.MOUSE_DRAGGED, _ -> model.hold());
                // The head keeps to the columns when the bar takes its width.
                bar.visibleProperty().addListener((_, _, _) -> align(bar));
                bar.widthProperty().addListener((_, _, _) -> align(bar));
                align(bar);
                ObservableValue<Number> value = bar.valueProperty();
                value.addListener((_, _, now) -> {
                    if (!model.following().get() && now.doubleValue() >= 0.9999) {
                        model.follow();
                    }
                });
            }
        }
    }

    private void align(ScrollBar bar) {
        double taken = bar.isVisible() ? bar.getWidth() : 0;
        // Not while the list lays itself out: what is asked for there is forgotten.
        Fx.later(() -> header.setPadding(new Insets(0, 20 + taken, 0, 20)));
    }
}
