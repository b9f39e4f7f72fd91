package dev.countersign.gate.approval;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Fact;
import dev.countersign.domain.Level;
import dev.countersign.journal.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What a critical request needs beside the answer: nothing, a phrase to type, or a code of an
/// authenticator app (TOTP, RFC 6238). It is checked where decisions are made, so that no front can
/// leave it out.
///
/// It stands against a hurried hand and a screen that was left open, not against a program that
/// runs as the same user: that one could read the secret's file (0600 in the state directory).
public final class SecondFactor {
    /// Wrong codes in a row after which none is taken for a while.
    static final int MOST_MISSES = 5;

    static final Duration PAUSE = Duration.ofMinutes(1);

    /// Steps of a clock's drift that are forgiven, RFC 6238 §5.2.
    private static final int DRIFT = 1;

    private final Path file;
    private final Clock clock;
    private final RandomGenerator random;

    /// @param file where the choice and the secret are kept, 0600
    /// @param random a secure one
    public SecondFactor(Path file, Clock clock, RandomGenerator random) {
        this.file = file;
        this.clock = clock;
        this.random = random;
    }

    /// What may be chosen.
    public enum Choice {
        /// The answer alone.
        @JsonProperty("none")
        NONE,
        /// A phrase that names the effect.
        @JsonProperty("phrase")
        PHRASE,
        /// A code of an authenticator app.
        @JsonProperty("totp")
        TOTP;

        /// The word on the command line and in JSON.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A new secret. Shown once; it counts from the first right code on.
    ///
    /// @param uri for an authenticator app, `otpauth://totp/…`
    /// @param secret the same as base32, for typing
    public record Enrolment(String uri, String secret) {}

    /// What is kept.
    ///
    /// @param pending a secret that no code has confirmed yet
    /// @param lastStep the last step whose code was used: none counts twice
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Kept(
            Choice choice,
            @Nullable String secret,
            @Nullable String pending,
            @Nullable Long lastStep,
            @Nullable Integer misses,
            @Nullable Instant lockedUntil) {}

    /// What is chosen.
    ///
    /// @throws CountersignException FAILED if that can't be read: then no critical request can be
    ///   allowed
    public synchronized Choice choice() throws CountersignException {
        return kept().choice();
    }

    /// The phrase that allows a request, where a phrase is chosen and it is critical. It names the
    /// worst call's effect in our own words, never in the guest's.
    public Optional<String> phraseFor(ApprovalRequest request) {
        return request.waiting().stream()
                .filter(call -> call.level() == Level.CRITICAL)
                .findFirst()
                .map(call ->
                        "allow "
                                + (call.effects().isEmpty()
                                        ? "critical"
                                        : call.effects().getFirst()));
    }

    /// Chooses. Away from an authenticator app takes a code of it. To one, [#enrol] does it.
    public synchronized void choose(Choice wanted, @Nullable String code)
            throws CountersignException {
        if (wanted == Choice.TOTP) {
            throw new IllegalArgumentException("an authenticator app is enrolled");
        }
        Kept now = kept();
        if (now.choice() == Choice.TOTP) {
            now = taken(now, now.secret(), code);
        }
        write(new Kept(wanted, null, null, now.lastStep(), null, null));
    }

    /// Makes a secret for an authenticator app. What was chosen before stays until [#confirm].
    ///
    /// @param code of the app that is in use now, if one is
    public synchronized Enrolment enrol(@Nullable String code) throws CountersignException {
        Kept now = kept();
        if (now.choice() == Choice.TOTP) {
            now = taken(now, now.secret(), code);
        }
        byte[] bytes = new byte[Totp.SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = Totp.base32(bytes);
        write(new Kept(now.choice(), now.secret(), secret, now.lastStep(), null, null));
        return new Enrolment(
                "otpauth://totp/Countersign:critical?secret="
                        + secret
                        + "&issuer=Countersign&algorithm=SHA1&digits="
                        + Totp.DIGITS
                        + "&period="
                        + Totp.STEP_SECONDS,
                secret);
    }

    /// The app shows the right code: from now on it is asked for.
    public synchronized void confirm(@Nullable String code) throws CountersignException {
        Kept now = kept();
        String pending = now.pending();
        if (pending == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    "No secret waits for its first code. Make one with `countersign approvals"
                            + " second-factor totp`.");
        }
        Kept used =
                taken(
                        new Kept(
                                now.choice(),
                                now.secret(),
                                pending,
                                null,
                                now.misses(),
                                now.lockedUntil()),
                        pending,
                        code);
        write(new Kept(Choice.TOTP, pending, null, used.lastStep(), null, null));
    }

