package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.gate.approval.ApprovalRequest;
import dev.countersign.gate.approval.Approvals;
import dev.countersign.gate.approval.Decision;
import dev.countersign.gate.approval.Reach;
import dev.countersign.gate.approval.SecondFactor;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A guest's raw requests at a session's own socket, with the real queue, policy and grants. Names
/// have the address 127.0.0.1, which no rule opens: what is let through by name stops there, as
/// `ip-loopback`, and what is not stops before.
@Timeout(60)
class SessionEgressTest {
    private static final RiskRater RISK = RiskRater.start();
    private static final SessionId SESSION = new SessionId("s-aaaaaa");

    @TempDir Path home;

    private final List<Fact> journal = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<String> opened = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<SessionEgress> open = new ArrayList<>();
    private boolean diskFull;
    private final Recorder recorder =
            fact -> {
                if (diskFull) {
                    throw new CountersignException(
                            CountersignException.Kind.EXHAUSTED, "The disk is full.");
                }
                journal.add(fact);
                if (fact instanceof Fact.Asked asked) {
                    opened.add(asked.requestId());
                }
                return new Entry(journal.size(), Clock.systemUTC().instant(), SESSION, 0, fact);
            };
    private @Nullable Approvals approvals;
    private @Nullable Grants repositories;
    private int sockets;

    @BeforeEach
    void queue() throws CountersignException, IOException {
        approvals = newQueue();
        repositories = Grants.open(home.resolve("grants.json"));
        policy("version: 1\n");
    }

    private Approvals newQueue() throws CountersignException {
        return new Approvals(
                home.resolve("sessions"),
                _ -> recorder,
                new SecondFactor(home.resolve("2.json"), Clock.systemUTC(), new Random(3)),
                Clock.systemUTC(),
                new Random(1));
    }

    @AfterEach
    void close() {
        open.forEach(SessionEgress::close);
        threads.shutdownNow();
        approvals().close();
    }

    @AfterAll
    static void end() {
        RISK.close();
    }

    private Approvals approvals() {
        return java.util.Objects.requireNonNull(approvals);
    }

    private void policy(String text) throws IOException {
        Files.writeString(home.resolve("policy.yaml"), text);
    }

    /// A session's guest.
    private record Guest(SessionId id, String repository, String preset)
            implements SessionEgress.Guest {
        @Override
        public int epoch() {
            return 0;
        }

        @Override
        public Duration askTimeout() {
            return Duration.ZERO;
        }

        @Override
        public Optional<String> known(String host) {
            return host.startsWith("docs.")
                    ? Optional.of("the registry that your npm is set up with")
                    : Optional.empty();
        }

        @Override
        public String lastCall() {
            return "bash {\"command\":\"npm install\"}";
        }
    }

    /// One session with a proxy.
    private final class Net {
        final Path socket = home.resolve("egress" + sockets++ + ".sock");
        final SessionEgress egress;

        Net(Guest guest, Duration hold) throws CountersignException {
            egress =
                    SessionEgress.open(
                            socket,
                            guest,
                            new SessionEgress.Wiring(
                                    PolicySource.openOrAskAll(
                                            home.resolve("policy.yaml"),
                                            home.resolve("last-good.yaml"),
                                            RISK,
                                            Clock.systemUTC(),
                                            _ -> {}),
                                    Grants.open(home.resolve(guest.id() + ".json")),
                                    java.util.Objects.requireNonNull(repositories),
                                    approvals(),
                                    recorder,
                                    Clock.systemUTC(),
                                    SessionEgress.Registries.NONE),
                            _ -> List.of(new byte[] {127, 0, 0, 1}),
                            hold);
            open.add(egress);
        }

        /// What the guest gets for a tunnel to this host.
        String tunnel(String host) throws IOException {
            return ask("CONNECT " + host + ":443 HTTP/1.1\r\nHost: " + host + ":443\r\n\r\n");
        }

        Future<String> tunnelling(String host) {
            return threads.submit(() -> tunnel(host));
        }

