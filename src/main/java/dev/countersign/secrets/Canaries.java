package dev.countersign.secrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tokens that only one guest holds, recognised in what leaves it, also in base64, hex, percent and
/// JSON form. They are long and random: what is recognised was read in that guest. Safe for many
/// threads.
///
/// ```java
/// if (canaries.in("egress", host, head)) {
///     refuse();
/// }
/// ```
public final class Canaries {
    /// Nothing is planted, nothing is recognised.
    public static final Canaries NONE = new Canaries(Map.of(), (_, _, _) -> {});

    private final Entrusted tokens;
    private final Report report;

    /// Told of one that was about to leave, before it is refused.
    @FunctionalInterface
    public interface Report {
        /// @param canary where it was planted
        /// @param way by which it would have left, such as `egress`
        /// @param place to which
        void left(String canary, String way, String place);
    }

    /// @param tokens by the place where they are planted
    public Canaries(Map<String, String> tokens, Report report) {
        Entrusted known = Entrusted.NOTHING;
        for (Map.Entry<String, String> one : tokens.entrySet()) {
            known = known.with(one.getKey(), one.getValue());
        }
        this.tokens = known;
        this.report = report;
    }

    /// Whether one is in it; then it is reported, and the caller lets nothing of it go.
    public boolean in(String way, String place, byte[] bytes) {
        return in(way, place, new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /// As above, for text.
    public boolean in(String way, String place, String text) {
        Optional<String> found = find(text);
        found.ifPresent(canary -> report.left(canary, way, place));
        return found.isPresent();
    }

    private Optional<String> find(String text) {
        List<Span> found = new ArrayList<>();
        tokens.find(text, found);
        return found.stream().map(Span::rule).findFirst();
    }

    /// Looks at a stream that goes by in pieces.
    public Passing passing(String way, String place) {
        return new Passing(way, place);
    }

    /// One stream. Remembers as much as a token may be long.
    public final class Passing {
        private final String way;
        private final String place;
        private String before = "";

        private Passing(String way, String place) {
            this.way = way;
            this.place = place;
        }

        /// Whether one ends in this piece: then it must not be sent.
        public boolean more(byte[] bytes, int count) {
            if (tokens.longest() == 0) {
                return false;
            }
            String text = before + new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
            before = text.substring(Math.max(0, text.length() - tokens.longest()));
            return in(way, place, text);
        }
    }
}
