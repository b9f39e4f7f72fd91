package dev.countersign.ui.feed;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.domain.Answer;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.ui.common.Guest;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Hyperlink;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.shape.Rectangle;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.Ikon;
import org.kordamp.ikonli.javafx.FontIcon;
import org.kordamp.ikonli.materialdesign2.MaterialDesignA;
import org.kordamp.ikonli.materialdesign2.MaterialDesignB;
import org.kordamp.ikonli.materialdesign2.MaterialDesignC;
import org.kordamp.ikonli.materialdesign2.MaterialDesignF;
import org.kordamp.ikonli.materialdesign2.MaterialDesignI;
import org.kordamp.ikonli.materialdesign2.MaterialDesignL;
import org.kordamp.ikonli.materialdesign2.MaterialDesignM;
import org.kordamp.ikonli.materialdesign2.MaterialDesignP;
import org.kordamp.ikonli.materialdesign2.MaterialDesignS;
import org.kordamp.ikonli.materialdesign2.MaterialDesignU;

/// Draws a row. All parts are made once and filled again and again.
final class FeedCell extends ListCell<FeedRow> {
    private static final PseudoClass WAITING = PseudoClass.getPseudoClass("waiting");
    private final FeedViewModel model;
    private String tint = "";
    private final CallRow callRow = new CallRow();
    private final NoteRow noteRow = new NoteRow();
    private final SlicePane slice = new SlicePane();
    private final Body body = new Body();

    /// What the cell shows. It lays itself out: were it the cell's graphic, each new text would
    /// make the cell need a layout, and a cell that needs one is styled anew by its list, with all
    /// that is in it, each time that it takes another row. That was a third of a flood's time.
    private static final class Body extends Pane {
        Body() {
            setManaged(false);
        }

        void show(Node part) {
            setVisible(true);
            if (getChildren().isEmpty() || !getChildren().getFirst().equals(part)) {
                getChildren().setAll(part);
            }
        }

        @Override
        protected void layoutChildren() {
            getChildren().forEach(part -> part.resizeRelocate(0, 0, getWidth(), getHeight()));
        }
    }

    FeedCell(FeedViewModel model) {
        this.model = model;
        getStyleClass().add("feed-cell");
        setText(null);
        // The skin begins with a cell that is empty.
        skinProperty()
                .addListener((_, _, _) -> {
                    if (!getChildren().contains(body)) {
                        getChildren().add(body);
                    }
                });
    }

    @Override
    protected void layoutChildren() {
        super.layoutChildren();
        body.resizeRelocate(
                snappedLeftInset(),
                snappedTopInset(),
                getWidth() - snappedLeftInset() - snappedRightInset(),
                getHeight() - snappedTopInset() - snappedBottomInset());
    }

    /// Rows take the list's width, whatever they say: nothing scrolls sideways.
    @Override
    protected double computePrefWidth(double height) {
        return 0;
    }

    @Override
    protected void updateItem(@Nullable FeedRow row, boolean empty) {
        super.updateItem(row, empty);
        if (empty || row == null) {
            tint("");
            body.setVisible(false);
            setAccessibleText(null);
            return;
        }
        switch (row) {
            case FeedRow.Called called -> {
                callRow.fill(called);
                body.show(callRow.box);
                tint(tintOf(called.block()));
            }
            case FeedRow.Noted noted -> {
                noteRow.fill(noted.block());
                body.show(noteRow.box);
                tint("noted");
            }
            case FeedRow.Output output -> {
                slice.output(output);
                body.show(slice);
                tint("sliced");
            }
            case FeedRow.Saying saying -> {
                slice.saying(saying);
                body.show(slice);
                tint("sliced");
            }
        }
    }

    private static Level levelOf(Block.Call block) {
        return block.level == null ? Level.HIGH : block.level;
    }

    private static String tintOf(Block.Call block) {
        if (block.waiting()) {
            return "tint-" + levelOf(block).word();
        }
        return block.flagged() ? "tint-flagged" : "";
    }

    /// Each change of a style styles the cell and all that is in it anew, which is what a flood of
    /// rows would spend its time on.
    private void tint(String wanted) {
        pseudoClassStateChanged(WAITING, wanted.startsWith("tint-") && !wanted.endsWith("flagged"));
        if (!wanted.equals(tint)) {
            getStyleClass().remove(tint);
            if (!wanted.isEmpty()) {
                getStyleClass().add(wanted);
            }
            tint = wanted;
        }
    }

