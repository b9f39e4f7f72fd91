package dev.countersign.gateway;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import dev.countersign.gateway.http.HttpLimits;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/// What a session's gateway is opened with.
///
/// @param epoch how often the session was restored; answers of another epoch are void
/// @param held a directory of this gateway's own, made with mode 0700 if it is missing
/// @param key 256-bit AES: held answers are kept under it and nothing else opens them
/// @param cwd the directory that the agent works in, as its profile says
/// @param token what every request must carry as its key; null where the socket is private
/// @param alreadyReturned whether a call's result is in the journal: asked after a restart, so that
///   a result is recorded once
/// @param budget what may be spent on the model
public record GatewaySettings(
        SessionId session,
        IntSupplier epoch,
        Path held,
        SecretKey key,
        GuestText cwd,
        @Nullable String token,
        Predicate<GuestText> alreadyReturned,
        Budget budget,
        Limits limits,
        Clock clock) {

    /// Settings with all defaults.
    public static GatewaySettings of(
            SessionId session, IntSupplier epoch, Path held, SecretKey key) {
        return new GatewaySettings(
                session,
                epoch,
                held,
                key,
                GuestText.of("/workspace"),
                null,
                _ -> false,
                Budget.none(),
                Limits.defaults(),
                Clock.systemUTC());
    }

    /// The same, with a token that every request must carry.
    public GatewaySettings withToken(String required) {
        return new GatewaySettings(
                session, epoch, held, key, cwd, required, alreadyReturned, budget, limits, clock);
    }

    /// The same, with other limits.
    public GatewaySettings withLimits(Limits other) {
        return new GatewaySettings(
                session, epoch, held, key, cwd, token, alreadyReturned, budget, other, clock);
    }

    /// The same, asking this about results that are on record.
    public GatewaySettings withReturned(Predicate<GuestText> onRecord) {
        return new GatewaySettings(
                session, epoch, held, key, cwd, token, onRecord, budget, limits, clock);
    }

    /// The same, with what may be spent.
    public GatewaySettings withBudget(Budget most) {
        return new GatewaySettings(
                session, epoch, held, key, cwd, token, alreadyReturned, most, limits, clock);
    }

    /// What a client and a provider may take.
    ///
    /// @param keepAlive between two pings while an answer is held
    /// @param upstreamIdle the provider may be silent this long
    /// @param orphan an answer that nobody waits for is kept this long after its decision
    /// @param answerBytes one answer of the provider
    /// @param rounds how often the gateway goes on by itself after a denial
    /// @param outputShown characters of a call's result that are recorded
    /// @param http what one client may take
    public record Limits(
            Duration keepAlive,
            Duration upstreamIdle,
            Duration orphan,
            int answerBytes,
            int rounds,
            int outputShown,
            HttpLimits http) {
        /// The product's own.
        public static Limits defaults() {
            return new Limits(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(30),
                    16 * 1024 * 1024,
                    3,
                    4_000,
                    HttpLimits.defaults());
        }
    }
}
