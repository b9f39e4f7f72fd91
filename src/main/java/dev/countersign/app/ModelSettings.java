package dev.countersign.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.agent.AgentRun;
import dev.countersign.app.tools.Tools;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.gate.policy.DataPolicy;
import dev.countersign.gateway.Budget;
import dev.countersign.gateway.HttpUpstream;
import dev.countersign.secrets.KeyStore;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/// The models' providers that the developer set up (`providers.json`, written by the `provider`
/// verbs) and what may be spent on them (`prices.yaml`, written by hand). Keys are not in either:
/// they come from the key store or from the environment, for each request anew.
final class ModelSettings implements Tools.Providers {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Known without being set up.
    private static final Map<String, Tools.Provider> BUILT_IN =
            Map.of(
                    "anthropic",
                    new Tools.Provider(
                            "anthropic",
                            "anthropic",
                            "https://api.anthropic.com",
                            "ANTHROPIC_API_KEY",
                            false),
                    "openai",
                    new Tools.Provider(
                            "openai", "openai", "https://api.openai.com", "OPENAI_API_KEY", false),
                    "gemini",
                    new Tools.Provider(
                            "gemini",
                            "gemini",
                            "https://generativelanguage.googleapis.com",
                            "GEMINI_API_KEY",
                            false));

    private final Path file;
    private final Path prices;
    private final Path dataPolicy;
    private final Clock clock;
    private final KeyStore keys;
    private final Map<String, String> environment;

    ModelSettings(Path config, KeyStore keys, Map<String, String> environment, Clock clock) {
        this.dataPolicy = config.resolve("data-policy.yaml");
        this.clock = clock;
        this.file = config.resolve("providers.json");
        this.prices = config.resolve("prices.yaml");
        this.keys = keys;
        this.environment = environment;
    }

    @Override
    public List<Tools.Provider> list() throws CountersignException {
        Map<String, Tools.Provider> all = new LinkedHashMap<>();
        for (String name : List.of("anthropic", "gemini", "openai")) {
            Tools.Provider provider = BUILT_IN.get(name);
            if (provider != null && hasKey(provider)) {
                all.put(name, provider);
            }
        }
        all.putAll(read());
        return List.copyOf(all.values());
    }

    @Override
    public String add(Tools.Provider provider, @Nullable String key) throws CountersignException {
        if (!NAME.matcher(provider.name()).matches()) {
            throw usage("The provider's name must be a-z, 0-9 and -, at most 31.");
        }
        if (provider.variable() != null && !VARIABLE.matcher(provider.variable()).matches()) {
            throw usage(
                    "%s is not the name of an environment variable."
                            .formatted(GuestText.of(provider.variable()).visible()));
        }
        String model = provider.model();
        if (model != null) {
            AgentRun.demandModel(model);
        }
        // Refuses an address or a kind that can't be one, before anything is kept.
        opened(provider).close();
        Map<String, Tools.Provider> all = read();
        if (key != null) {
            keys.put(keyName(provider.name()), key.getBytes(StandardCharsets.UTF_8));
        }
        all.put(provider.name(), provider);
        write(all);
        return key == null ? "" : keys.protection().says();
    }

    @Override
    public void remove(String name) throws CountersignException {
        Map<String, Tools.Provider> all = read();
        if (all.remove(name) == null) {
            throw usage(
                    "There is no provider %s. List them: countersign provider list."
                            .formatted(GuestText.of(name).visible()));
        }
        write(all);
        keys.remove(keyName(name));
    }

    @Override
    public void model(String name, @Nullable String model) throws CountersignException {
        if (model != null) {
            AgentRun.demandModel(model);
        }
        Map<String, Tools.Provider> all = read();
        Tools.Provider provider =
                named(name)
                        .orElseThrow(() ->
                                usage(
                                        "There is no provider %s. List them: countersign provider list."
                                                .formatted(GuestText.of(name).visible())));
        all.put(name, provider.withModel(model));
        write(all);
    }

    private static String keyName(String name) {
        return "provider." + name;
    }

    /// Whether it is known without being set up.
    static boolean builtIn(String name) {
        return BUILT_IN.containsKey(name);
    }

    /// The provider of this name; empty if there is none.
    Optional<Tools.Provider> named(String name) throws CountersignException {
        return Optional.ofNullable(read().getOrDefault(name, BUILT_IN.get(name)));
    }

    private String address(Tools.Provider provider) {
        return provider.name().equals("anthropic") && !provider.stored()
                ? environment.getOrDefault("ANTHROPIC_BASE_URL", provider.url())
                : provider.url();
    }

