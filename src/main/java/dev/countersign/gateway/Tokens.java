package dev.countersign.gateway;

/// What an answer cost, as the provider counted.
///
/// @param input all that was read, cached or not
/// @param output all that was written, thinking included
/// @param cacheRead part of `input` that came from the provider's cache
/// @param cacheWritten part of `input` that was put into it
record Tokens(long input, long output, long cacheRead, long cacheWritten) {
    static final Tokens NONE = new Tokens(0, 0, 0, 0);

    /// Providers are not trusted to count upwards only.
    Tokens {
        input = Math.max(0, input);
        output = Math.max(0, output);
        cacheRead = Math.clamp(cacheRead, 0, input);
        cacheWritten = Math.clamp(cacheWritten, 0, input - cacheRead);
    }
}
