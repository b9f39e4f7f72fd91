package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts the sides of a conflict beside each other.
final class Conflicts {
    /// What is shown of one side.
    private static final int SHOWN_BYTES = 512 << 10;

    private final ContentStore contents;

    Conflicts(ContentStore contents) {
        this.contents = contents;
    }

    /// The three versions that a resolution is about.
    static String digest(StagedChange change, Item now) {
        return Digest.of(
                        "conflict\0%d\0%s\0%s\0%s\0%s"
                                .formatted(
                                        change.epoch,
                                        change.path.value(),
                                        change.base,
                                        now,
                                        change.made))
                .hex();
    }

    Conflict of(StagedChange change, Item now, byte[] hostBytes) throws IOException {
        String digest = digest(change, now);
        boolean shown = fits(change.base) && fits(now) && fits(change.made);
        if (!shown) {
            return new Conflict(
                    digest, null, null, null, null, "a side is too large or no file to be shown");
        }
        byte[] base = StagedChange.bytes(change.base, contents);
        byte[] host = now instanceof Item.File ? hostBytes : StagedChange.bytes(now, contents);
        byte[] agent = StagedChange.bytes(change.made, contents);
        List<byte[]> sides = List.of(base, host, agent);
        if (!sides.stream().allMatch(TextDiff::text)) {
            return new Conflict(
                    digest, null, null, null, null, "a side has bytes that are no text");
        }
        boolean utf8 = sides.stream().allMatch(Conflicts::utf8);
        Charset charset = utf8 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        boolean files = now instanceof Item.File && change.made instanceof Item.File;
        return new Conflict(
                digest,
                side(change.base, new String(base, charset)),
                side(now, new String(host, charset)),
                side(change.made, new String(agent, charset)),
                files
                        ? GuestText.of(new String(TextDiff.marked(base, host, agent), charset))
                        : null,
                utf8
                        ? null
                        : "a side is not UTF-8: all are shown as Latin-1; a text of your own is"
                                + " written in UTF-8");
    }

    private static @Nullable GuestText side(Item item, String text) {
        return item.absent() ? null : GuestText.of(text);
    }

    private static boolean fits(Item item) {
        return switch (item) {
            case Item.File f -> f.size() <= SHOWN_BYTES;
            case Item.Absent _, Item.LinkTo _ -> true;
            case Item.Other _ -> false;
        };
    }

    private static boolean utf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
