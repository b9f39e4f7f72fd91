package dev.countersign.ui.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Entry;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import dev.countersign.ui.report.ReportViewModel.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReportViewModelTest {
    private final ReportViewModel report = new ReportViewModel(() -> null);

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
}
