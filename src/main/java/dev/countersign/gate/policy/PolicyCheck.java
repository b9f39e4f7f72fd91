package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.gate.risk.RiskRater;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `policy check FILE`: everything that is wrong with a file, with lines, self-tests run.
public final class PolicyCheck {
    /// The name of a repository's own policy.
    public static final String REPOSITORY_FILE = ".countersign.yaml";

    private final RiskRater risk;

    /// @param risk rates the examples in rules; kept open by the caller
    public PolicyCheck(RiskRater risk) {
        this.risk = risk;
    }

    /// In the order of lines; empty if all is well. A file named `.countersign.yaml` is checked as
    /// a repository's.
    ///
    /// @throws CountersignException USAGE if the file can't be read
    public List<PolicyFinding> check(Path file) throws CountersignException {
        boolean repository = file.getFileName().toString().equals(REPOSITORY_FILE);
        return new PolicyReader(file.getFileName().toString(), repository, risk)
                .read(text(file)).findings().stream()
                        .sorted(java.util.Comparator.comparingInt(PolicyFinding::line))
                        .toList();
    }

    /// What the file says about the network.
    ///
    /// @throws CountersignException USAGE if the file can't be read or has an error, naming the
    ///   first with its line
    public EgressRules egress(Path file) throws CountersignException {
        PolicyReader.Outcome outcome =
                new PolicyReader(file.getFileName().toString(), false, risk).read(text(file));
        Policy policy = outcome.policy();
        if (policy == null) {
            PolicyFinding first =
                    outcome.findings().stream()
                            .filter(PolicyFinding::error)
                            .findFirst()
                            .orElseThrow();
            throw new CountersignException(
                    Kind.USAGE,
                    "The policy "
                            + file
                            + " is refused: line "
                            + first.line()
                            + ": "
                            + first.message()
                            + ". Correct it and try again.");
        }
        return policy.egress();
    }

    /// The file as it is.
    ///
    /// @throws CountersignException USAGE if the file can't be read
    public static String text(Path file) throws CountersignException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new CountersignException(
                    Kind.USAGE, "The policy " + file + " is not UTF-8. Save it as UTF-8.", e);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The policy "
                            + file
                            + " can't be read ("
                            + e.getMessage()
                            + "). Check its name and rights.",
                    e);
        }
    }
}
