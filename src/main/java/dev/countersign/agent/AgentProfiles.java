package dev.countersign.agent;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The agents that Countersign knows: the bundled one, those that it came with profiles for, and
/// the developer's own, one file each in a directory beside the policy.
public final class AgentProfiles {
    /// What stands in for a key in the guest: the real one never enters it ([P6]).
    public static final String PLACEHOLDER_KEY = "held-on-the-host";

    private static final String HOME = "/dev/countersign/agents/";
    private static final List<String> BUNDLED =
            List.of("claude", "codex", "opencode", "gemini", "qwen", "copilot");

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

    private final Path own;

    /// @param own where the developer's own profiles lie; need not exist
    public AgentProfiles(Path own) {
        this.own = own;
    }

    /// The one agent that needs no image.
    public static AgentProfile mini() {
        return MINI;
    }

    /// All of them, the bundled one first, the developer's own last.
    ///
    /// @throws CountersignException `USAGE` with file and line if an own profile can't be read
    public List<AgentProfile> all() throws CountersignException {
        List<AgentProfile> all = new ArrayList<>(List.of(MINI));
        for (String name : BUNDLED) {
            all.add(ProfileFile.read("the profile of " + name, text(name), true));
        }
        for (Path file : ownFiles()) {
            all.add(read(file));
        }
        return all;
    }

    /// The one of this name.
    ///
    /// @throws CountersignException if there is none
    public AgentProfile named(String name) throws CountersignException {
        if (name.equals(MINI.name())) {
            return MINI;
        }
        if (BUNDLED.contains(name)) {
            return ProfileFile.read("the profile of " + name, text(name), true);
        }
        Path file = own.resolve(name + ".yaml");
        if (name.matches("[a-z][a-z0-9-]{0,29}") && Files.isRegularFile(file)) {
            return read(file);
        }
        List<String> known = new ArrayList<>(List.of(MINI.name()));
        known.addAll(BUNDLED);
        for (Path path : ownFiles()) {
            known.add(nameOf(path));
        }
        throw new CountersignException(
                Kind.USAGE,
                "There is no agent %s. Known: %s. A profile of your own: countersign agent add FILE."
                        .formatted(GuestText.of(name).visible(), String.join(", ", known)));
    }

    /// Takes a profile of the developer's own.
    ///
    /// @throws CountersignException `USAGE` if it is none, `CONFLICT` if its name is taken
    public AgentProfile add(Path file) throws CountersignException {
        AgentProfile profile = read(file);
        if (profile.name().equals(MINI.name()) || BUNDLED.contains(profile.name())) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "%s is the name of an agent that Countersign brings. Give yours another name."
                            .formatted(profile.name()));
        }
        Path target = own.resolve(profile.name() + ".yaml");
        try {
            Files.createDirectories(own);
            Path part = Files.createTempFile(own, ".adding", "");
            Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
            try {
                Files.move(
                        part,
                        target,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The profile can't be kept in %s: %s. Correct the directory's rights."
                            .formatted(own, e.getMessage()),
                    e);
        }
        return profile;
    }

    /// Forgets a profile of the developer's own.
    ///
    /// @throws CountersignException `MISSING` if there is none, `REFUSED` for Countersign's own
    public void remove(String name) throws CountersignException {
        AgentProfile profile = named(name);
        AgentProfile.Program program = profile.program();
        if (program == null || program.bundled()) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "%s came with Countersign and stays. Only profiles of your own can be removed."
                            .formatted(name));
        }
        try {
            Files.delete(own.resolve(name + ".yaml"));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The profile of %s can't be removed: %s.".formatted(name, e.getMessage()),
                    e);
        }
    }

    private AgentProfile read(Path file) throws CountersignException {
        try {
            AgentProfile profile = ProfileFile.read(file.toString(), Files.readString(file), false);
            if (file.startsWith(own) && !profile.name().equals(nameOf(file))) {
                throw new CountersignException(
                        Kind.USAGE,
                        "%s holds the agent %s. Give file and agent one name."
                                .formatted(file, profile.name()));
            }
            return profile;
        } catch (NoSuchFileException e) {
            throw new CountersignException(
                    Kind.USAGE, "There is no file %s. Name an agent's profile.".formatted(file), e);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The profile %s can't be read: %s. Correct or remove it."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private List<Path> ownFiles() throws CountersignException {
        if (!Files.isDirectory(own)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(own)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The profiles in %s can't be listed: %s. Correct the directory's rights."
                            .formatted(own, e.getMessage()),
                    e);
        }
    }

    private static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - ".yaml".length());
    }

    private static String text(String name) {
        try (InputStream in = AgentProfiles.class.getResourceAsStream(HOME + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("the program lacks the profile of " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