    /// The developer's data policy as it is now.
    ///
    /// @throws CountersignException REFUSED if the file is bad
    DataPolicy dataPolicy() throws CountersignException {
        return DataPolicy.read(dataPolicy);
    }

    /// The provider as the data policy sees it.
    DataPolicy.Provider asked(Tools.Provider provider) throws CountersignException {
        String address = address(provider);
        boolean known = BUILT_IN.values().stream().anyMatch(one -> one.url().equals(address));
        try {
            return new DataPolicy.Provider(provider.name(), new URI(address), known);
        } catch (URISyntaxException e) {
            throw noAddress(address, e);
        }
    }

    @Override
    public Tools.DataRecords records(@Nullable Path file) throws CountersignException {
        Path read = file == null ? dataPolicy : file;
        List<Tools.PolicyFinding> findings =
                file == null && !Files.exists(read)
                        ? List.of()
                        : DataPolicy.check(read).stream().map(Policies::found).toList();
        if (findings.stream().anyMatch(finding -> finding.severity().equals("error"))) {
            return new Tools.DataRecords(read.toString(), true, findings, List.of());
        }
        DataPolicy policy = DataPolicy.read(read);
        LocalDate today = LocalDate.now(clock);
        return new Tools.DataRecords(
                read.toString(),
                policy.present(),
                findings,
                policy.records().stream()
                        .map(record ->
                                new Tools.DataRecord(
                                        record.name(),
                                        record.processor(),
                                        record.region(),
                                        record.classes().stream()
                                                .sorted()
                                                .map(DataClass::word)
                                                .toList(),
                                        record.reviewedOn().toString(),
                                        policy.due(record).toString(),
                                        policy.counts(record, today)))
                        .toList());
    }

