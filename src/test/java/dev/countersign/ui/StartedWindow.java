package dev.countersign.ui;

import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.shell.Desk;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import javafx.animation.AnimationTimer;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.stage.Stage;
import javafx.stage.Window;

/// A process that opens one window and says how long it took from its start to its third frame, for
/// `bench/ui`: `hello` shows a label, `app` the whole window, and then how long it took until the
/// sessions and the feed of one were there too. With a third word it then waits and says how much
/// memory it keeps.
final class StartedWindow {
    private StartedWindow() {}

    static void main(String[] arguments) throws InterruptedException, IOException {
        boolean app = arguments[0].equals("app");
        Path settings = Path.of(arguments[1]);
        long born = ManagementFactory.getRuntimeMXBean().getStartTime();
        CountDownLatch shown = new CountDownLatch(1);
        Runnable watch =
                () ->
                        new AnimationTimer() {
                            private int frames;

                            @Override
                            public void handle(long now) {
                                frames++;
                                if (frames == 3) {
                                    System.out.println("ms " + (System.currentTimeMillis() - born));
                                    System.out.println("cpu " + cpuMillis());
                                }
                                if (frames >= 3 && (!app || feedIsThere())) {
                                    stop();
                                    System.out.println(
                                            "content " + (System.currentTimeMillis() - born));
                                    if (arguments.length < 3) {
                                        System.exit(0);
                                    }
                                    shown.countDown();
                                }
                            }
                        }.start();
        if (app) {
            FakeService service = Scenes.afternoon();
            LaunchOptions outside = new OutsideOptions().options(settings);
            Thread.ofPlatform()
                    .start(() -> {
                        try {
                            Desk.open(
                                    _ -> service,
                                    new LaunchOptions(
                                            outside.version(),
                                            settings,
                                            outside.choices(),
                                            outside.sample(),
                                            null,
                                            outside.prompt(),
                                            _ -> watch.run()));
                        } catch (InterruptedException _) {
                            Thread.currentThread().interrupt();
                        }
                    });
        } else {
            Platform.startup(() -> {
                Stage stage = new Stage();
                stage.setScene(new Scene(new Label("hello"), 1440, 900));
                stage.show();
                watch.run();
            });
        }
        shown.await();
        LockSupport.parkNanos(8_000_000_000L);
        System.out.println("kB " + residentKb(ProcessHandle.current().pid()));
        System.exit(0);
    }

    private static boolean feedIsThere() {
        return Window.getWindows().stream()
                .map(window -> window.getScene().getRoot().lookup("#feed-list"))
                .anyMatch(node -> node instanceof ListView<?> list && list.getItems().size() > 4);
    }

    /// Processor time of the process so far: what a busy machine does not change.
    private static long cpuMillis() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean bean
                ? bean.getProcessCpuTime() / 1_000_000
                : 0;
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
