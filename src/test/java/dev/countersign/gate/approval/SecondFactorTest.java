package dev.countersign.gate.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondFactorTest {
    private static final SessionId SESSION = new SessionId("s-aaaaaa");

    @TempDir Path home;

    private final List<Fact> journal = new ArrayList<>();
    private final Recorder recorder =
            fact -> {
                journal.add(fact);
                return new Entry(journal.size(), Instant.EPOCH, SESSION, 0, fact);
            };
    private final HandClock clock = new HandClock();
    private Path file;
    private SecondFactor factor;

    private static final class HandClock extends Clock {
        private Instant now = Instant.parse("2026-11-23T12:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeEach
    void open() {
        file = home.resolve("second-factor.json");
        factor = fresh();
    }

    private SecondFactor fresh() {
        return new SecondFactor(file, clock, new Random(7));
    }

    private ApprovalRequest critical() {
        return ApprovalRequest.of(
                new Ask(
                        SESSION,
                        0,
                        "calls",
                        "wants to run one call",
                        Level.CRITICAL,
                        List.of(
                                new ApprovalRequest.Call(
                                        GuestText.of("c1"),
                                        GuestText.of("bash"),
                                        GuestText.of("{}"),
                                        GuestText.of("git push --force"),
                                        List.of(),
                                        null,
                                        GuestText.of("/workspace"),
                                        Level.CRITICAL,
                                        List.of("git.force-push"),
                                        List.of("replaces history"),
                                        "mode checkpoint",
                                        Digest.of("c1"),
                                        true)),
                        GuestText.of(""),
                        List.of(),
                        "boundary-enforced",
                        List.of(),
                        Duration.ZERO,
                        null),
                "a-222222",
                clock.instant(),
                null);
    }

    /// RFC 6238, appendix B.
    @ParameterizedTest(name = "at {0} s with {1} it is {2}")
    @CsvSource({
        "59, HmacSHA1, 94287082",
        "59, HmacSHA256, 46119246",
        "59, HmacSHA512, 90693936",
        "1111111109, HmacSHA1, 07081804",
        "1111111109, HmacSHA256, 68084774",
        "1111111109, HmacSHA512, 25091201",
        "1111111111, HmacSHA1, 14050471",
        "1111111111, HmacSHA256, 67062674",
        "1111111111, HmacSHA512, 99943326",
        "1234567890, HmacSHA1, 89005924",
        "1234567890, HmacSHA256, 91819424",
        "1234567890, HmacSHA512, 93441116",
        "2000000000, HmacSHA1, 69279037",
        "2000000000, HmacSHA256, 90698825",
        "2000000000, HmacSHA512, 38618901",
        "20000000000, HmacSHA1, 65353130",
        "20000000000, HmacSHA256, 77737706",
        "20000000000, HmacSHA512, 47863826",
    })
    void codesAreThoseOfTheStandard(long seconds, String algorithm, String code) {
        int length =
                switch (algorithm) {
                    case "HmacSHA1" -> 20;
                    case "HmacSHA256" -> 32;
                    default -> 64;
                };
        byte[] secret =
                "1234567890".repeat(7).substring(0, length).getBytes(StandardCharsets.US_ASCII);
        assertThat(Totp.code(secret, Totp.step(Instant.ofEpochSecond(seconds)), 8, algorithm))
                .isEqualTo(code);
    }

    /// RFC 4648 §10, without padding.
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"f, MY", "fo, MZXQ", "foo, MZXW6", "foob, MZXW6YQ", "fooba, MZXW6YTB"})
    void secretsAreWrittenAsTheStandardSays(String text, String base32) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(Totp.base32(bytes)).isEqualTo(base32);
        assertThat(Totp.fromBase32(base32)).isEqualTo(bytes);
    }

    private String codeNow(String secret) {
        return Totp.code(Totp.fromBase32(secret), Totp.step(clock.now));
    }

    private String enrolled() throws CountersignException {
        String secret = factor.enrol(null).secret();
        factor.confirm(codeNow(secret));
        clock.now = clock.now.plusSeconds(60);
        return secret;
    }

    @Test
    void aSecretCountsOnlyOnceItsAppShowedTheRightCode() throws Exception {
        SecondFactor.Enrolment made = factor.enrol(null);
        assertThat(made.uri()).startsWith("otpauth://totp/Countersign").contains(made.secret());
        assertThat(factor.choice()).isEqualTo(SecondFactor.Choice.NONE);
        assertThatThrownBy(() -> factor.confirm("000000")).hasMessageContaining("not the code");
        factor.check(critical(), null, recorder);
        factor.confirm(codeNow(made.secret()));
        assertThat(fresh().choice()).isEqualTo(SecondFactor.Choice.TOTP);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aCodeCountsOnceAndAWrongOneIsOnRecord() throws Exception {
        String secret = enrolled();
        ApprovalRequest request = critical();
        assertThatThrownBy(() -> factor.check(request, null, recorder))
                .hasMessageContaining("needed");
        factor.check(request, codeNow(secret), recorder);
        assertThatThrownBy(() -> fresh().check(request, codeNow(secret), recorder))
                .hasMessageContaining("used already");
        assertThat(journal)
                .allSatisfy(fact -> assertThat(fact.toString()).doesNotContain(secret))
                .anyMatch(fact -> fact.toString().contains("was right"))
                .anyMatch(fact -> fact.toString().contains("was not allowed"));
    }

    @Test
    void afterFiveWrongCodesNoneIsTakenForAMinuteAlsoByTheNextEngine() throws Exception {
        String secret = enrolled();
        ApprovalRequest request = critical();
        String wrong = codeNow(secret).equals("123456") ? "654321" : "123456";
        for (int i = 0; i < SecondFactor.MOST_MISSES; i++) {
            assertThatThrownBy(() -> factor.check(request, wrong, recorder))
                    .hasMessageContaining("not the code");
        }
        assertThatThrownBy(() -> fresh().check(request, codeNow(secret), recorder))
                .hasMessageContaining("none is taken");
        clock.now = clock.now.plus(SecondFactor.PAUSE);
        fresh().check(request, codeNow(secret), recorder);
    }

    @Test
    void awayFromAnAppTakesACodeOfIt() throws Exception {
        String secret = enrolled();
        assertThatThrownBy(() -> factor.choose(SecondFactor.Choice.NONE, null))
                .hasMessageContaining("needed");
        assertThatThrownBy(() -> factor.enrol(null)).hasMessageContaining("needed");
        factor.choose(SecondFactor.Choice.PHRASE, codeNow(secret));
        assertThat(factor.choice()).isEqualTo(SecondFactor.Choice.PHRASE);
    }

    @Test
    void aPhraseNamesTheEffectInOurWords() throws Exception {
        factor.choose(SecondFactor.Choice.PHRASE, null);
        ApprovalRequest request = critical();
        assertThat(factor.phraseFor(request)).contains("allow git.force-push");
        assertThatThrownBy(() -> factor.check(request, "yes", recorder))
                .hasMessageContaining("type `allow git.force-push`");
        factor.check(request, " Allow git.force-push ", recorder);
    }

    @Test
    void aFileThatCannotBeReadAllowsNothingCritical() throws Exception {
        Files.writeString(file, "{");
        assertThatThrownBy(() -> factor.check(critical(), "x", recorder))
                .hasMessageContaining("none is allowed");
    }
}
