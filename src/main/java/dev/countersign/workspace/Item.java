package dev.countersign.workspace;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import dev.countersign.domain.Digest;

/// What is at a path, by content. Two equal items are the same bytes; times and owners don't count,
/// of the mode only whether the owner may execute.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "k")
@JsonSubTypes({
    @JsonSubTypes.Type(Item.Absent.class),
    @JsonSubTypes.Type(Item.File.class),
    @JsonSubTypes.Type(Item.LinkTo.class),
    @JsonSubTypes.Type(Item.Other.class),
})
sealed interface Item {
    /// Nothing.
    @JsonTypeName("-")
    record Absent() implements Item {
        static final Absent HERE = new Absent();
    }

    /// A regular file.
    @JsonTypeName("f")
    record File(Digest content, long size, boolean executable) implements Item {}

    /// A symbolic link.
    @JsonTypeName("l")
    record LinkTo(String target) implements Item {}

    /// A directory, a device, or something below a link: nothing that is carried.
    @JsonTypeName("o")
    record Other(String what) implements Item {}

    /// Whether this is [Absent].
    default boolean absent() {
        return this instanceof Absent;
    }
}
