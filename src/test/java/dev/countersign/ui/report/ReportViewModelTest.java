package dev.countersign.ui.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.StepLanes;
import dev.countersign.ui.report.ReportViewModel.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportViewModelTest {
    private final StepLanes lanes = new StepLanes();
    private final ReportViewModel report = new ReportViewModel(() -> null, lanes);

    @BeforeEach
    void readTheAfternoon() throws Exception {
        FakeService service = Scenes.afternoon();
        List<Entry> entries = new ArrayList<>();
        SessionId session = Scenes.VOUCHER;
        service.events(session, 0, entries::add).close();
        report.take(entries);
    }

    @Test
    void countsEachCallOnceByWhoseLeaveItRan() {
        assertThat(report.calls()).isEqualTo(13);
        assertThat(report.asked()).isGreaterThanOrEqualTo(2);
        assertThat(report.count(Outcome.BY_YOU)).isEqualTo(1);
        assertThat(report.count(Outcome.DENIED)).isEqualTo(1);
        int decided = 0;
        for (Outcome each : Outcome.values()) {
            decided += report.count(each);
        }
        // Two still wait.
        assertThat(decided).isEqualTo(11);
    }

    @Test
    void listsWhatWasRiskyAndWhichTestsFailed() {
        assertThat(report.risky()).hasSize(report.riskyCount());
        assertThat(report.risky())
                .extracting(ReportViewModel.Notable::outcome)
                .containsExactly(Outcome.BY_YOU, Outcome.DENIED);
        assertThat(report.testCount()).isEqualTo(2);
        assertThat(report.testsFailed()).isEqualTo(1);
    }

    @Test
    void p7ASavedReportIsTextWhateverTheGuestWrote(@TempDir Path home) throws Exception {
        FakeService service = Scenes.afternoon();
        ReportViewModel hostile =
                new ReportViewModel(
                        () ->
                                Scenes.session(
                                        Scenes.VOUCHER,
                                        "<script>alert(1)</script>",
                                        "/home/dev/x",
                                        "a\u202Eb <img src=x onerror=y> & \"c\"",
                                        SessionState.REVIEW,
                                        0,
                                        0),
                        lanes);
        List<Entry> entries = new ArrayList<>();
        service.events(Scenes.VOUCHER, 0, entries::add).close();
        hostile.take(entries);
        Path file = home.resolve("report.html");
        hostile.save(file);
        lanes.run();
        String page = Files.readString(file);
        assertThat(hostile.told().get()).contains("report.html");
        assertThat(page)
                .contains("&lt;script&gt;", "⟨U+202E⟩", "default-src 'none'")
                .doesNotContain("<script", "<img", "\u202E");
    }

    @Test
    void aReportThatCantBeWrittenIsTold(@TempDir Path home) {
        report.save(home.resolve("missing/report.html"));
        lanes.run();
        assertThat(report.told().get()).contains("was not written", "Choose another place");
    }
}