    /// As [#tint], for a part.
    private static void wear(Node node, String... styles) {
        List<String> wanted = List.of(styles);
        if (!node.getStyleClass().equals(wanted)) {
            node.getStyleClass().setAll(wanted);
        }
    }

    private static void wearAlso(Node node, String style, boolean on) {
        boolean worn = node.getStyleClass().contains(style);
        if (on && !worn) {
            node.getStyleClass().add(style);
        } else if (!on && worn) {
            node.getStyleClass().remove(style);
        }
    }

    /// Time, fold mark, icon, call, level, decision, result, effects.
    private final class CallRow {
        final HBox box = new HBox();
        private final Label time = Nodes.label("", "feed-time");
        private final Button fold = Nodes.styled(new Button(), "fold-mark");
        private final FontIcon foldIcon = Icons.icon(MaterialDesignC.CHEVRON_RIGHT);
        private final FontIcon icon = Icons.icon(MaterialDesignC.CONSOLE);
        private final Label count = Nodes.label("", "strong");
        private final Label call = Nodes.label("", "guest-mono", "feed-call");
        private final HBox level = Nodes.styled(Nodes.row(0), "feed-level");
        private final FontIcon verdictIcon = Icons.icon(MaterialDesignC.CHECK);
        private final Label verdict = Nodes.label("", "feed-verdict");
        private final Label verdictBy = Nodes.label("", "muted");
        private final Label result = Nodes.label("", "muted", "feed-result-text");
        private final Label added = Nodes.label("", "mono", "added-count");
        private final Label removed = Nodes.label("", "mono", "removed-count");
        private final HBox results = Nodes.row(6, result, added, removed);
        private final Label effects = Nodes.label("", "muted");
        private final Button look = Nodes.button(text("feed.look"), null, null, this::lookAtIt);
        private FeedRow.@Nullable Called row;
        private @Nullable Level badge;

        CallRow() {
            fold.setGraphic(foldIcon);
            fold.setFocusTraversable(false);
            fold.setOnAction(_ -> {
                if (row != null) {
                    model.toggle(row.block());
                }
            });
            look.getStyleClass().add("small-button");
            look.setFocusTraversable(false);
            call.setMaxWidth(Double.MAX_VALUE);
            call.setMinWidth(0);
            count.setMinWidth(Region.USE_PREF_SIZE);
            HBox what = Nodes.styled(Nodes.row(8, icon, count, call), "feed-what");
            HBox.setHgrow(what, Priority.ALWAYS);
            HBox.setHgrow(call, Priority.ALWAYS);
            what.setMinWidth(120);
            // Its share is what the fixed columns leave, whatever the call's length.
            what.setPrefWidth(120);
            verdictIcon.setManaged(true);
            HBox decision =
                    Nodes.styled(Nodes.row(6, verdictIcon, verdict, verdictBy), "feed-decision");
            verdict.setMinWidth(Region.USE_PREF_SIZE);
            results.getStyleClass().add("feed-result");
            HBox effect = Nodes.styled(Nodes.row(8, effects, Nodes.spring(), look), "feed-effects");
            effects.setMinWidth(0);
            box.setAlignment(Pos.CENTER_LEFT);
            box.getStyleClass().add("feed-row");
            box.getChildren().addAll(time, fold, what, level, decision, results, effect);
            box.setOnMouseClicked(e -> {
                if (e.getClickCount() == 2 && row != null) {
                    model.toggle(row.block());
                }
            });
        }

        void fill(FeedRow.Called called) {
            row = called;
            Block.Call block = called.block();
            Fact.Decided decided = block.decided;
            time.setText(Words.second(block.at()));
            fold.setVisible(block.foldable());
            foldIcon.setIconCode(
                    called.open() ? MaterialDesignC.CHEVRON_DOWN : MaterialDesignC.CHEVRON_RIGHT);
            fold.setAccessibleText(called.open() ? text("feed.fold") : text("feed.unfold"));
            icon.setIconCode(iconOf(block.kind));
            boolean group = !block.folded.isEmpty();
            Nodes.show(count, group);
            count.setText(group ? text("feed.reads", block.folded.size() + 1) : "");
            call.setText(group ? groupTitle(block) : Guest.line(block.title(), 300));
            wearAlso(call, "muted", group);
            if (block.level != badge) {
                badge = block.level;
                level.getChildren().clear();
                if (badge != null) {
                    level.getChildren().add(Nodes.badge(badge));
                }
            }
            fillVerdict(block, decided);
            fillResult(block, decided);
            effects.setText(effectsOf(block, decided));
            Nodes.show(look, block.waiting());
            setAccessibleText(
                    text(
                            "feed.row-accessible",
                            call.getText(),
                            Words.level(levelOf(block)),
                            verdict.getText() + " " + verdictBy.getText(),
                            result.getText()));
        }

