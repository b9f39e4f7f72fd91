package dev.countersign.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ApprovalView;
import dev.countersign.api.CheckpointView;
import dev.countersign.api.Client;
import dev.countersign.api.ReviewView;
import dev.countersign.api.SessionView;
import dev.countersign.cli.tour.Tour;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.domain.SessionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The first session clicked through: a real window, a real engine, a real VM.
@Tag("vm")
class TourWindowVmTest {
    private Desk desk;

    @BeforeEach
    void setDesk() throws IOException {
        desk = Desk.set();
    }

    @AfterEach
    void clearDesk() throws IOException, InterruptedException {
        if (desk != null) {
            desk.clear();
        }
    }

    @Test
    void theTourIsClickedThrough() throws IOException, CountersignException {
        Path place = desk.work.resolve("tour");
        Path mended = place.resolve("billing/money.py");
        try (Client engine = desk.engine();
                OpenWindow window =
                        OpenWindow.at(
                                desk.home.resolve("engine.sock"),
                                desk.home.resolve("window.json"),
                                () -> {
                                    dev.countersign.agent.Tour.copyTo(place);
                                    return Tour.request(
                                            place, "mini", dev.countersign.agent.Tour.TASK);
                                })) {
            window.click("#empty-sample");
            window.click("#start");
            SessionId id = onlySession(engine);
            String before = Files.readString(mended);

            ApprovalView plan = Desk.request(engine, id);
            assertThat(window.waiting(plan.id())).contains("Approve plan");
            window.allow();

            ApprovalView generator = Desk.requestAfter(engine, id, plan);
            assertThat(window.waiting(generator.id())).contains("scripts.generate");
            deny(engine, window, id, generator);
            denyWhatElseIsAsked(engine, window, id);
            assertThat(
                            Desk.facts(engine, id, Fact.Decided.class).stream()
                                    .filter(each -> each.by() == DecidedBy.PERSON)
                                    .map(Fact.Decided::answer))
                    .as(Desk.story(engine, id))
                    .contains(Answer.ALLOWED, Answer.DENIED);

            window.click("#session-" + id);
            window.click("#tab-checkpoints");
            window.write("#checkpoint-name", "before the review");
            window.click("#checkpoint-create");
            CheckpointView named = named(engine, id, "before the review");
            window.click("#checkpoint-" + named.id());
            window.click("#restore");
            Desk.await("the restore", () -> restored(engine, id) > 0 && Desk.hunks(engine, id) > 0);

            window.click("#tab-review");
            int hunks = hunks(engine.review(id));
            window.awaitRows("#review-list", hunks);
            for (int i = 0; i < hunks; i++) {
                window.press(KeyCode.A);
            }
            assertThat(mended).as("nothing lands before the press").hasContent(before);
            window.click("#apply");
            Desk.await(
                    "the change on the host",
                    () -> {
                        try {
                            return Files.readString(mended).contains("Decimal(price)");
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            window.click("#undo-apply");
            Desk.await(
                    "the host as it was",
                    () -> {
                        try {
                            return Files.readString(mended).equals(before);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(place.resolve(dev.countersign.agent.Tour.markers().high())).doesNotExist();
            assertThat(place.resolve(dev.countersign.agent.Tour.markers().forbidden()))
                    .doesNotExist();
            assertThat(engine.verify(id).ok()).isTrue();
            engine.stop(id);
            engine.delete(id, true);
        }
    }

    /// Clicks on Deny and waits until the engine has it.
    private static void deny(Client engine, OpenWindow window, SessionId id, ApprovalView shown) {
        window.click("#deny");
        Desk.await(
                "the denial of " + shown.title(),
                () -> waiting(engine, id).noneMatch(each -> each.id().equals(shown.id())));
    }

    /// Where the machine has a network the tour's fetch asks too.
    private static void denyWhatElseIsAsked(Client engine, OpenWindow window, SessionId id) {
        Desk.await(
                id + " to be at its review, or to ask",
                () -> state(engine, id) == SessionState.REVIEW || waiting(engine, id).count() > 0);
        while (state(engine, id) != SessionState.REVIEW) {
            waiting(engine, id)
                    .findFirst()
                    .ifPresent(open -> {
                        window.waiting(open.id());
                        deny(engine, window, id, open);
                    });
            Desk.await(
                    id + " to be at its review, or to ask once more",
                    () ->
                            state(engine, id) == SessionState.REVIEW
                                    || waiting(engine, id).count() > 0);
        }
    }

    private static Stream<ApprovalView> waiting(Client engine, SessionId id) {
        try {
            return engine.approvals(Optional.of(id)).stream();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    private static SessionState state(Client engine, SessionId id) {
        try {
            return engine.session(id).state();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    private static SessionId onlySession(Client engine) {
        Desk.await(
                "the session",
                () -> {
                    try {
                        return !engine.sessions().isEmpty();
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
        try {
            return engine.sessions().stream().map(SessionView::id).findFirst().orElseThrow();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    private static CheckpointView named(Client engine, SessionId id, String name) {
        List<CheckpointView> found = new java.util.ArrayList<>();
        Desk.await(
                "the checkpoint " + name,
                () -> {
                    try {
                        engine.checkpoints(id).stream()
                                .filter(each -> each.name().equals(name))
                                .forEach(found::add);
                        return !found.isEmpty();
                    } catch (CountersignException e) {
                        throw new AssertionError(e);
                    }
                });
        return found.getFirst();
    }

    private static int restored(Client engine, SessionId id) {
        try {
            return Desk.facts(engine, id, Fact.Restored.class).size();
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    private static int hunks(ReviewView review) {
        return review.files().stream().mapToInt(file -> file.hunks().size()).sum();
    }
}
