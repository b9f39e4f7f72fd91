package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.util.List;
import java.util.Map;

/// The agents that Countersign knows.
public final class AgentProfiles {
    /// What stands in for a key in the guest: the real one never enters it ([P6]).
    public static final String PLACEHOLDER_KEY = "held-on-the-host";

    private static final AgentProfile MINI =
            new AgentProfile(
                    "mini",
                    "1",
                    List.of(
                            "/usr/bin/python3",
                            "-S",
                            "-E",
                            "-I",
                            "/opt/countersign/mini.py",
                            "--task-file",
                            "{task}",
                            "--inbox",
                            "{inbox}",
                            "--keep",
                            "{kept}"),
                    List.of("--resume"),
                    Map.of(
                            "ANTHROPIC_BASE_URL",
                            "http://127.0.0.1:4100",
                            "ANTHROPIC_API_KEY",
                            PLACEHOLDER_KEY),
                    "boundary-enforced",
                    AgentProfile.Messages.INBOX);

    private AgentProfiles() {}

    /// All of them, the bundled one first.
    public static List<AgentProfile> all() {
        return List.of(MINI);
    }

    /// The one of this name.
    ///
    /// @throws CountersignException if there is none
    public static AgentProfile named(String name) throws CountersignException {
        return all().stream()
                .filter(profile -> profile.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new CountersignException(
                                Kind.USAGE,
                                "There is no agent "
                                        + GuestText.of(name).visible()
                                        + ". Known: "
                                        + String.join(
                                                ", ",
                                                all().stream().map(AgentProfile::name).toList())
                                        + "."));
    }
}
