package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.secrets.Scanner.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Replaces secrets by `⟨redacted:RULE⟩`: what the detectors find in [Scanner.Mode#REDACT], and
/// every entrusted value, also where it is written in base64, percent, JSON or hex form ([P6]). One
/// a session; safe for many threads.
public final class Redactor {
    private static final int SHORTEST = 6;
    private static final int LONGEST = Detectors.LONGEST_SECRET / 6;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final AtomicReference<Entrusted> entrusted = new AtomicReference<>(Entrusted.NOTHING);

    /// How the detectors look; null: they don't.
    private final @Nullable Mode detectors;

    /// Knows the detectors; no value is entrusted yet.
    public Redactor() {
        this(Mode.REDACT);
    }

    private Redactor(@Nullable Mode detectors) {
        this.detectors = detectors;
    }

    /// One that replaces what it is entrusted with and nothing else.
    public static Redactor ofValuesAlone() {
        return new Redactor(null);
    }

    /// One that replaces only what would keep a file out of the guest: for text whose reader needs
    /// it whole.
    public static Redactor precise() {
        return new Redactor(Mode.BLOCK);
    }

    /// What the secrets in a text look like, one rule for each, in their order.
    public List<String> rules(String text) {
        return find(text).stream().map(Span::rule).toList();
    }

    /// From now on this value is redacted wherever it stands.
    ///
    /// @param name appears in the mark: `⟨redacted:NAME⟩`; letters, digits, `.`, `_`, `-`
    /// @throws CountersignException USAGE if the value has fewer than 6 characters (it could not be
    ///   told from ordinary text) or more than 2,730
    public void entrust(String name, String value) throws CountersignException {
        if (!NAME.matcher(name).matches()) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The name of a secret must be letters, digits, '.', '_' and '-', at most 64."
                            + " Choose another name.");
        }
        if (value.length() < SHORTEST || value.length() > LONGEST) {
            throw new CountersignException(
                    Kind.USAGE,
                    "The value of "
                            + name
                            + " has "
                            + value.length()
                            + " characters; "
                            + SHORTEST
                            + " to "
                            + LONGEST
                            + " can be told from ordinary text. Use a longer or shorter secret.");
        }
        entrusted.updateAndGet(known -> known.with(name, value));
    }

    /// The text with every secret replaced; the same object if there was none.
    public String redact(String text) {
        List<Span> spans = find(text);
        if (spans.isEmpty()) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        int at = 0;
        for (Span span : spans) {
            out.append(text, at, span.start()).append(mark(span));
            at = span.end();
        }
        return out.append(text, at, text.length()).toString();
    }

    List<Span> find(String text) {
        List<Span> found =
                detectors == null
                        ? new ArrayList<>()
                        : new ArrayList<>(Detectors.find(text, FileStyle.ANY, detectors));
        entrusted.get().find(text, found);
        return Detectors.merged(found);
    }

    static String mark(Span span) {
        return "\u27e8redacted:" + span.rule() + "\u27e9";
    }

    /// Copies a stream of any length, secrets replaced, in bounded memory. Bytes that are not UTF-8
    /// pass unchanged. A line is written at the latest when it can no longer be part of a secret
    /// that goes on; at the end all is.
    public void redact(InputStream in, OutputStream out) throws IOException {
        StreamRedaction stream =
                new StreamRedaction(
                        this,
                        out,
                        detectors == null ? entrusted.get().longest() : Detectors.LONGEST_SECRET);
        byte[] block = new byte[1 << 16];
        for (int count = in.read(block); count >= 0; count = in.read(block)) {
            stream.more(new String(block, 0, count, StandardCharsets.ISO_8859_1));
        }
        stream.end();
    }
}
