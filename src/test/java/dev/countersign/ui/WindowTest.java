package dev.countersign.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.ui.common.Fx;
import dev.countersign.ui.common.Lanes;
import dev.countersign.ui.common.LaunchOptions;
import dev.countersign.ui.common.LaunchOptions.Choice;
import dev.countersign.ui.common.LaunchOptions.Choices;
import dev.countersign.ui.common.NativePrompt;
import dev.countersign.ui.common.ServiceSource;
import dev.countersign.ui.common.Theme;
import dev.countersign.ui.common.WindowSettings;
import dev.countersign.ui.shell.Desk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javafx.animation.AnimationTimer;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.image.PixelReader;
import javafx.scene.image.WritableImage;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.testfx.api.FxRobot;
import org.testfx.util.WaitForAsyncUtils;

/// A real window on a real display, with the engine by hand behind it. Needs `DISPLAY`: in CI its
/// absence is an error, elsewhere the tests are skipped with the reason.
@Tag("ui")
abstract class WindowTest {
    static final Path SCREENS = Path.of("target", "screens");

    /// Windows that were opened in this process.
    static final AtomicInteger OPENED = new AtomicInteger();

    final FxRobot robot = new FxRobot();
    @Nullable Stage stage;
    @Nullable Desk desk;

    @BeforeAll
    static void needsADisplay() {
        String display = System.getenv("DISPLAY");
        boolean there = display != null && !display.isBlank();
        boolean mac = System.getProperty("os.name", "").startsWith("Mac");
        if ("true".equals(System.getenv("CI"))) {
            assertThat(there || mac)
                    .as("window tests need a display: run them under xvfb-run")
                    .isTrue();
        }
        assumeTrue(there || mac, "no display: run under xvfb-run");
        try {
            Platform.startup(() -> Platform.setImplicitExit(false));
        } catch (IllegalStateException _) {
            // Another test class of this JVM started it.
        }
    }

    @AfterEach
    void closeTheWindow() {
        fx(() -> {
            if (desk != null) {
                desk.close();
            }
            if (stage != null) {
                // What had the focus loses it: the caret of a field blinks in a hidden window too.
                stage.getScene().getRoot().requestFocus();
                stage.hide();
            }
            return null;
        });
    }

    /// Asks outside of the window; a test that does puts it here before it opens one.
    NativePrompt prompt = NativePrompt.NONE;

    LaunchOptions options(Path settings) {
        return new LaunchOptions(
                "0.1.0",
                settings,
                new Choices(
                        List.of(
                                new Choice("mini", "mini", "the bundled agent"),
                                new Choice("claude-code", "Claude Code", "")),
                        List.of(new Choice("example", "models.example.org", "")),
                        List.of()),
                () -> {
                    throw new dev.countersign.domain.CountersignException(
                            dev.countersign.domain.CountersignException.Kind.MISSING,
                            "no sample here");
                },
                null,
                prompt,
                _ -> {});
    }

    /// Opens the window at the scenes' time and lets it settle.
    Desk open(ServiceSource source, ColorScheme scheme, Path settings) {
        return open(source, scheme, settings, Clock.fixed(Scenes.NOW, ZoneOffset.UTC));
    }

    /// As above, at another time.
    Desk open(ServiceSource source, ColorScheme scheme, Path settings, Clock clock) {
        OPENED.incrementAndGet();
        Desk made =
                fx(() -> {
                    Stage window = new Stage();
                    stage = window;
                    Desk opened =
                            new Desk(
                                    window,
                                    source,
                                    options(settings),
                                    WindowSettings.read(settings),
                                    Lanes.ofToolkit(),
                                    clock);
                    Scene scene = opened.scene();
                    Theme.wear(scene, scheme);
                    window.setX(0);
                    window.setY(0);
                    opened.show(scene);
                    window.requestFocus();
                    return opened;
                });
        desk = made;
        settle();
        return made;
    }

    /// Runs it on the toolkit's thread and waits for it.
    static <T extends @Nullable Object> T fx(Callable<T> work) {
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

    /// Background work and a few pulses are done.
    void settle() {
        CountDownLatch pulses = new CountDownLatch(12);
        fx(() -> {
            new AnimationTimer() {
                @Override
                public void handle(long now) {
                    pulses.countDown();
                    if (pulses.getCount() == 0) {
                        stop();
                    }
                }
            }.start();
            return null;
        });
        try {
            assertThat(pulses.await(20, TimeUnit.SECONDS)).as("the window is drawn").isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Waits until it is so; says what was expected if it never is.
    void until(String expected, Callable<Boolean> condition) {
        try {
            WaitForAsyncUtils.waitFor(15, TimeUnit.SECONDS, () -> fx(condition));
        } catch (TimeoutException e) {
            throw new AssertionError("never: " + expected, e);
        }
        settle();
    }

    Node node(String selector) {
        return fx(() -> {
            Stage window = stage;
            Node found = window == null ? null : window.getScene().getRoot().lookup(selector);
            assertThat(found).as(selector).isNotNull();
            return found;
        });
    }

    boolean there(String selector) {
        Stage window = stage;
        Node found = window == null ? null : window.getScene().getRoot().lookup(selector);
        return found != null && found.isVisible();
    }

    /// Keeps what is on screen as a picture.
    void picture(String name, ColorScheme scheme) {
        settle();
        WritableImage image =
                fx(() -> {
                    Stage window = stage;
                    if (window == null) {
                        throw new AssertionError("no window");
                    }
                    return window.getScene().snapshot(null);
                });
        keep(name, scheme, image);
    }

    static void keep(String name, ColorScheme scheme, WritableImage image) {
        try {
            Files.createDirectories(SCREENS);
            Files.write(
                    SCREENS.resolve(
                            name + "-" + (scheme == ColorScheme.DARK ? "dark" : "light") + ".png"),
                    png(image));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A PNG without AWT: one IDAT, no filter.
    private static byte[] png(WritableImage image) throws IOException {
        int width = (int) image.getWidth();
        int height = (int) image.getHeight();
        PixelReader pixels = image.getPixelReader();
        ByteBuffer raw = ByteBuffer.allocate((width * 3 + 1) * height);
        for (int y = 0; y < height; y++) {
            raw.put((byte) 0);
            for (int x = 0; x < width; x++) {
                int argb = pixels.getArgb(x, y);
                raw.put((byte) (argb >> 16)).put((byte) (argb >> 8)).put((byte) argb);
            }
        }
        java.util.zip.Deflater deflater = new java.util.zip.Deflater();
        deflater.setInput(raw.array());
        deflater.finish();
        java.io.ByteArrayOutputStream packed = new java.io.ByteArrayOutputStream();
        byte[] buffer = new byte[65536];
        while (!deflater.finished()) {
            packed.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        ByteBuffer head = ByteBuffer.allocate(13).putInt(width).putInt(height);
        head.put(new byte[] {8, 2, 0, 0, 0});
        chunk(out, "IHDR", head.array());
        chunk(out, "IDAT", packed.toByteArray());
        chunk(out, "IEND", new byte[0]);
        return out.toByteArray();
    }

    private static void chunk(java.io.ByteArrayOutputStream out, String type, byte[] content) {
        byte[] name = type.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        java.util.zip.CRC32 sum = new java.util.zip.CRC32();
        sum.update(name);
        sum.update(content);
        out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
        out.writeBytes(name);
        out.writeBytes(content);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    }
}
