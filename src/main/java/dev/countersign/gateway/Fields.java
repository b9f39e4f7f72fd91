package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.GuestText;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Checks of a request's fields that all formats share. A refusal names the field.
final class Fields {
    static final Predicate<JsonNode> TEXT = optional(JsonNode::isTextual);
    static final Predicate<JsonNode> NUMBER = optional(JsonNode::isNumber);
    static final Predicate<JsonNode> WHOLE = optional(JsonNode::isIntegralNumber);
    static final Predicate<JsonNode> YES_NO = optional(JsonNode::isBoolean);
    static final Predicate<JsonNode> LIST = optional(JsonNode::isArray);
    static final Predicate<JsonNode> OBJECT = optional(JsonNode::isObject);
    static final Predicate<JsonNode> NOTHING = JsonNode::isNull;
    static final Predicate<JsonNode> WORDS =
            optional(node -> node.isObject() && node.valueStream().allMatch(JsonNode::isTextual));
    private static final Pattern INLINE =
            Pattern.compile(
                    "data:[a-z0-9.+-]{1,64}/[a-z0-9.+-]{1,100}(;[a-z0-9=.+-]{1,64}){0,4},.*",
                    Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    private Fields() {}

    private static Predicate<JsonNode> optional(Predicate<JsonNode> shape) {
        return node -> node.isNull() || shape.test(node);
    }

    static ObjectNode object(byte[] bytes) throws ProviderFault {
        try {
            return StrictJson.object(bytes);
        } catch (StrictJson.Malformed e) {
            throw ProviderFault.refused("The request can't be read: " + e.getMessage() + ".");
        }
    }

    /// Every field is known and has its shape.
    static void check(ObjectNode body, Map<String, Predicate<JsonNode>> known)
            throws ProviderFault {
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            Predicate<JsonNode> shape = known.get(field.getKey());
            if (shape == null) {
                throw refuse(field.getKey(), "is not a field that Countersign lets through");
            }
            if (!shape.test(field.getValue())) {
                throw refuse(field.getKey(), "has a form that Countersign does not let through");
            }
        }
    }

    /// Every field of a part is one of these.
    static void only(String at, JsonNode part, Set<String> known) throws ProviderFault {
        if (!part.isObject()) {
            throw refuse(at, "must be an object");
        }
        for (Map.Entry<String, JsonNode> field : part.properties()) {
            if (!known.contains(field.getKey())) {
                throw refuse(
                        at + "." + field.getKey(), "is not a field that Countersign lets through");
            }
        }
    }

    /// Media must be inline: an address or a file's id would let the provider fetch for the guest.
    static void inline(String at, JsonNode address) throws ProviderFault {
        String text = address.asText("");
        if (!address.isTextual()
                || !text.regionMatches(true, 0, "data:", 0, 5)
                || !INLINE.matcher(text.substring(0, Math.min(text.length(), 512))).matches()) {
            String scheme = text.substring(0, Math.max(0, Math.min(text.indexOf(':'), 20)));
            throw refuse(
                    at,
                    "is "
                            + (scheme.isEmpty()
                                    ? "no inline media"
                                    : "an address ("
                                            + GuestText.of(scheme.toLowerCase(Locale.ROOT))
                                                    .visible()
                                            + ":)")
                            + ": only media that is inline is let through");
        }
    }

    static ProviderFault refuse(String field, String why) {
        return ProviderFault.refused(GuestText.of(field).visible() + " " + why + ".");
    }

    /// What is not let through because of its kind.
    static ProviderFault kind(String field, String kind) {
        return refuse(
                field, "is " + GuestText.of(kind).visible() + ", which is not let through here");
    }

    /// What the provider would run itself.
    static ProviderFault atProvider(String field, String kind) {
        return refuse(
                field,
                "is "
                        + GuestText.of(kind).visible()
                        + ": tools that the provider runs are not let through");
    }
}
