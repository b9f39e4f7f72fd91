package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// What the bundled model does: named steps, each a text and calls, and where to go on by what
/// became of the calls.
///
/// @param first where a conversation begins
/// @param again the step for a message that comes after the end; null: it says that it is over
record Scenario(String first, @Nullable String again, Map<String, Step> steps) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    /// One step.
    ///
    /// @param next after its calls; null ends the turn
    /// @param denied where to go if a call was denied; null: as `next`
    /// @param returned where to go if a plan was asked for first; null: as `denied`
    record Step(
            String say,
            List<Call> calls,
            @Nullable String next,
            @Nullable String denied,
            @Nullable String returned) {}

    /// One call of a step.
    record Call(String tool, ObjectNode input) {}

    /// @throws CountersignException naming the line that is wrong
    static Scenario read(InputStream yaml) throws CountersignException {
        Node root;
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            options.setMaxAliasesForCollections(0);
            root =
                    new Yaml(new SafeConstructor(options))
                            .compose(new InputStreamReader(yaml, StandardCharsets.UTF_8));
        } catch (YAMLException e) {
            throw new CountersignException(
                    Kind.USAGE, "The scenario is not YAML: " + e.getMessage(), e);
        }
        if (root == null) {
            throw new CountersignException(Kind.USAGE, "The scenario is empty.");
        }
        Map<String, Node> top = fields(root, List.of("version", "first", "again", "steps"));
        if (!"1".equals(scalar(needed(root, top, "version")))) {
            throw wrong(root, "version must be 1");
        }
        Map<String, Step> steps = new LinkedHashMap<>();
        for (Map.Entry<String, Node> entry : mapping(needed(root, top, "steps")).entrySet()) {
            if (!NAME.matcher(entry.getKey()).matches()) {
                throw wrong(entry.getValue(), "a step's name must be lower-case words with -");
            }
            steps.put(entry.getKey(), step(entry.getValue()));
        }
        Scenario scenario =
                new Scenario(scalar(needed(root, top, "first")), optional(top.get("again")), steps);
        scenario.checkTargets(root, scenario.first());
        scenario.checkTargets(root, scenario.again());
        for (Step step : steps.values()) {
            scenario.checkTargets(root, step.next());
            scenario.checkTargets(root, step.denied());
            scenario.checkTargets(root, step.returned());
        }
        return scenario;
    }

    private void checkTargets(Node at, @Nullable String target) throws CountersignException {
        if (target != null && !steps.containsKey(target)) {
            throw wrong(at, "there is no step " + GuestText.of(target).visible());
        }
    }

    private static Step step(Node node) throws CountersignException {
        Map<String, Node> fields =
                fields(node, List.of("say", "calls", "next", "denied", "returned"));
        List<Call> calls = new ArrayList<>();
        Node listed = fields.get("calls");
        if (listed != null) {
            if (!(listed instanceof SequenceNode list)) {
                throw wrong(listed, "calls must be a list");
            }
            for (Node item : list.getValue()) {
                Map<String, Node> call = mapping(item);
                if (call.size() != 1) {
                    throw wrong(item, "a call is one tool with its input");
                }
                Map.Entry<String, Node> only = call.entrySet().iterator().next();
                if (!(json(only.getValue()) instanceof ObjectNode input)) {
                    throw wrong(item, "a call's input must be a mapping");
                }
                calls.add(new Call(only.getKey(), input));
            }
        }
        Node say = fields.get("say");
        return new Step(
                say == null ? "" : scalar(say).strip(),
                List.copyOf(calls),
                optional(fields.get("next")),
                optional(fields.get("denied")),
                optional(fields.get("returned")));
    }

    private static JsonNode json(Node node) throws CountersignException {
        return switch (node) {
            case MappingNode _ -> {
                ObjectNode object = StrictJson.newObject();
                for (Map.Entry<String, Node> entry : mapping(node).entrySet()) {
                    object.set(entry.getKey(), json(entry.getValue()));
                }
                yield object;
            }
            case SequenceNode list -> {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                for (Node item : list.getValue()) {
                    array.add(json(item));
                }
                yield array;
            }
            case ScalarNode scalar when scalar.getTag().equals(Tag.INT) ->
                    JsonNodeFactory.instance.numberNode(Long.parseLong(scalar.getValue()));
            case ScalarNode scalar when scalar.getTag().equals(Tag.BOOL) ->
                    JsonNodeFactory.instance.booleanNode(Boolean.parseBoolean(scalar.getValue()));
            case ScalarNode scalar -> JsonNodeFactory.instance.textNode(scalar.getValue());
            default -> throw wrong(node, "this kind of value is not taken");
        };
    }

    private static Map<String, Node> fields(Node node, List<String> known)
            throws CountersignException {
        Map<String, Node> fields = mapping(node);
        for (Map.Entry<String, Node> field : fields.entrySet()) {
            if (!known.contains(field.getKey())) {
                throw wrong(
                        field.getValue(), "unknown key " + GuestText.of(field.getKey()).visible());
            }
        }
        return fields;
    }

    private static Map<String, Node> mapping(Node node) throws CountersignException {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, "a mapping is needed here");
        }
        Map<String, Node> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (fields.put(scalar(tuple.getKeyNode()), tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), "this key comes twice");
            }
        }
        return fields;
    }

    private static Node needed(Node at, Map<String, Node> fields, String name)
            throws CountersignException {
        Node node = fields.get(name);
        if (node == null) {
            throw wrong(at, name + " is missing");
        }
        return node;
    }

    private static @Nullable String optional(@Nullable Node node) throws CountersignException {
        return node == null ? null : scalar(node);
    }

    private static String scalar(Node node) throws CountersignException {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(node, "a single value is needed here");
    }

    private static CountersignException wrong(Node at, String why) {
        return new CountersignException(
                Kind.USAGE,
                "The scenario is wrong in line "
                        + (at.getStartMark().getLine() + 1)
                        + ": "
                        + why
                        + ".");
    }
}
