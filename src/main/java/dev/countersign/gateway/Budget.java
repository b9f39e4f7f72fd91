package dev.countersign.gateway;

import dev.countersign.domain.GuestText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a session may spend on its model, and has spent. What is spent is known once an answer is
/// there, so the answer that passes the limit is the last one: it may go over by its own size.
public final class Budget {
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final int WARN_PERCENT = 80;

    private final @Nullable Long mostTokens;
    private final @Nullable Long mostMicroUsd;
    private final List<Price> prices;
    private long tokens;
    private long microUsd;
    private boolean warned;
    private boolean told;

    /// What a model costs, in US dollars for a million tokens.
    ///
    /// @param model its name; `*` stands for any characters
    /// @param cacheRead of input that came from the provider's cache
    /// @param cacheWritten of input that was put into it
    public record Price(
            String model,
            BigDecimal input,
            BigDecimal output,
            BigDecimal cacheRead,
            BigDecimal cacheWritten) {
        boolean covers(String name) {
            String shape =
                    Pattern.compile("\\*")
                            .splitAsStream(model.toLowerCase(Locale.ROOT) + "\0")
                            .map(Pattern::quote)
                            .collect(java.util.stream.Collectors.joining(".*"));
            return Pattern.matches(shape, name.toLowerCase(Locale.ROOT) + "\0");
        }

        private long microUsd(Tokens used) {
            long plain = used.input() - used.cacheRead() - used.cacheWritten();
            BigDecimal usd =
                    input.multiply(BigDecimal.valueOf(plain))
                            .add(cacheRead.multiply(BigDecimal.valueOf(used.cacheRead())))
                            .add(cacheWritten.multiply(BigDecimal.valueOf(used.cacheWritten())))
                            .add(output.multiply(BigDecimal.valueOf(used.output())));
            return usd.setScale(0, RoundingMode.CEILING).longValue();
        }
    }

    /// @param mostTokens read and written together; null: no limit
    /// @param mostUsd null: no limit
    /// @param prices the first that covers a model counts
    /// @param tokens spent before, as the journal says
    /// @param microUsd spent before, in millionths of a US dollar
    public Budget(
            @Nullable Long mostTokens,
            @Nullable BigDecimal mostUsd,
            List<Price> prices,
            long tokens,
            long microUsd) {
        this.mostTokens = mostTokens;
        this.mostMicroUsd =
                mostUsd == null
                        ? null
                        : mostUsd.multiply(MILLION).setScale(0, RoundingMode.FLOOR).longValue();
        this.prices = List.copyOf(prices);
        this.tokens = tokens;
        this.microUsd = microUsd;
    }

    /// Without any limit or price.
    public static Budget none() {
        return new Budget(null, null, List.of(), 0, 0);
    }

    /// What these tokens cost, in millionths of a US dollar; empty without a price for the model.
    Optional<Long> cost(String model, Tokens used) {
        return prices.stream()
                .filter(price -> price.covers(model))
                .findFirst()
                .map(price -> price.microUsd(used));
    }

    synchronized void spent(String model, Tokens used) {
        tokens += used.input() + used.output();
        microUsd += cost(model, used).orElse(0L);
    }

    /// Why this model must not be asked now; empty if it may.
    synchronized Optional<String> refusal(String model) {
        if (mostTokens != null && tokens >= mostTokens) {
            return Optional.of(
                    "This session's budget of %d tokens is spent (%d used)."
                            .formatted(mostTokens, tokens));
        }
        if (mostMicroUsd != null) {
            if (microUsd >= mostMicroUsd) {
                return Optional.of(
                        "This session's budget of %s US dollars is spent (%s used)."
                                .formatted(usd(mostMicroUsd), usd(microUsd)));
            }
            if (prices.stream().noneMatch(price -> price.covers(model))) {
                return Optional.of(
                        "This session has a budget in US dollars and the model %s has no price."
                                .formatted(GuestText.of(model).visible()));
            }
        }
        return Optional.empty();
    }

    /// Whether the developer is to be told that it is spent: once.
    synchronized boolean tellsNow() {
        boolean first = !told;
        told = true;
        return first;
    }

    /// A word for the developer when most of it is spent: once.
    synchronized Optional<String> warning() {
        if (warned || !(most(mostTokens, tokens) || most(mostMicroUsd, microUsd))) {
            return Optional.empty();
        }
        warned = true;
        return Optional.of(
                "More than %d %% of this session's budget is spent: %d tokens, %s US dollars."
                        .formatted(WARN_PERCENT, tokens, usd(microUsd)));
    }

    private static boolean most(@Nullable Long limit, long used) {
        return limit != null && used >= limit / 100 * WARN_PERCENT;
    }

    private static String usd(long micro) {
        return BigDecimal.valueOf(micro, 6).setScale(2, RoundingMode.HALF_UP).toPlainString();
    }
}
