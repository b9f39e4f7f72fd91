package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// How the ledger and the indexes write on disk: a row is its length (4 bytes), the CRC-32C of what
/// follows (4 bytes), a kind (1 byte) and its fields.
final class LedgerRow {
    static final byte[] MAGIC = "countersign ledger 2\n".getBytes(StandardCharsets.US_ASCII);

    private static final int HEAD = 8;
    private static final byte PATH = 1;
    private static final byte REJECTED = 2;
    private static final byte KEPT = 3;
    private static final byte BLOCKED = 4;
    private static final byte FLAGS = 5;
    private static final byte TRANSACTION = 6;
    private static final byte MARK = 7;

    private LedgerRow() {}

    /// Is told each row.
    interface Reader {
        void path(String path, Item base, Item guest);

        void rejected(String id, boolean is);

        void kept(List<Ledger.Kept> all);

        void blocked(String path, @Nullable String why);

        void flags(boolean copied, int epoch);

        void transaction(String id);

        void mark(String path, String hunk, @Nullable HunkState as);
    }

    static byte[] path(String path, Item base, Item guest) {
        return new Writer(PATH).text(path).item(base).item(guest).row();
    }

    static byte[] rejected(String id, boolean is) {
        return new Writer(REJECTED).text(id).flag(is).row();
    }

    static byte[] kept(List<Ledger.Kept> all) {
        Writer writer = new Writer(KEPT).number(all.size());
        for (Ledger.Kept kept : all) {
            writer.number(kept.epoch()).text(kept.path()).item(kept.base()).item(kept.made());
        }
        return writer.row();
    }

    static byte[] blocked(String path, @Nullable String why) {
        return new Writer(BLOCKED).text(path).flag(why != null).text(why == null ? "" : why).row();
    }

    static byte[] flags(boolean copied, int epoch) {
        return new Writer(FLAGS).flag(copied).number(epoch).row();
    }

    static byte[] transaction(String id) {
        return new Writer(TRANSACTION).text(id).row();
    }

    static byte[] mark(String path, String hunk, @Nullable HunkState as) {
        return new Writer(MARK).text(path).text(hunk).text(as == null ? "" : as.name()).row();
    }

    /// Reads rows until one is not whole.
    ///
    /// @return how many bytes were good
    static int readAll(byte[] bytes, Reader reader) {
        ByteBuffer all = ByteBuffer.wrap(bytes);
        if (all.limit() < MAGIC.length
                || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return 0;
        }
        int at = MAGIC.length;
        while (all.limit() - at >= HEAD) {
            int length = all.getInt(at);
            if (length < 1 || length > all.limit() - at - HEAD) {
                return at;
            }
            if (all.getInt(at + 4) != checksum(bytes, at + HEAD, length)) {
                return at;
            }
            try {
                take(new Fields(all.slice(at + HEAD, length)), reader);
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                return at;
            }
            at += HEAD + length;
        }
        return at;
    }

    /// Whether what is wrong from here on is only that the last write did not end.
    static boolean cutShort(byte[] bytes, int at) {
        ByteBuffer all = ByteBuffer.wrap(bytes);
        if (at < MAGIC.length) {
            return false;
        }
        int left = all.limit() - at;
        return left < HEAD || (all.getInt(at) > left - HEAD && all.getInt(at) < 1 << 30);
    }

    private static void take(Fields in, Reader reader) {
        switch (in.kind()) {
            case PATH -> reader.path(in.text(), in.item(), in.item());
            case REJECTED -> reader.rejected(in.text(), in.flag());
            case KEPT -> {
                List<Ledger.Kept> all = new ArrayList<>();
                for (int left = in.number(); left > 0; left--) {
                    all.add(new Ledger.Kept(in.number(), in.text(), in.item(), in.item()));
                }
                reader.kept(all);
            }
            case BLOCKED -> {
                String path = in.text();
                boolean is = in.flag();
                String why = in.text();
                reader.blocked(path, is ? why : null);
            }
            case FLAGS -> reader.flags(in.flag(), in.number());
            case TRANSACTION -> reader.transaction(in.text());
            case MARK -> {
                String path = in.text();
                String hunk = in.text();
                String as = in.text();
                reader.mark(path, hunk, as.isEmpty() ? null : HunkState.valueOf(as));
            }
            default -> throw new IllegalArgumentException("a row of an unknown kind");
        }
    }

    static int checksum(byte[] bytes, int from, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, length);
        return (int) sum.getValue();
    }

    /// Builds a row.
    static final class Writer {
        private byte[] bytes = new byte[256];
        private int at = HEAD;

        Writer(byte kind) {
            bytes[at++] = kind;
        }

        private ByteBuffer room(int size) {
            if (at + size > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, at + size));
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes, at, size);
            at += size;
            return buffer;
        }

        Writer text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            room(4 + utf8.length).putInt(utf8.length).put(utf8);
            return this;
        }

        Writer flag(boolean is) {
            room(1).put((byte) (is ? 1 : 0));
            return this;
        }

        Writer number(int n) {
            room(4).putInt(n);
            return this;
        }

        Writer longs(long... all) {
            for (long n : all) {
                room(8).putLong(n);
            }
            return this;
        }

        Writer item(Item item) {
            return switch (item) {
                case Item.Absent _ -> letter('-');
                case Item.File(Digest content, long size, boolean executable) -> {
                    letter('f');
                    room(32).put(HexFormat.of().parseHex(content.hex()));
                    yield longs(size).flag(executable);
                }
                case Item.LinkTo(String target) -> letter('l').text(target);
                case Item.Other(String what) -> letter('o').text(what);
            };
        }

        private Writer letter(char letter) {
            room(1).put((byte) letter);
            return this;
        }

        byte[] row() {
            byte[] row = Arrays.copyOf(bytes, at);
            ByteBuffer.wrap(row).putInt(at - HEAD).putInt(checksum(row, HEAD, at - HEAD));
            return row;
        }
    }

    /// Takes a row apart.
    static final class Fields {
        private final ByteBuffer in;
        private final byte kind;

        Fields(ByteBuffer in) {
            this.in = in;
            this.kind = in.get();
        }

        byte kind() {
            return kind;
        }

        String text() {
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new IllegalArgumentException("a text longer than its row");
            }
            byte[] utf8 = new byte[length];
            in.get(utf8);
            return new String(utf8, StandardCharsets.UTF_8);
        }

        boolean flag() {
            return in.get() != 0;
        }

        int number() {
            return in.getInt();
        }

        long big() {
            return in.getLong();
        }

        Item item() {
            byte letter = in.get();
            return switch (letter) {
                case '-' -> Item.Absent.HERE;
                case 'f' -> {
                    byte[] digest = new byte[32];
                    in.get(digest);
                    yield new Item.File(
                            new Digest(HexFormat.of().formatHex(digest)), big(), flag());
                }
                case 'l' -> new Item.LinkTo(text());
                case 'o' -> new Item.Other(text());
                default -> throw new IllegalArgumentException("an item of an unknown kind");
            };
        }
    }
}
