package dev.countersign.ui.shell;

import static dev.countersign.ui.common.Messages.text;

import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.ServiceSource;
import dev.countersign.ui.common.Theme;
import dev.countersign.ui.common.WindowControl;
import dev.countersign.ui.common.WindowSettings;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import javafx.application.Platform;
import javafx.geometry.Rectangle2D;
import javafx.scene.Scene;
import javafx.scene.image.Image;
import javafx.stage.Screen;
import javafx.stage.Stage;

/// Puts the window together and keeps it until it is closed.
public final class Desk {
    private static final double SMALLEST_WIDTH = 1100;
    private static final double SMALLEST_HEIGHT = 640;
    private final Stage stage;
    private final ShellViewModel model;
    private final ShellView view;
    private final WindowSettings settings;
    private final Lanes lanes;

    /// On the toolkit's thread.
    ///
    /// @param settings already read
    public Desk(
            Stage stage,
            ServiceSource source,
            LaunchOptions options,
            WindowSettings settings,
            Lanes lanes,
            Clock clock) {
        this.stage = stage;
        this.settings = settings;
        this.lanes = lanes;
        EngineLink link = new EngineLink(source, lanes, clock);
        model = new ShellViewModel(link, lanes, clock, options, settings);
        view = new ShellView(model);
    }

    /// Blocks until the window is closed.
    public static void open(ServiceSource source, LaunchOptions options)
            throws InterruptedException {
        // The toolkit's start takes longest: what needs none of it goes on beside it.
        CompletableFuture<WindowSettings> settings =
                CompletableFuture.supplyAsync(
                        () -> WindowSettings.read(options.settings()),
                        task -> Thread.ofPlatform().name("window-settings").start(task));
        CountDownLatch closed = new CountDownLatch(1);
        Platform.startup(() -> {
            Theme.first();
            Stage stage = new Stage();
            Desk desk =
                    new Desk(
                            stage,
                            source,
                            options,
                            settings.join(),
                            Lanes.ofToolkit(),
                            Clock.systemUTC());
            Scene scene = desk.scene();
            Theme.follow(scene);
            desk.show(scene);
            stage.setOnHidden(_ -> {
                desk.close();
                closed.countDown();
            });
            options.opened().accept(desk.control());
        });
        try {
            closed.await();
        } catch (InterruptedException e) {
            Platform.exit();
            throw e;
        }
        settings.join().write();
    }

    /// The window's content, at the size that it had last, but no larger than the screen: buttons
    /// that lie beside it could not be pressed, and a pointer that is held at its edge would press
    /// others.
    public Scene scene() {
        Zoom zoom = new Zoom(view.root(), model.textSize().get());
        model.textSize().addListener((_, _, now) -> zoom.textSize(now.intValue()));
        Rectangle2D screen = Screen.getPrimary().getVisualBounds();
        return new Scene(
                zoom,
                Math.min(settings.width(), screen.getWidth()),
                Math.min(settings.height(), screen.getHeight()));
    }

    /// Shows the window, and connects once its first frame is on its way: what the engine says is
    /// not waited for.
    public void show(Scene scene) {
        stage.setScene(scene);
        stage.setTitle(text("app.name"));
        stage.setMinWidth(SMALLEST_WIDTH);
        stage.setMinHeight(SMALLEST_HEIGHT);
        view.watch(stage);
        view.attach();
        model.raisedBy(() -> control().toFront());
        scene.addPostLayoutPulseListener(
                new Runnable() {
                    @Override
                    public void run() {
                        scene.removePostLayoutPulseListener(this);
                        Fx.later(Desk.this::begin);
                    }
                });
        stage.show();
    }

    private void begin() {
        view.afterFirstFrame();
        model.open();
        lanes.background(() -> {
            List<Image> icons = IntStream.of(16, 32, 48, 128, 256).mapToObj(Icons::image).toList();
            lanes.screen(() -> stage.getIcons().setAll(icons));
        });
    }

    /// Lets go of everything. Sessions go on.
    public void close() {
        settings.size(stage.getScene().getWidth(), stage.getScene().getHeight());
        view.detach();
        model.close();
    }

    /// The window's state, for what drives it.
    public ShellViewModel model() {
        return model;
    }

    private WindowControl control() {
        return new WindowControl() {
            @Override
            public void toFront() {
                Fx.run(() -> {
                    stage.setIconified(false);
                    stage.toFront();
                    stage.requestFocus();
                });
            }

            @Override
            public void showApproval(String requestId) {
                Fx.run(() -> model.showWaiting(requestId));
                toFront();
            }

            @Override
            public void showSession(SessionId id) {
                Fx.run(() -> model.showSession(id));
                toFront();
            }

            @Override
            public void close() {
                Fx.run(stage::hide);
            }
        };
    }
}
