package dev.countersign.egress;

import dev.countersign.egress.RequestHead.Field;
import dev.countersign.egress.RequestHead.Refused;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// A guest's request to a server for which the host has a credential: `/o/api/NAME/…`, read
/// strictly. Of what it carries only this session's placeholder may look like a credential.
///
/// @param path below the server, without its query, in its plain spelling
/// @param query with its question mark; empty: none
/// @param fields that are sent on
record ApiCall(
        Credential credential, String method, String path, String query, List<Field> fields) {
    static final String PREFIX = "/o/api/";

    private static final int LONGEST = 4096;
    private static final Pattern PLAIN =
            Pattern.compile(
                    "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%(?!(?:2[eEfF5]|5[cC]|[01]|7[fF]))[0-9A-Fa-f]{2})*");
    private static final Pattern QUERY =
            Pattern.compile("(?:\\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\\[\\]-]|%[0-9A-Fa-f]{2})*)?");
    private static final Pattern TELLING =
            Pattern.compile(
                    "(?i).*(?:authorization|cookie|token|api[-_]?key|secret|passw|credential|signature|session).*");

    /// What clients send beside credentials and may not: who they are to the server is the host's.
    private static final Set<String> DROPPED =
            Set.of(
                    "accept-encoding",
                    "connection",
                    "content-length",
                    "expect",
                    "forwarded",
                    "host",
                    "http2-settings",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "via");

    /// @throws Refused with why it is none
    static ApiCall read(RequestHead head, SessionServers credentials) throws Refused {
        String rest = head.target().substring(PREFIX.length());
        int end = rest.length();
        for (char sign : new char[] {'/', '?'}) {
            int at = rest.indexOf(sign);
            end = at >= 0 && at < end ? at : end;
        }
        Optional<Credential> found = credentials.usable(rest.substring(0, end));
        if (found.isEmpty()) {
            throw new Refused(Reason.CREDENTIAL_UNKNOWN);
        }
        Credential credential = found.get();
        String all = rest.substring(end);
        int mark = all.indexOf('?');
        String path = mark < 0 ? all : all.substring(0, mark);
        path = path.isEmpty() ? "/" : path;
        String query = mark < 0 ? "" : all.substring(mark);
        if (all.length() > LONGEST
                || !PLAIN.matcher(path).matches()
                || !QUERY.matcher(query).matches()
                || path.contains("//")
                || List.of(path.split("/", -1)).stream().anyMatch(ApiCall::dots)) {
            throw new Refused(Reason.REQUEST_MALFORMED);
        }
        if (!credential.covers(head.method(), path)) {
            throw new Refused(Reason.CREDENTIAL_SCOPE);
        }
        for (String pair : query.isEmpty() ? new String[0] : query.substring(1).split("&")) {
            if (TELLING.matcher(pair.replaceFirst("=.*", "")).matches()) {
                throw new Refused(Reason.GUEST_CREDENTIAL);
            }
        }
        return new ApiCall(
                credential,
                head.method(),
                path,
                query,
                fields(head, credential, credentials.placeholder(credential)));
    }

    private static boolean dots(String segment) {
        return segment.equals(".") || segment.equals("..");
    }

    private static List<Field> fields(RequestHead head, Credential credential, String placeholder)
            throws Refused {
        List<Field> sent = new ArrayList<>();
        boolean asked = false;
        for (Field field : head.fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (name.equals(credential.header())
                    && carries(field.value(), credential, placeholder)) {
                asked = true;
            } else if (TELLING.matcher(name).matches() || name.equals(credential.header())) {
                throw new Refused(Reason.GUEST_CREDENTIAL);
            } else if (!DROPPED.contains(name) && !name.startsWith("x-forwarded-")) {
                sent.add(field);
            }
        }
        if (!asked) {
            throw new Refused(Reason.CREDENTIAL_MISSING);
        }
        return sent;
    }

    /// Clients write bearer and token as they like; the placeholder is what counts.
    private static boolean carries(String value, Credential credential, String placeholder) {
        return !placeholder.isEmpty()
                && (value.equals(credential.carrying(placeholder))
                        || value.equalsIgnoreCase("Bearer " + placeholder)
                        || value.equalsIgnoreCase("token " + placeholder));
    }

    URI url() {
        return URI.create(
                "https://"
                        + credential.host()
                        + (credential.port() == 443 ? "" : ":" + credential.port())
                        + path
                        + query);
    }
}
