package dev.countersign.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.JournalExport.Format;
import dev.countersign.journal.JournalIndex.Hit;
import dev.countersign.journal.JournalIndex.Page;
import dev.countersign.journal.JournalIndex.Query;
import dev.countersign.secrets.FileKeyStore;
import dev.countersign.secrets.Redactor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What others make of a log: exports, the index, and nothing secret in any of them.
class JournalReadersTest {
    private static final SessionId SESSION = new SessionId("s-aaaaaa");

    @TempDir Path home;
    private final Redactor redactor = new Redactor();
    private Journals journals;
    private Journal journal;

    @BeforeEach
    void open() throws CountersignException {
        journals = Journals.open(home, new FileKeyStore(home.resolve("keys")), Clock.systemUTC());
        journal = journals.open(SESSION, redactor);
    }

    @AfterEach
    void close() {
        journals.close();
    }

    private void recordAll() throws CountersignException {
        for (Fact fact : Samples.oneOfEach()) {
            journal.record(fact);
        }
    }

    private String exported(Format format) throws CountersignException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(JournalExport.export(journal.directory(), format, out))
                .isEqualTo(journal.size());
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theJsonLinesAreTheSignedRecordsThemselves() throws CountersignException, IOException {
        recordAll();
        assertThat(exported(Format.JSONL))
                .isEqualTo(Files.readString(journal.directory().resolve(SignedLog.FILE)));
    }

    @Test
    void everyOcsfEventHasTheFieldsThatItsClassRequires() throws CountersignException, IOException {
        recordAll();
        List<String> lines = exported(Format.OCSF).lines().toList();
        assertThat(lines).hasSize(Samples.oneOfEach().size());
        for (String line : lines) {
            JsonNode event = FactCodec.mapper().readTree(line);
            assertThat(event.path("type_uid").asLong())
                    .isEqualTo(
                            event.path("class_uid").asLong() * 100
                                    + event.path("activity_id").asLong());
            assertThat(event.path("severity_id").asInt()).isBetween(1, 5);
            assertThat(event.path("time").isIntegralNumber()).isTrue();
            assertThat(event.at("/metadata/version").asText()).isEqualTo("1.7.0");
            assertThat(event.at("/metadata/product/vendor_name").isTextual()).isTrue();
            assertThat(event.at("/unmapped/fact/type").isTextual()).isTrue();
            if (event.path("class_uid").asInt() == 6003) {
                assertThat(event.path("category_uid").asInt()).isEqualTo(6);
                assertThat(event.at("/api/operation").isTextual()).isTrue();
                assertThat(event.at("/actor/app_name").isTextual()).isTrue();
                assertThat(event.at("/src_endpoint/name").isTextual()).isTrue();
            }
        }
    }

    @Test
    void otlpRequestsCarryEveryEntryOnce() throws CountersignException, IOException {
        for (int i = 0; i < 600; i++) {
            journal.record(Samples.noticed("fact " + i));
        }
        List<String> seqs = new ArrayList<>();
        for (String line : exported(Format.OTLP).lines().toList()) {
            JsonNode logs =
                    FactCodec.mapper().readTree(line).at("/resourceLogs/0/scopeLogs/0/logRecords");
            logs.forEach(log -> {
                assertThat(log.path("timeUnixNano").asText()).matches("[0-9]{19}");
                assertThat(log.path("traceId").asText()).matches("[0-9a-f]{32}");
                seqs.add(log.at("/attributes/1/value/intValue").asText());
            });
        }
        assertThat(seqs).hasSize(600).doesNotHaveDuplicates().startsWith("0").endsWith("599");
    }

