package dev.countersign.ui.review;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.api.ReviewView;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.ui.common.Banner;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.common.Words;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javafx.beans.value.ChangeListener;
import javafx.geometry.Insets;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.OverrunStyle;
import javafx.scene.control.TextField;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.javafx.FontIcon;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;
import org.kordamp.ikonli.materialdesign2.MaterialDesignU;
import org.kordamp.ikonli.materialdesign2.MaterialDesignV;

/// Files at the left, changes at the right, and what would land where below.
public final class ReviewPage implements View {
    private final ReviewViewModel model;
    private final String directory;
    private final StackPane root = new StackPane();
    private final VBox page = new VBox();
    private final ListView<ReviewRow> list = new ListView<>();
    private final ListView<FileTree.Row> files = new ListView<>();
    private final Set<String> folded = new HashSet<>();
    private final ToggleButton onlyOpen = new ToggleButton(text("review.only-undecided"));
    private final ToggleButton oneColumn = new ToggleButton(text("review.unified"));
    private final Label decided = Nodes.label("", "strong");
    private final Label ofAll = Nodes.label("", "muted");
    private final Label ofFiles = Nodes.label("", "second", "muted");
    private final Region accepted = Nodes.styled(new Region(), "progress-ok");
    private final Region rejected = Nodes.styled(new Region(), "progress-no");
    private final HBox counts = Nodes.row(14);
    private final Label leftOver = Nodes.label("", "second", "muted");
    private final Label howMany = Nodes.label("");
    private final Label where = Nodes.label("", "mono-small");
    private final Label nameProblem = Nodes.label("", "second", "high-text");
    private final TextField name = new TextField();
    private final ToggleGroup targets = new ToggleGroup();
    private final Button apply;
    private final Button undo;
    private final VBox messages = new VBox();
    private final HBox body = new HBox();
    private final VBox side;
    private final Node empty;
    private final ChangeListener<Object> onChange = (_, _, _) -> update();
    private final ChangeListener<Object> onReview = (_, _, _) -> files();
    private final ChangeListener<Object> onSolving = (_, _, _) -> solving();
    private @Nullable ConflictPane conflict;
    private final ChangeListener<Object> onTold = (_, _, _) -> told();
    private final ChangeListener<Number> onCurrent = (_, _, now) -> reveal(now.intValue());

    /// @param directory of the repository on the host, shown where the tree is the target
    public ReviewPage(ReviewViewModel model, String directory) {
        this.model = model;
        this.directory = directory;
        list.getStyleClass().add("review-list");
        list.setId("review-list");
        list.setCellFactory(_ -> new ReviewCell(model));
        files.getStyleClass().add("file-list");
        files.setId("file-list");
        files.setFixedCellSize(28);
        files.setCellFactory(_ -> new FileCell());
        files.setFocusTraversable(false);
        files.setAccessibleText(text("review.files"));
        list.setAccessibleText(text("review.changes"));
        for (ToggleButton chip : List.of(onlyOpen, oneColumn)) {
            chip.getStyleClass().setAll("chip");
            chip.setFocusTraversable(false);
        }
        onlyOpen.setId("only-undecided");
        onlyOpen.setOnAction(_ -> files());
        oneColumn.setId("unified");
        oneColumn.setOnAction(_ -> model.unified(oneColumn.isSelected()));
        apply = Nodes.button("", null, null, model::apply);
        apply.getStyleClass().addAll("primary-button", "decision-button");
        apply.setId("apply");
        undo = Nodes.button(text("review.undo"), MaterialDesignU.UNDO_VARIANT, null, model::undo);
        undo.setId("undo-apply");
        empty =
                Nodes.empty(
                        Icons.icon(MaterialDesignV.VECTOR_DIFFERENCE, "empty-icon"),
                        text("review.empty"),
                        text("review.empty-why"));
        side = side();
        body.getChildren().setAll(side, list);
        HBox.setHgrow(list, Priority.ALWAYS);
        VBox.setVgrow(body, Priority.ALWAYS);
        page.getChildren().addAll(messages, body, bar());
        root.getChildren().addAll(page, empty);
        root.addEventFilter(KeyEvent.KEY_PRESSED, this::onKey);
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        list.setItems(model.rows());
        model.revision().addListener(onChange);
        model.busy().addListener(onChange);
        model.target().addListener(onChange);
        model.name().addListener(onChange);
        model.review().addListener(onReview);
        model.told().addListener(onTold);
        model.solving().addListener(onSolving);
        model.current().addListener(onCurrent);
        name.textProperty().bindBidirectional(model.name());
        model.watch(true);
        files();
        told();
        solving();
        update();
    }

