package dev.countersign.vm.lima;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostAgentLogTest {
    @Test
    void readsTheStateFromTheEvents() {
        String events =
                """
                {"time":"2026-11-23T18:00:33Z","status":{"sshLocalPort":39581}}
                not json
                {"time":"2026-11-23T18:00:56Z","status":{"running":true,"sshLocalPort":39581}}
                {"time":"2026-11-23T18:01:56Z","status":{"exiting":true}}\
                """;

        assertThat(HostAgentLog.status(""))
                .isEqualTo(new HostAgentLog.Status(0, false, false, false));
        // The last line has no line feed: it may be half of one.
        assertThat(HostAgentLog.status(events))
                .isEqualTo(new HostAgentLog.Status(39581, true, false, false));
        assertThat(HostAgentLog.status(events + "\n").exiting()).isTrue();
    }

    @ParameterizedTest(name = "{1}: {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "qemu[stderr]: Could not set up host forwarding rule 'tcp:127.0.0.1:1-:22' | CONFLICT",
                "failed to run: write disk: No space left on device                        | EXHAUSTED",
                "qemu[stderr]: cannot set up guest memory 'pc.ram': Cannot allocate memory | EXHAUSTED",
                "qemu[stderr]: countersign: refused to start QEMU: network tap             | REFUSED",
                "something else                                                            | FAILED",
            })
    void aFailureIsNamedByWhatTheUserCanDo(String said, Kind kind) {
        CountersignException failure = HostAgentLog.failure(List.of(said));

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.getMessage()).contains(said);
    }

    @Test
    void keepsOnlyErrorsAndWhatQemuSaid() {
        String log =
                """
                {"level":"info","msg":"Starting QEMU"}
                {"level":"debug","msg":"qemu[stderr]: first"}
                {"level":"fatal","msg":"second"}
                {"level":"fatal","msg":"second"}
                {"level":"warning","msg":"no"}
                panic: third
                """;

        assertThat(HostAgentLog.complaints(log))
                .containsExactly("qemu[stderr]: first", "second", "panic: third");
    }
}
