package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import java.util.List;

/// A tool as an agent describes it to the model. Claimed by the guest ([P8]).
///
/// @param tool the name that calls of it carry
/// @param digest of the whole definition: name, description, arguments
public record ToolDefinition(GuestText tool, Digest digest) {
    /// One of a request.
    ///
    /// @param name as calls of it name it
    static ToolDefinition of(String name, JsonNode definition) {
        ObjectNode whole = definition.deepCopy();
        // Where the provider shall cache says nothing about the tool and moves with their number.
        whole.remove("cache_control");
        return new ToolDefinition(
                GuestText.of(name), Digest.of(StrictJson.canonical(whole).toString()));
    }

    /// Those of a list whose entries have a name.
    static List<ToolDefinition> named(JsonNode definitions) {
        return definitions
                .valueStream()
                .filter(JsonNode::isObject)
                .map(one -> of(one.path("name").asText(one.path("type").asText()), one))
                .toList();
    }
}
