package dev.countersign.egress;

import dev.countersign.egress.Origin.Kind;
import dev.countersign.egress.RequestHead.Refused;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a guest asks a registry for, read strictly: only the paths that a registry's clients read,
/// in their plain spelling. What two servers could understand in two ways is refused.
///
/// @param path below the registry's base, as it was sent
/// @param what the package, for people and the journal
/// @param shape what comes back
record OriginPath(Origin origin, String path, String what, Shape shape) {
    /// What an answer is.
    enum Shape {
        /// Names other places, which are written anew.
        INDEX,
        /// Handed on as it is.
        PLAIN,
        /// At a place that the registry named: the rest is a signed link.
        LINK,
        /// A crate, whose place the index's configuration says.
        CRATE
    }

    static final String PREFIX = "/o/";
    static final String LINK = "f/";
    private static final int LONGEST = 1500;

    /// The rest of a target after `/o/`: plain signs and those escapes that clients need.
    private static final Pattern PLAIN =
            Pattern.compile("(?:[A-Za-z0-9@!~_.+:,()'*=/-]|%(?:2[bBfF1]|3[aA]|40|7[eE]))*");

    private static final String NPM_PART = "[A-Za-z0-9_~-][A-Za-z0-9_.~!*'()-]*";
    private static final String NPM_NAME =
            "(?<what>(?:@" + NPM_PART + "(?:/|%2[fF]))?" + NPM_PART + ")";
    private static final String SEGMENT = "[A-Za-z0-9_][A-Za-z0-9_.+~-]*";
    private static final String CRATE = "[A-Za-z0-9_-]{1,64}";
    private static final String GO_MODULE = "[a-z0-9!._~-]+(?:/[A-Za-z0-9!._~-]+)*";
    private static final String GO_VERSION = "[A-Za-z0-9!._+~-]+";

    private record Form(Kind kind, Shape shape, Pattern pattern) {
        Form(Kind kind, Shape shape, String pattern) {
            this(kind, shape, Pattern.compile(pattern));
        }
    }

    private static final List<Form> FORMS =
            List.of(
                    new Form(Kind.NPM, Shape.PLAIN, "-/npm/v1/(?<what>keys)"),
                    new Form(Kind.NPM, Shape.PLAIN, "-/package/" + NPM_NAME + "/dist-tags"),
                    new Form(
                            Kind.NPM,
                            Shape.PLAIN,
                            NPM_NAME + "/-/(?:@[a-z0-9._~-]+/)?[A-Za-z0-9_.+~-]+\\.tgz"),
                    new Form(
                            Kind.NPM, Shape.INDEX, NPM_NAME + "(?:/[A-Za-z0-9][A-Za-z0-9_.+~-]*)?"),
                    new Form(Kind.PYPI, Shape.INDEX, "(?<what>[A-Za-z0-9][A-Za-z0-9._-]*)/?"),
                    new Form(
                            Kind.MAVEN,
                            Shape.PLAIN,
                            "(?<what>"
                                    + SEGMENT
                                    + "(?:/"
                                    + SEGMENT
                                    + "){0,18}?)(?:/"
                                    + SEGMENT
                                    + "){1,2}"),
                    new Form(Kind.CARGO, Shape.INDEX, "(?<what>config\\.json)"),
                    new Form(Kind.CARGO, Shape.PLAIN, "[12]/(?<what>[A-Za-z0-9_-]{1,2})"),
                    new Form(Kind.CARGO, Shape.PLAIN, "3/[A-Za-z0-9_-]/(?<what>[A-Za-z0-9_-]{3})"),
                    new Form(
                            Kind.CARGO,
                            Shape.PLAIN,
                            "[A-Za-z0-9_-]{2}/[A-Za-z0-9_-]{2}/(?<what>" + CRATE + ")"),
                    new Form(
                            Kind.CARGO,
                            Shape.CRATE,
                            "dl/(?<what>" + CRATE + ")/[A-Za-z0-9.+-]{1,100}/[0-9a-f]{64}"),
                    new Form(
                            Kind.GO,
                            Shape.PLAIN,
                            "(?<what>"
                                    + GO_MODULE
                                    + ")/@v/(?:list|"
                                    + GO_VERSION
                                    + "\\.(?:info|mod|zip))"),
                    new Form(Kind.GO, Shape.PLAIN, "(?<what>" + GO_MODULE + ")/@latest"),
                    new Form(
                            Kind.GO,
                            Shape.PLAIN,
                            "sumdb/[a-z0-9.-]+/lookup/(?<what>" + GO_MODULE + ")@" + GO_VERSION),
                    new Form(
                            Kind.GO,
                            Shape.PLAIN,
                            "(?<what>sumdb)/[a-z0-9.-]+/(?:supported|latest|tile/[0-9]{1,2}/[0-9a-z]{1,4}/[0-9x/]+(?:\\.p/[0-9]{1,3})?)"),
                    new Form(
                            Kind.APT,
                            Shape.PLAIN,
                            "pool/(?:[A-Za-z0-9_.+~-]+/){1,4}?(?<what>[A-Za-z0-9][A-Za-z0-9.+~%-]*)(?:_[A-Za-z0-9_.+~:%-]+)?"),
                    new Form(
                            Kind.APT,
                            Shape.PLAIN,
                            "(?<what>(?:[A-Za-z0-9][A-Za-z0-9.+~-]*/)*?dists)/[A-Za-z0-9_.+~/-]+"));

