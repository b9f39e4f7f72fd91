package dev.countersign.domain;

/// One call that the model asked for, as it came on the wire.
///
/// @param id the wire's own id of the call, unique inside its session
/// @param tool the tool's name, as claimed by the guest
/// @param argumentsJson the arguments, byte for byte as the model sent them: a JSON object
/// @param cwd the directory that the agent claims to work in
public record ToolCall(GuestText id, GuestText tool, GuestText argumentsJson, GuestText cwd) {
    /// The digest of exactly this call ([P4]): every field, length-prefixed, so that none can run
    /// into another.
    public Digest digest() {
        StringBuilder text = new StringBuilder("countersign-call-v1");
        for (GuestText part : new GuestText[] {id, tool, argumentsJson, cwd}) {
            text.append('\n').append(part.raw().length()).append(':').append(part.raw());
        }
        return Digest.of(text.toString());
    }
}