        private void fillVerdict(Block.Call block, Fact.@Nullable Decided decided) {
            String word = "";
            String by = "";
            Ikon mark = MaterialDesignC.CHECK;
            String style = "ok";
            if (block.waiting()) {
                mark = MaterialDesignC.CLOCK_OUTLINE;
                style = "waits-" + levelOf(block).word();
                word = text("feed.waiting");
                by = Words.age(since(block.askedAt));
            } else if (decided == null) {
                mark = MaterialDesignC.CLOCK_OUTLINE;
                style = "plain";
                word = block.abandoned ? text("feed.abandoned") : text("feed.undecided");
            } else if (decided.answer() == Answer.ALLOWED) {
                switch (decided.by()) {
                    case PERSON -> {
                        mark = MaterialDesignA.ACCOUNT_OUTLINE;
                        style = "person";
                        word = text("feed.allowed-once");
                        by =
                                text(
                                        "feed.by-you",
                                        Words.second(Objects.requireNonNull(block.decidedAt)));
                    }
                    case PLAN -> word = text("feed.under-plan");
                    case RULE -> {
                        word = text("feed.by-rule");
                        by = decided.rule();
                    }
                    case MODE, TIMEOUT, SESSION ->
                            word = block.releasedAt == null ? text("feed.runs") : text("feed.ran");
                }
            } else {
                mark = MaterialDesignC.CLOSE;
                style = "no";
                if (decided.answer() == Answer.PLAN_FIRST) {
                    mark = MaterialDesignU.UNDO_VARIANT;
                    style = "plain";
                    word = text("feed.plan-first");
                } else {
                    word = text("feed.denied");
                    by =
                            switch (decided.by()) {
                                case PERSON -> text("feed.denied-you");
                                case TIMEOUT -> text("feed.denied-timeout");
                                case SESSION -> text("feed.denied-session");
                                case RULE, MODE, PLAN -> text("feed.denied-rule", decided.rule());
                            };
                }
            }
            verdictIcon.setIconCode(mark);
            wear(verdictIcon, "ikonli-font-icon", "icon", "verdict-" + style);
            verdict.setText(word);
            boolean strong =
                    style.equals("person") || style.equals("no") || style.startsWith("waits-");
            wear(verdict, "label", "feed-verdict", strong ? "strong" : "muted");
            verdictBy.setText(by);
            Nodes.show(verdictBy, !by.isEmpty());
        }

        private void fillResult(Block.Call block, Fact.@Nullable Decided decided) {
            int plus = block.staged.stream().mapToInt(Fact.Staged::added).sum();
            int minus = block.staged.stream().mapToInt(Fact.Staged::removed).sum();
            boolean counts = block.kind == ToolKind.WRITE && !block.staged.isEmpty();
            Nodes.show(added, counts);
            Nodes.show(removed, counts);
            added.setText("+" + plus);
            removed.setText("-" + minus);
            Duration took = block.took();
            String line = "";
            boolean failed = false;
            if (block.waiting()) {
                line = text("feed.held");
            } else if (decided != null && decided.answer() != Answer.ALLOWED) {
                line = text("feed.did-not-run");
            } else if (block.returned != null) {
                line =
                        block.returned.error()
                                ? text("feed.error", took == null ? "" : Words.span(took))
                                : took == null ? text("feed.done") : Words.span(took);
                failed = block.returned.error();
            } else if (block.releasedAt != null) {
                line = text("feed.running");
            }
            result.setText(line);
            wearAlso(result, "critical-text", failed);
            Nodes.show(result, !counts || (block.returned != null && block.returned.error()));
        }

        private String effectsOf(Block.Call block, Fact.@Nullable Decided decided) {
            if (decided != null && decided.answer() == Answer.DENIED) {
                GuestText note = decided.note();
                return note == null || note.raw().isBlank()
                        ? ""
                        : text("feed.told", Guest.line(note, 120));
            }
            if (block.waiting() || decided == null || decided.answer() != Answer.ALLOWED) {
                return "";
            }
            if (block.staged.isEmpty()) {
                return block.returned == null ? "" : text("feed.none-seen");
            }
            long blocked = block.staged.stream().filter(s -> s.change().equals("blocked")).count();
            int files = (int) block.staged.stream().map(s -> s.path().raw()).distinct().count();
            return blocked > 0
                    ? text("feed.staged-blocked", files, blocked)
                    : text("feed.staged", files);
        }

