package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.FakeService;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PromptTest {
    private final FakeService service = new FakeService();
    private final SessionId session = service.open("s-abc234", SessionState.RUNNING);
    private final AtomicLong nanos = new AtomicLong();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    private final Prompt prompt =
            new Prompt(
                    service,
                    new Terminal(
                            new ByteArrayInputStream(new byte[0]), stream, stream, true, false),
                    Clock.fixed(FakeService.NOW, ZoneOffset.UTC),
                    nanos::get);

    private void open(String id, String command) throws CountersignException {
        ApprovalView request = FakeService.request(session, id, Level.HIGH, command, "wants it");
        service.ask(request);
        prompt.opened(request);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private String shown() {
        String text = out.toString(StandardCharsets.UTF_8);
        out.reset();
        return text;
    }

    @Test
    void p4WhatIsTypedBeforeTheRequestCouldBeReadDecidesNothing() throws Exception {
        open("r1", "npm i x");
        prompt.typed("a");
        pass(Duration.ofMillis(699));
        prompt.typed("a");
        assertThat(service.asked()).isEmpty();
        assertThat(shown()).contains("it does not count");
        pass(Duration.ofMillis(1));
        prompt.typed("a");
        assertThat(service.asked()).containsExactly("ALLOWED r1");
    }

    @Test
    void p4AnAnswerNeverReachesTheNextRequestUnread() throws Exception {
        open("r1", "npm i x");
        open("r2", "git push");
        assertThat(shown()).contains("r1").doesNotContain("request r2");
        pass(Duration.ofSeconds(1));
        prompt.typed("a");
        prompt.typed("a");
        assertThat(service.asked()).containsExactly("ALLOWED r1");
        assertThat(shown()).contains("request r2");
        pass(Duration.ofSeconds(1));
        prompt.typed("d");
        assertThat(service.asked()).containsExactly("ALLOWED r1", "DENIED r2");
    }

    @Test
    void aNoteDeniesAndReachesTheModel() throws Exception {
        open("r1", "npm i x");
        pass(Duration.ofSeconds(1));
        prompt.typed("n use the pinned version");
        assertThat(service.asked()).containsExactly("DENIED r1 use the pinned version");
    }

    @Test
    void anythingElseAsksAgain() throws Exception {
        open("r1", "npm i x");
        pass(Duration.ofSeconds(1));
        shown();
        for (String line : new String[] {"", "y", "yes", "n", "aa", "allow r1"}) {
            prompt.typed(line);
            assertThat(shown()).contains("a = allow");
        }
        assertThat(service.asked()).isEmpty();
    }

    @Test
    void aDecisionFromElsewhereTakesTheQuestionBack() throws Exception {
        open("r1", "npm i x");
        open("r2", "git push");
        service.deny("r1", null);
        prompt.decided("r1");
        assertThat(shown()).contains("Request r1 was decided").contains("request r2");
        pass(Duration.ofSeconds(1));
        prompt.typed("a");
        assertThat(service.asked()).containsExactly("DENIED r1", "ALLOWED r2");
    }

    @Test
    void anAnswerThatComesTooLateSaysSoAndGoesOn() throws Exception {
        open("r1", "npm i x");
        open("r2", "git push");
        service.deny("r1", null);
        pass(Duration.ofSeconds(1));
        prompt.typed("a");
        assertThat(shown()).contains("decided already").contains("request r2");
        assertThat(service.asked()).containsExactly("DENIED r1");
    }

    @Test
    void p4AtTheEndOfInputRequestsStayOpenAndTheCommandIsShown() throws Exception {
        open("r1", "npm i x");
        prompt.inputEnded();
        assertThat(shown()).contains("countersign approvals allow r1@");
        open("r2", "git push");
        assertThat(shown()).contains("countersign approvals deny r2");
        assertThat(service.asked()).isEmpty();
    }
}
