package dev.countersign.ui.policy;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.ui.common.Nodes;
import dev.countersign.ui.common.View;
import dev.countersign.ui.policy.SecondFactorViewModel.Step;
import javafx.beans.value.ChangeListener;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/// Three choices, and below them what the one that was pressed still needs.
final class SecondFactorBox implements View {
    private final SecondFactorViewModel model;
    private final VBox root = Nodes.styled(Nodes.column(8), "section");
    private final ToggleGroup group = new ToggleGroup();
    private final VBox more = Nodes.column(8);
    private final TextField code = new TextField();
    private final ChangeListener<Object> onChange = (_, _, _) -> draw();

    SecondFactorBox(SecondFactorViewModel model) {
        this.model = model;
        HBox choices =
                Nodes.row(
                        0,
                        choice(SecondFactorViewModel.NONE, text("factor.none"), "left-pill"),
                        choice(SecondFactorViewModel.PHRASE, text("factor.phrase"), "center-pill"),
                        choice(SecondFactorViewModel.TOTP, text("factor.totp"), "right-pill"));
        code.setId("factor-code");
        code.setPromptText(text("factor.code"));
        code.setAccessibleText(text("factor.code"));
        code.setPrefColumnCount(10);
        code.setOnAction(_ -> model.confirm());
        root.setId("second-factor");
        root.getChildren()
                .addAll(Nodes.label(text("factor.title"), "section-title"), choices, more);
    }

    private ToggleButton choice(String id, String title, String place) {
        ToggleButton button = new ToggleButton(title);
        button.getStyleClass().add(place);
        button.setToggleGroup(group);
        button.setUserData(id);
        button.setId("factor-" + id);
        button.setOnAction(_ -> {
            model.choose(id);
            draw();
        });
        return button;
    }

    @Override
    public Region root() {
        return root;
    }

    @Override
    public void attach() {
        model.choice().addListener(onChange);
        model.step().addListener(onChange);
        model.problem().addListener(onChange);
        code.textProperty().bindBidirectional(model.code());
        model.look();
        draw();
    }

    @Override
    public void detach() {
        model.choice().removeListener(onChange);
        model.step().removeListener(onChange);
        model.problem().removeListener(onChange);
        code.textProperty().unbindBidirectional(model.code());
    }

    /// The pressed one is what is in force: a wish that needs a code more is no choice yet.
    private void draw() {
        String now = model.choice().get();
        group.getToggles().forEach(each -> each.setSelected(now.equals(each.getUserData())));
        more.getChildren().clear();
        switch (model.step().get()) {
            case Step.Enrol enrol -> {
                more.getChildren()
                        .addAll(
                                Nodes.paragraph(text("factor.enrol"), "second"),
                                shown("factor-secret", text("factor.secret"), enrol.secret()),
                                shown("factor-uri", text("factor.uri"), enrol.uri()),
                                confirm(text("factor.confirm")));
            }
            case Step.Leave _ ->
                    more.getChildren()
                            .addAll(
                                    Nodes.paragraph(text("factor.leave"), "second"),
                                    confirm(text("factor.change")));
            case null ->
                    more.getChildren()
                            .add(
                                    Nodes.paragraph(
                                            switch (now) {
                                                case SecondFactorViewModel.PHRASE ->
                                                        text("factor.phrase-means");
                                                case SecondFactorViewModel.TOTP ->
                                                        text("factor.totp-means");
                                                default -> text("factor.none-means");
                                            },
                                            "second",
                                            "muted"));
        }
        if (!model.problem().get().isEmpty()) {
            more.getChildren().add(Nodes.paragraph(model.problem().get(), "critical-text"));
        }
    }

    private HBox confirm(String words) {
        Button button = Nodes.button(words, null, null, model::confirm);
        button.setId("factor-confirm");
        return Nodes.row(8, code, button);
    }

    /// A text to be copied, selectable and not to be changed.
    private static HBox shown(String id, String name, String value) {
        TextField field = new TextField(value);
        field.setId(id);
        field.setEditable(false);
        field.setAccessibleText(name);
        field.getStyleClass().add("mono");
        HBox.setHgrow(field, Priority.ALWAYS);
        Label label = Nodes.label(name, "second", "muted");
        label.setMinWidth(64);
        return Nodes.row(8, label, field);
    }
}
