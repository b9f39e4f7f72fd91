package dev.countersign.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.engine.Attention;
import dev.countersign.engine.QuietHours;
import dev.countersign.gate.approval.ApprovalRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What the engine tells the desktop, on a session bus of the test's own.
@EnabledOnOs(OS.LINUX)
class AttentionOnTheBusTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final SessionId SESSION = new SessionId("s-1");

    @TempDir Path home;
    private final List<ApprovalRequest> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger watchers = new AtomicInteger();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<SessionId> windows = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> looks = new LinkedBlockingQueue<>();
    private @Nullable Process daemon;
    private @Nullable DBusConnection server;
    private @Nullable Attention attention;
    private String address = "";

    /// A desktop that writes down what it is told.
    private final class Desktop implements Notifications {
        private final List<String> can;
        private long last;

        Desktop(List<String> can) {
            this.can = can;
        }

        @Override
        public List<String> GetCapabilities() {
            return can;
        }

        @Override
        public UInt32 Notify(
                String application,
                UInt32 replaces,
                String icon,
                String summary,
                String body,
                List<String> actions,
                Map<String, Variant<?>> hints,
                int timeout) {
            heard.add(
                    summary
                            + " | "
                            + body
                            + " | "
                            + actions
                            + " | urgency "
                            + Objects.requireNonNull(hints.get("urgency")).getValue());
            last = replaces.longValue() == 0 ? last + 1 : replaces.longValue();
            return new UInt32(last);
        }

        @Override
        public void CloseNotification(UInt32 id) {
            heard.add("closed " + id);
        }

        @Override
        public String getObjectPath() {
            return "/org/freedesktop/Notifications";
        }
    }

    @BeforeEach
    void startTheBus() throws IOException {
        Process started =
                new ProcessBuilder(
                                "dbus-daemon",
                                "--session",
                                "--nofork",
                                "--print-address=1",
                                "--address=unix:path=" + home.resolve("bus"))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        daemon = started;
        BufferedReader out = started.inputReader(StandardCharsets.UTF_8);
        address = String.valueOf(out.readLine());
        assertThat(address).startsWith("unix:path=");
    }

    @AfterEach
    void stopTheBus() throws InterruptedException {
        if (attention != null) {
            attention.close();
        }
        if (server != null) {
            server.disconnect();
        }
        if (daemon != null) {
            daemon.destroy();
            daemon.waitFor();
        }
    }

    private void desktop(String... can) throws DBusException {
        DBusConnection made = DBusConnectionBuilder.forAddress(address).withShared(false).build();
        made.exportObject("/org/freedesktop/Notifications", new Desktop(List.of(can)));
        made.requestBusName("org.freedesktop.Notifications");
        server = made;
    }

    private Attention attend(QuietHours quiet) {
        Attention made =
                new Attention(
                        () -> List.copyOf(open),
                        _ -> "Voucher <codes>",
                        () -> {
                            looks.add(true);
                            return watchers.get();
                        },
                        new BusNotices(address),
                        quiet,
                        Clock.fixed(NOON, ZoneOffset.UTC),
                        ZoneOffset.UTC,
                        windows::add);
        attention = made;
        made.start();
        return made;
    }

    private @Nullable String next() throws InterruptedException {
        return heard.poll(20, TimeUnit.SECONDS);
    }

    private void choose(long id, String action) throws DBusException {
        DBusConnection bus = server;
        if (bus != null) {
            bus.sendMessage(
                    new Notifications.ActionInvoked(
                            "/org/freedesktop/Notifications", new UInt32(id), action));
        }
    }

    private static ApprovalRequest request(String id, Level level) {
        return new ApprovalRequest(
                id,
                SESSION,
                0,
                "calls",
                "wants to push to a remote",
                level,
                List.of(),
                GuestText.of(""),
                List.of(),
                "boundary-enforced",
                Digest.of(id),
                NOON,
                null,
                List.of(),
                ApprovalRequest.State.OPEN,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @Test
    void p4ItTellsWithOneActionThatOpensTheWindowAndDecidesNothing()
            throws DBusException, InterruptedException {
        desktop("actions", "body", "body-markup");
        open.add(request("r-1", Level.HIGH));
        attend(QuietHours.NONE);
        assertThat(next())
                .isEqualTo(
                        "Voucher <codes> waits for you | high: wants to push to a remote |"
                                + " [default, Review, review, Review] | urgency 2");
        choose(7, "review");
        choose(1, "allow");
        assertThat(windows.poll(20, TimeUnit.SECONDS)).isEqualTo(SESSION);
        choose(1, "review");
        open.clear();
        attention().changed();
        assertThat(next()).isEqualTo("closed 1");
        assertThat(windows).isEmpty();
    }

    private Attention attention() {
        return Objects.requireNonNull(attention);
    }

    @Test
    void moreThatOpensTakesTheSameNoticeAndIsCounted() throws DBusException, InterruptedException {
        desktop("body", "body-markup");
        open.add(request("r-1", Level.MEDIUM));
        attend(QuietHours.NONE);
        assertThat(next())
                .isEqualTo(
                        "Voucher <codes> waits for you | medium: wants to push to a remote | []"
                                + " | urgency 1");
        open.add(request("r-2", Level.HIGH));
        attention().changed();
        assertThat(next())
                .isEqualTo(
                        "2 requests wait for you | high: wants to push to a remote, in Voucher"
                                + " &lt;codes&gt; | [] | urgency 2");
        watchers.set(1);
        attention().changed();
        assertThat(next()).isEqualTo("closed 1");
    }

    @Test
    void whoWatchesIsNotCalled() throws DBusException, InterruptedException {
        desktop("actions");
        watchers.set(1);
        open.add(request("r-1", Level.HIGH));
        Attention now = attend(QuietHours.NONE);
        // It has looked at least once, and ends what it began.
        assertThat(looks.poll(20, TimeUnit.SECONDS)).isTrue();
        now.close();
        assertThat(heard).isEmpty();
    }

    @Test
    void quietHoursKeepItToThemselves() throws DBusException, InterruptedException {
        desktop("actions");
        open.add(request("r-1", Level.CRITICAL));
        Attention now = attend(new QuietHours(LocalTime.of(11, 0), LocalTime.of(13, 0)));
        // It has looked at least once, and ends what it began.
        assertThat(looks.poll(20, TimeUnit.SECONDS)).isTrue();
        now.close();
        assertThat(heard).isEmpty();
    }

    @Test
    void aDesktopWithoutNoticesIsNoFailure() throws InterruptedException {
        open.add(request("r-1", Level.HIGH));
        Attention now = attend(QuietHours.NONE);
        // It has looked at least once, and ends what it began.
        assertThat(looks.poll(20, TimeUnit.SECONDS)).isTrue();
        now.close();
        assertThat(heard).isEmpty();
    }
}
