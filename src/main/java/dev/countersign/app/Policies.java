package dev.countersign.app;

import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.engine.StartPolicy;
import dev.countersign.gate.policy.Policy;
import dev.countersign.gate.policy.PolicyCheck;
import dev.countersign.gate.policy.PolicyFinding;
import dev.countersign.gate.policy.PolicySource;
import dev.countersign.gate.risk.RiskRater;
import dev.countersign.journal.Recorder;
import dev.countersign.session.SessionOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The policy of a session: the developer's own file, tightened by the repository's.
///
/// The repository's file is read once, from the host's tree, when the session starts; what the
/// agent makes of it counts only for sessions that start after it was applied. The developer's file
/// is watched; the last good one is kept for the next engine. Rules for one session lie with it.
final class Policies {
    private static final Logger LOG = LoggerFactory.getLogger(Policies.class);
    private static final long LARGEST = 1 << 20;

    private final Path file;
    private final Path lastGood;
    private final RiskRater risk;
    private final Clock clock;

    /// @param config the developer's settings directory
    /// @param home where the last good policy is kept
    Policies(Path config, Path home, RiskRater risk, Clock clock) {
        this.file = config.resolve("policy.yaml");
        this.lastGood = home.resolve("policy.last-good.yaml");
        this.risk = risk;
        this.clock = clock;
    }

    /// Opens the policy of a session, a new one's or an old one's.
    ///
    /// @param kept where the repository's policy was put when the session started
    /// @throws CountersignException if a file is bad and the session is new
    PolicySource of(SessionOrder order, Path kept, Recorder recorder) throws CountersignException {
        PolicySource source;
        if (Files.exists(kept)) {
            source = PolicySource.openOrAskAll(file, lastGood, risk, clock, tell(recorder));
        } else {
            source = PolicySource.open(file, lastGood, risk, clock, tell(recorder));
            keepRepositoryPolicy(order.directory(), kept);
        }
        Optional<String> trouble = source.trouble();
        if (trouble.isPresent()) {
            recorder.record(new Fact.Noticed("error", "policy", trouble.get()));
        }
        return source.tightenedBy(kept)
                .withSessionRules(kept.resolve(PolicySource.SESSION_RULES), tell(recorder));
    }

    /// What the policies say of a session that is asked for in this repository.
    StartPolicy starting(Path repository) throws CountersignException {
        PolicySource source = PolicySource.open(file, lastGood, risk, clock, _ -> {});
        Policy user = source.user();
        Optional<Policy> theirs = source.tightenedBy(repository).repository();
        return new StartPolicy(
                user.mode(),
                user.dataClass(),
                theirs.map(Policy::mode).orElse(null),
                theirs.map(Policy::dataClass).orElse(null),
                user.egress().preset());
    }

    /// The rules for sessions that start next, without a repository.
    PolicySource own() {
        return PolicySource.openOrAskAll(file, lastGood, risk, clock, _ -> {});
    }

    /// A fault, as the command line shows it.
    static Tools.PolicyFinding found(PolicyFinding finding) {
        return new Tools.PolicyFinding(
                finding.line(), finding.error() ? "error" : "warning", finding.message());
    }

    /// The developer's own file.
    Path file() {
        return file;
    }

    private static void keepRepositoryPolicy(Path repository, Path kept)
            throws CountersignException {
        Path theirs = repository.resolve(PolicyCheck.REPOSITORY_FILE);
        try {
            Files.createDirectories(kept);
            if (Files.isRegularFile(theirs, LinkOption.NOFOLLOW_LINKS)) {
                if (Files.size(theirs) > LARGEST) {
                    throw new CountersignException(
                            Kind.REFUSED,
                            "%s is larger than 1 MiB, so it is not read. Shorten it."
                                    .formatted(theirs));
                }
                Files.copy(
                        theirs,
                        kept.resolve(PolicyCheck.REPOSITORY_FILE),
                        LinkOption.NOFOLLOW_LINKS);
            } else if (Files.exists(theirs, LinkOption.NOFOLLOW_LINKS)) {
                throw new CountersignException(
                        Kind.REFUSED,
                        "%s is not a plain file, so it is not read. Make it one, or remove it."
                                .formatted(theirs));
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The repository's policy %s can't be read: %s."
                            .formatted(theirs, e.getMessage()),
                    e);
        }
    }

    private static Consumer<Fact.PolicyLoaded> tell(Recorder recorder) {
        return loaded -> {
            try {
                recorder.record(loaded);
            } catch (CountersignException e) {
                LOG.warn("the load of a policy could not be recorded", e);
            }
        };
    }
}
