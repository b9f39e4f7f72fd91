package dev.countersign.egress;

import dev.countersign.domain.GuestText;
import dev.countersign.egress.RequestHead.Refused;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What the guest's relay says about the process behind a connection: one line before the request,
/// `COUNTERSIGN-PROCESS words`, percent-encoded. Claimed by the guest, never relied on ([P8]).
final class ProcessClaim {
    static final String WORD = "COUNTERSIGN-PROCESS ";
    private static final int LONGEST_LINE = 2048;
    private static final int LONGEST = 300;

    private ProcessClaim() {}

    /// Reads the line, if one is there; nothing else is taken from the connection.
    ///
    /// @return null if the guest says nothing
    static @Nullable String read(Wire in) throws IOException, Refused {
        if (!in.startsWith(WORD)) {
            return null;
        }
        String line = new RequestHead.Lines(in, LONGEST_LINE).must();
        String words = line.substring(WORD.length()).strip();
        try {
            String text = URLDecoder.decode(words, StandardCharsets.UTF_8);
            String shown = GuestText.of(text).visible();
            return shown.isEmpty() ? null : shown.substring(0, Math.min(LONGEST, shown.length()));
        } catch (IllegalArgumentException e) {
            throw new Refused(Reason.REQUEST_MALFORMED);
        }
    }
}
