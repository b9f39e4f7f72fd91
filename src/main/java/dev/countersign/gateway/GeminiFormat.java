package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;

/// Google's Gemini. A block is a part as the format has it.
final class GeminiFormat implements WireFormat {
    static final GeminiFormat INSTANCE = new GeminiFormat();
    private static final byte[] NOTHING = {};

    private GeminiFormat() {}

    @Override
    public String name() {
        return "gemini";
    }

    @Override
    public boolean takes(String path) {
        return GeminiRequest.PATH.matcher(path).matches();
    }

    @Override
    public Question question(HttpRequest request) throws ProviderFault {
        return GeminiRequest.of(request);
    }

    @Override
    public AnswerReader reader(Question question, PartSink through) {
        return new GeminiReader(through);
    }

    @Override
    public AnswerWriter writer(Question question) {
        return question instanceof GeminiRequest asked && asked.events()
                ? new Writer(true)
                : new Writer(false);
    }

    /// As events, or as one JSON list that grows. Clients of this format bear no comments.
    private static final class Writer implements AnswerWriter {
        private final boolean events;
        private ObjectNode frame = StrictJson.newObject();
        private boolean first = true;

        Writer(boolean events) {
            this.events = events;
        }

        @Override
        public String contentType() {
            return events ? "text/event-stream" : "application/json; charset=UTF-8";
        }

        @Override
        public List<byte[]> events(Part part) {
            return switch (part) {
                case Part.Begun(ObjectNode given) -> {
                    frame = given;
                    yield List.of();
                }
                case Part.Opened _, Part.Grown _ -> List.of();
                case Part.Closed(Turn.Block block) ->
                        List.of(element(chunk(frame, List.of(block.json()), null)));
                case Part.Ended(ObjectNode ending) -> {
                    byte[] last = element(chunk(frame, List.of(), ending));
                    yield events ? List.of(last) : List.of(last, Sse.raw("]"));
                }
            };
        }

        private byte[] element(ObjectNode chunk) {
            if (events) {
                return Sse.raw("data: " + chunk + "\r\n\r\n");
            }
            String before = first ? "[" : ",\r\n";
            first = false;
            return Sse.raw(before + chunk);
        }

        @Override
        public byte[] keepAlive() {
            return NOTHING;
        }

        @Override
        public byte[] fault(ProviderFault fault) {
            byte[] last = element(INSTANCE.fault(fault));
            if (events) {
                return last;
            }
            byte[] closed = java.util.Arrays.copyOf(last, last.length + 1);
            closed[last.length] = ']';
            return closed;
        }
    }

    private static ObjectNode chunk(
            ObjectNode frame,
            List<ObjectNode> parts,
            @org.jspecify.annotations.Nullable ObjectNode ending) {
        ObjectNode chunk = StrictJson.newObject();
        ObjectNode candidate = chunk.putArray("candidates").addObject();
        candidate.set("content", content("model", parts));
        if (ending != null) {
            candidate.set("finishReason", ending.path("finishReason"));
            if (ending.has("finishMessage")) {
                candidate.set("finishMessage", ending.path("finishMessage"));
            }
            chunk.set("usageMetadata", ending.path("usageMetadata"));
        }
        candidate.put("index", 0);
        chunk.setAll(frame);
        return chunk;
    }

    static ObjectNode content(String role, List<ObjectNode> parts) {
        ObjectNode content = StrictJson.newObject();
        content.putArray("parts").addAll(parts);
        return content.put("role", role);
    }

    @Override
    public ObjectNode whole(Question question, List<Part> parts) {
        ObjectNode frame = StrictJson.newObject();
        ObjectNode ending = StrictJson.newObject();
        List<ObjectNode> all = new ArrayList<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Begun(ObjectNode given) -> frame = given;
                case Part.Closed(Turn.Block block) -> all.add(block.json());
                case Part.Ended(ObjectNode given) -> ending = given;
                case Part.Opened _, Part.Grown _ -> {}
            }
        }
        return chunk(frame, all, ending);
    }

    @Override
    public Turn.Block note(String text) {
        return Turn.Block.of(StrictJson.newObject().put("text", "\n".repeat(2) + text));
    }

    @Override
    public List<Part> parts(Turn.Block block) {
        return List.of(new Part.Opened(block.json()), new Part.Closed(block));
    }

    @Override
    public ObjectNode ending(Turn turn, boolean over, long earlierOutput) {
        ObjectNode ending = turn.ending().deepCopy();
        if (earlierOutput > 0 && ending.path("usageMetadata") instanceof ObjectNode usage) {
            usage.put(
                    "candidatesTokenCount",
                    earlierOutput + usage.path("candidatesTokenCount").asLong());
            usage.put("totalTokenCount", earlierOutput + usage.path("totalTokenCount").asLong());
        }
        return ending;
    }

    @Override
    public ObjectNode denied(Turn.Block call, String told) {
        JsonNode called = call.json().path("functionCall");
        ObjectNode part = StrictJson.newObject();
        ObjectNode result = part.putObject("functionResponse");
        if (called.has("id")) {
            result.set("id", called.path("id"));
        }
        result.set("name", called.path("name"));
        result.putObject("response").put("error", told);
        return part;
    }

    @Override
    public List<ObjectNode> continuation(Turn turn, List<ObjectNode> results) {
        return List.of(
                content("model", turn.all().stream().map(Turn.Block::json).toList()),
                content("user", results));
    }

    @Override
    public ObjectNode fault(ProviderFault fault) {
        int status = fault.status() == 529 ? 503 : fault.status();
        ObjectNode body = StrictJson.newObject();
        body.putObject("error")
                .put("code", status)
                .put("message", fault.getMessage())
                .put("status", word(status));
        return body;
    }

    private static String word(int status) {
        return switch (status) {
            case 400, 405, 413, 415 -> "INVALID_ARGUMENT";
            case 401 -> "UNAUTHENTICATED";
            case 403 -> "PERMISSION_DENIED";
            case 404 -> "NOT_FOUND";
            case 429 -> "RESOURCE_EXHAUSTED";
            case 503 -> "UNAVAILABLE";
            case 504 -> "DEADLINE_EXCEEDED";
            default -> "INTERNAL";
        };
    }

    @Override
    public ProviderFault reported(int status, ObjectNode body) {
        return reportedError(status, body);
    }

    static ProviderFault reportedError(int status, ObjectNode body) {
        JsonNode error = body.path("error");
        int code = error.path("code").asInt(status);
        return OpenAiFault.reported(code >= 400 && code < 600 ? code : status, body);
    }
}
