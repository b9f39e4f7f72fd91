package dev.countersign.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.journal.Recorder;
import dev.countersign.secrets.Canaries;
import dev.countersign.secrets.Redactor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A provider to which nothing goes unseen: a canary is refused, secrets are put on record, and
/// replaced if the data policy says so. A conversation is sent again and again; each of its texts
/// is looked through once.
public final class WatchedUpstream implements Upstream {
    /// Longer texts are looked through up to here.
    private static final int LONGEST = 1 << 20;

    private static final int REMEMBERED = 8192;

    /// Names and proofs that go back as they came; a picture's bytes.
    private static final Set<String> UNTOUCHED =
            Set.of(
                    "model",
                    "type",
                    "role",
                    "id",
                    "tool_use_id",
                    "call_id",
                    "tool_call_id",
                    "name",
                    "signature",
                    "thoughtSignature",
                    "thinking",
                    "encrypted_content",
                    "data",
                    "image_url");

    private final Upstream provider;
    private final Canaries canaries;
    private final boolean replaces;
    private final Recorder recorder;
    private final Redactor secrets = Redactor.precise();

    /// What a text looked like, by its digest; the one that was seen longest ago goes first.
    private final Map<Digest, List<String>> seen =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, List<String>> eldest) {
                    return size() > REMEMBERED;
                }
            };

    /// @param replaces whether placeholders go out in place of secrets
    public WatchedUpstream(
            Upstream provider, Canaries canaries, boolean replaces, Recorder recorder) {
        this.provider = provider;
        this.canaries = canaries;
        this.replaces = replaces;
        this.recorder = recorder;
    }

    @Override
    public Reply send(Request request) throws IOException, InterruptedException {
        ObjectNode body;
        try {
            body = StrictJson.object(request.body());
        } catch (StrictJson.Malformed e) {
            throw new IOException("what would be sent is not JSON: " + e.getMessage(), e);
        }
        GuestText model = GuestText.of(body.path("model").asText(request.path()));
        if (canaries.in("model", model.visible(), request.body())) {
            throw new IOException(
                    "the request holds a token that must not leave the guest; it was refused");
        }
        Look look = new Look();
        look.at(body);
        if (!look.fresh.isEmpty()) {
            record(model, look.fresh);
        }
        if (!look.changed) {
            return provider.send(request);
        }
        try {
            return provider.send(
                    new Request(request.path(), request.headers(), StrictJson.bytes(body)));
        } catch (StrictJson.Malformed e) {
            throw new IOException("what would be sent is not JSON: " + e.getMessage(), e);
        }
    }

    private void record(GuestText model, List<String> rules) throws IOException {
        try {
            recorder.record(
                    new Fact.SecretsToModel(
                            model,
                            rules.stream().distinct().sorted().toList(),
                            rules.size(),
                            replaces ? "replaced" : "warned"));
        } catch (CountersignException e) {
            throw new IOException("it could not be written down, so nothing is sent", e);
        }
    }

    @Override
    public boolean serves(String path) {
        return provider.serves(path);
    }

    @Override
    public List<String> models() {
        return provider.models();
    }

    /// One request.
    private final class Look {
        private final List<String> fresh = new ArrayList<>();
        private boolean changed;

        void at(JsonNode node) {
            switch (node) {
                case ObjectNode object -> {
                    for (Map.Entry<String, JsonNode> field : new HashSet<>(object.properties())) {
                        if (!UNTOUCHED.contains(field.getKey())) {
                            object.set(field.getKey(), instead(field.getValue()));
                        }
                    }
                }
                case ArrayNode array -> {
                    for (int i = 0; i < array.size(); i++) {
                        array.set(i, instead(array.get(i)));
                    }
                }
                default -> {}
            }
        }

        private JsonNode instead(JsonNode node) {
            if (!(node instanceof TextNode text)) {
                at(node);
                return node;
            }
            String value = text.textValue();
            if (rules(value).isEmpty() || !replaces) {
                return node;
            }
            changed = true;
            String first = value.substring(0, Math.min(LONGEST, value.length()));
            return TextNode.valueOf(secrets.redact(first) + value.substring(first.length()));
        }

        private List<String> rules(String value) {
            if (value.length() < 8) {
                return List.of();
            }
            Digest digest = Digest.of(value);
            synchronized (seen) {
                List<String> known = seen.get(digest);
                if (known != null) {
                    return known;
                }
            }
            List<String> found =
                    secrets.rules(value.substring(0, Math.min(LONGEST, value.length())));
            synchronized (seen) {
                if (seen.put(digest, found) == null) {
                    fresh.addAll(found);
                }
            }
            return found;
        }
    }
}