    @Override
    public void detach() {
        model.watch(false);
        model.revision().removeListener(onChange);
        model.busy().removeListener(onChange);
        model.target().removeListener(onChange);
        model.name().removeListener(onChange);
        model.review().removeListener(onReview);
        model.told().removeListener(onTold);
        model.solving().removeListener(onSolving);
        model.current().removeListener(onCurrent);
        name.textProperty().unbindBidirectional(model.name());
    }

    /// Gives the keys to the changes, or to the conflict that is open.
    public void focus() {
        ConflictPane open = conflict;
        if (open == null) {
            list.requestFocus();
        } else {
            open.focus();
        }
    }

    private void solving() {
        ReviewView.File file = model.solving().get();
        ReviewView.Conflict sides = file == null ? null : file.conflict();
        ConflictPane open =
                file == null || sides == null ? null : new ConflictPane(model, file, sides);
        conflict = open;
        if (open == null) {
            body.getChildren().setAll(side, list);
        } else {
            HBox.setHgrow(open.root(), Priority.ALWAYS);
            body.getChildren().setAll(open.root());
        }
        focus();
    }

    private void onKey(KeyEvent e) {
        if (conflict != null) {
            if (e.getCode() == KeyCode.ESCAPE) {
                model.leaveConflict();
                e.consume();
            }
            return;
        }
        if (e.getTarget() instanceof TextInputControl || e.isShortcutDown() || e.isAltDown()) {
            return;
        }
        boolean done = true;
        switch (e.getCode()) {
            case J -> model.step(1);
            case K -> model.step(-1);
            case A -> model.decideCurrent(ReviewViewModel.Mark.ACCEPTED);
            case R -> model.decideCurrent(ReviewViewModel.Mark.REJECTED);
            case U -> model.takeBack();
            case C -> model.solveNext();
            case OPEN_BRACKET, PAGE_UP -> model.stepFile(-1);
            case CLOSE_BRACKET, PAGE_DOWN -> model.stepFile(1);
            case V -> {
                oneColumn.setSelected(!oneColumn.isSelected());
                model.unified(oneColumn.isSelected());
            }
            case O -> {
                onlyOpen.setSelected(!onlyOpen.isSelected());
                files();
            }
            case SPACE -> {
                done = !(e.getTarget() instanceof Button || e.getTarget() instanceof ToggleButton);
                if (done) {
                    model.tickCurrentFile();
                }
            }
            default -> done = false;
        }
        if (done) {
            e.consume();
        }
    }

    private VBox side() {
        StackPane track = Nodes.styled(new StackPane(), "progress-track");
        HBox bars = new HBox(accepted, rejected);
        track.getChildren().add(bars);
        HBox head = Nodes.row(4, decided, ofAll, Nodes.spring(), ofFiles);
        VBox top = Nodes.column(8, head, track, counts, Nodes.row(8, onlyOpen, oneColumn));
        top.getStyleClass().add("review-top");
        HBox keys =
                Nodes.row(
                        4,
                        Nodes.key("J"),
                        Nodes.key("K"),
                        Nodes.label(text("review.key-hunk"), "second", "muted"),
                        Nodes.key("A"),
                        Nodes.label(text("review.key-accept"), "second", "muted"),
                        Nodes.key("R"),
                        Nodes.label(text("review.key-reject"), "second", "muted"));
        HBox more =
                Nodes.row(
                        4,
                        Nodes.key("U"),
                        Nodes.label(text("review.key-undo"), "second", "muted"),
                        Nodes.key("Space"),
                        Nodes.label(text("review.key-tick"), "second", "muted"),
                        Nodes.key("["),
                        Nodes.key("]"),
                        Nodes.label(text("review.key-file"), "second", "muted"));
        HBox views =
                Nodes.row(
                        4,
                        Nodes.key("V"),
                        Nodes.label(text("review.key-view"), "second", "muted"),
                        Nodes.key("O"),
                        Nodes.label(text("review.key-open"), "second", "muted"),
                        Nodes.key("C"),
                        Nodes.label(text("review.key-conflict"), "second", "muted"));
        VBox hints = Nodes.styled(Nodes.column(6, keys, more, views), "review-keys");
        VBox.setVgrow(files, Priority.ALWAYS);
        VBox side = new VBox(top, files, hints);
        side.getStyleClass().add("review-side");
        return side;
    }

