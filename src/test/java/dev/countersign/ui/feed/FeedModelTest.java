package dev.countersign.ui.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.DecidedBy;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.ui.FakeService;
import dev.countersign.ui.Scenes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeedModelTest {
    private static final SessionId S = Scenes.VOUCHER;
    private final FakeService service = new FakeService();
    private final Scenes.Tape tape = new Scenes.Tape(service, S);
    private final FeedModel model = new FeedModel();

    private List<Entry> entries() throws Exception {
        List<Entry> all = new ArrayList<>();
        service.events(S, 0, all::add).close();
        return all;
    }

    private List<Block.Call> calls() {
        return model.shown().stream()
                .filter(FeedRow.Called.class::isInstance)
                .map(row -> ((FeedRow.Called) row).block())
                .toList();
    }

    @Test
    void aCallIsOneRowWithItsDecisionResultAndEffects() throws Exception {
        tape.call(
                Scenes.at(0, 1),
                "write",
                "{\"path\":\"src/a.ts\"}",
                Level.MEDIUM,
                DecidedBy.PLAN,
                "plan");
        tape.staged(Scenes.at(0, 2), "src/a.ts", 84, 2);
        tape.returned(Scenes.at(0, 3), false, "ok");
        model.take(entries());
        assertThat(model.shown()).hasSize(1);
        Block.Call call = calls().getFirst();
        assertThat(call.title()).isEqualTo(GuestText.of("src/a.ts"));
        assertThat(call.level).isEqualTo(Level.MEDIUM);
        assertThat(call.staged).extracting(Fact.Staged::added).containsExactly(84);
        assertThat(call.took()).isEqualTo(Duration.ofSeconds(2));
        assertThat(call.waiting()).isFalse();
    }

    @Test
    void plainReadsThatFollowEachOtherBecomeOneRowWithACount() throws Exception {
        for (int i = 0; i < 12; i++) {
            tape.call(
                    Scenes.at(0, i),
                    "read",
                    "{\"path\":\"f" + i + "\"}",
                    Level.LOW,
                    DecidedBy.MODE,
                    "mode");
            tape.returned(Scenes.at(0, i), false, "…");
        }
        model.take(entries());
        assertThat(calls()).hasSize(1);
        assertThat(calls().getFirst().folded).hasSize(11);
        assertThat(model.count(Filter.ALL)).isEqualTo(12);
    }

    @Test
    void aReadThatFailsLeavesTheFold() throws Exception {
        for (int i = 0; i < 3; i++) {
            tape.call(
                    Scenes.at(0, i), "read", "{\"path\":\"f\"}", Level.LOW, DecidedBy.MODE, "mode");
            tape.returned(Scenes.at(0, i), i == 2, "…");
        }
        model.take(entries());
        assertThat(calls()).hasSize(2);
    }

    @Test
    void aWriteBetweenReadsKeepsThemApart() throws Exception {
        tape.call(Scenes.at(0, 1), "read", "{\"path\":\"f\"}", Level.LOW, DecidedBy.MODE, "mode");
        tape.call(
                Scenes.at(0, 2), "write", "{\"path\":\"g\"}", Level.MEDIUM, DecidedBy.PLAN, "plan");
        tape.call(Scenes.at(0, 3), "read", "{\"path\":\"f\"}", Level.LOW, DecidedBy.MODE, "mode");
        model.take(entries());
        assertThat(calls()).hasSize(3);
    }

    @Test
    void p8AStagedFileIsNobodysWhileSeveralCallsRun() throws Exception {
        tape.call(
                Scenes.at(0, 1), "bash", "{\"command\":\"a\"}", Level.MEDIUM, DecidedBy.PLAN, "p");
        tape.call(
                Scenes.at(0, 1), "bash", "{\"command\":\"b\"}", Level.MEDIUM, DecidedBy.PLAN, "p");
        tape.staged(Scenes.at(0, 2), "src/a.ts", 1, 0);
        model.take(entries());
        assertThat(calls()).allSatisfy(call -> assertThat(call.staged).isEmpty());
        assertThat(model.shown()).hasSize(3).last().isInstanceOf(FeedRow.Noted.class);
    }

    @Test
    void aWaitingCallIsKnownByItsRequestUntilItIsDecided() throws Exception {
        tape.waiting(Scenes.at(0, 1), "bash", "{\"command\":\"a\"}", Level.HIGH, "r-7");
        model.take(entries());
        assertThat(model.waiting()).hasSize(1);
        assertThat(model.indexOf("r-7")).isZero();
        assertThat(model.indexOf("r-8")).isEqualTo(-1);
    }

    @Test
    void aRestoreEndsTheWaitOfAbandonedCalls() throws Exception {
        tape.waiting(Scenes.at(0, 1), "bash", "{\"command\":\"a\"}", Level.HIGH, "r-7");
        tape.put(
                Scenes.at(0, 2),
                new Fact.Restored("c-1", "start", 1, List.of("r-7"), Duration.ofSeconds(1)));
        model.take(entries());
        assertThat(model.waiting()).isEmpty();
        assertThat(calls().getFirst().waiting()).isFalse();
    }

    @Test
    void unfoldingShowsTheOutputsEndAndFoldingTakesItAway() throws Exception {
        tape.call(
                Scenes.at(0, 1),
                "bash",
                "{\"command\":\"npm test\"}",
                Level.LOW,
                DecidedBy.RULE,
                "npm test");
        tape.returned(
                Scenes.at(0, 2),
                false,
                String.join("\n", java.util.Collections.nCopies(100, "line")));
        tape.put(Scenes.at(0, 3), new Fact.AgentSaid(GuestText.of("done")));
        model.take(entries());
        Block.Call call = calls().getFirst();
        model.toggle(call);
        assertThat(call.earlier()).isEqualTo(94);
        assertThat(model.shown().get(1)).isInstanceOf(FeedRow.Output.class);
        assertThat(model.shown()).last().isInstanceOf(FeedRow.Saying.class);
        model.toggle(call);
        assertThat(model.shown()).hasSize(2);
    }

    @Test
    void searchFindsCommandsAndOutput() throws Exception {
        Scenes.voucher(service);
        model.take(entries());
        model.show(Filter.ALL, "17.99");
        assertThat(calls())
                .extracting(c -> c.title().raw())
                .containsExactly("npm test -- --run checkout");
        model.show(Filter.DENIED, "");
        assertThat(calls())
                .extracting(c -> c.title().raw())
                .containsExactly("git push --force origin main");
        model.show(Filter.ASKED, "");
        assertThat(calls()).hasSize(3);
    }

    @Test
    void theOldestAreDroppedAndTheRestStaysInOrder() throws Exception {
        FeedModel small = new FeedModel(50);
        for (int i = 0; i < 500; i++) {
            tape.call(
                    Scenes.at(0, 0).plusMillis(i),
                    "bash",
                    "{\"command\":\"n" + i + "\"}",
                    Level.LOW,
                    DecidedBy.MODE,
                    "mode");
        }
        small.take(entries());
        assertThat(small.shown()).hasSize(50);
        assertThat(small.shown()).extracting(FeedRow::order).isSorted();
        assertThat(small.count(Filter.ALL)).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void whateverTheBatchesTheFeedIsTheSame(long seed) throws Exception {
        Random random = new Random(seed);
        Scenes.voucher(service);
        List<Entry> all = entries();
        FeedModel pieces = new FeedModel();
        int at = 0;
        while (at < all.size()) {
            int to = Math.min(all.size(), at + 1 + random.nextInt(5));
            pieces.take(all.subList(at, to));
            at = to;
        }
        model.take(all);
        assertThat(pieces.shown().stream().map(FeedModelTest::sketch).toList())
                .as("seed %s", seed)
                .isEqualTo(model.shown().stream().map(FeedModelTest::sketch).toList());
        for (Filter filter : Filter.values()) {
            assertThat(pieces.count(filter)).isEqualTo(model.count(filter));
        }
    }

    private static String sketch(FeedRow row) {
        return switch (row) {
            case FeedRow.Called called ->
                    called.block().title().raw()
                            + called.block().folded.size()
                            + called.block().level
                            + called.block().waiting();
            case FeedRow.Noted noted -> noted.block().words().ours();
            case FeedRow.Saying saying -> "says " + saying.slice();
            case FeedRow.Output output -> "output " + output.slice();
        };
    }
}
