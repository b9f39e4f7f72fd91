package dev.countersign.vm.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.countersign.domain.Digest;
import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/// `manifest.json` of an image: written last, so an image that has one is complete.
///
/// @param agents null in an image without any
record Manifest(
        @JsonProperty(required = true) int version,
        @JsonProperty(required = true) Digest digest,
        @JsonProperty(required = true) String architecture,
        @JsonProperty(required = true) String suite,
        @JsonProperty(required = true) String cmdline,
        @JsonProperty(required = true) long diskBytes,
        @JsonProperty(required = true) Digest disk,
        @JsonProperty(required = true) Digest kernel,
        @JsonProperty(required = true) Digest initrd,
        @JsonProperty(required = true) List<String> toolchains,
        @JsonProperty(required = true) List<String> packages,
        @JsonProperty(required = true) String built,
        @JsonProperty(required = true) NavigableMap<String, String> versions,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<ImageAgent> agents) {
    /// What this program writes and reads.
    static final int VERSION = 1;
}
