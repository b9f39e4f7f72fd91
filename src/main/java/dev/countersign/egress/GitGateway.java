package dev.countersign.egress;

import dev.countersign.egress.OriginGateway.Denied;
import dev.countersign.egress.RequestHead.Field;
import dev.countersign.egress.RequestHead.Refused;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// Git's smart HTTP for a guest: fetching, by the requests that fetching is made of. A push is
/// refused with the reason before anybody is asked about its host; the host pushes after review.
///
/// Sources: gitprotocol-http(5), gitprotocol-v2(5), gitprotocol-pack(5).
final class GitGateway {
    static final String PREFIX = "/g/";
    private static final int LARGEST_REQUEST = 32 << 20;
    private static final Pattern TARGET =
            Pattern.compile(
                    "/g/(?<scheme>https?)/(?<host>[A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+\\])(?::(?<port>[1-9][0-9]{0,4}))?"
                            + "(?<path>(?:/[A-Za-z0-9_.~+-]+)+)/(?:info/refs\\?service=(?<refs>git-[a-z]+-pack)|(?<service>git-[a-z]+-pack))");
    private static final String UPLOAD = "git-upload-pack";
    private static final String RECEIVE = "git-receive-pack";
    private static final String OID = "[0-9a-f]{40}(?:[0-9a-f]{24})?";

    /// What a fetch may say, line by line. Object names and refs are what it is about; words of no
    /// meaning to the protocol would be a way to send something.
    private static final Pattern LINE =
            Pattern.compile(
                    "command=(?:ls-refs|fetch)|(?:agent|object-format|session-id)=[A-Za-z0-9._/+:()\\[\\] -]{1,200}"
                            + "|peel|symrefs|unborn|done|thin-pack|no-progress|include-tag|ofs-delta|sideband-all|wait-for-done|deepen-relative"
                            + "|ref-prefix [^\\x00-\\x20\\x7f~^:?*\\[\\\\]{1,300}|want-ref [^\\x00-\\x20\\x7f~^:?*\\[\\\\]{1,300}"
                            + "|(?:want|have|shallow) "
                            + OID
                            + "(?: [A-Za-z0-9._/=:+ -]{0,500})?|(?:deepen|deepen-since) [0-9]{1,12}|deepen-not [^\\x00-\\x20\\x7f~^:?*\\[\\\\]{1,300}"
                            + "|filter (?:blob:none|blob:limit=[0-9]{1,12}[kmg]?|tree:[0-9]{1,6})");

    private final OriginClient client;

    GitGateway(OriginClient client) {
        this.client = client;
    }

    /// What is asked of which repository.
    ///
    /// @param host as it was written
    /// @param advertises whether refs are asked for, else objects
    record Asked(String scheme, String host, int port, String path, boolean advertises) {
        URI url() {
            boolean usual = port == (scheme.equals("https") ? 443 : 80);
            return URI.create(
                    scheme
                            + "://"
                            + host
                            + (usual ? "" : ":" + port)
                            + path
                            + (advertises ? "/info/refs?service=" + UPLOAD : "/" + UPLOAD));
        }
    }

    /// Reads the target, and refuses what is no fetch.
    Asked read(RequestHead head) throws Denied {
        Matcher matcher = TARGET.matcher(head.target());
        if (!matcher.matches() || dotted(matcher.group("path"))) {
            boolean dumb =
                    head.method().equals("GET")
                            && head.target()
                                    .matches(
                                            ".*/(info/refs|HEAD|objects/(info|pack|[0-9a-f]{2})/[^/]+)");
            throw refusal(dumb ? Reason.GIT_DUMB : Reason.GIT_REQUEST, "", 0);
        }
        boolean https = matcher.group("scheme").equals("https");
        int port =
                matcher.group("port") == null
                        ? (https ? 443 : 80)
                        : Integer.parseInt(matcher.group("port"));
        boolean advertises = matcher.group("refs") != null;
        String service = advertises ? matcher.group("refs") : matcher.group("service");
        String host = matcher.group("host");
        if (service.equals(RECEIVE)) {
            throw refusal(Reason.GIT_PUSH, host, port);
        }
        if (!service.equals(UPLOAD) || !head.method().equals(advertises ? "GET" : "POST")) {
            throw refusal(Reason.GIT_REQUEST, host, port);
        }
        if (head.value("authorization") != null || head.value("cookie") != null) {
            throw refusal(Reason.GUEST_CREDENTIAL, host, port);
        }
        return new Asked(matcher.group("scheme"), host, port, matcher.group("path"), advertises);
    }

    private static Denied refusal(Reason reason, String host, int port) {
        return new Denied(403, Decision.deny(reason, host, port));
    }

    private static boolean dotted(String path) {
        return (path + "/").contains("/./") || (path + "/").contains("/../");
    }

