package dev.countersign.egress;

import dev.countersign.domain.GuestText;
import java.net.IDN;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The one form of a host that rule, server name, dial and audit use. It is computed once; what has
/// no such form is refused and never compared.
///
/// @param name lower case ASCII without a dot at the end, or an address in its plain spelling
/// @param bytes of an address, else null
/// @param plain whether an address was written as it is here
record CanonicalHost(String name, byte @Nullable [] bytes, boolean plain) {
    /// The outcome of reading a host: a form, or why there is none.
    record Read(@Nullable CanonicalHost host, @Nullable Reason refused, String shown) {}

    private static final int LONGEST = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");

    /// Characters that one generation of the IDN standard maps away and the next one keeps.
    private static final String DEVIANT = "\u00df\u03c2\u200c\u200d";

    boolean address() {
        return bytes != null;
    }

    /// @param text a host without its port, as it came
    static Read read(String text) {
        String shown = GuestText.of(text.length() > 300 ? text.substring(0, 300) : text).visible();
        if (text.isEmpty()) {
            return new Read(null, Reason.HOST_EMPTY, shown);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (invisible(c)) {
                return new Read(null, Reason.HOST_CONTROL, shown);
            }
        }
        if (text.indexOf('@') >= 0) {
            return new Read(null, Reason.HOST_USERINFO, shown);
        }
        if (text.indexOf('%') >= 0) {
            return new Read(null, Reason.HOST_PERCENT, shown);
        }
        if (text.startsWith("[") || text.indexOf(':') >= 0) {
            return v6(text, shown);
        }
        return name(text, shown);
    }

    private static boolean invisible(char c) {
        return c <= ' '
                || Character.isISOControl(c)
                || Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || Character.getType(c) == Character.FORMAT;
    }

    private static Read v6(String text, String shown) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        byte[] bytes = Addresses.v6Literal(bracketed ? text.substring(1, text.length() - 1) : text);
        return bytes == null
                ? new Read(null, Reason.HOST_MALFORMED, shown)
                : new Read(new CanonicalHost(Addresses.text(bytes), bytes, true), null, shown);
    }

    private static Read name(String text, String shown) {
        Optional<String> ascii = ascii(text);
        if (ascii.isEmpty()) {
            return new Read(null, Reason.HOST_IDN, shown);
        }
        String name = ascii.get().toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        if (name.isEmpty() || name.length() > LONGEST) {
            return new Read(null, Reason.HOST_MALFORMED, shown);
        }
        if (Addresses.numeric(name)) {
            byte[] bytes = Addresses.anySpelling(name);
            return bytes == null
                    ? new Read(null, Reason.HOST_MALFORMED, shown)
                    : new Read(
                            new CanonicalHost(
                                    Addresses.text(bytes),
                                    bytes,
                                    Addresses.text(bytes).equals(text)),
                            null,
                            shown);
        }
        boolean labels =
                Arrays.stream(name.split("\\.", -1))
                        .allMatch(label -> LABEL.matcher(label).matches());
        return labels
                ? new Read(new CanonicalHost(name, null, true), null, shown)
                : new Read(null, Reason.HOST_MALFORMED, shown);
    }

    private static Optional<String> ascii(String text) {
        if (text.chars().allMatch(c -> c < 128)) {
            return encodedAgain(text) ? Optional.of(text) : Optional.empty();
        }
        if (text.chars().anyMatch(c -> DEVIANT.indexOf(c) >= 0)) {
            return Optional.empty();
        }
        try {
            return Optional.of(IDN.toASCII(text, IDN.USE_STD3_ASCII_RULES));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// A label in Punycode must be one that encoding makes.
    private static boolean encodedAgain(String text) {
        for (String label : text.toLowerCase(Locale.ROOT).split("\\.", -1)) {
            if (label.startsWith("xn--")) {
                String decoded = IDN.toUnicode(label);
                if (decoded.equals(label) || decoded.chars().allMatch(c -> c < 128)) {
                    return false;
                }
            }
        }
        return true;
    }
}
