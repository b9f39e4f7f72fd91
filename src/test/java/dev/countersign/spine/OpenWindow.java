package dev.countersign.spine;

import dev.countersign.api.Client;
import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.NativePrompt;
import dev.countersign.ui.common.WindowSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javafx.application.Platform;
import javafx.css.PseudoClass;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyCode;
import javafx.scene.paint.Color;
import javafx.scene.robot.Robot;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import org.testfx.api.FxRobot;

/// The product's window in this process, on a real display, as a client of a real engine.
final class OpenWindow implements AutoCloseable {
    private static final PseudoClass UNARMED = PseudoClass.getPseudoClass("unarmed");

    private final Stage stage;
    private final dev.countersign.ui.shell.Desk desk;
    private final FxRobot robot = new FxRobot();

    private OpenWindow(Stage stage, dev.countersign.ui.shell.Desk desk) {
        this.stage = stage;
        this.desk = desk;
    }

    /// Starts the toolkit if no other test of this process did.
    static void startToolkit() {
        try {
            Platform.startup(() -> Platform.setImplicitExit(false));
        } catch (IllegalStateException _) {
            // It runs already.
            return;
        }
    }

    static OpenWindow at(Path socket, Path settings) {
        return at(socket, settings, null);
    }

    /// @param sample behind the button of the empty window; null: none
    static OpenWindow at(Path socket, Path settings, LaunchOptions.@Nullable Sample sample) {
        startToolkit();
        LaunchOptions options =
                new LaunchOptions(
                        "test",
                        settings,
                        new LaunchOptions.Choices(
                                List.of(new LaunchOptions.Choice("mini", "mini", "")),
                                sample == null
                                        ? List.of()
                                        : List.of(
                                                new LaunchOptions.Choice(
                                                        "scripted:tour", "scripted", "")),
                                List.of()),
                        sample,
                        null,
                        NativePrompt.NONE,
                        _ -> {});
        return fx(() -> {
            Stage stage = new Stage();
            var desk =
                    new dev.countersign.ui.shell.Desk(
                            stage,
                            _ -> Client.connect(socket),
                            options,
                            WindowSettings.read(settings),
                            Lanes.ofToolkit(),
                            Clock.systemUTC());
            Scene scene = desk.scene();
            stage.setX(0);
            stage.setY(0);
            desk.show(scene);
            stage.requestFocus();
            return new OpenWindow(stage, desk);
        });
    }

    /// Opens the page of what waits and returns all words of the card, once it is there.
    String waiting(String request) {
        Desk.await(
                "the window to know of " + request,
                () -> fx(() -> desk.model().sessions().waitingCount() == 1));
        fx(() -> {
            desk.model().showWaiting(request);
            return true;
        });
        Desk.await("the card of " + request, () -> fx(() -> node("#approval-card") != null));
        return fx(() ->
                stage.getScene().getRoot().lookup("#approval-card").lookupAll("*").stream()
                        .filter(Labeled.class::isInstance)
                        .map(each -> ((Labeled) each).getText())
                        .collect(Collectors.joining("\n")));
    }

    /// Clicks on Allow as soon as it takes a click.
    void allow() {
        Desk.await(
                "Allow to be armed",
                () ->
                        fx(() -> {
                            Node button = node("#allow");
                            return button != null
                                    && !button.getPseudoClassStates().contains(UNARMED);
                        }));
        click("#allow");
    }

    /// Clicks on it with the mouse, once it is there, takes a click, and lies where it is seen. A
    /// node that is drawn anew meanwhile is met all the same: its place is clicked.
    void click(String selector) {
        Point2D[] place = new Point2D[1];
        Desk.await(
                selector + " to take a click",
                () -> {
                    place[0] = fx(() -> placeOf(node(selector)));
                    return place[0] != null;
                });
        robot.clickOn(place[0]);
    }

    private @Nullable Point2D placeOf(@Nullable Node node) {
        if (node == null || !node.isVisible() || node.isDisabled()) {
            return null;
        }
        stage.getScene().getRoot().applyCss();
        stage.getScene().getRoot().layout();
        Bounds inScene = node.localToScene(node.getLayoutBounds());
        Point2D middle = new Point2D(inScene.getCenterX(), inScene.getCenterY());
        boolean seen =
                inScene.getHeight() > 0
                        && middle.getX() < stage.getScene().getWidth()
                        && middle.getY() < stage.getScene().getHeight();
        Bounds onScreen = node.localToScreen(node.getLayoutBounds());
        return seen && onScreen != null
                ? new Point2D(onScreen.getCenterX(), onScreen.getCenterY())
                : null;
    }

    /// Presses the key in the window.
    void press(KeyCode key) {
        robot.type(key);
    }

    /// Types into a field.
    void write(String selector, String words) {
        click(selector);
        robot.write(words);
    }

    /// Waits until the field with all changes has as many rows at least.
    void awaitRows(String list, int rows) {
        Desk.await(
                rows + " rows of " + list,
                () ->
                        fx(() ->
                                node(list) instanceof ListView<?> found
                                        && found.getItems().size() >= rows));
    }

    private @Nullable Node node(String selector) {
        return stage.getScene().getRoot().lookup(selector);
    }

    /// How many colours there are on the display, whoever drew them.
    static int coloursOnScreen() {
        return fx(() -> {
            WritableImage seen = new Robot().getScreenCapture(null, 0, 0, 1440, 900);
            java.util.Set<Color> colours = new java.util.HashSet<>();
            for (int x = 0; x < 1440; x += 7) {
                for (int y = 0; y < 900; y += 7) {
                    colours.add(seen.getPixelReader().getColor(x, y));
                }
            }
            return colours.size();
        });
    }

    private static <T> T fx(Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Fx.run(() -> {
            try {
                done.complete(work.call());
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        return done.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() throws IOException {
        fx(() -> {
            desk.close();
            stage.hide();
            return true;
        });
    }
}
