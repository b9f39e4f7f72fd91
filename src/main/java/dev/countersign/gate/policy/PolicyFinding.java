package dev.countersign.gate.policy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Something that a check of a policy file found.
///
/// @param line from 1
/// @param error the file is refused as a whole; false: it loads, and this part does not do what it
///   says
public record PolicyFinding(int line, boolean error, String message) {
    private static final int MOST = 5;

    /// The errors in one line, the first few of them.
    static String summary(List<PolicyFinding> findings) {
        return findings.stream()
                .filter(PolicyFinding::error)
                .limit(MOST)
                .map(finding -> "line " + finding.line() + ": " + finding.message() + ".")
                .collect(Collectors.joining(" "));
    }

    static CountersignException refused(Path file, List<PolicyFinding> findings) {
        return new CountersignException(
                Kind.REFUSED,
                "The policy "
                        + file
                        + " is refused: "
                        + summary(findings)
                        + " Correct it, then run `countersign policy check "
                        + file
                        + "`.");
    }
}
