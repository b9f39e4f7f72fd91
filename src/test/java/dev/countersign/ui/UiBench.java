package dev.countersign.ui;

import dev.countersign.api.ReviewView;
import dev.countersign.domain.Answer;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.ToolCall;
import dev.countersign.ui.common.Fx;
import dev.countersign.ui.shell.Desk;
import dev.countersign.ui.shell.ShellViewModel.Tab;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javafx.animation.AnimationTimer;
import javafx.application.ColorScheme;
import javafx.scene.control.ListView;

/// The window's figures, for `bench/ui`. Frames are painted by the processor here.
final class UiBench extends WindowTest {
    private static final int RATE = 20_000;
    private static final int SECONDS = 10;
    private static final String BEGIN = "<!-- written by bench/ui: begin -->";
    private static final String END = "<!-- written by bench/ui: end -->";
    private static final StringBuilder OUT = new StringBuilder();
    private final Path home;

    private UiBench(Path home) {
        this.home = home;
    }

    static void main() throws IOException, InterruptedException {
        needsADisplay();
        UiBench bench = new UiBench(Files.createTempDirectory("countersign-ui"));
        bench.idle();
        bench.flood();
        bench.card();
        bench.review("10,000 files", files(10_000, 4));
        bench.review("1 file of 100,000 changed lines", files(1, 100_000));
        write(Path.of("docs", "measurements.md"));
        System.exit(0);
    }

    private static void say(String what, String figures) {
        System.out.printf(Locale.ENGLISH, "%-44s %s%n", what, figures);
        OUT.append("| ").append(what).append(" | ").append(figures).append(" |\n");
    }

    /// Puts the figures in the place of those of the run before.
    private static void write(Path report) throws IOException {
        String section =
                BEGIN
                        + "\n## Window\n\nOne run on "
                        + LocalDate.now(ZoneOffset.UTC)
                        + ", frames painted by the processor (no graphics card), 2 processors, load"
                        + " average "
                        + ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
                        + ". The engine is one by hand in the same process.\n\n| what | figures |\n"
                        + "|---|---|\n"
                        + OUT
                        + END
                        + "\n";
        String old = Files.readString(report);
        int begin = old.indexOf(BEGIN);
        int end = old.indexOf(END);
        Files.writeString(
                report,
                begin >= 0 && end > begin
                        ? old.substring(0, begin) + section + old.substring(end + END.length() + 1)
                        : old.stripTrailing() + "\n\n" + section);
    }

