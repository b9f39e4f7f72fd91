package dev.countersign.egress;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lock files as the host has them. Clients in the guest write down where they fetched from, which
/// is the session's gateway; on the host it is the registry behind it. Hashes stay as they are.
public final class LockFiles {
    /// By name alone: npm, yarn, pnpm, bun, uv, Poetry, PDM, pipenv, pip (PEP 751 and lists of
    /// requirements).
    private static final Pattern NAMES =
            Pattern.compile(
                    "package-lock\\.json|npm-shrinkwrap\\.json|yarn\\.lock|pnpm-lock\\.yaml|bun\\.lock|uv\\.lock"
                            + "|poetry\\.lock|pdm\\.lock|pipfile\\.lock|pylock(\\.[a-z0-9_-]+)?\\.toml"
                            + "|(requirements|constraints)[a-z0-9._-]*\\.(txt|in)");

    private static final Pattern PLACE =
            Pattern.compile(
                    Pattern.quote(Origins.GATEWAY)
                            + "([a-z]{2,8}(?:\\.[0-9]{1,3})?)(/[A-Za-z0-9@!~_.+:,()*=/%?&;-]*)?");

    private static final Pattern LINK =
            Pattern.compile("/" + OriginPath.LINK + "[A-Za-z0-9_-]{24}/(https?)/(.*)");

    private final Supplier<Origins> origins;

    /// @param origins that the guest reads
    public LockFiles(Supplier<Origins> origins) {
        this.origins = origins;
    }

    /// Whether a file of this name is a lock file.
    public static boolean named(String name) {
        return NAMES.matcher(name.toLowerCase(Locale.ROOT)).matches();
    }

    /// The same with each address of the gateway replaced by that of the registry.
    public byte[] forHost(byte[] content) {
        // One char a byte, so that what is no text comes out as it went in.
        String text = new String(content, StandardCharsets.ISO_8859_1);
        if (!text.contains(Origins.GATEWAY)) {
            return content;
        }
        Origins now = origins.get();
        Matcher matcher = PLACE.matcher(text);
        StringBuilder out = new StringBuilder(text.length());
        while (matcher.find()) {
            String rest = matcher.group(2) == null ? "" : matcher.group(2);
            Optional<String> place = now.named(matcher.group(1)).map(origin -> place(origin, rest));
            matcher.appendReplacement(
                    out, Matcher.quoteReplacement(place.orElseGet(matcher::group)));
        }
        return matcher.appendTail(out).toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String place(Origin origin, String rest) {
        Matcher link = LINK.matcher(rest);
        if (link.matches()) {
            return link.group(1) + "://" + link.group(2);
        }
        String base = origin.base().toString();
        return base.substring(0, base.length() - 1) + rest;
    }
}
