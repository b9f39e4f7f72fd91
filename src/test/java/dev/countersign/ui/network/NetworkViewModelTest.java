package dev.countersign.ui.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.common.EngineLink;
import dev.countersign.ui.network.HostLine.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkViewModelTest {
    private final FakeService service = Scenes.afternoon();
    private final StepLanes lanes = new StepLanes();
    private final EngineLink link = new EngineLink(_ -> service, lanes, lanes.clock());
    private final List<String> looked = new ArrayList<>();
    private final NetworkViewModel model =
            new NetworkViewModel(link, lanes.clock(), Scenes.VOUCHER, looked::add);

    @BeforeEach
    void readTheAfternoon() throws Exception {
        Scenes.network(service);
        link.connect();
        lanes.run();
        List<Entry> entries = new ArrayList<>();
        service.events(Scenes.VOUCHER, 0, entries::add).close();
        model.take(entries);
        model.watch(true);
        lanes.run();
    }

    private void take(Instant at, Fact fact) {
        model.take(List.of(new Entry(999, at, Scenes.VOUCHER, 0, fact)));
        lanes.run();
    }

    private List<String> places(Standing standing) {
        return model.hosts(standing).stream().map(HostLine::place).toList();
    }

    @Test
    void hostsStandWhereTheLastDecisionPutThem() {
        assertThat(places(Standing.WAITING)).containsExactly("docs.example.org:443");
        assertThat(places(Standing.REACHED))
                .containsExactly(
                        "packages.example.org:443", "rates.example.net:443", "git.example.org:443");
        assertThat(places(Standing.REFUSED))
                .containsExactly(
                        "telemetry.example.net:443", "paste.example.net:443", "169.254.169.254:80");
        take(
                Scenes.at(15, 0),
                new Fact.ConnectionDecided(
                        7,
                        "docs.example.org",
                        443,
                        GuestText.of("CONNECT"),
                        false,
                        "unanswered",
                        "Countersign: docs.example.org:443 was refused (unanswered).",
                        null,
                        List.of(),
                        null));
        assertThat(places(Standing.WAITING)).isEmpty();
        assertThat(places(Standing.REFUSED)).contains("docs.example.org:443");
    }

    @Test
    void bytesAndEndsAreThoseOfTheirConnection() {
        HostLine line = Objects.requireNonNull(model.host("packages.example.org:443"));
        assertThat(line.sent()).isEqualTo(41_000);
        assertThat(line.received()).isEqualTo(22_400_000);
        assertThat(line.openCount()).isZero();
        assertThat(line.connections())
                .singleElement()
                .satisfies(each -> assertThat(each.ended()).isNotNull());
    }

    @Test
    void aRestoreLeavesNothingOpenOrWaiting() {
        take(Scenes.at(15, 0), new Fact.Restored("c-1", "start", 1, List.of(), Duration.ZERO));
        assertThat(places(Standing.WAITING)).isEmpty();
    }

    @Test
    void anAnswerIsTakenBackAndAPortOpenedByTheEngine() {
        assertThat(model.grantOf("rates.example.net:443")).isNotNull();
        model.revoke("rates.example.net:443");
        lanes.run();
        assertThat(service.asked).containsExactly("revoke rates.example.net:443");
        assertThat(model.grantOf("rates.example.net:443")).isNull();
        model.forward(5173);
        lanes.run();
        assertThat(service.asked).endsWith("open-port 5173");
        assertThat(model.busy().get()).isFalse();
        assertThat(model.told().get()).isNotNull();
    }

    @Test
    void aGuestThatMakesUpHostsFillsNoMemory() {
        List<Entry> many = new ArrayList<>();
        for (int i = 0; i < NetworkViewModel.MOST + 50; i++) {
            many.add(
                    new Entry(
                            1000 + i,
                            Scenes.at(16, 0),
                            Scenes.VOUCHER,
                            0,
                            new Fact.ConnectionHeld(
                                    1000 + i,
                                    "h" + i + ".example.org",
                                    443,
                                    GuestText.of("CONNECT"),
                                    null)));
        }
        int before = model.count();
        model.take(many);
        assertThat(model.count()).isEqualTo(NetworkViewModel.MOST);
        assertThat(model.uncounted()).isEqualTo(50 + before);
    }
}