        String ask(String request) throws IOException {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
                ByteBuffer got = ByteBuffer.allocate(1 << 16);
                while (channel.read(got) > 0) {
                    // All of it.
                }
                return new String(got.array(), 0, got.position(), StandardCharsets.UTF_8);
            }
        }
    }

    private Net net(String preset) throws CountersignException {
        return new Net(new Guest(SESSION, "/home/d/shop", preset), Duration.ofSeconds(40));
    }

    /// The question that is opened next.
    private ApprovalRequest question() throws InterruptedException {
        String id = opened.poll(20, TimeUnit.SECONDS);
        assertThat(id).as("a question").isNotNull();
        return approvals().find(java.util.Objects.requireNonNull(id)).orElseThrow();
    }

    private void allow(ApprovalRequest request, @Nullable Reach reach, Integer... numbers)
            throws CountersignException {
        approvals()
                .decide(
                        new Decision(
                                request.id(),
                                request.digest(),
                                Answer.ALLOWED,
                                List.of(numbers),
                                null,
                                null,
                                reach));
    }

    private static String got(Future<String> answer)
            throws InterruptedException, ExecutionException {
        return answer.get();
    }

    private <T extends Fact> List<T> facts(Class<T> kind) {
        return journal.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void anUnknownHostIsHeldAskedAboutAndGoesOnByTheAnswer() throws Exception {
        Net net = net("packages");
        Future<String> answer =
                threads.submit(() ->
                        net.ask(
                                "COUNTERSIGN-PROCESS npm%20install%20%28pid%207%29\r\nCONNECT docs.example.org:443 HTTP/1.1\r\nHost: docs.example.org:443\r\n\r\n"));
        ApprovalRequest question = question();
        assertThat(question.kind()).isEqualTo("hosts");
        assertThat(question.title()).isEqualTo("wants to reach docs.example.org:443");
        assertThat(question.calls().getFirst().argumentsJson().raw())
                .contains("docs.example.org", "443", "CONNECT", "npm install (pid 7)", "claims");
        assertThat(question.calls().getFirst().reasons())
                .containsExactly(
                        "no rule names this host",
                        "it is the registry that your npm is set up with");
        assertThat(answer.isDone()).as("it is held").isFalse();
        assertThat(facts(Fact.ConnectionHeld.class)).hasSize(1);
        assertThat(facts(Fact.ConnectionDecided.class)).isEmpty();

        allow(question, null);
        assertThat(got(answer)).contains("ip-loopback");
        Fact.HostsGranted granted = facts(Fact.HostsGranted.class).getFirst();
        assertThat(granted.scope()).isEqualTo("session");
        assertThat(granted.hosts()).containsExactly("docs.example.org:443");
        assertThat(journal.indexOf(granted))
                .isLessThan(journal.indexOf(facts(Fact.ConnectionDecided.class).getFirst()));
        assertThat(net.tunnel("docs.example.org")).contains("ip-loopback");
        assertThat(opened).as("it is not asked again").isEmpty();
    }

    @Test
    void aBurstIsOneQuestionAndEachHostIsAnsweredByItself() throws Exception {
        Net net = net("packages");
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(net.tunnelling("h" + i + ".example.org"));
        }
        ApprovalRequest question = question();
        assertThat(question.calls()).hasSize(6);
        allow(question, null, 1, 2);
        for (int i = 0; i < 6; i++) {
            String host = question.calls().get(i).id().raw();
            Future<String> answer = answers.get(host.charAt(1) - '0');
            assertThat(got(answer)).contains(i < 2 ? "ip-loopback" : "person-denied");
        }
        assertThat(opened).isEmpty();
    }

    @Test
    void aDenialIsSaidInOneSentenceToAllAndIsNotAskedAgain() throws Exception {
        Net net = net("packages");
        Future<String> answer = net.tunnelling("paste.example.org");
        ApprovalRequest question = question();
        approvals().deny(question.id(), "use the mirror");
        String said = got(answer);
        assertThat(said).startsWith("HTTP/1.1 403 ").contains("use the mirror", question.id());
        assertThat(said.strip()).endsWith(facts(Fact.ConnectionDecided.class).getFirst().says());
        assertThat(net.tunnel("paste.example.org")).contains("person-denied");
        assertThat(opened).isEmpty();
    }

    @Test
    void nobodyIsAskedUnderLockedAndNothingIsGranted() throws Exception {
        Net open = net("packages");
        Future<String> answer = open.tunnelling("docs.example.org");
        allow(question(), new Reach(Reach.REPOSITORY, null));
        assertThat(got(answer)).contains("ip-loopback");
        Net locked =
                new Net(
                        new Guest(new SessionId("s-bbbbbb"), "/home/d/shop", "locked"),
                        Duration.ofSeconds(40));
        assertThat(locked.tunnel("docs.example.org")).contains("preset-locked");
        assertThat(opened).isEmpty();
    }

    @Test
    void anAnswerForTheRepositoryCountsForItsOtherSessionsAlone() throws Exception {
        Net one = net("packages");
        Future<String> answer = one.tunnelling("docs.example.org");
        allow(question(), new Reach(Reach.REPOSITORY, null));
        assertThat(got(answer)).contains("ip-loopback");
        Net same =
                new Net(
                        new Guest(new SessionId("s-bbbbbb"), "/home/d/shop", "packages"),
                        Duration.ofSeconds(40));
        assertThat(same.tunnel("docs.example.org")).contains("ip-loopback");
        assertThat(opened).isEmpty();
        Net other =
                new Net(
                        new Guest(new SessionId("s-cccccc"), "/home/d/bank", "packages"),
                        Duration.ofMillis(10));
        assertThat(other.tunnel("docs.example.org")).contains("unanswered");
    }

    @Test
    void anAnswerWithAnEndThatIsOverLetsNothingThrough() throws Exception {
        Net net = net("packages");
        Future<String> answer = net.tunnelling("docs.example.org");
        allow(
                question(),
                new Reach("session", Clock.systemUTC().instant().minus(Duration.ofDays(1))));
        assertThat(got(answer)).startsWith("HTTP/1.1 403 ").doesNotContain("ip-loopback");
    }

    @Test
    void aQuestionThatNobodyAnswersInTimeStaysAndCountsForTheNextTry() throws Exception {
        Net net = new Net(new Guest(SESSION, "/home/d/shop", "packages"), Duration.ofMillis(10));
        assertThat(net.tunnel("docs.example.org")).contains("(unanswered)");
        ApprovalRequest question = question();
        assertThat(net.tunnel("docs.example.org")).contains("(unanswered)");
        assertThat(opened).as("it is asked once").isEmpty();
        allow(question, null);
        awaitFact(Fact.HostsGranted.class);
        String said = net.tunnel("docs.example.org");
        while (said.contains("unanswered")) {
            said = net.tunnel("docs.example.org");
        }
        assertThat(said).contains("ip-loopback");
    }

    private void awaitFact(Class<? extends Fact> kind) {
        while (facts(kind).isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aNewEngineGoesOnWithTheSameQuestion() throws Exception {
        Net first = net("packages");
        Future<String> answer = first.tunnelling("docs.example.org");
        ApprovalRequest question = question();
        first.egress.close();
        assertThat(got(answer)).doesNotContain("ip-loopback");
        approvals().close();
        approvals = newQueue();
        Net next = net("packages");
        Future<String> again = next.tunnelling("docs.example.org");
        assertThat(approvals().open())
                .extracting(ApprovalRequest::id)
                .containsExactly(question.id());
        allow(question, null);
        assertThat(got(again)).contains("ip-loopback");
        assertThat(opened).as("it is the same question").isEmpty();
    }

    @Test
    void aGuestThatNamesHostsWithoutEndGetsOneQuestion() throws Exception {
        Net net = new Net(new Guest(SESSION, "/home/d/shop", "packages"), Duration.ofSeconds(2));
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            answers.add(net.tunnelling("h" + i + ".example.org"));
        }
        int full = 0;
        for (Future<String> answer : answers) {
            String said = got(answer);
            assertThat(said).startsWith("HTTP/1.1 403 ");
            full += said.contains("questions-full") ? 1 : 0;
        }
        assertThat(full).isGreaterThanOrEqualTo(300 - 20 - 60);
        assertThat(approvals().open()).hasSize(1);
        assertThat(approvals().open().getFirst().calls()).hasSizeLessThanOrEqualTo(20);
    }

    @Test
    void aRuleThatDeniesIsStrongerThanAnAnswerAndCountsAtOnce() throws Exception {
        Net net = net("packages");
        Future<String> answer = net.tunnelling("docs.example.org");
        allow(question(), null);
        assertThat(got(answer)).contains("ip-loopback");
        policy("version: 1\negress:\n  deny: [docs.example.org]\n");
        assertThat(net.tunnel("docs.example.org"))
                .contains("rule-deny", "policy.yaml egress deny docs.example.org");
    }

    @Test
    void nothingGoesOutWhileThePolicyCannotBeRead() throws Exception {
        policy("version: 1\negress:\n  allow: [docs.example.org]\n");
        Net net = net("locked");
        assertThat(net.tunnel("docs.example.org")).contains("ip-loopback");
        policy("version: 1\negress:\n  allow: [docs.example.org]\n  nonsense: 1\n");
        assertThat(net.tunnel("docs.example.org")).contains("policy-broken");
        policy("version: 1\negress:\n  allow: [docs.example.org, other.example.org]\n");
        assertThat(net.tunnel("docs.example.org")).contains("ip-loopback");
    }

    @Test
    void p5NothingGoesOutWhileTheJournalCannotBeWritten() throws Exception {
        Net net = net("packages");
        diskFull = true;
        assertThat(net.tunnel("docs.example.org")).doesNotContain("HTTP/1.1 200");
        assertThat(approvals().open()).isEmpty();
        assertThat(net.egress.granted()).isEmpty();
    }

    @Test
    void grantsOutliveTheEngineAndAFileThatCannotBeReadGrantsNothing() throws Exception {
        Net net = net("packages");
        Future<String> answer = net.tunnelling("docs.example.org");
        allow(question(), null);
        assertThat(got(answer)).contains("ip-loopback");
        net.egress.close();
        Net next = net("packages");
        assertThat(next.tunnel("docs.example.org")).contains("ip-loopback");
        next.egress.close();
        Path file = home.resolve(SESSION + ".json");
        Files.writeString(file, "{\"hosts\": [{\"host\": \"docs.exam");
        Net third = new Net(new Guest(SESSION, "/home/d/shop", "packages"), Duration.ofMillis(10));
        assertThat(third.tunnel("docs.example.org")).contains("unanswered");
        assertThat(file.resolveSibling(SESSION + ".json.unreadable")).exists();
    }

    @Test
    void whatIsTakenBackIsAskedAgain() throws Exception {
        Net net = net("packages");
        Future<String> answer = net.tunnelling("docs.example.org");
        allow(question(), null);
        assertThat(got(answer)).contains("ip-loopback");
        assertThat(net.egress.revoke("docs.example.org")).hasSize(1);
        assertThat(facts(Fact.HostsRevoked.class)).hasSize(1);
        Future<String> again = net.tunnelling("docs.example.org");
        approvals().deny(question().id(), null);
        assertThat(got(again)).contains("person-denied");
        assertThatThrownBy(() -> net.egress.revoke("docs.example.org"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("egress list");
    }

    @Test
    void p7WhatTheGuestClaimsOfItselfIsBoundedAndVisible() throws Exception {
        Net net = net("locked");
        String request = "CONNECT a.example.org:443 HTTP/1.1\r\nHost: a.example.org:443\r\n\r\n";
        String hostile = "%1b%5b2J%0d%0a%e2%80%ae" + "x".repeat(1500);
        assertThat(net.ask("COUNTERSIGN-PROCESS " + hostile + "\r\n" + request))
                .contains("preset-locked");
        String claimed =
                java.util.Objects.requireNonNull(
                                facts(Fact.ConnectionDecided.class).getLast().process())
                        .raw();
        assertThat(claimed).hasSizeLessThanOrEqualTo(300).doesNotContain("\u001b", "\n", "\u202e");
        assertThat(net.ask("COUNTERSIGN-PROCESS %zz\r\n" + request)).contains("HTTP/1.1 400");
        assertThat(net.ask("COUNTERSIGN-PROCESS " + "x".repeat(5000) + "\r\n" + request))
                .contains("HTTP/1.1 400");
        assertThat(net.ask(request)).contains("preset-locked");
    }
}
