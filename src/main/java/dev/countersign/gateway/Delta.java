package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The pieces that blocks are streamed in.
final class Delta {
    private Delta() {}

    static ObjectNode text(String piece) {
        return StrictJson.newObject().put("type", "text_delta").put("text", piece);
    }

    static ObjectNode thinking(String piece) {
        return StrictJson.newObject().put("type", "thinking_delta").put("thinking", piece);
    }

    static ObjectNode signature(String piece) {
        return StrictJson.newObject().put("type", "signature_delta").put("signature", piece);
    }

    static ObjectNode citation(JsonNode citation) {
        ObjectNode delta = StrictJson.newObject().put("type", "citations_delta");
        delta.set("citation", citation);
        return delta;
    }

    static ObjectNode arguments(String piece) {
        return StrictJson.newObject().put("type", "input_json_delta").put("partial_json", piece);
    }
}