    @Test
    void anUnknownFormatIsRefusedByName() {
        assertThatThrownBy(() -> Format.of("xml"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("jsonl, ocsf or otlp");
    }

    @Test
    void theIndexFindsByWordTypeLevelAndAnswerInPages() throws CountersignException {
        recordAll();
        for (int i = 0; i < 25; i++) {
            journal.record(Samples.noticed("needle number" + i));
        }
        try (JournalIndex index = JournalIndex.open(home.resolve("index.db"))) {
            assertThat(index.catchUp(SESSION, journal.directory())).isEqualTo(journal.size());
            assertThat(index.catchUp(SESSION, journal.directory())).isZero();

            List<Long> seqs = new ArrayList<>();
            Long after = null;
            int pages = 0;
            do {
                Page page = index.search(Query.text("need"), after, 10);
                page.hits().forEach(hit -> seqs.add(hit.seq()));
                after = page.next();
                pages++;
            } while (after != null);
            assertThat(pages).isEqualTo(3);
            assertThat(seqs).hasSize(25).isSortedAccordingTo((a, b) -> Long.compare(b, a));

            assertThat(types(index, new Query(null, SESSION, "decided", null, Answer.ALLOWED)))
                    .containsExactly("decided");
            assertThat(types(index, new Query(null, null, null, Level.HIGH, null)))
                    .containsExactly("decided", "asked");
            assertThat(types(index, new Query("needle", null, "called", null, null))).isEmpty();
            assertThat(types(index, Query.text("\" OR * NEAR( tests"))).isNotNull();
            assertThat(index.search(Query.all(), null, 1000).hits()).hasSize((int) journal.size());
        }
    }

    private static List<String> types(JournalIndex index, Query query) throws CountersignException {
        return index.search(query, null, 100).hits().stream().map(Hit::type).toList();
    }

    @Test
    void theIndexFollowsAJournalAndLosingItLosesNothing()
            throws CountersignException, IOException, InterruptedException {
        Path file = home.resolve("index.db");
        recordAll();
        try (JournalIndex index = JournalIndex.open(file);
                Journal.Subscription following = index.follow(journal)) {
            assertThat(following).isNotNull();
            CountDownLatch seen = new CountDownLatch(1);
            journal.record(Samples.noticed("afterwards"));
            journal.subscribe(journal.size() - 1, _ -> seen.countDown());
            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (index.search(Query.text("afterwards"), null, 9).hits().isEmpty()) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.onSpinWait();
            }
        }
        Files.writeString(file, "this is no database any more, and long enough to be read as one");
        try (JournalIndex index = JournalIndex.open(file)) {
            assertThat(index.catchUp(SESSION, journal.directory())).isEqualTo(journal.size());
            assertThat(index.search(Query.text("afterwards"), null, 9).hits()).hasSize(1);
        }
    }

    @Test
    void theIndexReadsALogAnewThatIsNotTheOneItKnew(@TempDir Path other)
            throws CountersignException {
        recordAll();
        Path file = home.resolve("index.db");
        try (JournalIndex index = JournalIndex.open(file);
                Journals others =
                        Journals.open(
                                other, new FileKeyStore(other.resolve("keys")), Clock.systemUTC());
                Journal second = others.open(SESSION, redactor)) {
            index.catchUp(SESSION, journal.directory());
            second.record(Samples.noticed("another log"));
            assertThat(index.catchUp(SESSION, second.directory())).isEqualTo(1);
            assertThat(index.search(Query.all(), null, 99).hits()).hasSize(1);
        }
    }

    @Test
    void P6_noSecretIsInLogEntryFeedExportOrIndex() throws CountersignException, IOException {
        String entrusted = "Zk9-own-" + Long.toHexString(System.nanoTime());
        String detected = "ghp" + "_" + "aZ3".repeat(12);
        String typed = "Hunter2!" + Long.toHexString(System.nanoTime());
        redactor.entrust("deploy-key", entrusted);
        String command =
                "curl -H token " + entrusted + "; T=" + detected + "; export DB_PASSWORD=" + typed;
        List<Entry> feed = new ArrayList<>();
        Entry called =
                journal.record(
                        new Fact.Called(
                                Samples.call("toolu_01A09q90qw90lq917835lq9", command),
                                Samples.call("x", command).digest(),
                                "gateway",
                                GuestText.of("m")));
        journal.record(new Fact.Returned(GuestText.of("t"), false, GuestText.of(command), 9));
        journal.record(Samples.decided("digests stay"));
        CountDownLatch all = new CountDownLatch(3);
        journal.subscribe(
                0,
                entry -> {
                    feed.add(entry);
                    all.countDown();
                });
        awaitUninterruptibly(all);
        journal.verify();
        try (JournalIndex index = JournalIndex.open(home.resolve("index.db"))) {
            index.catchUp(SESSION, journal.directory());
            assertThat(index.search(Query.text(entrusted), null, 9).hits()).isEmpty();
        }
        List<String> seen = new ArrayList<>(List.of(called.toString(), feed.toString()));
        for (Format format : Format.values()) {
            seen.add(exported(format));
        }
        for (Path file :
                List.of(home.resolve("index.db"), journal.directory().resolve(SignedLog.FILE))) {
            seen.add(Files.readString(file, StandardCharsets.ISO_8859_1));
        }
        assertThat(seen)
                .allSatisfy(text -> assertThat(text).doesNotContain(entrusted, detected, typed));
        assertThat(called.fact())
                .isInstanceOfSatisfying(
                        Fact.Called.class,
                        fact -> {
                            assertThat(fact.call().argumentsJson().raw())
                                    .contains(
                                            "\u27e8redacted:deploy-key\u27e9",
                                            "\u27e8redacted:github-token\u27e9");
                            assertThat(fact.call().id().raw())
                                    .isEqualTo("toolu_01A09q90qw90lq917835lq9");
                            assertThat(fact.digest())
                                    .isEqualTo(Samples.call("x", command).digest());
                        });
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
