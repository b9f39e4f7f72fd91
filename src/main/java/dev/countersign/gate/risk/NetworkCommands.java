package dev.countersign.gate.risk;

import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.gate.risk.Arguments.Used;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Commands that connect to other machines.
final class NetworkCommands {
    private static final Set<String> LOCAL =
            Set.of("localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0", "localhost.localdomain");

    /// Characters that RFC 3986 has no place for.
    private static final Pattern NO_URI = Pattern.compile("[{}\\[\\]|\\\\^<>\" ]");

    private final Paths paths;
    private final CodeText text;

    NetworkCommands(Paths paths, CodeText text) {
        this.paths = paths;
        this.text = text;
    }

    /// Rates a connection by where it goes.
    void url(Word word, Findings own) {
        String address = word.text();
        String host = hostOf(address);
        if (!word.literal() && (host.isEmpty() || host.indexOf(Word.UNKNOWN) >= 0)) {
            own.add(
                    Level.HIGH,
                    "net.request",
                    "connects to a host that is known only when it runs");
            if (hasSecretUnknown(word)) {
                own.add(Level.CRITICAL, "net.send", "sends what it found out in an address");
            }
            return;
        }
        if (address.startsWith("file:")) {
            paths.read(address.replaceFirst("^file:/*", "/"), null, own);
            return;
        }
        if (LOCAL.contains(host.toLowerCase(Locale.ROOT)) || host.startsWith("127.")) {
            own.add(Level.MEDIUM, "net.local", "asks a service in the VM");
            return;
        }
        own.host(host);
        own.add(Level.HIGH, "net.request", "connects to " + GuestText.of(host).visible());
        if (host.equals("169.254.169.254")
                || host.equals("metadata.google.internal")
                || host.equals("100.100.100.200")) {
            own.add(
                    Level.CRITICAL,
                    "secrets.metadata",
                    "asks a cloud's metadata service, which gives out credentials");
        }
        if (!word.literal()) {
            own.add(
                    Level.CRITICAL,
                    "net.send",
                    "sends a value that is known only when it runs in an address");
        }
        if (address.startsWith("ftp:")
                || address.startsWith("telnet:")
                || address.startsWith("gopher:")
                || address.startsWith("dict:")) {
            own.add(Level.CRITICAL, "net.send", "uses a protocol that carries anything");
        }
    }

    private static boolean hasSecretUnknown(Word word) {
        return word.source().contains("$(") || word.source().indexOf('`') >= 0;
    }

