package dev.countersign.ui;

import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.Theme;
import dev.countersign.ui.common.WindowSettings;
import dev.countersign.ui.shell.Desk;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import javafx.animation.AnimationTimer;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.stage.Stage;

/// A process that opens one window and says how long it took from its start to its second frame,
/// for `bench/ui`: `hello` shows a label, `app` the whole window with sessions in it. With a third
/// word it then waits and says how much memory it keeps.
final class StartedWindow {
    private StartedWindow() {}

    static void main(String[] arguments) throws InterruptedException, IOException {
        boolean app = arguments[0].equals("app");
        Path settings = Path.of(arguments[1]);
        long born = ManagementFactory.getRuntimeMXBean().getStartTime();
        CountDownLatch shown = new CountDownLatch(1);
        Platform.startup(() -> {
            Stage stage = new Stage();
            if (app) {
                FakeService service = Scenes.afternoon();
                Desk desk =
                        new Desk(
                                stage,
                                _ -> service,
                                new OutsideOptions().options(settings),
                                WindowSettings.read(settings),
                                Lanes.ofToolkit(),
                                Clock.systemUTC());
                Scene scene = desk.scene();
                Theme.wear(scene, ColorScheme.LIGHT);
                desk.show(scene);
            } else {
                stage.setScene(new Scene(new Label("hello"), 1440, 900));
                stage.show();
            }
            new AnimationTimer() {
                private int frames;

                @Override
                public void handle(long now) {
                    frames++;
                    if (frames == 3) {
                        stop();
                        System.out.println("ms " + (System.currentTimeMillis() - born));
                        if (arguments.length < 3) {
                            System.exit(0);
                        }
                        shown.countDown();
                    }
                }
            }.start();
        });
        shown.await();
        LockSupport.parkNanos(8_000_000_000L);
        System.out.println("kB " + residentKb(ProcessHandle.current().pid()));
        System.exit(0);
    }

    /// What a process keeps in memory, shared libraries included, in kB.
    static long residentKb(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    /// The options of the tests' windows.
    private static final class OutsideOptions extends WindowTest {}
}
