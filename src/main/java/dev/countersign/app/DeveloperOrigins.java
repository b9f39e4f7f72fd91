package dev.countersign.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.egress.Origin;
import dev.countersign.egress.Origin.Kind;
import dev.countersign.egress.Origins;
import dev.countersign.vm.process.Commands;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// Where the developer's own tools fetch packages, and what they log in there with: asked of the
/// tools themselves, in a directory of Countersign's own and never in a repository, whose settings
/// are no word of the developer's. No registry's name is known here; what a tool can't be asked is
/// absent.
final class DeveloperOrigins implements Supplier<Origins> {
    private static final Logger LOG = LoggerFactory.getLogger(DeveloperOrigins.class);
    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int OUTPUT = 256 << 10;
    private static final long LARGEST = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SETTING =
            Pattern.compile(
                    "(?i)npm_config_.*|PIP_.*|GO[A-Z]+|CARGO_HOME|RUSTUP_HOME|M2_HOME|JAVA_HOME|XDG_CONFIG_HOME");
    private static final Pattern PIP_INDEX =
            Pattern.compile("--index-url <url>.{0,200}?\\(default\\s+(\\S+)\\)", Pattern.DOTALL);
    private static final Pattern PIP_EXTRA = Pattern.compile("(?m)^\\S*extra-index-url='(.*)'$");
    private static final Pattern CARGO_ASKED =
            Pattern.compile("failed to download from `(https?://\\S+?/)config\\.json`");
    private static final Pattern NPM_SETTING =
            Pattern.compile(
                    "(?m)^\\s*(//[^=\\s]+:(?:_authToken|_auth|username|_password))\\s*=\\s*\"?([^\"\\r\\n]+?)\"?\\s*$");
    private static final Pattern MAVEN_HOME = Pattern.compile("Maven home: (.+)");

    private final Path home;
    private final Path scratch;
    private final Commands commands;
    private final Map<String, String> environment;
    private final Map<String, String> settings;
    private final Clock clock;
    private Origins known = Origins.NONE;
    private Instant read = Instant.EPOCH;

    /// @param home the developer's
    /// @param scratch a directory of our own, in which tools are asked
    DeveloperOrigins(Path home, Path scratch, Map<String, String> environment, Clock clock) {
        this.home = home;
        this.scratch = scratch;
        this.commands = new Commands(environment);
        this.environment = Map.copyOf(environment);
        this.settings = new TreeMap<>(environment);
        settings.keySet().removeIf(name -> !SETTING.matcher(name).matches());
        this.clock = clock;
    }

    /// As they were when they were last looked at; only the first look is waited for, as tools take
    /// seconds to answer.
    @Override
    public synchronized Origins get() {
        Instant now = clock.instant();
        if (read.equals(Instant.EPOCH)) {
            read = now;
            known = new Looking().all();
        } else if (Duration.between(read, now).compareTo(FRESH) > 0) {
            read = now;
            Thread.ofVirtual().name("registries-again").start(this::lookAgain);
        }
        return known;
    }

    private void lookAgain() {
        Origins found = new Looking().all();
        synchronized (this) {
            known = found;
        }
    }

    /// One look round.
    private final class Looking {
        private final List<Origin> present = new ArrayList<>();
        private final Map<Kind, String> absent = new EnumMap<>(Kind.class);
        private final Map<String, String> netrc = netrc();

