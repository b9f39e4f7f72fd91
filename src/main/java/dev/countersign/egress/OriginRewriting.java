package dev.countersign.egress;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.egress.RequestHead.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes the places that a registry's answers name anew, so that downloads stay on the gateway.
/// Hashes stay as they are.
final class OriginRewriting {
    /// Long README texts and many versions are usual.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(64 << 20)
                                    .maxNestingDepth(200)
                                    .build())
                    .build();

    private static final Pattern HREF =
            Pattern.compile("(?i)(<a\\s[^>]*?href\\s*=\\s*)(\"[^\"]*\"|'[^']*')");

    private final OriginLinks links;

    OriginRewriting(OriginLinks links) {
        this.links = links;
    }

    /// @param from where the answer came from, for relative links
    /// @throws IOException if it is not what such a registry answers
    byte[] rewritten(Origin origin, URI from, boolean json, byte[] body) throws IOException {
        return switch (origin.kind()) {
            case NPM -> json(body, "tarball", origin, from);
            case PYPI -> json ? json(body, "url", origin, from) : html(body, origin, from);
            case CARGO -> cargo(body, origin);
            case MAVEN, GO, APT -> body;
        };
    }

    private byte[] json(byte[] body, String field, Origin origin, URI from) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + body.length / 8);
        try (JsonParser in = JSON.createParser(body);
                JsonGenerator copy = JSON.createGenerator(out)) {
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                boolean place = token == JsonToken.VALUE_STRING && field.equals(in.currentName());
                if (place) {
                    copy.writeString(guests(in.getText(), origin, from));
                } else {
                    copy.copyCurrentEvent(in);
                }
            }
        }
        return out.toByteArray();
    }

    private byte[] html(byte[] body, Origin origin, URI from) {
        String page = new String(body, StandardCharsets.UTF_8);
        Matcher matcher = HREF.matcher(page);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String quoted = matcher.group(2);
            String url = quoted.substring(1, quoted.length() - 1).replace("&amp;", "&");
            String guests =
                    guests(url, origin, from)
                            .replace("&", "&amp;")
                            .replace("\"", "%22")
                            .replace("<", "%3C");
            matcher.appendReplacement(
                    out, Matcher.quoteReplacement(matcher.group(1) + "\"" + guests + "\""));
        }
        return matcher.appendTail(out).toString().getBytes(StandardCharsets.UTF_8);
    }

    /// A place as the guest sees it: below the registry where its paths are plain, else a link.
    private String guests(String place, Origin origin, URI from) {
        try {
            URI url = from.resolve(place);
            if (url.getHost() == null || url.getRawUserInfo() != null) {
                return place;
            }
            String base = origin.base().toString();
            String text = url.toString();
            if (origin.kind() == Origin.Kind.NPM && text.startsWith(base)) {
                try {
                    String rest = text.substring(base.length());
                    if (OriginPath.plain(origin, rest).shape() == OriginPath.Shape.PLAIN) {
                        return origin.gateway() + "/" + rest;
                    }
                } catch (Refused e) {
                    // Another layout: it is signed instead.
                    return links.to(origin, url);
                }
            }
            return links.to(origin, url);
        } catch (IllegalArgumentException e) {
            return place;
        }
    }

    /// The index's own configuration: crates come from the gateway, and there is nothing to log in
    /// to or publish at.
    private static byte[] cargo(byte[] body, Origin origin) throws IOException {
        JsonNode read = new ObjectMapper().readTree(body);
        if (!(read instanceof ObjectNode config) || !config.path("dl").isTextual()) {
            throw new IOException("the index's configuration names no downloads");
        }
        config.put("dl", origin.gateway() + "/dl/{crate}/{version}/{sha256-checksum}");
        config.remove("api");
        config.remove("auth-required");
        return config.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Where a crate is, by the index's configuration (The Cargo Book, Registry Index).
    ///
    /// @param crate `NAME/VERSION/SUM`
    static URI crate(byte[] configuration, URI base, String crate) throws IOException {
        JsonNode dl = new ObjectMapper().readTree(configuration).path("dl");
        String[] parts = crate.split("/", -1);
        if (!dl.isTextual() || parts.length != 3) {
            throw new IOException("the index's configuration names no downloads");
        }
        String name = parts[0];
        String template = dl.asText();
        if (!template.contains("{")) {
            template += "/{crate}/{version}/download";
        }
        String url =
                template.replace("{crate}", name)
                        .replace("{version}", parts[1])
                        .replace("{prefix}", prefix(name))
                        .replace("{lowerprefix}", prefix(name.toLowerCase(java.util.Locale.ROOT)))
                        .replace("{sha256-checksum}", parts[2]);
        try {
            return base.resolve(url);
        } catch (IllegalArgumentException e) {
            throw new IOException("the index's configuration names no address", e);
        }
    }

    private static String prefix(String name) {
        return switch (name.length()) {
            case 1 -> "1";
            case 2 -> "2";
            case 3 -> "3/" + name.charAt(0);
            default -> name.substring(0, 2) + "/" + name.substring(2, 4);
        };
    }
}