    private HBox bar() {
        HBox segments =
                Nodes.styled(
                        new HBox(
                                segment(text("review.tree"), ReviewViewModel.Target.TREE),
                                segment(text("review.branch"), ReviewViewModel.Target.BRANCH),
                                segment(text("review.patch"), ReviewViewModel.Target.PATCH)),
                        "segments");
        targets.selectToggle(targets.getToggles().getFirst());
        targets.selectedToggleProperty()
                .addListener((_, old, now) -> {
                    if (now == null) {
                        targets.selectToggle(old);
                    } else if (now.getUserData() instanceof ReviewViewModel.Target chosen) {
                        model.target().set(chosen);
                    }
                });
        name.setId("target-name");
        name.setPrefWidth(200);
        leftOver.setMinWidth(0);
        HBox bar =
                Nodes.row(
                        12,
                        leftOver,
                        Nodes.spring(),
                        undo,
                        howMany,
                        segments,
                        name,
                        where,
                        nameProblem,
                        apply);
        howMany.setMinWidth(Region.USE_PREF_SIZE);
        nameProblem.setMinWidth(0);
        bar.getStyleClass().add("page-bar");
        return bar;
    }

    private ToggleButton segment(String words, ReviewViewModel.Target target) {
        ToggleButton button = new ToggleButton(words);
        button.getStyleClass().setAll("segment");
        button.setUserData(target);
        button.setToggleGroup(targets);
        button.setMinWidth(Region.USE_PREF_SIZE);
        return button;
    }

    private void update() {
        int total = model.total();
        int yes = model.count(ReviewViewModel.Mark.ACCEPTED);
        int no = model.count(ReviewViewModel.Mark.REJECTED);
        int open = model.count(ReviewViewModel.Mark.UNDECIDED);
        int stuck = model.count(ReviewViewModel.Mark.STUCK);
        ReviewView review = model.review().get();
        boolean nothing = review == null || review.files().isEmpty();
        boolean hidden = !page.isVisible();
        empty.setVisible(nothing && model.told().get() == null);
        page.setVisible(!empty.isVisible());
        if (hidden
                && page.isVisible()
                && root.getScene() != null
                && !(root.getScene().getFocusOwner() instanceof TextInputControl)) {
            // What is hidden takes no focus: the keys of the changes work from the first moment.
            focus();
        }
        decided.setText(text("review.decided", yes + no, total));
        ofAll.setText(text("review.hunks-decided"));
        if (review != null) {
            long done =
                    review.files().stream()
                            .filter(file -> model.decided(file) == file.hunks().size())
                            .count();
            ofFiles.setText(text("review.files-done", done, review.files().size()));
        }
        double width = 304;
        accepted.setPrefWidth(total == 0 ? 0 : width * yes / total);
        rejected.setPrefWidth(total == 0 ? 0 : width * no / total);
        counts.getChildren()
                .setAll(
                        count(
                                Icons.icon(MaterialDesignC.CHECK, "verdict-ok"),
                                text("review.count-accepted", yes)),
                        count(
                                Icons.icon(MaterialDesignC.CLOSE, "verdict-no"),
                                text("review.count-rejected", no)),
                        count(
                                Icons.icon(MaterialDesignC.CIRCLE_OUTLINE, "small"),
                                text("review.count-undecided", open)));
        leftOver.setText(
                stuck > 0
                        ? text("review.left-over-stuck", no, open, stuck)
                        : text("review.left-over", no, open));
        howMany.setText(text("review.apply-of", yes, total));
        boolean tree = model.target().get() == ReviewViewModel.Target.TREE;
        Nodes.show(name, !tree);
        name.setPromptText(
                model.target().get() == ReviewViewModel.Target.BRANCH
                        ? text("review.branch-name")
                        : text("review.patch-name"));
        name.setAccessibleText(name.getPromptText());
        Nodes.show(where, tree);
        where.setText(Words.directory(directory));
        String wrong = yes > 0 ? model.nameProblem() : null;
        Nodes.show(nameProblem, wrong != null);
        nameProblem.setText(wrong == null ? "" : wrong);
        boolean onlyRejects = yes == 0 && no > 0;
        apply.setText(onlyRejects ? text("review.reject-n", no) : text("review.apply-n", yes));
        apply.setDisable(model.busy().get() || (yes == 0 && no == 0) || wrong != null);
        Nodes.show(undo, model.undoable());
        undo.setDisable(model.busy().get());
        files.refresh();
    }

