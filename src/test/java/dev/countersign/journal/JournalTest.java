package dev.countersign.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final SessionId SESSION = new SessionId("s-aaaaaa");

    @TempDir Path home;
    private Journals journals;

    @BeforeEach
    void open() throws CountersignException {
        journals = reopened();
    }

    private Journals reopened() throws CountersignException {
        return Journals.open(home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        journals.close();
    }

    private Journal journal() throws CountersignException {
        return journals.open(SESSION, new Redactor());
    }

    @Test
    void everyKindOfFactReadsBackAsItWasRecorded() throws CountersignException {
        List<Fact> facts = Samples.oneOfEach();
        assertThat(facts.stream().map(fact -> fact.getClass().getName()))
                .containsExactlyInAnyOrder(
                        Arrays.stream(Fact.class.getPermittedSubclasses())
                                .map(Class::getName)
                                .toArray(String[]::new));
        try (Journal journal = journal()) {
            List<Entry> recorded = new ArrayList<>();
            for (Fact fact : facts) {
                recorded.add(journal.record(fact));
            }
            assertThat(recorded.stream().map(Entry::fact)).isEqualTo(facts);
            assertThat(journal.entries(0, 1000)).isEqualTo(recorded);
            assertThat(journal.last()).contains(recorded.getLast());
            assertThat(journal.entries(3, 2)).isEqualTo(recorded.subList(3, 5));
            assertThat(journal.entries(recorded.size(), 1)).isEmpty();
        }
    }

    @Test
    void textOfTheGuestNeverBreaksALine() throws CountersignException, IOException {
        String hostile = "a\nb\r\u2028{\"seq\":9}\u0000 \ud800 lone \udc00 \ud83d\ude00 \"\\";
        try (Journal journal = journal()) {
            journal.record(new Fact.AgentSaid(GuestText.of(hostile)));
            journal.record(Samples.noticed("after"));
            assertThat(journal.entries(0, 9)).hasSize(2);
            assertThat(journal.entries(0, 1).getFirst().fact())
                    .isEqualTo(new Fact.AgentSaid(GuestText.of(hostile)));
            assertThat(Files.readAllLines(log())).hasSize(2);
            assertThat(journal.verify().ok()).isTrue();
        }
    }

    @Test
    void aFactOfALaterVersionIsShownAndNotLeftOut() throws IOException {
        byte[] line =
                ("{\"seq\":0,\"at\":\"2026-11-23T18:00:00Z\",\"prev\":\"00\",\"session\":\"s-aaaaaa\","
                                + "\"epoch\":0,\"fact\":{\"type\":\"teleported\",\"where\":\"Mars\"}}")
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(FactCodec.read(line, 0, line.length).fact())
                .isInstanceOfSatisfying(
                        Fact.Noticed.class,
                        noticed -> assertThat(noticed.message()).contains("teleported"));
    }

    @Test
    void manyWritersGetGaplessNumbersAndEachFindsItsOwnRecord()
            throws CountersignException, InterruptedException {
        Map<Long, Fact> recorded = new ConcurrentHashMap<>();
        try (Journal journal = journal()) {
            List<Thread> writers =
                    IntStream.range(0, 16)
                            .mapToObj(w ->
                                    Thread.ofVirtual().start(() -> write(journal, w, recorded)))
                            .toList();
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(recorded).hasSize(16 * 50);
            List<Entry> entries = journal.entries(0, 10_000);
            assertThat(entries.stream().map(Entry::seq))
                    .isEqualTo(IntStream.range(0, 16 * 50).mapToObj(Long::valueOf).toList());
            assertThat(entries)
                    .allSatisfy(
                            entry -> assertThat(entry.fact()).isEqualTo(recorded.get(entry.seq())));
            assertThat(journal.verify().verifiedTo()).isEqualTo(16 * 50 - 1);
        }
    }

    private static void write(Journal journal, int writer, Map<Long, Fact> recorded) {
        for (int i = 0; i < 50; i++) {
            Fact fact =
                    i % 5 == 0
                            ? Samples.decided(writer + "." + i)
                            : Samples.noticed(writer + "." + i);
            try {
                recorded.put(journal.record(fact).seq(), fact);
            } catch (CountersignException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aSubscriberGetsWhatWasAndWhatComesInOrderWithoutGaps()
            throws CountersignException, InterruptedException {
        try (Journal journal = journal()) {
            for (int i = 0; i < 300; i++) {
                journal.record(Samples.noticed("before " + i));
            }
            LinkedBlockingQueue<Entry> seen = new LinkedBlockingQueue<>();
            try (Journal.Subscription feed = journal.subscribe(137, seen::add)) {
                Thread writer =
                        Thread.ofVirtual()
                                .start(() -> write(journal, 1, new ConcurrentHashMap<>()));
                for (long seq = 137; seq < 350; seq++) {
                    Entry entry = seen.poll(10, TimeUnit.SECONDS);
                    assertThat(entry).isNotNull();
                    assertThat(entry.seq()).isEqualTo(seq);
                }
                writer.join();
                assertThat(feed).isNotNull();
            }
            journal.record(Samples.decided("after the subscription"));
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void aSubscriberOfWhatIsYetToComeGetsItWhenItComes()
            throws CountersignException, InterruptedException {
        try (Journal journal = journal()) {
            LinkedBlockingQueue<Entry> seen = new LinkedBlockingQueue<>();
            journal.subscribe(2, seen::add);
            List.of("0", "1", "2", "3").forEach(text -> record(journal, text));
            assertThat(seen.poll(10, TimeUnit.SECONDS)).extracting(Entry::seq).isEqualTo(2L);
            assertThat(seen.poll(10, TimeUnit.SECONDS)).extracting(Entry::seq).isEqualTo(3L);
        }
    }

    private static void record(Journal journal, String text) {
        try {
            journal.record(Samples.noticed(text));
        } catch (CountersignException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSubscriberThatNeverReturnsHoldsNobodyUp()
            throws CountersignException, InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        LinkedBlockingQueue<Entry> seen = new LinkedBlockingQueue<>();
        try (Journal journal = journal()) {
            journal.subscribe(
                    0,
                    _ -> {
                        stuck.countDown();
                        awaitUninterruptibly(release);
                    });
            journal.subscribe(0, seen::add);
            journal.record(Samples.noticed("0"));
            stuck.await();
            for (int i = 1; i < 500; i++) {
                journal.record(Samples.noticed("" + i));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(seen.poll(10, TimeUnit.SECONDS)).isNotNull();
            }
        } finally {
            release.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anInterruptedWriterStillRecordsAndDamagesNothing() throws CountersignException {
        try (Journal journal = journal()) {
            Thread.currentThread().interrupt();
            journal.record(Samples.decided("interrupted"));
            assertThat(Thread.interrupted()).isTrue();
            journal.record(Samples.decided("later"));
            assertThat(journal.verify().verifiedTo()).isEqualTo(1);
        }
    }

    @Test
    void P5_aSyncedFactIsUnderASignedHeadWhenRecordReturns()
            throws CountersignException, IOException {
        try (Journal journal = journal()) {
            for (int i = 0; i < 5; i++) {
                long seq = journal.record(Samples.decided("call " + i)).seq();
                HeadFile.Content heads = HeadFile.read(journal.directory().resolve(HeadFile.NAME));
                assertThat(heads.heads().getLast().size()).isEqualTo(seq + 1);
                assertThat(heads.heads().getLast().signedBy(journals.key())).isTrue();
            }
        }
    }

    @Test
    void P5_everyFactIsInTheFileWhenRecordReturns() throws CountersignException, IOException {
        try (Journal journal = journal()) {
            for (int i = 0; i < 200; i++) {
                journal.record(Samples.noticed("fact " + i));
                assertThat(Files.readAllLines(log())).hasSize(i + 1);
            }
        }
    }

    /// Nothing of the log's own thread is waited for: what stands in the files is what a kill
    /// leaves.
    @Test
    void aLogIsInOrderFromItsFirstRecordOn() throws CountersignException, IOException {
        try (Journal journal = journal()) {
            assertThat(HeadFile.read(log().resolveSibling(HeadFile.NAME)).heads())
                    .extracting(SignedHead::size)
                    .containsExactly(0L);
            journal.record(Samples.noticed("first"));
            Verification found = JournalVerifier.verify(log());
            assertThat(found.ok()).as(found.says()).isTrue();
        }
    }

    @Test
    void aLogWhoseHeadsWereDeletedIsNotSignedAnew() throws CountersignException, IOException {
        try (Journal journal = journal()) {
            journal.record(Samples.noticed("first"));
        }
        Files.delete(log().resolveSibling(HeadFile.NAME));
        assertThatThrownBy(this::journal)
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("no signed heads");
    }

    @Test
    void theNextEngineGoesOnWhereTheLastOneEnded() throws CountersignException {
        try (Journal journal = journal()) {
            journal.record(Samples.decided("one"));
            journal.record(Samples.noticed("two"));
        }
        journals.close();
        journals = reopened();
        try (Journal journal = journal()) {
            assertThat(journal.record(Samples.noticed("three")).seq()).isEqualTo(2);
            Verification found = journal.verify();
            assertThat(found.ok()).as(found.says()).isTrue();
            assertThat(found.verifiedTo()).isEqualTo(2);
            assertThat(found.trust()).isEqualTo("installation");
        }
    }

    @Test
    void aRestoreBeginsTheNextEpochAlsoForTheNextEngine() throws CountersignException {
        Fact restored = new Fact.Restored("c-1", "start", 4, List.of(), Samples.TOOK);
        try (Journal journal = journal()) {
            assertThat(journal.record(Samples.noticed("before")).epoch()).isZero();
            assertThat(journal.record(restored).epoch()).isZero();
            assertThat(journal.record(Samples.noticed("after")).epoch()).isEqualTo(4);
            journal.record(new Fact.Restored("c-1", "start", 5, List.of(), Samples.TOOK));
        }
        try (Journal journal = journal()) {
            assertThat(journal.record(Samples.noticed("next engine")).epoch()).isEqualTo(5);
            assertThat(journal.entries(0, 9).stream().map(Entry::epoch))
                    .containsExactly(0, 0, 4, 4, 5);
        }
    }

    @Test
    void aLogHasOneWriter() throws CountersignException {
        try (Journal journal = journal()) {
            assertThat(journal.size()).isZero();
            assertThatThrownBy(this::journal)
                    .isInstanceOfSatisfying(
                            CountersignException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
        }
        assertThatThrownBy(this::reopened)
                .isInstanceOfSatisfying(
                        CountersignException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
    }

    @Test
    void aClosedJournalRefusesToRecord() throws CountersignException {
        Journal journal = journal();
        journal.close();
        journal.close();
        assertThatThrownBy(() -> journal.record(Samples.noticed("late")))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void nobodyElseMayReadTheLog() throws CountersignException, IOException {
        try (Journal journal = journal()) {
            journal.record(Samples.decided("x"));
            for (Path file : List.of(journal.directory(), home.resolve("keys"))) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rwx------");
            }
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(
                                            home.resolve("keys").resolve("journal-signing"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aRecordThatWasCutShortIsKeptAsideNamedAndTheLogGoesOn()
            throws CountersignException, IOException {
        try (Journal journal = journal()) {
            journal.record(Samples.decided("one"));
        }
        byte[] torn = "{\"seq\":1,\"at\":\"2026".getBytes(StandardCharsets.UTF_8);
        Files.write(log(), torn, StandardOpenOption.APPEND);
        assertThat(JournalVerifier.verify(log()))
                .satisfies(found -> assertThat(found.ok()).as(found.says()).isTrue())
                .extracting(Verification::torn)
                .isEqualTo((long) torn.length);
        try (Journal journal = journal()) {
            assertThat(journal.last().orElseThrow().fact())
                    .isInstanceOfSatisfying(
                            Fact.Noticed.class,
                            noticed ->
                                    assertThat(noticed.message())
                                            .contains(torn.length + " bytes", "aside/after-1"));
            journal.record(Samples.decided("two"));
            Verification found = journal.verify();
            assertThat(found.ok()).as(found.says()).isTrue();
            assertThat(found.entries()).isEqualTo(3);
            assertThat(found.aside()).containsExactly("aside/after-1");
            assertThat(Files.readAllBytes(journal.directory().resolve("aside/after-1")))
                    .isEqualTo(torn);
        }
    }

    @Test
    void aHeadThatWasCutShortIsNoDamage() throws CountersignException, IOException {
        try (Journal journal = journal()) {
            journal.record(Samples.decided("one"));
            journal.record(Samples.decided("two"));
        }
        Path heads = Journals.directory(home, SESSION).resolve(HeadFile.NAME);
        byte[] bytes = Files.readAllBytes(heads);
        for (int cut = 1; cut < 60; cut += 7) {
            Files.write(heads, Arrays.copyOf(bytes, bytes.length - cut));
            assertThat(JournalVerifier.verify(log()).ok()).isTrue();
            try (Journal journal = journal()) {
                journal.record(Samples.decided("more"));
                assertThat(journal.verify().ok()).isTrue();
            }
            bytes = Files.readAllBytes(heads);
        }
    }

    @Test
    void aLogThatIsNotAsItWasSignedIsNotGoneOnWith() throws CountersignException, IOException {
        try (Journal journal = journal()) {
            journal.record(Samples.decided("one"));
            journal.record(Samples.decided("two"));
        }
        String text = Files.readString(log()).replace("two", "six");
        Files.writeString(log(), text);
        assertThatThrownBy(this::journal)
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("entry 1")
                .hasMessageContaining("Nothing was written");
        assertThat(Files.readString(log())).isEqualTo(text);
    }

    @Test
    void anEntryIsProvenWithoutTheRestOfTheLog() throws CountersignException {
        try (Journal journal = journal()) {
            for (int i = 0; i < 21; i++) {
                journal.record(Samples.noticed("fact " + i));
            }
            for (int i = 0; i < 21; i++) {
                InclusionProof proof = journal.prove(i);
                assertThat(proof.record()).contains("fact " + i);
                assertThat(proof.holds(journals.key())).isTrue();
                assertThat(proof.holds(SigningKey.generate().verifier())).isFalse();
                assertThat(
                                new InclusionProof(
                                                proof.head(),
                                                i,
                                                proof.record().replace("fact", "fake"),
                                                proof.path())
                                        .holds(journals.key()))
                        .isFalse();
            }
            assertThatThrownBy(() -> journal.prove(21)).isInstanceOf(CountersignException.class);
        }
    }

    private Path log() {
        return Journals.directory(home, SESSION).resolve(SignedLog.FILE);
    }
}
