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
import java.lang.management.ThreadMXBean;
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
import java.util.spi.ToolProvider;
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

    /// @param arguments `flood`, `start` or `review`: that part alone, and nothing is written
    static void main(String[] arguments) throws IOException, InterruptedException {
        needsADisplay();
        UiBench bench = new UiBench(Files.createTempDirectory("countersign-ui"));
        if (List.of(arguments).contains("flood")) {
            bench.flood();
            System.exit(0);
        }
        if (List.of(arguments).contains("start")) {
            bench.start();
            System.exit(0);
        }
        if (List.of(arguments).contains("review")) {
            bench.review("10,000 files", files(10_000, 4));
            bench.review("1 file of 100,000 changed lines", files(1, 100_000));
            System.exit(0);
        }
        bench.start();
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

    /// The window against a window with one label, each a process of its own, in turn, with the
    /// same cache of classes; then what window and engine keep while nothing happens.
    private void start() throws IOException, InterruptedException {
        Path cache = home.resolve("window.aot");
        // As the launcher does it: the first window records while it is used.
        process("-XX:AOTCacheOutput=" + cache, StartedWindow.class, "app", "x.json", "stay");
        List<Double> hello = new ArrayList<>();
        List<Double> app = new ArrayList<>();
        List<Double> helloCpu = new ArrayList<>();
        List<Double> appCpu = new ArrayList<>();
        List<Double> content = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            String use = "-XX:AOTCache=" + cache;
            List<String> label = process(use, StartedWindow.class, "hello", "x.json");
            hello.add(figure(label, "ms "));
            helloCpu.add(figure(label, "cpu "));
            List<String> window = process(use, StartedWindow.class, "app", "x.json");
            app.add(figure(window, "ms "));
            appCpu.add(figure(window, "cpu "));
            content.add(figure(window, "content "));
        }
        double window =
                figure(
                        process(
                                "-XX:AOTCache=" + cache,
                                StartedWindow.class,
                                "app",
                                "x.json",
                                "stay"),
                        "kB ");
        say(
                "start to the third frame, same AOT cache",
                String.format(
                        Locale.ENGLISH,
                        "window %s, a window with one label %s: ratio of the medians %.2f, of the"
                                + " processor time %.2f",
                        quantiles(app),
                        quantiles(hello),
                        median(app) / median(hello),
                        median(appCpu) / median(helloCpu)));
        say("start until three sessions and the feed of one are on screen", quantiles(content));
        double engine = engine();
        say(
                "idle memory (resident, libraries included)",
                String.format(
                        Locale.ENGLISH,
                        "window %.0f MB, engine %.0f MB",
                        window / 1000,
                        engine / 1000));
    }

    /// The class path with a jar in the place of each directory: a cache of classes takes no
    /// directories.
    private String jars() {
        List<String> entries = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(":", -1)) {
            if (!Files.isDirectory(Path.of(each))) {
                entries.add(each);
                continue;
            }
            Path jar = home.resolve(entries.size() + ".jar");
            if (!Files.exists(jar)) {
                int failed =
                        ToolProvider.findFirst("jar")
                                .orElseThrow()
                                .run(
                                        System.out,
                                        System.err,
                                        "--create",
                                        "--file=" + jar,
                                        "-C",
                                        each,
                                        ".");
                if (failed != 0) {
                    throw new IllegalStateException("no jar of " + each);
                }
            }
            entries.add(jar.toString());
        }
        return String.join(":", entries);
    }

    private List<String> java(String flag) {
        return new ArrayList<>(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        flag,
                        "-XX:+UseSerialGC",
                        "-Xmx768m",
                        "-Dprism.order=sw",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        jars()));
    }

    private List<String> process(String flag, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = java(flag);
        // As the launcher starts the window.
        command.addAll(List.of("-Xms32m", "-XX:TieredStopAtLevel=1"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(home.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        List<String> lines = process.inputReader().lines().toList();
        process.waitFor();
        return lines;
    }

    private static double figure(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no figure in " + lines));
    }

    /// A real engine without sessions, after a while.
    private double engine() throws IOException, InterruptedException {
        List<String> command = java("-Xms32m");
        command.addAll(List.of("dev.countersign.app.Main", "engine"));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("engine.log").toFile());
        builder.environment().put("COUNTERSIGN_HOME", home.resolve("engine").toString());
        Process engine = builder.start();
        try {
            pass(8);
            if (!engine.isAlive()) {
                throw new IllegalStateException(Files.readString(home.resolve("engine.log")));
            }
            return StartedWindow.residentKb(engine.pid());
        } finally {
            engine.destroy();
            engine.waitFor();
        }
    }

    private static double median(List<Double> millis) {
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[sorted.length / 2];
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
    ///
    /// @param toolkit processor time of the toolkit's thread per frame, in ms: what a busy machine
    ///   does not change
    /// @param painting as above, of the thread that paints, at the same time
    private record Frames(
            double perSecond, double p95, double longest, double toolkit, double painting) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ENGLISH,
                    "%.1f frames/s, p95 %.1f ms, longest %.0f ms, processor per frame %.1f ms"
                            + " (toolkit) and %.1f ms (painting)",
                    perSecond,
                    p95,
                    longest,
                    toolkit,
                    painting);
        }
    }

    /// Processor time of the threads whose name begins so, in ms.
    private static double cpuOf(String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().startsWith(name))
                .mapToDouble(each -> threads.getThreadCpuTime(each.threadId()) / 1e6)
                .sum();
    }

    private Frames frames(int seconds) throws InterruptedException {
        List<Double> gaps = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        long until = System.nanoTime() + seconds * 1_000_000_000L;
        double toolkit = cpuOf("JavaFX Application");
        double painting = cpuOf("QuantumRenderer");
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
                sorted[sorted.length - 1],
                (cpuOf("JavaFX Application") - toolkit) / sorted.length,
                (cpuOf("QuantumRenderer") - painting) / sorted.length);
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