    private static Label count(FontIcon icon, String words) {
        Label label = Nodes.label(words, "second", "muted");
        label.setGraphic(icon);
        label.setMinWidth(Region.USE_PREF_SIZE);
        return label;
    }

    private void files() {
        ReviewView review = model.review().get();
        if (review == null) {
            files.getItems().clear();
        } else {
            files.getItems()
                    .setAll(
                            FileTree.of(
                                    review.files(),
                                    folded,
                                    file ->
                                            !onlyOpen.isSelected()
                                                    || model.decided(file) < file.hunks().size()));
        }
        update();
        mark();
    }

    /// Marks the file of the current hunk.
    private void mark() {
        int at = FileTree.indexOf(files.getItems(), model.currentFile());
        if (at < 0) {
            files.getSelectionModel().clearSelection();
        } else if (files.getSelectionModel().getSelectedIndex() != at) {
            files.getSelectionModel().select(at);
            files.scrollTo(Math.max(0, at - 4));
        }
    }

    private void told() {
        messages.getChildren().clear();
        ReviewViewModel.Told told = model.told().get();
        if (told != null) {
            messages.getChildren()
                    .add(
                            Banner.of(
                                    told.problem() ? Banner.Kind.DEGRADED : Banner.Kind.INFO,
                                    told.title(),
                                    told.detail(),
                                    Nodes.button(
                                            text("common.dismiss"), null, null, model::dismiss)));
        }
        update();
    }

    private void reveal(int index) {
        if (index >= 0) {
            list.getSelectionModel().clearSelection();
            // With the file's head, if it is near.
            int top = index;
            for (int i = index - 1; i >= 0 && i >= index - 2; i--) {
                if (model.rows().get(i) instanceof ReviewRow.FileHead) {
                    top = i;
                }
            }
            list.scrollTo(top);
            mark();
        }
    }

    private static String groupName(ReviewViewModel.Group group) {
        return switch (group) {
            case RUNS_LATER -> text("review.group-runs");
            case CODE -> text("review.group-code");
            case TEXT -> text("review.group-text");
        };
    }

    /// A group's head, a directory, or a file with its tick.
    private final class FileCell extends ListCell<FileTree.Row> {
        private final FontIcon tick = Icons.icon(MaterialDesignC.CHECKBOX_BLANK_OUTLINE);
        private final FontIcon fold = Icons.icon(MaterialDesignC.CHEVRON_DOWN, "small");
        private final Label path = Nodes.label("", "guest-mono", "file-name");
        private final Label no = Nodes.label("", "second", "critical-text");
        private final Label count = Nodes.label("", "mono-small", "muted");
        private final HBox level = Nodes.styled(Nodes.row(4), "file-level");
        private final HBox row;