    static String hostOf(String address) {
        String whole = address.contains("://") ? address : "http://" + address;
        try {
            String host =
                    new URI(NO_URI.matcher(whole.replace(Word.UNKNOWN, '_')).replaceAll("_"))
                            .getHost();
            if (host != null) {
                return host;
            }
        } catch (URISyntaxException _) {
            // Read by hand below: what can't be parsed strictly is still shown and rated.
        }
        String rest = whole.substring(whole.indexOf("://") + 3);
        int end = rest.length();
        for (char stop : new char[] {'/', '?', '#'}) {
            int at = rest.indexOf(stop);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        rest = rest.substring(0, end);
        rest = rest.substring(rest.lastIndexOf('@') + 1);
        int colon = rest.lastIndexOf(':');
        return colon > 0 ? rest.substring(0, colon) : rest;
    }

    void curl(Invocation call, Arguments args, Findings own) {
        List<Word> urls = new ArrayList<>(args.positionals());
        Word explicit = args.value("--url");
        if (explicit != null) {
            urls.add(explicit);
        }
        urls.forEach(url -> url(url, own));
        boolean local =
                !urls.isEmpty()
                        && urls.stream()
                                .allMatch(url -> {
                                    String host = hostOf(url.text());
                                    return LOCAL.contains(host.toLowerCase(Locale.ROOT))
                                            || host.startsWith("127.");
                                });
        boolean sends =
                args.options().stream()
                        .flatMap(o -> o.flags().stream())
                        .anyMatch(f -> f.grade() != null && f.grade().effect().equals("http.send"));
        Word method = args.value("-X", "--request", "--method");
        if (method != null && !method.text().matches("(?i)GET|HEAD|OPTIONS")) {
            sends = true;
        }
        if (sends) {
            own.add(
                    local ? Level.MEDIUM : Level.CRITICAL,
                    local ? "net.local" : "net.send",
                    local
                            ? "changes something in a service in the VM"
                            : "sends data out of the VM");
        }
        for (Used option : args.options()) {
            Word sent = option.value();
            int at = sent == null ? -1 : sent.text().indexOf('@');
            boolean file =
                    (option.is("-d", "--data", "--data-binary", "--data-ascii", "--json")
                                    && at == 0)
                            || (option.is("-F", "--form", "--data-urlencode") && at >= 0);
            if (sent != null && file && !sent.text().substring(at + 1).equals("-")) {
                paths.read(
                        sent.text().substring(at + 1).replaceFirst(";.*", ""),
                        call.scope().cwd(),
                        own);
            }
            if (sent != null && option.is("-T", "--upload-file", "--post-file", "--body-file")) {
                paths.read(sent.text(), call.scope().cwd(), own);
            }
        }
        for (Used option : args.options()) {
            if (option.is(
                    "-o",
                    "--output",
                    "-O",
                    "--remote-name",
                    "--output-document",
                    "--remote-name-all")) {
                Word file = option.value();
                String name =
                        file != null
                                ? file.text()
                                : urls.isEmpty()
                                        ? ""
                                        : urls.getFirst().text().replaceFirst(".*/", "");
                if (!local && !name.isEmpty() && !name.equals("-")) {
                    paths.fetchedInto(paths.absolute(name, call.scope().cwd()), call.scope(), own);
                }
            }
        }
        if (call.name().equals("wget")
                && args.value("-O", "--output-document") == null
                && !args.has("--spider")) {
            for (Word url : urls) {
                call.scope()
                        .downloaded(
                                paths.absolute(
                                        url.text().replaceFirst(".*/", ""), call.scope().cwd()));
                own.add(Level.MEDIUM, "write", "saves what it gets in the directory");
            }
        }
    }

    /// Whether all that a command talks to is the VM itself, and nothing in it runs a program.
    static boolean onlyLocal(Invocation call, Arguments args) {
        List<Word> peers =
                args.positionals().stream()
                        .filter(word ->
                                !word.text()
                                        .matches(
                                                "[0-9,-]+|[A-Z]+|[\\w.-]+(:=|==|=|:[^/0-9]).*|list|describe|run|-"))
                        .toList();
        List<Word> checked = peers.isEmpty() ? List.of() : peers.subList(0, 1);
        boolean socat = call.name().equals("socat");
        for (Word peer : socat ? args.positionals() : checked) {
            String text = peer.text().toLowerCase(Locale.ROOT);
            if (socat && text.matches("-|stdio|stdin|stdout")) {
                continue;
            }
            String host =
                    text.startsWith(":")
                            ? "localhost"
                            : socat
                                    ? text.replaceFirst("^(tcp|udp|openssl)[46]?(-connect)?:", "")
                                            .replaceFirst(":.*", "")
                                    : hostOf(text);
            if (!peer.literal() || !(LOCAL.contains(host) || host.startsWith("127."))) {
                return false;
            }
        }
        return !checked.isEmpty();
    }

    static void peer(Invocation call, Arguments args, Findings own) {
        for (Word word : args.positionals()) {
            if (word.text().matches("(?i).*(exec|system):.*")) {
                own.add(Level.CRITICAL, "net.send", "gives a connection a program");
            }
            if (!word.literal()) {
                own.add(
                        Level.CRITICAL,
                        "net.send",
                        "sends a value that is known only when it runs");
            }
        }
        if (!onlyLocal(call, args)) {
            args.positionals().stream()
                    .filter(word ->
                            word.text().matches("[A-Za-z0-9.-]+\\.[A-Za-z]{2,}(:[0-9]+)?|.*://.*"))
                    .limit(2)
                    .forEach(word -> own.host(hostOf(word.text())));
        }
    }

    /// httpie: `METHOD URL ITEM...`; items without `:` before `=` make a body.
    void httpie(Invocation call, Arguments args, Findings own) {
        if (onlyLocal(call, args)) {
            return;
        }
        List<Word> words = args.positionals();
        boolean method = !words.isEmpty() && words.getFirst().text().matches("[A-Z]+");
        int at = method ? 1 : 0;
        if (at < words.size()) {
            url(words.get(at), own);
        }
        boolean sends =
                words.size() > at + 1
                        && words.subList(at + 1, words.size()).stream()
                                .anyMatch(item ->
                                        item.text().matches("(?s)[^:]*[^:=]:?=[^=].*|.*@.*"));
        if (sends || (method && !words.getFirst().text().matches("GET|HEAD|OPTIONS"))) {
            own.add(Level.CRITICAL, "net.send", "sends data out of the VM");
        }
    }

    void ssh(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        if (!words.isEmpty()) {
            String target = words.getFirst().text();
            own.host(target.substring(target.lastIndexOf('@') + 1));
        }
        if (!args.command().isEmpty()) {
            text.joined(call, args.command(), own);
            args.drop();
        }
    }

    /// A name that is looked up is told to whoever answers for it.
    static void lookup(Invocation call, Findings own) {
        if (call.arguments().stream().anyMatch(word -> !word.literal())) {
            own.add(
                    Level.CRITICAL,
                    "net.send",
                    "sends a value that is known only when it runs in a name");
        }
    }

    /// scp(1): whether all that is named last lies here, so that files only come in.
    static boolean onlyGets(Arguments args) {
        List<Word> words = args.positionals();
        return words.size() > 1
                && words.getLast().literal()
                && !words.getLast().text().matches(ELSEWHERE)
                && words.subList(0, words.size() - 1).stream()
                        .allMatch(word -> word.literal() && word.text().matches(ELSEWHERE));
    }

    private static final String ELSEWHERE = "(?s)([^/:]+:.*|rsync://.*|scp://.*|sftp://.*)";

    /// rsync, scp: a colon names another machine.
    void copyRemote(Invocation call, Arguments args, Findings own) {
        List<Word> words = args.positionals();
        boolean remote = false;
        boolean sends = words.size() < 2 || !words.getLast().literal();
        for (int i = 0; i < words.size(); i++) {
            String name = words.get(i).text();
            if (name.matches(ELSEWHERE)) {
                remote = true;
                sends |= i == words.size() - 1;
                own.host(
                        name.replaceFirst("^[a-z]+://", "")
                                .replaceFirst("[:/].*", "")
                                .replaceFirst(".*@", ""));
            } else if (i == words.size() - 1 && words.size() > 1) {
                paths.write(name, call.scope().cwd(), own);
            } else {
                paths.read(name, call.scope().cwd(), own);
            }
        }
        if (remote && !sends && !args.has("--remove-source-files")) {
            own.add(Level.HIGH, "net.request", "gets files from another machine");
        } else if (remote) {
            own.add(Level.CRITICAL, "net.send", "copies files to another machine");
        } else if (args.has("--delete", "--remove-source-files")) {
            own.add(Level.HIGH, "delete.many", "removes files that the source does not have");
        }
    }
}