        Origins all() {
            try {
                Files.createDirectories(scratch);
                npm();
                pip();
                maven();
                cargo();
                go();
                apt();
            } catch (IOException e) {
                LOG.warn("the developer's tools can't be asked for their registries", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Origins(present, absent);
        }

        private void add(Kind kind, String scope, String url, @Nullable String authorization) {
            try {
                URI uri = new URI(url.strip());
                String own = uri.getRawUserInfo() == null ? null : basic(decoded(uri));
                String kept = own != null ? own : authorization;
                if (kept == null && uri.getHost() != null) {
                    kept = netrc.get(uri.getHost().toLowerCase(Locale.ROOT));
                }
                long before = present.stream().filter(one -> one.kind() == kind).count();
                String id = kind.word() + (before == 0 ? "" : "." + before);
                present.add(new Origin(id, kind, uri, kept, scope));
            } catch (URISyntaxException | IllegalArgumentException e) {
                LOG.info("a registry of {} has no address that can be used", kind.word());
                absent.putIfAbsent(kind, kind.word() + " is set up with no http address");
            }
        }

        // --- npm -------------------------------------------------------------------------------

        private void npm() throws InterruptedException {
            Optional<String> said = said(Kind.NPM, Map.of(), "npm", "config", "list", "--json");
            if (said.isEmpty()) {
                return;
            }
            try {
                JsonNode config = JSON.readTree(said.get());
                Map<String, String> secrets = new TreeMap<>();
                for (String file : List.of("globalconfig", "userconfig")) {
                    secrets.putAll(npmSecrets(config.path(file).asText("")));
                }
                String registry = config.path("registry").asText("");
                add(Kind.NPM, "", registry, npmAuthorization(registry, secrets));
                config.properties()
                        .forEach(entry -> {
                            Matcher scoped =
                                    Pattern.compile("(@[\\w.~-]+):registry")
                                            .matcher(entry.getKey());
                            if (scoped.matches()) {
                                String url = entry.getValue().asText("");
                                add(Kind.NPM, scoped.group(1), url, npmAuthorization(url, secrets));
                            }
                        });
            } catch (IOException e) {
                absent.put(Kind.NPM, "npm says nothing that can be read about its registry");
            }
        }

        /// npm itself does not say them. They are read where it reads them.
        private Map<String, String> npmSecrets(String file) {
            Map<String, String> found = new TreeMap<>();
            if (!file.isBlank()) {
                Matcher matcher = NPM_SETTING.matcher(text(Path.of(file)));
                while (matcher.find()) {
                    found.put(matcher.group(1), expanded(matcher.group(2)));
                }
            }
            return found;
        }

        private String expanded(String value) {
            return Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}")
                    .matcher(value)
                    .replaceAll(match ->
                            Matcher.quoteReplacement(environment.getOrDefault(match.group(1), "")));
        }

        private @Nullable String npmAuthorization(String registry, Map<String, String> secrets) {
            String place = registry.replaceFirst("^https?:", "");
            if (!place.endsWith("/")) {
                place += "/";
            }
            // The longest path that names this place counts, as in npm.
            for (String at = place; at.length() > 2; at = parent(at)) {
                String token = secrets.get(at + ":_authToken");
                String auth = secrets.get(at + ":_auth");
                String user = secrets.get(at + ":username");
                String password = secrets.get(at + ":_password");
                if (token != null) {
                    return "Bearer " + token;
                }
                if (auth != null) {
                    return "Basic " + auth;
                }
                if (user != null && password != null) {
                    return basic(
                            user
                                    + ":"
                                    + new String(
                                            Base64.getMimeDecoder().decode(password),
                                            StandardCharsets.UTF_8));
                }
            }
            return null;
        }

        private static String parent(String place) {
            int slash = place.lastIndexOf('/', place.length() - 2);
            return slash < 2 ? "" : place.substring(0, slash + 1);
        }

        // --- pip -------------------------------------------------------------------------------

        private void pip() throws InterruptedException {
            // Its help names the index that counts, with all of its settings in it. A wide screen,
            // so that no address is broken.
            Optional<String> help =
                    said(
                            Kind.PYPI,
                            Map.of("COLUMNS", "2000"),
                            "python3",
                            "-m",
                            "pip",
                            "install",
                            "--help");
            if (help.isEmpty()) {
                return;
            }
            Matcher index = PIP_INDEX.matcher(help.get());
            if (!index.find()) {
                absent.put(Kind.PYPI, "pip does not say its index");
                return;
            }
            add(Kind.PYPI, "", index.group(1), null);
            String more =
                    said(Kind.PYPI, Map.of(), "python3", "-m", "pip", "config", "list").orElse("");
            Set<String> extra = new LinkedHashSet<>();
            Matcher matcher = PIP_EXTRA.matcher(more);
            while (matcher.find()) {
                extra.addAll(List.of(matcher.group(1).replace("\\n", " ").strip().split("\\s+")));
            }
            extra.stream()
                    .filter(one -> !one.isEmpty())
                    .forEach(one -> add(Kind.PYPI, "", one, null));
        }

        // --- Maven -----------------------------------------------------------------------------

        private void maven() throws InterruptedException, IOException {
            Optional<Path> program =
                    said(Kind.MAVEN, Map.of(), "mvn", "--version")
                            .map(text -> MAVEN_HOME.matcher(text))
                            .filter(Matcher::find)
                            .map(matcher -> Path.of(matcher.group(1).strip()));
            List<Path> files = new ArrayList<>();
            program.ifPresent(path -> files.add(path.resolve("conf/settings.xml")));
            files.add(home.resolve(".m2/settings.xml"));
            Map<String, String> logins = new TreeMap<>();
            String mirror = "";
            String mirrorId = "";
            String mirrorOf = "";
            for (Path file : files) {
                Optional<Document> settings = xml(text(file).getBytes(StandardCharsets.UTF_8));
                if (settings.isEmpty()) {
                    continue;
                }
                for (Element server : elements(settings.get(), "server")) {
                    String user = child(server, "username");
                    String password = expandedEnv(child(server, "password"));
                    // One that Maven keeps encrypted can be read by Maven alone.
                    if (!user.isEmpty() && !password.startsWith("{")) {
                        logins.put(child(server, "id"), basic(user + ":" + password));
                    }
                }
                for (Element one : elements(settings.get(), "mirror")) {
                    Set<String> of = Set.of(child(one, "mirrorOf").split("\\s*,\\s*"));
                    boolean central =
                            !of.contains("!central")
                                    && (of.contains("*")
                                            || of.contains("external:*")
                                            || of.contains("central"));
                    if (central && !"true".equals(child(one, "blocked"))) {
                        mirror = child(one, "url");
                        mirrorId = child(one, "id");
                        mirrorOf = child(one, "mirrorOf");
                    }
                }
            }
            if (mirror.isEmpty() && program.isPresent()) {
                mirror = builtIn(program.get());
                mirrorId = "central";
            }
            if (mirror.isEmpty()) {
                absent.putIfAbsent(Kind.MAVEN, "Maven does not say its repository");
            } else {
                absent.remove(Kind.MAVEN);
                add(Kind.MAVEN, mirrorOf, mirror, logins.get(mirrorId));
            }
        }

        private String expandedEnv(String value) {
            return Pattern.compile("\\$\\{env\\.([A-Za-z_][A-Za-z0-9_]*)\\}")
                    .matcher(value)
                    .replaceAll(match ->
                            Matcher.quoteReplacement(environment.getOrDefault(match.group(1), "")));
        }

        /// What Maven reads where nothing is set: the model that every project inherits from, in
        /// its own library.
        private static String builtIn(Path program) throws IOException {
            Path lib = program.resolve("lib");
            if (!Files.isDirectory(lib)) {
                return "";
            }
            try (DirectoryStream<Path> jars = Files.newDirectoryStream(lib, "maven-*.jar")) {
                for (Path jar : jars) {
                    try (ZipFile zip = new ZipFile(jar.toFile())) {
                        ZipEntry entry = zip.getEntry("org/apache/maven/model/pom-4.0.0.xml");
                        if (entry == null) {
                            continue;
                        }
                        try (InputStream in = zip.getInputStream(entry)) {
                            Optional<Document> model = xml(in.readAllBytes());
                            for (Element one :
                                    model.map(found -> elements(found, "repository"))
                                            .orElse(List.of())) {
                                if (child(one, "id").equals("central")) {
                                    return child(one, "url");
                                }
                            }
                        }
                    }
                }
            }
            return "";
        }

        // --- cargo -----------------------------------------------------------------------------

        private void cargo() throws IOException, InterruptedException {
            // Cargo has no word for it. Without a way out it says what it could not reach, with
            // mirrors and all of its settings in it.
            Path project = scratch.resolve("cargo");
            Files.createDirectories(project.resolve("src"));
            Files.writeString(
                    project.resolve("Cargo.toml"),
                    """
                    [package]
                    name = "countersign-looks"
                    version = "0.0.0"
                    edition = "2021"
                    [dependencies]
                    countersign-looks-for-a-registry = "1"
                    """);
            Files.writeString(project.resolve("src/lib.rs"), "");
            Optional<Commands.Result> result =
                    run(
                            Kind.CARGO,
                            project,
                            Map.of(
                                    "CARGO_HTTP_PROXY",
                                    "http://127.0.0.1:1",
                                    "CARGO_NET_RETRY",
                                    "0",
                                    "CARGO_TERM_COLOR",
                                    "never",
                                    "CARGO_NET_OFFLINE",
                                    "false"),
                            "cargo",
                            "fetch");
            if (result.isEmpty()) {
                return;
            }
            Matcher asked = CARGO_ASKED.matcher(result.get().errorText());
            if (asked.find()) {
                add(Kind.CARGO, "", asked.group(1), null);
            } else {
                absent.putIfAbsent(
                        Kind.CARGO,
                        "cargo on the host does not say its registry, or does not read it in the sparse form");
            }
        }

        // --- Go --------------------------------------------------------------------------------

        private void go() throws InterruptedException {
            Optional<String> said = said(Kind.GO, Map.of(), "go", "env", "GOPROXY");
            if (said.isEmpty()) {
                return;
            }
            for (String one : said.get().strip().split("[,|]")) {
                if (one.startsWith("http://") || one.startsWith("https://")) {
                    add(Kind.GO, "", one, null);
                }
            }
            if (present.stream().noneMatch(one -> one.kind() == Kind.GO)) {
                absent.put(Kind.GO, "go on the host is set up with no proxy");
            }
        }

        // --- apt -------------------------------------------------------------------------------

        private void apt() throws InterruptedException {
            Optional<String> said =
                    said(
                            Kind.APT,
                            Map.of(),
                            "apt-get",
                            "indextargets",
                            "--format",
                            "$(REPO_URI)",
                            "Created-By: Packages");
            said.stream()
                    .flatMap(String::lines)
                    .map(String::strip)
                    .distinct()
                    .filter(one -> one.startsWith("http://") || one.startsWith("https://"))
                    .forEach(one -> add(Kind.APT, "", one, null));
        }

        // --- asking ----------------------------------------------------------------------------

        private Optional<String> said(Kind kind, Map<String, String> extra, String... words)
                throws InterruptedException {
            Optional<Commands.Result> result = run(kind, scratch, extra, words);
            if (result.isPresent() && result.get().exitCode() != 0) {
                absent.put(kind, words[0] + " on the host does not say its registry");
                return Optional.empty();
            }
            return result.map(Commands.Result::text);
        }

        private Optional<Commands.Result> run(
                Kind kind, Path directory, Map<String, String> extra, String... words)
                throws InterruptedException {
            // By way of env, the program is looked for where the developer's environment says.
            List<String> argv = Stream.concat(Stream.of("/usr/bin/env"), Stream.of(words)).toList();
            Map<String, String> all = new TreeMap<>(settings);
            all.putAll(extra);
            try {
                Commands.Result result =
                        commands.run(
                                new Commands.Run(
                                        argv, all, directory, new byte[0], PATIENCE, OUTPUT));
                if (result.exitCode() == 127) {
                    absent.put(kind, words[0] + " is not installed on the host");
                    return Optional.empty();
                }
                return Optional.of(result);
            } catch (CountersignException e) {
                LOG.debug("{} does not say its registry", words[0], e);
                absent.put(kind, words[0] + " on the host does not say its registry");
                return Optional.empty();
            }
        }

        private Map<String, String> netrc() {
            Map<String, String> logins = new TreeMap<>();
            Matcher matcher =
                    Pattern.compile("machine\\s+(\\S+)\\s+login\\s+(\\S+)\\s+password\\s+(\\S+)")
                            .matcher(text(home.resolve(".netrc")));
            while (matcher.find()) {
                logins.put(
                        matcher.group(1).toLowerCase(Locale.ROOT),
                        basic(matcher.group(2) + ":" + matcher.group(3)));
            }
            return logins;
        }
    }

    private static String decoded(URI uri) {
        return String.valueOf(uri.getUserInfo());
    }

    private static String basic(String login) {
        String whole = login.contains(":") ? login : login + ":";
        return "Basic "
                + Base64.getEncoder().encodeToString(whole.getBytes(StandardCharsets.UTF_8));
    }

    /// Of a file that may not be there.
    private static String text(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
                return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            LOG.debug("{} can't be read", file, e);
        }
        return "";
    }

    private static Optional<Document> xml(byte[] bytes) {
        if (bytes.length == 0) {
            return Optional.empty();
        }
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return Optional.of(factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes)));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            LOG.info("a settings file of Maven can't be read: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static List<Element> elements(Document document, String name) {
        NodeList nodes = document.getElementsByTagName(name);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            if (nodes.item(i) instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    private static String child(Element parent, String name) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                return element.getTextContent().strip();
            }
        }
        return "";
    }
}
