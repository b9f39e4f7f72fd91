package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Errors as OpenAI's formats write them.
final class OpenAiFault {
    private OpenAiFault() {}

    static ObjectNode json(ProviderFault fault) {
        ObjectNode body = StrictJson.newObject();
        ObjectNode error = body.putObject("error");
        error.put("message", fault.getMessage());
        error.put(
                "type",
                switch (fault.type()) {
                    case "api_error", "overloaded_error" -> "server_error";
                    case "request_too_large", "not_found_error" -> "invalid_request_error";
                    default -> fault.type();
                });
        error.putNull("param");
        error.put(
                "code",
                switch (fault.type()) {
                    case "authentication_error" -> "invalid_api_key";
                    case "rate_limit_error" -> "rate_limit_exceeded";
                    case "not_found_error" -> "not_found";
                    case "request_too_large" -> "request_too_large";
                    case "budget_error" -> "insufficient_quota";
                    default -> null;
                });
        return body;
    }

    static ProviderFault reported(int status, ObjectNode body) {
        JsonNode error = body.path("error").isObject() ? body.path("error") : body;
        String message =
                body.path("error").isTextual()
                        ? body.path("error").asText()
                        : error.path("message").asText("(nothing)");
        return new ProviderFault(
                status,
                switch (status) {
                    case 401 -> "authentication_error";
                    case 403 -> "permission_error";
                    case 404 -> "not_found_error";
                    case 413 -> "request_too_large";
                    case 429 -> "rate_limit_error";
                    case 400, 409, 415, 422 -> "invalid_request_error";
                    default -> "api_error";
                },
                "The model's provider says: " + message);
    }
}
