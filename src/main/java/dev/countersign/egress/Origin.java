package dev.countersign.egress;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A package registry that the developer's own tools are set up with. The guest reads it by path on
/// the session's listener, `/o/ID/…`, and never learns what it is asked with.
///
/// @param id stable word in the path, such as `npm` or `pypi.1`
/// @param base where the tool reads, with a slash at its end, without user and password
/// @param authorization value of the header that the tool would send to this place and no other
/// @param scope what of the tool it is for: npm's `@acme`, what Maven's `mirrorOf` says; empty: all
public record Origin(String id, Kind kind, URI base, @Nullable String authorization, String scope) {
    /// Whose protocol it speaks.
    public enum Kind {
        NPM,
        PYPI,
        MAVEN,
        CARGO,
        GO,
        APT;

        /// As it stands in paths and texts, such as `npm`.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Gives the base its slash; takes user, password, query and fragment off it.
    public Origin {
        String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
        String host = base.getHost();
        if (host == null || !(scheme.equals("https") || scheme.equals("http"))) {
            throw new IllegalArgumentException("a registry is at http:// or https:// and a host");
        }
        if (!id.matches("[a-z]{2,8}(\\.[0-9]{1,3})?")) {
            throw new IllegalArgumentException("an origin's id is a word and a number");
        }
        String path = base.getRawPath() == null ? "" : base.getRawPath();
        base =
                URI.create(
                        scheme
                                + "://"
                                + host.toLowerCase(Locale.ROOT)
                                + (base.getPort() < 0 ? "" : ":" + base.getPort())
                                + (path.endsWith("/") ? path : path + "/"));
    }

    /// Where the guest reads it, without a slash at its end.
    public String gateway() {
        return Origins.GATEWAY + id;
    }

    /// Whether a URL is at the place that the tool is set up with: the same scheme, host and port.
    boolean sameServer(URI url) {
        return base.getScheme().equals(url.getScheme())
                && base.getHost().equalsIgnoreCase(url.getHost())
                && port(base) == port(url);
    }

    static int port(URI url) {
        if (url.getPort() > 0) {
            return url.getPort();
        }
        return "https".equals(url.getScheme()) ? 443 : 80;
    }

    /// Without what it is asked with.
    @Override
    public String toString() {
        return "Origin[" + id + " " + base + "]";
    }
}