    /// Lets an answer to a critical request through, or refuses it. Both are recorded.
    ///
    /// @throws CountersignException REFUSED with what is missing or wrong
    synchronized void check(ApprovalRequest request, @Nullable String proof, Recorder recorder)
            throws CountersignException {
        Kept now = kept();
        switch (now.choice()) {
            case NONE -> {}
            case PHRASE -> {
                String phrase = phraseFor(request).orElse("");
                if (proof == null || !proof.strip().toLowerCase(Locale.ROOT).equals(phrase)) {
                    throw new CountersignException(
                            Kind.REFUSED,
                            "Request "
                                    + request.id()
                                    + " is critical: type `"
                                    + phrase
                                    + "` to allow it"
                                    + (proof == null ? "" : "; what you typed is something else")
                                    + ". Nothing ran.");
                }
                said(recorder, request, "the phrase was typed");
            }
            case TOTP -> {
                try {
                    taken(now, now.secret(), proof);
                } catch (CountersignException e) {
                    recorder.record(
                            new Fact.Noticed(
                                    "warning",
                                    "second-factor",
                                    "Request "
                                            + request.id()
                                            + " was not allowed: "
                                            + e.getMessage()));
                    throw e;
                }
                said(recorder, request, "the code of the authenticator app was right");
            }
        }
    }

    private static void said(Recorder recorder, ApprovalRequest request, String what)
            throws CountersignException {
        recorder.record(
                new Fact.Noticed(
                        "info", "second-factor", "Request " + request.id() + ": " + what + "."));
    }

    /// Uses a code up, or counts the miss.
    private Kept taken(Kept now, @Nullable String secret, @Nullable String given)
            throws CountersignException {
        Instant at = clock.instant();
        Instant locked = now.lockedUntil();
        // A clock that was set back never makes the pause longer than it is.
        if (locked != null
                && at.isBefore(locked)
                && Duration.between(at, locked).compareTo(PAUSE) <= 0) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "There were "
                            + MOST_MISSES
                            + " wrong codes in a row, so none is taken for "
                            + PAUSE.toSeconds()
                            + " s. Try again then.");
        }
        if (given == null || secret == null) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "A code of your authenticator app is needed: six digits, with `--code`.");
        }
        String code = given.replace(" ", "").strip();
        byte[] key = Totp.fromBase32(secret);
        long step = Totp.step(at);
        Long last = now.lastStep();
        for (long each = step - DRIFT; each <= step + DRIFT; each++) {
            if (Totp.same(Totp.code(key, each), code)) {
                if (last != null && each <= last) {
                    throw new CountersignException(
                            Kind.REFUSED,
                            "This code was used already. Wait for the next one, up to "
                                    + Totp.STEP_SECONDS
                                    + " s.");
                }
                Kept used = new Kept(now.choice(), now.secret(), now.pending(), each, null, null);
                write(used);
                return used;
            }
        }
        Integer before = now.misses();
        int misses = before == null ? 1 : before + 1;
        boolean full = misses >= MOST_MISSES;
        write(
                new Kept(
                        now.choice(),
                        now.secret(),
                        now.pending(),
                        last,
                        full ? 0 : misses,
                        full ? at.plus(PAUSE) : null));
        throw new CountersignException(
                Kind.REFUSED,
                "This is not the code that the authenticator app shows now. Check the clocks of"
                        + " both, then try the next one.");
    }

    private Kept kept() throws CountersignException {
        try {
            if (!Files.exists(file)) {
                return new Kept(Choice.NONE, null, null, null, null, null);
            }
            return RequestFiles.read(file, Kept.class);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "What critical requests need beside the answer can't be read from "
                            + file.getFileName()
                            + ", so none is allowed. Correct the file's rights, or remove it and"
                            + " set the second factor up again.",
                    e);
        }
    }

    private void write(Kept kept) throws CountersignException {
        try {
            AtomicFile.write(file, RequestFiles.bytes(kept));
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.ofWriting(e),
                    "The second factor could not be kept in "
                            + file.getFileName()
                            + " ("
                            + e.getMessage()
                            + "), so nothing changed. Free some space and try again.",
                    e);
        }
    }
}
