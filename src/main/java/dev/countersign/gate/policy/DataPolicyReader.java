package dev.countersign.gate.policy;

import dev.countersign.domain.DataClass;
import dev.countersign.domain.GuestText;
import dev.countersign.gate.policy.DataPolicy.OnCanary;
import dev.countersign.gate.policy.DataPolicy.ToModel;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;

/// Reads `data-policy.yaml`.
final class DataPolicyReader extends StrictYaml {
    private static final String KEYS =
            "processor, region, base-url, retention, training-use, legal-basis, sub-processors,"
                    + " reviewed-on, approved-by, classes";
    private static final List<String> NEEDED =
            List.of(
                    "processor",
                    "region",
                    "retention",
                    "training-use",
                    "legal-basis",
                    "sub-processors",
                    "reviewed-on",
                    "classes");

    private final Path file;

    DataPolicyReader(Path file) {
        this.file = file;
    }

    /// Null if there is an error.
    @Nullable DataPolicy read(String text) {
        return readOrNull(text, this::policy);
    }

    private DataPolicy policy(@Nullable Node root) {
        int days = DataPolicy.REVIEW_DAYS;
        ToModel toModel = ToModel.WARN;
        OnCanary onCanary = OnCanary.FREEZE;
        List<ProviderRecord> records = new ArrayList<>();
        boolean version = false;
        if (root == null) {
            error(1, "the file is empty; it begins with `version: 1`");
            return new DataPolicy(file, true, days, toModel, onCanary, records);
        }
        for (Entry entry : entries(root, "the data policy")) {
            switch (entry.key()) {
                case "version" -> {
                    version = true;
                    if (!text(entry.value()).equals("1")) {
                        error(entry.value(), "only version 1 is known");
                    }
                }
                case "review-days" -> days = days(entry.value());
                case "secrets-to-model" ->
                        toModel =
                                oneOf(entry.value(), "warn", "replace").equals("replace")
                                        ? ToModel.REPLACE
                                        : ToModel.WARN;
                case "on-canary" ->
                        onCanary =
                                oneOf(entry.value(), "freeze", "refuse").equals("refuse")
                                        ? OnCanary.REFUSE
                                        : OnCanary.FREEZE;
                case "providers" -> {
                    for (Entry one : entries(entry.value(), "providers")) {
                        records.add(record(one));
                    }
                }
                default ->
                        unknown(
                                entry,
                                "version, review-days, secrets-to-model, on-canary, providers");
            }
        }
        if (!version) {
            error(1, "`version: 1` is missing");
        }
        return new DataPolicy(file, true, days, toModel, onCanary, records);
    }

    private int days(Node node) {
        String text = text(node);
        if (!text.matches("[1-9][0-9]{0,3}")) {
            error(node, "a number of days is wanted here, from 1 to 9999");
            return DataPolicy.REVIEW_DAYS;
        }
        return Integer.parseInt(text);
    }

    private ProviderRecord record(Entry of) {
        Map<String, Node> given = new HashMap<>();
        for (Entry entry : entries(of.value(), "a provider's record")) {
            if (!List.of(KEYS.split(", ")).contains(entry.key())) {
                unknown(entry, KEYS);
            }
            given.put(entry.key(), entry.value());
        }
        for (String key : NEEDED) {
            if (!given.containsKey(key)) {
                error(of.node(), "`%s` is missing for %s".formatted(key, shown(of)));
            }
        }
        Node at = of.node();
        Set<DataClass> classes = classes(given.get("classes"));
        URI address = address(given.get("base-url"));
        boolean trains = yes(given.get("training-use"));
        String approved = given.containsKey("approved-by") ? words(given, "approved-by") : null;
        if (classes.contains(DataClass.CONFIDENTIAL) || classes.contains(DataClass.RESTRICTED)) {
            if (address == null) {
                error(
                        at,
                        "confidential and restricted data go to one region: name its `base-url` for %s"
                                .formatted(shown(of)));
            }
            if (trains) {
                error(
                        at,
                        "%s trains on what it gets: confidential and restricted data can't go there"
                                .formatted(shown(of)));
            }
        }
        if (classes.contains(DataClass.RESTRICTED) && approved == null) {
            error(at, "restricted data needs `approved-by` for %s".formatted(shown(of)));
        }
        Node reviewed = given.get("reviewed-on");
        return new ProviderRecord(
                of.key(),
                line(at),
                words(given, "processor"),
                words(given, "region"),
                address,
                words(given, "retention"),
                trains,
                words(given, "legal-basis"),
                given.get("sub-processors") == null
                        ? List.of()
                        : strings(given.get("sub-processors")),
                reviewed == null ? LocalDate.EPOCH : date(reviewed),
                approved,
                classes);
    }

    private static String shown(Entry of) {
        return GuestText.of(of.key()).visible();
    }

    private String words(Map<String, Node> given, String key) {
        Node node = given.get(key);
        if (node == null) {
            return "";
        }
        String text = text(node).strip();
        if (text.isEmpty()) {
            error(node, "`%s` says nothing".formatted(key));
        }
        return text;
    }

    private boolean yes(@Nullable Node node) {
        return node != null && oneOf(node, "true", "false").equals("true");
    }

    private Set<DataClass> classes(@Nullable Node node) {
        Set<DataClass> classes = EnumSet.noneOf(DataClass.class);
        if (node == null) {
            return classes;
        }
        for (Node item : items(node)) {
            DataClass one = dataClass(item);
            if (one != null) {
                classes.add(one);
            }
        }
        if (classes.isEmpty()) {
            error(node, "name at least one class: public, internal, confidential, restricted");
        }
        return classes;
    }

    private @Nullable URI address(@Nullable Node node) {
        if (node == null) {
            return null;
        }
        String text = text(node);
        try {
            URI address = new URI(text);
            if (address.getHost() != null
                    && address.getUserInfo() == null
                    && List.of("https", "http").contains(String.valueOf(address.getScheme()))) {
                return address;
            }
        } catch (URISyntaxException e) {
            // Said below, as for every other address that is none.
        }
        error(
                node,
                "`%s` is not an address such as https://eu.api.example.com"
                        .formatted(GuestText.of(text).visible()));
        return null;
    }
}
