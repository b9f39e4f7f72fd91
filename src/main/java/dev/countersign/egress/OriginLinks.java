package dev.countersign.egress;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Links of a registry to files on other places, as the guest sees them:
/// `/o/ID/f/SIGNATURE/https/HOST/PATH`. The signature says that the registry named exactly this
/// address; so the guest reaches nothing beside what it named, whatever it writes.
final class OriginLinks {
    private static final int SIGNATURE = 18;
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9_-]{24})/(https?)/([A-Za-z0-9.:\\[\\]-]+)/(\\S*)");

    /// What clients ask for beside a file that was named: metadata (PEP 658), a signature.
    private static final List<String> BESIDE = List.of(".metadata", ".asc", ".provenance");

    private final byte[] key;

    /// @param key of this session, kept for as long as the guest may remember links
    OriginLinks(byte[] key) {
        this.key = key.clone();
    }

    /// The guest's address of a file that the registry named.
    ///
    /// @param url absolute; a fragment stays outside of the signature
    String to(Origin origin, URI url) {
        String plain = plain(url);
        String fragment = url.getRawFragment() == null ? "" : "#" + url.getRawFragment();
        return origin.gateway()
                + "/"
                + OriginPath.LINK
                + signature(origin, plain)
                + "/"
                + plain.replaceFirst("://", "/")
                + fragment;
    }

    private static String plain(URI url) {
        String path =
                url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return url.getScheme() + "://" + url.getRawAuthority() + path + query;
    }

    /// What a link stands for.
    ///
    /// @param link after `/o/ID/f/`
    /// @return empty if the registry did not name it
    Optional<URI> from(Origin origin, String link) {
        Matcher matcher = FORM.matcher(link);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String url = matcher.group(2) + "://" + matcher.group(3) + "/" + matcher.group(4);
        boolean named = signed(origin, matcher.group(1), url);
        for (String beside : BESIDE) {
            named |=
                    url.endsWith(beside)
                            && signed(
                                    origin,
                                    matcher.group(1),
                                    url.substring(0, url.length() - beside.length()));
        }
        try {
            return named ? Optional.of(new URI(url)) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private boolean signed(Origin origin, String signature, String url) {
        return MessageDigest.isEqual(
                signature.getBytes(StandardCharsets.US_ASCII),
                signature(origin, url).getBytes(StandardCharsets.US_ASCII));
    }

    private String signature(Origin origin, String url) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] all = mac.doFinal((origin.id() + "\0" + url).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(all, SIGNATURE));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    /// The package that a file is of, as far as its name tells; for the journal.
    static String nameOf(String path) {
        String file = path.replaceFirst("[?#].*", "");
        file = file.substring(file.lastIndexOf('/') + 1);
        String name = file.replaceFirst("[-_]v?[0-9].*", "").replaceAll("[^A-Za-z0-9_.+-]", "_");
        return name.substring(0, Math.min(100, name.length()));
    }
}