        private String groupTitle(Block.Call block) {
            StringBuilder names = new StringBuilder(Guest.line(block.title(), 60));
            for (Block.Call each : block.folded) {
                if (names.length() > 160) {
                    break;
                }
                names.append(" · ").append(Guest.line(each.title(), 60));
            }
            return names.toString();
        }

        private void lookAtIt() {
            if (row != null && row.block().requestId != null) {
                model.links().approval(row.block().requestId);
            }
        }

        private Duration since(@Nullable Instant from) {
            Instant now = model.clock().instant();
            return from == null ? Duration.ZERO : Duration.between(from, now);
        }

        private Ikon iconOf(ToolKind kind) {
            return switch (kind) {
                case SHELL -> MaterialDesignC.CONSOLE;
                case READ -> MaterialDesignB.BOOK_OPEN_OUTLINE;
                case WRITE -> MaterialDesignP.PENCIL_OUTLINE;
                case OTHER -> MaterialDesignC.CUBE_OUTLINE;
            };
        }
    }

    /// Time, icon, sentence, and where it leads.
    private final class NoteRow {
        final HBox box = new HBox();
        private final Label time = Nodes.label("", "feed-time");
        private final FontIcon icon = Icons.icon(MaterialDesignI.INFORMATION_OUTLINE);
        private final Label ours = Nodes.label("", "muted");
        private final Label guest = Nodes.label("", "guest-mono", "muted");
        private final Hyperlink link = Nodes.link("", () -> {});

        NoteRow() {
            box.getStyleClass().add("feed-row");
            box.setAlignment(Pos.CENTER_LEFT);
            ours.setMinWidth(Region.USE_PREF_SIZE);
            guest.setMinWidth(0);
            HBox sentence = Nodes.row(8, ours, guest);
            HBox.setHgrow(sentence, Priority.ALWAYS);
            HBox mark = Nodes.styled(Nodes.row(0, icon), "note-mark");
            box.getChildren().addAll(time, mark, sentence, link);
        }

        void fill(Block.Note note) {
            time.setText(Words.second(note.at()));
            ours.setText(note.words().ours());
            ours.getStyleClass().remove("critical-text");
            Nodes.show(guest, !note.words().guest().isEmpty());
            guest.setText(note.words().guest());
            icon.setIconCode(iconOf(note.fact()));
            Nodes.show(link, false);
            switch (note.fact()) {
                case Fact.CheckpointTaken taken -> {
                    Nodes.show(link, true);
                    link.setText(text("feed.restore"));
                    link.setOnAction(_ -> model.links().checkpoint(taken.id()));
                }
                case Fact.Staged _ -> {
                    Nodes.show(link, true);
                    link.setText(text("feed.review"));
                    link.setOnAction(_ -> model.links().review());
                }
                case Fact.Suspected _, Fact.CanaryLeft _ ->
                        ours.getStyleClass().add("critical-text");
                case Fact.Noticed noticed -> {
                    if (noticed.severity().equals("error")) {
                        ours.getStyleClass().add("critical-text");
                    }
                }
                default -> {}
            }
        }

        private Ikon iconOf(Fact fact) {
            return switch (fact) {
                case Fact.CheckpointTaken _, Fact.CheckpointDropped _ ->
                        MaterialDesignF.FLAG_OUTLINE;
                case Fact.Restored _, Fact.Undone _ -> MaterialDesignU.UNDO_VARIANT;
                case Fact.MessageSent _ -> MaterialDesignM.MESSAGE_OUTLINE;
                case Fact.PlanGranted _, Fact.HunksDecided _ -> MaterialDesignA.ACCOUNT_OUTLINE;
                case Fact.VmStarted _, Fact.StepDone _, Fact.CopiedIn _ ->
                        MaterialDesignL.LIGHTNING_BOLT_OUTLINE;
                case Fact.LinkChanged _ -> MaterialDesignL.LINK_VARIANT;
                case Fact.Applied _ -> MaterialDesignC.CHECK;
                case Fact.AgentStarted _ -> MaterialDesignC.CONSOLE;
                case Fact.AgentEnded _ -> MaterialDesignS.STOP_CIRCLE_OUTLINE;
                case Fact.Suspected _, Fact.CanaryLeft _, Fact.SecretsToModel _ ->
                        MaterialDesignA.ALERT_OUTLINE;
                case Fact.Noticed noticed ->
                        noticed.severity().equals("info")
                                ? MaterialDesignI.INFORMATION_OUTLINE
                                : MaterialDesignA.ALERT_OUTLINE;
                default -> MaterialDesignI.INFORMATION_OUTLINE;
            };
        }
    }