    private static long cpu() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean bean
                ? bean.getProcessCpuTime()
                : 0;
    }

    private void idle() throws InterruptedException {
        open(_ -> Scenes.afternoon(), ColorScheme.LIGHT, home.resolve("idle.json"));
        settle();
        pass(3);
        long cpu = cpu();
        long wall = System.nanoTime();
        pass(20);
        double share = (cpu() - cpu) / (double) (System.nanoTime() - wall);
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        say(
                "idle, a session runs, two calls wait",
                String.format(
                        Locale.ENGLISH,
                        "%.1f %% of one processor, %d MB of heap",
                        100 * share,
                        (runtime.totalMemory() - runtime.freeMemory()) / 1_000_000));
        closeTheWindow();
    }

    private void flood() throws InterruptedException {
        FakeService service = Scenes.afternoon();
        open(_ -> service, ColorScheme.LIGHT, home.resolve("flood.json"));
        until("the feed has its rows", () -> list("#feed-list").getItems().size() > 15);
        Thread writer = Thread.ofPlatform().daemon().start(() -> write(service));
        Frames warm = frames(4);
        Frames flood = frames(SECONDS);
        int rows = fx(() -> list("#feed-list").getItems().size());
        say(
                "flood, " + RATE + " entries/s asked for",
                flood + ", " + rows + " rows (warm-up: " + warm + ")");
        writer.interrupt();
        writer.join();
        closeTheWindow();
    }

    private static void write(FakeService service) {
        long begun = System.nanoTime();
        int at = 0;
        Instant now = Scenes.NOW;
        while (!Thread.currentThread().isInterrupted()) {
            GuestText id = GuestText.of("f" + at);
            ToolCall call =
                    new ToolCall(
                            id,
                            GuestText.of("bash"),
                            GuestText.of(Scenes.json("command", "echo " + at)),
                            GuestText.of("/workspace"));
            service.record(
                    Scenes.VOUCHER, now, new Fact.Called(call, call.digest(), "gateway", null));
            service.record(
                    Scenes.VOUCHER,
                    now,
                    new Fact.Judged(id, Level.LOW, List.of(), List.of("reads"), "mode checkpoint"));
            service.record(
                    Scenes.VOUCHER,
                    now,
                    new Fact.Returned(id, false, GuestText.of("line " + at), 8));
            service.record(Scenes.VOUCHER, now, new Fact.Released(id));
            at += 4;
            long due = begun + at * 1_000_000_000L / RATE;
            long ahead = due - System.nanoTime();
            if (ahead > 1_000_000) {
                LockSupport.parkNanos(ahead);
            }
        }
    }

    private void card() {
        FakeService service = Scenes.afternoon();
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("card.json"));
        until("requests are known", () -> opened.model().sessions().waitingCount() == 2);
        fx(() -> {
            service.close("r-2", Answer.DENIED, DecidedBy.PERSON);
            service.close("r-3", Answer.DENIED, DecidedBy.PERSON);
            opened.model().showWaiting(null);
            return null;
        });
        until("nothing waits", () -> opened.model().sessions().waitingCount() == 0);
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long from = System.nanoTime();
            service.ask(Scenes.push());
            awaitFrame(() -> there("#approval-card"));
            millis.add((System.nanoTime() - from) / 1e6);
            service.close("r-2", Answer.DENIED, DecidedBy.PERSON);
            fx(() -> {
                opened.model().approvals().next();
                return null;
            });
            until("it is gone", () -> opened.model().sessions().waitingCount() == 0);
        }
        say("held call to its card on screen", quantiles(millis));
        closeTheWindow();
    }

    private void review(String what, List<ReviewView.File> files) {
        FakeService service = Scenes.afternoon();
        service.stage(new ReviewView("v-bench", Scenes.EXPORT, files));
        Desk opened = open(_ -> service, ColorScheme.LIGHT, home.resolve("review.json"));
        until("sessions are known", () -> opened.model().sessions().sessions().size() == 3);
        long from = System.nanoTime();
        fx(() -> {
            opened.model().showSession(Scenes.EXPORT);
            opened.model().tab().set(Tab.REVIEW);
            return null;
        });
        awaitFrame(() ->
                stage != null
                        && stage.getScene().getRoot().lookup("#review-list")
                                instanceof ListView<?> list
                        && list.getItems().size() > 4);
        double shown = (System.nanoTime() - from) / 1e6;
        List<Double> steps = new ArrayList<>();
        ListView<?> list = list("#review-list");
        int rows = fx(() -> list.getItems().size());
        for (int i = 0; i < 40; i++) {
            int to = (int) ((long) rows * i / 40);
            long begun = System.nanoTime();
            fx(() -> {
                list.scrollTo(to);
                return null;
            });
            awaitFrame(() -> true);
            steps.add((System.nanoTime() - begun) / 1e6);
        }
        say(
                "review of " + what,
                String.format(
                        Locale.ENGLISH,
                        "open %.0f ms, %d rows, jump %s",
                        shown,
                        rows,
                        quantiles(steps)));
        closeTheWindow();
    }

    private static List<ReviewView.File> files(int count, int lines) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        new ReviewView.File(
                                GuestText.of("src/d%03d/f%05d.ts".formatted(i / 100, i)),
                                "edited",
                                Level.MEDIUM,
                                List.of(),
                                false,
                                lines / 2,
                                lines / 2,
                                List.of(
                                        new ReviewView.Hunk(
                                                "h" + i,
                                                "new",
                                                1,
                                                lines / 2,
                                                1,
                                                lines / 2,
                                                IntStream.range(0, lines)
                                                        .mapToObj(l ->
                                                                new ReviewView.Line(
                                                                        l % 2 == 0
                                                                                ? "removed"
                                                                                : "added",
                                                                        GuestText.of(
                                                                                "const a"
                                                                                        + l
                                                                                        + " = call("
                                                                                        + l / 2
                                                                                        + ");")))
                                                        .toList(),
                                                null))))
                .toList();
    }

    private ListView<?> list(String selector) {
        return (ListView<?>) node(selector);
    }

    /// Until it is so and was painted once.
    private void awaitFrame(java.util.concurrent.Callable<Boolean> so) {
        CountDownLatch painted = new CountDownLatch(1);
        fx(() -> {
            new AnimationTimer() {
                private boolean seen;

                @Override
                public void handle(long now) {
                    try {
                        if (seen) {
                            stop();
                            painted.countDown();
                        }
                        seen = seen || so.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            }.start();
            return null;
        });
        try {
            if (!painted.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("never painted");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// How frames followed each other.
    private record Frames(double perSecond, double p95, double longest) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ENGLISH,
                    "%.1f frames/s, p95 %.1f ms, longest %.0f ms",
                    perSecond,
                    p95,
                    longest);
        }
    }

    private Frames frames(int seconds) throws InterruptedException {
        List<Double> gaps = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        fx(() -> {
            new AnimationTimer() {
                private long last;

                @Override
                public void handle(long now) {
                    long at = System.nanoTime();
                    if (last != 0) {
                        gaps.add((at - last) / 1e6);
                    }
                    last = at;
                    if (at > until) {
                        stop();
                        over.countDown();
                    }
                }
            }.start();
            return null;
        });
        over.await();
        double[] sorted = gaps.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Frames(
                1000 * sorted.length / Arrays.stream(sorted).sum(),
                sorted[(int) (sorted.length * 0.95)],
                sorted[sorted.length - 1]);
    }

    private static String quantiles(List<Double> millis) {
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return String.format(
                Locale.ENGLISH,
                "p50 %.0f ms, p95 %.0f ms",
                sorted[sorted.length / 2],
                sorted[(int) (sorted.length * 0.95)]);
    }

    private static void pass(int seconds) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(seconds);
        Fx.every(
                Duration.ofSeconds(1),
                () -> {
                    over.countDown();
                    return over.getCount() > 0;
                });
        over.await();
    }
}