        FileCell() {
            getStyleClass().add("file-cell");
            path.setTextOverrun(OverrunStyle.CENTER_ELLIPSIS);
            path.setMinWidth(20);
            path.setMaxWidth(Double.MAX_VALUE);
            no.setGraphic(Icons.icon(MaterialDesignC.CLOSE, "verdict-no", "small"));
            count.setMinWidth(Region.USE_PREF_SIZE);
            no.setMinWidth(Region.USE_PREF_SIZE);
            HBox.setHgrow(path, Priority.ALWAYS);
            row = Nodes.row(8, fold, tick, path, no, count, level);
            setOnMouseClicked(_ -> {
                switch (getItem()) {
                    case FileTree.Row.Leaf leaf -> {
                        model.goTo(leaf.file());
                        list.requestFocus();
                    }
                    case FileTree.Row.Directory directory -> {
                        if (!folded.remove(directory.key())) {
                            folded.add(directory.key());
                        }
                        files();
                    }
                    case FileTree.Row.Head _ -> {}
                    case null -> {}
                }
            });
            tick.setOnMouseClicked(e -> {
                if (getItem() instanceof FileTree.Row.Leaf leaf) {
                    model.tick(leaf.file());
                    e.consume();
                } else if (getItem() instanceof FileTree.Row.Directory directory) {
                    model.tickAll(directory.files());
                    e.consume();
                }
            });
        }

        @Override
        protected double computePrefWidth(double height) {
            return 0;
        }

        @Override
        protected void updateItem(FileTree.@Nullable Row entry, boolean empty) {
            super.updateItem(entry, empty);
            setText(null);
            setGraphic(null);
            setAccessibleText(null);
            getStyleClass().remove("file-group");
            if (empty || entry == null) {
                return;
            }
            switch (entry) {
                case FileTree.Row.Head head -> {
                    getStyleClass().add("file-group");
                    setText(groupName(head.group()));
                }
                case FileTree.Row.Directory directory -> {
                    fold.setIconCode(
                            folded.contains(directory.key())
                                    ? MaterialDesignC.CHEVRON_RIGHT
                                    : MaterialDesignC.CHEVRON_DOWN);
                    fill(directory.path(), directory.files(), true, 0);
                }
                case FileTree.Row.Leaf leaf ->
                        fill(leaf.name(), List.of(leaf.file()), false, leaf.nested() ? 22 : 0);
            }
        }

        private void fill(String name, List<ReviewView.File> of, boolean directory, double indent) {
            int done = of.stream().mapToInt(model::decided).sum();
            int all = of.stream().mapToInt(file -> file.hunks().size()).sum();
            int rejects = of.stream().mapToInt(model::rejected).sum();
            Level worst = of.stream().map(ReviewView.File::level).reduce(Level.LOW, Level::max);
            Nodes.show(fold, directory);
            row.setPadding(new Insets(0, 0, 0, indent));
            tick.setIconCode(
                    done == all
                            ? MaterialDesignC.CHECKBOX_MARKED_OUTLINE
                            : done == 0
                                    ? MaterialDesignC.CHECKBOX_BLANK_OUTLINE
                                    : MaterialDesignM.MINUS_BOX_OUTLINE);
            tick.getStyleClass()
                    .setAll(
                            "ikonli-font-icon",
                            "icon",
                            done == all && all > 0 ? "verdict-ok" : "plain-icon");
            path.setText(Guest.line(GuestText.of(name), 300));
            Nodes.show(no, rejects > 0);
            no.setText(Integer.toString(rejects));
            count.setText(text("review.of", done, all));
            Nodes.show(level, !directory);
            if (!directory) {
                level.getChildren()
                        .setAll(
                                Nodes.styled(
                                        new StackPane(Icons.shape(worst)),
                                        "level-" + worst.word() + "-plain"),
                                Nodes.label(Words.level(worst), "second", "muted"));
            }
            setGraphic(row);
            setAccessibleText(path.getText() + ", " + count.getText() + ", " + Words.level(worst));
        }
    }
}