    /// Shows the part of a box that falls into this row.
    private final class SlicePane extends Pane {
        private static final double LEFT = 112;
        private final Region box = new Region();
        private final Pane words = new Pane();
        private int slice;
        private double top;
        private double height;

        SlicePane() {
            getStyleClass().add("feed-slice");
            getChildren().addAll(box, words);
            setMinHeight(FeedRow.HEIGHT);
            setPrefHeight(FeedRow.HEIGHT);
            setMaxHeight(FeedRow.HEIGHT);
            setPrefWidth(0);
            setMinWidth(0);
            Rectangle clip = new Rectangle();
            clip.widthProperty().bind(widthProperty());
            clip.setHeight(FeedRow.HEIGHT);
            setClip(clip);
        }

        void output(FeedRow.Output row) {
            int earlier = row.earlier() > 0 ? 1 : 0;
            begin(row.slice(), "output-box", row.lines().size() + earlier, FeedRow.LINE);
            if (earlier == 1) {
                String words = text("feed.earlier", row.earlier());
                if (row.block().full) {
                    put(Nodes.label(words, "mono-small", "subtle"), 14, 0);
                } else {
                    Hyperlink all = Nodes.link(words, () -> model.showAll(row.block()));
                    all.getStyleClass().add("mono-small");
                    put(all, 14, 0);
                }
            }
            for (int i = first(); i <= last(); i++) {
                int line = i - earlier;
                if (line >= 0 && line < row.lines().size()) {
                    put(Nodes.label(row.lines().get(line), "mono-small"), 14, i);
                }
            }
        }

        void saying(FeedRow.Saying row) {
            List<String> lines = row.block().shown();
            begin(row.slice(), "says-box", lines.size(), row.slices() == 1 ? 8 : FeedRow.LINE);
            Label tag = Nodes.label(text("feed.agent-says"), "says-label");
            tag.setGraphic(Icons.icon(MaterialDesignC.COMMENT_OUTLINE, "says-icon"));
            put(tag, 14, 0);
            for (int i = first(); i <= last(); i++) {
                if (i >= 0 && i < lines.size()) {
                    put(Nodes.label(lines.get(i), "says-text"), 108, i);
                }
            }
            if (row.block().foldable()) {
                Hyperlink more =
                        Nodes.link(
                                row.open()
                                        ? text("feed.said-less")
                                        : text("feed.said-more", row.block().hidden()),
                                () -> model.toggle(row.block()));
                more.getStyleClass().add("says-more");
                put(more, 14, lines.size() - 1);
            }
        }

        private void begin(int at, String style, int lines, double from) {
            slice = at;
            top = from;
            boolean single = from < FeedRow.LINE;
            height =
                    single
                            ? FeedRow.HEIGHT - 4
                            : lines * (double) FeedRow.LINE + 2 * FeedRow.BOX_PADDING;
            box.getStyleClass().setAll(style);
            words.getChildren().clear();
            requestLayout();
        }

        /// The first line that may fall into this row.
        private int first() {
            return (int) Math.floor((slice * (double) FeedRow.HEIGHT - top) / FeedRow.LINE);
        }

        private int last() {
            return first() + FeedRow.HEIGHT / FeedRow.LINE;
        }

        private void put(Node node, double x, int line) {
            double y = top + line * (double) FeedRow.LINE - slice * (double) FeedRow.HEIGHT;
            if (y > -FeedRow.LINE && y < FeedRow.HEIGHT) {
                node.setLayoutX(LEFT + x);
                node.setLayoutY(y);
                words.getChildren().add(node);
            }
        }

        @Override
        protected void layoutChildren() {
            super.layoutChildren();
            double y = top < FeedRow.LINE ? 2 : top - FeedRow.BOX_PADDING;
            box.resizeRelocate(
                    LEFT,
                    y - slice * (double) FeedRow.HEIGHT,
                    Math.max(0, getWidth() - LEFT - 20),
                    height);
        }
    }
}
