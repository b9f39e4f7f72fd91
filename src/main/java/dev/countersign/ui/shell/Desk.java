package dev.countersign.ui.shell;

import dev.countersign.domain.SessionId;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Icons;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.Messages;
import dev.countersign.ui.common.ServiceSource;
import dev.countersign.ui.common.Theme;
import dev.countersign.ui.common.WindowControl;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.layout.StackPane;
import javafx.stage.Stage;

/// Opens the window and keeps it until it is closed.
public final class Desk {
    private Desk() {}

    /// Blocks until the window is closed.
    public static void open(ServiceSource source, LaunchOptions options)
            throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        Platform.startup(() -> {
            Stage stage = new Stage();
            EngineLink link = new EngineLink(source, Lanes.ofToolkit(), Clock.systemUTC());
            Scene scene = new Scene(new StackPane(Icons.mark()), 1440, 900);
            Theme.follow(scene);
            stage.setScene(scene);
            stage.setTitle(Messages.text("app.name"));
            stage.setOnHidden(_ -> {
                link.close();
                closed.countDown();
            });
            link.connect();
            stage.show();
            options.opened().accept(controlOf(stage));
        });
        try {
            closed.await();
        } catch (InterruptedException e) {
            Platform.exit();
            throw e;
        }
    }

    private static WindowControl controlOf(Stage stage) {
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
                toFront();
            }

            @Override
            public void showSession(SessionId id) {
                toFront();
            }

            @Override
            public void close() {
                Fx.run(stage::hide);
            }
        };
    }
}
