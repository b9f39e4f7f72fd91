package dev.countersign.gate.approval;

import dev.countersign.domain.Digest;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Open requests of one session that show the same, but for ids and times. They may be decided with
/// one digest, which covers every one of them by its id and its own digest: one more or one less is
/// another digest. Critical ones and plans are never equal to anything: each is looked at.
///
/// @param requests in the order in which they were opened; at least one
public record EqualRequests(List<ApprovalRequest> requests) {
    /// Keeps a copy.
    public EqualRequests {
        requests = List.copyOf(requests);
    }

    /// All groups of these requests, in the order of their first members.
    public static List<EqualRequests> of(List<ApprovalRequest> open) {
        Map<Object, List<ApprovalRequest>> groups = new LinkedHashMap<>();
        for (ApprovalRequest request : open) {
            groups.computeIfAbsent(key(request), _ -> new ArrayList<>()).add(request);
        }
        return groups.values().stream().map(EqualRequests::new).toList();
    }

    /// The requests among these that show the same as this one, itself included.
    public static EqualRequests to(ApprovalRequest one, List<ApprovalRequest> open) {
        Object key = key(one);
        List<ApprovalRequest> same =
                new ArrayList<>(open.stream().filter(other -> key(other).equals(key)).toList());
        if (same.isEmpty()) {
            same.add(one);
        }
        same.sort(
                java.util.Comparator.comparing(ApprovalRequest::opened)
                        .thenComparing(ApprovalRequest::id));
        return new EqualRequests(same);
    }

    /// Covers all of them. For a single one it is that request's own.
    public Digest digest() {
        if (requests.size() == 1) {
            return requests.getFirst().digest();
        }
        StringBuilder text = new StringBuilder("countersign-equal-requests-v1");
        requests.stream()
                .flatMap(request -> Stream.of(request.id(), request.digest().hex()))
                .forEach(part -> text.append('\n').append(part));
        return Digest.of(text.toString());
    }

    /// Their ids, in order.
    public List<String> ids() {
        return requests.stream().map(ApprovalRequest::id).toList();
    }

    /// What two equal requests have in common.
    private record Shown(
            SessionId session,
            int epoch,
            String kind,
            String title,
            Level level,
            List<Object> calls,
            List<String> undo,
            String gate,
            @Nullable String warning) {}

    private static Object key(ApprovalRequest request) {
        if (request.level() == Level.CRITICAL
                || request.kind().equals("plan")
                || !request.planDirectories().isEmpty()) {
            return request.id();
        }
        List<Object> calls = new ArrayList<>();
        for (ApprovalRequest.Call call : request.calls()) {
            calls.add(
                    List.of(
                            call.tool(),
                            call.argumentsJson(),
                            call.cwd(),
                            call.level(),
                            call.effects(),
                            call.reasons(),
                            call.rule(),
                            call.waits()));
        }
        return new Shown(
                request.session(),
                request.epoch(),
                request.kind(),
                request.title(),
                request.level(),
                calls,
                request.undo(),
                request.gate(),
                request.warning());
    }
}