    /// The whole of a request's body, unpacked, if it is what a fetch sends.
    byte[] body(RequestHead head, InputStream in, Asked asked) throws IOException, Refused, Denied {
        byte[] sent = head.bodyLength() < 0 ? chunks(in) : piece(in, head.bodyLength());
        if (asked.advertises()) {
            if (sent.length > 0) {
                throw new Refused(Reason.SMUGGLING);
            }
            return sent;
        }
        String coding = head.value("content-encoding");
        byte[] plain = sent;
        if (coding != null) {
            if (!coding.equalsIgnoreCase("gzip")) {
                throw refusal(Reason.GIT_REQUEST, asked.host(), asked.port());
            }
            try (InputStream zipped = new GZIPInputStream(new ByteArrayInputStream(sent))) {
                plain = zipped.readNBytes(LARGEST_REQUEST + 1);
            } catch (IOException e) {
                throw refusal(Reason.GIT_REQUEST, asked.host(), asked.port());
            }
        }
        if (plain.length > LARGEST_REQUEST) {
            throw refusal(Reason.REQUEST_TOO_LARGE, asked.host(), asked.port());
        }
        if (!fetches(plain)) {
            throw refusal(Reason.GIT_REQUEST, asked.host(), asked.port());
        }
        return plain;
    }

    /// Whether each packet line is one of a fetch.
    static boolean fetches(byte[] body) {
        int at = 0;
        while (at < body.length) {
            if (at + 4 > body.length) {
                return false;
            }
            String digits = new String(body, at, 4, StandardCharsets.ISO_8859_1);
            if (!digits.matches("[0-9a-f]{4}")) {
                return false;
            }
            int length = Integer.parseInt(digits, 16);
            // Flush, delimiter and response end have no content.
            if (length <= 2) {
                at += 4;
                continue;
            }
            if (length < 4 || at + length > body.length) {
                return false;
            }
            String line = new String(body, at + 4, length - 4, StandardCharsets.UTF_8);
            if (!LINE.matcher(line.endsWith("\n") ? line.substring(0, line.length() - 1) : line)
                    .matches()) {
                return false;
            }
            at += length;
        }
        return body.length > 0;
    }

    private static byte[] piece(InputStream in, long length) throws IOException, Refused {
        if (length > LARGEST_REQUEST) {
            throw new Refused(Reason.REQUEST_TOO_LARGE);
        }
        byte[] all = in.readNBytes((int) length);
        if (all.length < length) {
            throw new EOFException();
        }
        return all;
    }

    private static byte[] chunks(InputStream in) throws IOException, Refused {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            String size = new RequestHead.Lines(in, 64).must();
            if (!size.matches("[0-9a-fA-F]{1,8}")) {
                throw new Refused(Reason.SMUGGLING);
            }
            long length = Long.parseLong(size, 16);
            if (all.size() + length > LARGEST_REQUEST) {
                throw new Refused(Reason.REQUEST_TOO_LARGE);
            }
            if (length > 0) {
                all.write(piece(in, length));
            }
            if (!new RequestHead.Lines(in, 2).must().isEmpty()) {
                throw new Refused(Reason.SMUGGLING);
            }
            if (length == 0) {
                return all.toByteArray();
            }
        }
    }

    /// Asks the server, and hands its answer on if it speaks the smart protocol.
    ///
    /// @return whether the connection may carry another
    boolean fetch(
            RequestHead head,
            Asked asked,
            byte[] body,
            InetAddress address,
            OriginGateway.Line line)
            throws IOException, Denied {
        String method = asked.advertises() ? "GET" : "POST";
        List<Field> fields = new ArrayList<>();
        String protocol = head.value("git-protocol");
        if (protocol != null && protocol.matches("version=[0-2]")) {
            fields.add(new Field("Git-Protocol", protocol));
        }
        fields.add(new Field("User-Agent", "git/countersign"));
        fields.add(new Field("Accept-Encoding", "identity"));
        if (!asked.advertises()) {
            fields.add(new Field("Content-Type", "application/x-git-upload-pack-request"));
            fields.add(new Field("Accept", "application/x-git-upload-pack-result"));
            fields.add(new Field("Content-Length", Integer.toString(body.length)));
        }
        URI url = asked.url();
        byte[] bytes = OriginClient.head(method, url, fields);
        line.sentUp(asked.host(), bytes.length + body.length);
        try (OriginClient.Reply reply =
                client.ask(new OriginClient.Call(url, address, method, bytes, body), line::holds)) {
            if (reply.status() != 200) {
                return OriginGateway.said(
                        head,
                        reply.status() == 401 ? 403 : reply.status(),
                        "the git server of " + asked.host() + " answered " + reply.status(),
                        line);
            }
            String type = reply.value("content-type").orElse("");
            String wanted =
                    "application/x-git-upload-pack-"
                            + (asked.advertises() ? "advertisement" : "result");
            if (!type.equals(wanted)) {
                throw new Denied(403, Decision.deny(Reason.GIT_DUMB, asked.host(), asked.port()));
            }
            return OriginGateway.handedOn(head, reply, Long.MAX_VALUE, line);
        } catch (Refused e) {
            throw new Denied(502, Decision.deny(e.reason(), asked.host(), asked.port()));
        }
    }
}
