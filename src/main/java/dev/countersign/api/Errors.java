package dev.countersign.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import java.util.Arrays;

/// Errors on the wire: kind and message, never a class name or a stack.
final class Errors {
    private Errors() {}

    static ObjectNode write(CountersignException e) {
        return Json.mapper()
                .createObjectNode()
                .put("kind", e.kind().name())
                .put("message", e.getMessage());
    }

    static CountersignException read(JsonNode error) {
        String kind = error.path("kind").asText();
        String message = error.path("message").asText("The engine gave no reason. See engine.log.");
        return Arrays.stream(CountersignException.Kind.values())
                .filter(k -> k.name().equals(kind))
                .findFirst()
                .map(k -> new CountersignException(k, message))
                .orElseGet(
                        () -> new CountersignException(CountersignException.Kind.FAILED, message));
    }

    static String firstLine(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("no reason given");
    }
}
