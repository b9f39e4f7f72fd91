package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.gate.approval.AtomicFile;
import dev.countersign.gate.policy.PolicyReader.Outcome;
import dev.countersign.gate.policy.Rule.Verb;
import dev.countersign.gate.risk.RiskRater;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One policy file, looked at before each call, and the last good version of it, which is kept over
/// restarts and is in force while the file is bad.
final class WatchedPolicy {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedPolicy.class);

    private final @Nullable Path file;
    private final @Nullable Path lastGood;
    private final RiskRater risk;
    private final Clock clock;
    private final Consumer<Fact.PolicyLoaded> told;
    private Policy good;
    private @Nullable String trouble;
    private String seen = "";

    WatchedPolicy(
            @Nullable Path file,
            @Nullable Path lastGood,
            RiskRater risk,
            Clock clock,
            Consumer<Fact.PolicyLoaded> told) {
        this.file = file;
        this.lastGood = lastGood;
        this.risk = risk;
        this.clock = clock;
        this.told = told;
        this.good = Policy.empty(file == null ? "policy.yaml" : name(file));
    }

    static WatchedPolicy none(RiskRater risk, Clock clock) {
        return new WatchedPolicy(null, null, risk, clock, _ -> {});
    }

    static WatchedPolicy fixed(Policy policy, RiskRater risk, Clock clock) {
        WatchedPolicy fixed = none(risk, clock);
        fixed.good = policy;
        return fixed;
    }

    /// Reads it for the first time.
    ///
    /// @throws CountersignException REFUSED if it is bad and no version of it was good before
    synchronized void first() throws CountersignException {
        Path at = file;
        if (at == null || !Files.exists(at)) {
            seen = "absent";
            return;
        }
        seen = mark(at);
        try {
            accept(at);
        } catch (CountersignException e) {
            if (!recalled(at, e.getMessage())) {
                throw e;
            }
        }
    }

    /// As [#first], but where nothing good is left every call asks.
    synchronized void firstOrAskAll() {
        try {
            first();
        } catch (CountersignException e) {
            Path at = file;
            String name = at == null ? good.source() : name(at);
            trouble = e.getMessage() + " No version of it was good before, so every call asks.";
            good =
                    Policy.empty(name)
                            .with(
                                    List.of(
                                            new Rule(
                                                    Verb.ASK,
                                                    name + ", which can't be read",
                                                    "any",
                                                    List.of(),
                                                    null,
                                                    null,
                                                    List.of(),
                                                    null,
                                                    "everywhere",
                                                    null,
                                                    null,
                                                    "the rules can't be read",
                                                    null)));
            told.accept(new Fact.PolicyLoaded(name, good.digest(), "refused: " + trouble));
        }
    }

    /// What is in force now.
    synchronized Policy current() {
        Path at = file;
        if (at == null) {
            return good;
        }
        String now = mark(at);
        if (!now.equals(seen)) {
            seen = now;
            reload(at);
        }
        return good;
    }

    /// Why the file is not what is in force.
    synchronized Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    private void reload(Path at) {
        if (!Files.exists(at)) {
            good = Policy.empty(name(at));
            trouble = null;
            forget();
            told.accept(new Fact.PolicyLoaded(name(at), good.digest(), "removed"));
            return;
        }
        try {
            accept(at);
        } catch (CountersignException e) {
            trouble = e.getMessage() + " The last good version stays in force.";
            told.accept(
                    new Fact.PolicyLoaded(
                            name(at),
                            good.digest(),
                            "refused, the last good one stays: " + e.getMessage()));
        }
    }

    private void accept(Path at) throws CountersignException {
        String text = PolicyCheck.text(at);
        Outcome outcome = new PolicyReader(name(at), false, risk).read(text);
        Policy policy = outcome.policy();
        if (policy == null) {
            throw PolicyFinding.refused(at, outcome.findings());
        }
        good = policy;
        trouble = null;
        remember(text);
        told.accept(new Fact.PolicyLoaded(name(at), policy.digest(), "loaded"));
    }

    private boolean recalled(Path at, String why) {
        Path kept = lastGood;
        if (kept == null || !Files.exists(kept)) {
            return false;
        }
        try {
            String text = PolicyCheck.text(kept);
            Policy policy = new PolicyReader(name(at), false, risk).read(text).policy();
            if (policy == null) {
                return false;
            }
            Instant since = Files.getLastModifiedTime(kept).toInstant();
            good = policy;
            trouble =
                    why
                            + " The last good version is in force, of "
                            + since.truncatedTo(ChronoUnit.MINUTES)
                            + ", "
                            + age(Duration.between(since, clock.instant()))
                            + " old.";
            told.accept(
                    new Fact.PolicyLoaded(
                            name(at),
                            policy.digest(),
                            "refused, the last good one is taken up: " + trouble));
            return true;
        } catch (CountersignException | IOException e) {
            LOG.warn("the last good policy {} can't be read", kept, e);
            return false;
        }
    }

    private static String age(Duration age) {
        if (age.toDays() > 0) {
            return age.toDays() == 1 ? "a day" : age.toDays() + " days";
        }
        if (age.toHours() > 0) {
            return age.toHours() == 1 ? "an hour" : age.toHours() + " hours";
        }
        return age.toMinutes() == 1 ? "a minute" : Math.max(0, age.toMinutes()) + " minutes";
    }

    /// Written only if it is another one: its time says since when this version is the good one.
    private void remember(String text) {
        Path kept = lastGood;
        if (kept == null) {
            return;
        }
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (Files.exists(kept)
                    && Digest.of(Files.readAllBytes(kept)).equals(Digest.of(bytes))) {
                return;
            }
            AtomicFile.write(kept, bytes);
        } catch (IOException e) {
            LOG.warn("the last good policy can't be kept in {}", kept, e);
        }
    }

    private void forget() {
        Path kept = lastGood;
        if (kept != null) {
            try {
                Files.deleteIfExists(kept);
            } catch (IOException e) {
                LOG.warn("the last good policy can't be removed from {}", kept, e);
            }
        }
    }

    private static String name(Path at) {
        return at.getFileName().toString();
    }

    /// Changes whenever the file does.
    private static String mark(Path at) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(at, BasicFileAttributes.class);
            return attributes.lastModifiedTime()
                    + " "
                    + attributes.size()
                    + " "
                    + attributes.fileKey();
        } catch (IOException _) {
            return "absent";
        }
    }
}