    /// Whether a target is for a registry at all.
    static boolean names(String target) {
        return target.startsWith(PREFIX) || target.equals("/o");
    }

    /// @param target from its first slash
    /// @throws Refused with why it is none
    static OriginPath read(String target, Origins origins) throws Refused {
        if (!target.startsWith(PREFIX)) {
            throw new Refused(Reason.ORIGIN_PATH);
        }
        String all = target.substring(PREFIX.length());
        int slash = all.indexOf('/');
        String id = slash < 0 ? all : all.substring(0, slash);
        Origin origin = origins.named(id).orElseThrow(() -> new Refused(Reason.ORIGIN_UNKNOWN));
        String rest = slash < 0 ? "" : all.substring(slash + 1);
        if (rest.length() > LONGEST) {
            throw new Refused(Reason.REQUEST_TOO_LARGE);
        }
        if (rest.startsWith(LINK)) {
            // Whatever it holds, it is the registry's own word or refused by its signature.
            return new OriginPath(
                    origin, rest.substring(LINK.length()), OriginLinks.nameOf(rest), Shape.LINK);
        }
        return plain(origin, withoutBase(origin, rest));
    }

    /// npm puts the path of a lock file's address below the registry's, where it has one already.
    private static String withoutBase(Origin origin, String rest) {
        String base = origin.base().getRawPath().substring(1);
        boolean twice =
                origin.kind() == Kind.NPM
                        && !base.isEmpty()
                        && rest.startsWith(base)
                        && !rest.startsWith(base + "-/");
        return twice && rest.endsWith(".tgz") ? rest.substring(base.length()) : rest;
    }

    /// @param rest below the origin's base
    static OriginPath plain(Origin origin, String rest) throws Refused {
        if (!PLAIN.matcher(rest).matches() || odd(rest)) {
            throw new Refused(Reason.ORIGIN_PATH);
        }
        for (Form form : FORMS) {
            Matcher matcher = form.pattern().matcher(rest);
            if (form.kind() == origin.kind() && matcher.matches()) {
                String what = matcher.group("what").replaceFirst("(?i)%2f", "/");
                return new OriginPath(origin, rest, what, form.shape());
            }
        }
        throw new Refused(Reason.ORIGIN_PATH);
    }

    /// Segments that mean another place: empty ones, and dots alone.
    private static boolean odd(String rest) {
        for (String segment : rest.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return true;
            }
        }
        return rest.contains("//") || rest.startsWith("/");
    }
}