    @Override
    public String exampleRecords() throws CountersignException {
        try (InputStream in =
                DataPolicy.class.getResourceAsStream(
                        "/dev/countersign/gate/policy/data-policy.example.yaml")) {
            if (in == null) {
                throw new CountersignException(
                        Kind.FAILED, "The example is missing. Install the program again.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "The example can't be read: %s.".formatted(e.getMessage()), e);
        }
    }

    private static CountersignException noAddress(String address, URISyntaxException e) {
        return new CountersignException(
                Kind.USAGE,
                "%s is not an address. Name one such as https://api.example.com or http://127.0.0.1:11434."
                        .formatted(GuestText.of(address).visible()),
                e);
    }

    /// Connections of its own to a provider; the caller closes them.
    HttpUpstream opened(Tools.Provider provider) throws CountersignException {
        String address = address(provider);
        try {
            return new HttpUpstream(
                    HttpUpstream.Dialect.named(provider.kind()),
                    new URI(address),
                    () -> key(provider),
                    TIMEOUT);
        } catch (URISyntaxException e) {
            throw noAddress(address, e);
        }
    }

    private boolean hasKey(Tools.Provider provider) {
        return key(provider).isPresent();
    }

    private Optional<String> key(Tools.Provider provider) {
        if (provider.variable() != null) {
            return Optional.ofNullable(environment.get(provider.variable()))
                    .filter(value -> !value.isBlank());
        }
        if (!provider.stored()) {
            return Optional.empty();
        }
        try {
            return keys.get(keyName(provider.name()))
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        } catch (CountersignException e) {
            // Without its key the provider itself refuses, and the agent is told.
            return Optional.empty();
        }
    }

    // --- providers.json

    private Map<String, Tools.Provider> read() throws CountersignException {
        Map<String, Tools.Provider> all = new LinkedHashMap<>();
        if (!Files.exists(file)) {
            return all;
        }
        try {
            JsonNode root = JSON.readTree(Files.readString(file));
            for (JsonNode one : root.path("providers")) {
                String name = one.path("name").asText();
                all.put(
                        name,
                        new Tools.Provider(
                                name,
                                one.path("kind").asText(),
                                one.path("url").asText(),
                                one.path("key-from-env").isTextual()
                                        ? one.path("key-from-env").asText()
                                        : null,
                                one.path("key-stored").asBoolean(false),
                                one.path("model").isTextual() ? one.path("model").asText() : null));
            }
            return all;
        } catch (JsonProcessingException e) {
            throw new CountersignException(
                    Kind.REFUSED,
                    "%s is not readable in line %d. Mend or remove it."
                            .formatted(
                                    file,
                                    e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                    e);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "%s can't be read: %s.".formatted(file, e.getMessage()), e);
        }
    }

    private void write(Map<String, Tools.Provider> all) throws CountersignException {
        ObjectNode root = JSON.createObjectNode().put("version", 1);
        for (Tools.Provider provider : all.values()) {
            ObjectNode one = root.withArray("providers").addObject();
            one.put("name", provider.name())
                    .put("kind", provider.kind())
                    .put("url", provider.url());
            if (provider.variable() != null) {
                one.put("key-from-env", provider.variable());
            }
            one.put("key-stored", provider.stored());
            if (provider.model() != null) {
                one.put("model", provider.model());
            }
        }
        try {
            Files.createDirectories(file.getParent());
            Path fresh =
                    Files.createTempFile(
                            file.getParent(),
                            "providers",
                            ".new",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, root.toPrettyString() + "\n");
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "%s can't be written: %s.".formatted(file, e.getMessage()), e);
        }
    }

    // --- prices.yaml

    /// What a session may spend, with what it has spent.
    ///
    /// @throws CountersignException REFUSED naming what is wrong in the file
    Budget budget(long tokens, long microUsd) throws CountersignException {
        if (!Files.exists(prices)) {
            return new Budget(null, null, List.of(), tokens, microUsd);
        }
        Object root;
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            options.setMaxAliasesForCollections(0);
            root = new Yaml(new SafeConstructor(options)).load(Files.readString(prices));
        } catch (YAMLException e) {
            throw new CountersignException(
                    Kind.REFUSED, "%s is not YAML: %s".formatted(prices, e.getMessage()), e);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "%s can't be read: %s.".formatted(prices, e.getMessage()), e);
        }
        Map<String, Object> top = fields("the file", root, Set.of("version", "budget", "prices"));
        if (!Integer.valueOf(1).equals(top.get("version"))) {
            throw bad("version must be 1");
        }
        Map<String, Object> limits =
                top.containsKey("budget")
                        ? fields("budget", top.get("budget"), Set.of("tokens", "usd"))
                        : Map.of();
        BigDecimal mostTokens = number("budget.tokens", limits.get("tokens"));
        List<Budget.Price> listed = new ArrayList<>();
        if (top.containsKey("prices")) {
            if (!(top.get("prices") instanceof Map<?, ?> models)) {
                throw bad("prices must name models");
            }
            for (Map.Entry<?, ?> model : models.entrySet()) {
                String name = String.valueOf(model.getKey());
                Map<String, Object> of =
                        fields(
                                "prices." + name,
                                model.getValue(),
                                Set.of("input", "output", "cache-read", "cache-write"));
                BigDecimal input = needed(name, "input", of);
                BigDecimal read = number(name + ".cache-read", of.get("cache-read"));
                BigDecimal written = number(name + ".cache-write", of.get("cache-write"));
                listed.add(
                        new Budget.Price(
                                name,
                                input,
                                needed(name, "output", of),
                                read == null ? input : read,
                                written == null ? input : written));
            }
        }
        return new Budget(
                mostTokens == null ? null : mostTokens.longValue(),
                number("budget.usd", limits.get("usd")),
                listed,
                tokens,
                microUsd);
    }

    private Map<String, Object> fields(String at, @Nullable Object node, Set<String> known)
            throws CountersignException {
        if (!(node instanceof Map<?, ?> given)) {
            throw bad(at + " must be a mapping");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : given.entrySet()) {
            String name = String.valueOf(field.getKey());
            if (!known.contains(name)) {
                throw bad("%s has an unknown key %s".formatted(at, GuestText.of(name).visible()));
            }
            fields.put(name, field.getValue());
        }
        return fields;
    }

    private BigDecimal needed(String model, String field, Map<String, Object> of)
            throws CountersignException {
        BigDecimal number = number(model + "." + field, of.get(field));
        if (number == null) {
            throw bad("%s.%s is missing".formatted(model, field));
        }
        return number;
    }

    private @Nullable BigDecimal number(String at, @Nullable Object node)
            throws CountersignException {
        if (node == null) {
            return null;
        }
        if (!(node instanceof Number number) || new BigDecimal(number.toString()).signum() < 0) {
            throw bad(at + " must be a number, zero or more");
        }
        return new BigDecimal(number.toString());
    }

    private CountersignException bad(String why) {
        return new CountersignException(Kind.REFUSED, "%s is refused: %s.".formatted(prices, why));
    }

    private static CountersignException usage(String message) {
        return new CountersignException(Kind.USAGE, message);
    }
}
