package dev.countersign.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.gateway.http.HttpRequest;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Answers agents that ask which models there are: those that the provider names and those that
/// were asked for. A single model that is asked about exists, as far as the gateway can know.
final class ModelList {
    private static final Pattern PATH =
            Pattern.compile("/(?:v1/|v1beta/)?models(?:/([A-Za-z0-9._:/-]{1,100}))?");
    private static final int MOST = 200;

    private final Upstream upstream;
    private final Set<String> used = Collections.synchronizedSet(new LinkedHashSet<>());

    ModelList(Upstream upstream) {
        this.upstream = upstream;
    }

    static boolean takes(HttpRequest request) {
        return request.method().equals("GET") && PATH.matcher(request.path()).matches();
    }

    void used(String model) {
        if (used.size() < MOST) {
            used.add(model);
        }
    }

    ObjectNode answer(HttpRequest request) {
        Matcher path = PATH.matcher(request.path());
        String single = path.matches() ? path.group(1) : null;
        boolean gemini = request.path().startsWith("/v1beta/");
        boolean anthropic = request.header("anthropic-version").isPresent();
        if (single != null) {
            return entry(single, gemini, anthropic);
        }
        Set<String> names = new LinkedHashSet<>(upstream.models());
        synchronized (used) {
            names.addAll(used);
        }
        List<ObjectNode> entries =
                names.stream().limit(MOST).map(name -> entry(name, gemini, anthropic)).toList();
        ObjectNode list = StrictJson.newObject();
        if (!gemini && !anthropic) {
            list.put("object", "list");
        }
        ArrayNode all = list.putArray(gemini ? "models" : "data");
        all.addAll(entries);
        if (anthropic) {
            list.put("has_more", false);
            list.put("first_id", names.stream().findFirst().orElse(null));
            list.put("last_id", names.stream().reduce((_, last) -> last).orElse(null));
        }
        return list;
    }

    private static ObjectNode entry(String name, boolean gemini, boolean anthropic) {
        ObjectNode entry = StrictJson.newObject();
        if (gemini) {
            entry.put("name", "models/" + name).put("displayName", name);
            entry.putArray("supportedGenerationMethods").add("generateContent").add("countTokens");
            return entry;
        }
        entry.put("id", name);
        return anthropic
                ? entry.put("type", "model")
                        .put("display_name", name)
                        .put("created_at", "1970-01-01T00:00:00Z")
                : entry.put("object", "model").put("created", 0).put("owned_by", "provider");
    }
}
