package dev.countersign.vm.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.countersign.domain.Digest;

/// A coding agent in an image, root-owned below `/opt/agents/NAME`.
///
/// @param name a lower-case word
/// @param version of its program
/// @param pin of what it is made from: packages with their own digests, and what is taken of them
public record ImageAgent(
        @JsonProperty(required = true) String name,
        @JsonProperty(required = true) String version,
        @JsonProperty(required = true) Digest pin) {}
