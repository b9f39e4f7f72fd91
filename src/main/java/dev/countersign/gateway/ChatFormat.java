package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;

/// Chat Completions, of OpenAI and of compatible servers.
///
/// The format has no blocks; here a block is `{"type":"text"|"refusal"|"thought", …}` with its text
/// and, for a thought, the field that it came in, or a call as the format has it with
/// `"type":"function"|"custom"`.
final class ChatFormat implements WireFormat {
    static final ChatFormat INSTANCE = new ChatFormat();
    static final String PATH = "/v1/chat/completions";

    private ChatFormat() {}

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public boolean takes(String path) {
        return path.equals(PATH) || path.equals("/chat/completions");
    }

    @Override
    public Question question(HttpRequest request) throws ProviderFault {
        return ChatRequest.of(request.body());
    }

    @Override
    public AnswerReader reader(Question question, PartSink through) {
        return new ChatReader(through);
    }

    @Override
    public AnswerWriter writer(Question question) {
        return new Writer(question instanceof ChatRequest asked && asked.wantsUsage());
    }

    private static final class Writer implements AnswerWriter {
        private static final byte[] COMMENT = Sse.raw(": keepalive\n\n");
        private static final byte[] DONE = Sse.raw("data: [DONE]\n\n");
        private final boolean usage;
        private ObjectNode frame = StrictJson.newObject();
        private ObjectNode block = StrictJson.newObject();
        private int calls;

        Writer(boolean usage) {
            this.usage = usage;
        }

        @Override
        public List<byte[]> events(Part part) {
            return switch (part) {
                case Part.Begun(ObjectNode given) -> {
                    frame = given;
                    ObjectNode delta = StrictJson.newObject().put("role", "assistant");
                    yield List.of(Sse.data(chunk(delta.put("content", ""), null)));
                }
                case Part.Opened(ObjectNode given) -> {
                    block = given;
                    yield List.of();
                }
                case Part.Grown(ObjectNode grown) -> List.of(Sse.data(chunk(delta(grown), null)));
                case Part.Closed(Turn.Block closed) -> {
                    if (closed.call() == null) {
                        yield List.of();
                    }
                    ObjectNode call = call(closed.json()).put("index", calls++);
                    ObjectNode delta = StrictJson.newObject();
                    delta.putArray("tool_calls").add(call);
                    yield List.of(Sse.data(chunk(delta, null)));
                }
                case Part.Ended(ObjectNode ending) -> {
                    List<byte[]> events = new ArrayList<>();
                    events.add(
                            Sse.data(
                                    chunk(
                                            StrictJson.newObject(),
                                            ending.path("finish_reason").asText())));
                    if (usage) {
                        ObjectNode counted = frame();
                        counted.putArray("choices");
                        counted.set("usage", ending.path("usage"));
                        events.add(Sse.data(counted));
                    }
                    events.add(DONE);
                    yield events;
                }
            };
        }

        private ObjectNode delta(ObjectNode grown) {
            ObjectNode delta = StrictJson.newObject();
            String field = fieldOf(block);
            delta.set(field, grown.path("value"));
            return delta;
        }

        private ObjectNode frame() {
            return frame.deepCopy().put("object", "chat.completion.chunk");
        }

        private ObjectNode chunk(ObjectNode delta, @org.jspecify.annotations.Nullable String end) {
            ObjectNode chunk = frame();
            ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
            choice.set("delta", delta);
            choice.put("finish_reason", end);
            if (usage) {
                chunk.putNull("usage");
            }
            return chunk;
        }

        @Override
        public byte[] keepAlive() {
            return COMMENT;
        }

        @Override
        public byte[] fault(ProviderFault fault) {
            return Sse.data(OpenAiFault.json(fault));
        }
    }

    /// The field of a message that a block stands for.
    static String fieldOf(ObjectNode block) {
        return switch (block.path("type").asText()) {
            case "text" -> "content";
            case "refusal" -> "refusal";
            default -> block.path("field").asText();
        };
    }

    /// A call as a message has it.
    static ObjectNode call(ObjectNode block) {
        return block.deepCopy();
    }

    /// The message that these blocks make.
    static ObjectNode message(List<ObjectNode> blocks) {
        ObjectNode message = StrictJson.newObject().put("role", "assistant");
        message.putNull("content");
        for (ObjectNode block : blocks) {
            if (block.has("function") || block.has("custom")) {
                message.withArray("tool_calls").add(call(block));
                continue;
            }
            String field = fieldOf(block);
            JsonNode value = block.path("value");
            if (value.isArray()) {
                value.forEach(message.withArray(field)::add);
            } else {
                message.put(field, message.path(field).asText("") + value.asText());
            }
        }
        return message;
    }

    @Override
    public ObjectNode whole(Question question, List<Part> parts) {
        ObjectNode answer = StrictJson.newObject();
        ObjectNode ending = StrictJson.newObject();
        List<ObjectNode> blocks = new ArrayList<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Begun(ObjectNode frame) -> answer = frame.deepCopy();
                case Part.Closed(Turn.Block block) -> blocks.add(block.json());
                case Part.Ended(ObjectNode given) -> ending = given;
                case Part.Opened _, Part.Grown _ -> {}
            }
        }
        answer.put("object", "chat.completion");
        ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
        choice.set("message", message(blocks));
        choice.set("finish_reason", ending.path("finish_reason"));
        choice.putNull("logprobs");
        answer.set("usage", ending.path("usage"));
        return answer;
    }

    static ObjectNode block(String type, String field, JsonNode value) {
        ObjectNode block = StrictJson.newObject().put("type", type);
        if (type.equals("thought")) {
            block.put("field", field);
        }
        block.set("value", value);
        return block;
    }

    @Override
    public Turn.Block note(String text) {
        return Turn.Block.of(
                StrictJson.newObject().put("type", "text").put("value", "\n".repeat(2) + text));
    }

    @Override
    public List<Part> parts(Turn.Block block) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Opened(block.json()));
        if (block.call() == null) {
            ObjectNode delta = StrictJson.newObject();
            delta.set("value", block.json().path("value"));
            parts.add(new Part.Grown(delta));
        }
        parts.add(new Part.Closed(block));
        return parts;
    }

    @Override
    public ObjectNode ending(Turn turn, boolean over, long earlierOutput) {
        ObjectNode ending = turn.ending().deepCopy();
        if (over) {
            ending.put("finish_reason", "stop");
        }
        if (earlierOutput > 0 && ending.path("usage") instanceof ObjectNode usage) {
            usage.put("completion_tokens", earlierOutput + turn.tokens().output());
            usage.put(
                    "total_tokens", turn.tokens().input() + earlierOutput + turn.tokens().output());
        }
        return ending;
    }

    @Override
    public ObjectNode denied(Turn.Block call, String told) {
        return StrictJson.newObject()
                .put("role", "tool")
                .put("tool_call_id", call.json().path("id").asText())
                .put("content", told);
    }

    @Override
    public List<ObjectNode> continuation(Turn turn, List<ObjectNode> results) {
        List<ObjectNode> messages = new ArrayList<>();
        messages.add(message(turn.all().stream().map(Turn.Block::json).toList()));
        messages.addAll(results);
        return messages;
    }

    @Override
    public ObjectNode fault(ProviderFault fault) {
        return OpenAiFault.json(fault);
    }

    @Override
    public ProviderFault reported(int status, ObjectNode body) {
        return OpenAiFault.reported(status, body);
    }
}
