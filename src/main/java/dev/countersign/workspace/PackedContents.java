package dev.countersign.workspace;

import dev.countersign.domain.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Small contents, one after the other in files that only grow, and beside each a list of what is
/// where. Bytes are written before their entry, so an entry is never ahead of them; an entry that a
/// crash cut short is passed over, and with it bytes that nothing referred to yet.
final class PackedContents implements AutoCloseable {
    private static final long FULL = 256L << 20;
    private static final int ENTRY = 32 + 8 + 4 + 4;

    /// Dead bytes that a pack may carry before it is written anew.
    private static final long WASTE = 16L << 20;

    private record Place(int pack, long offset, int length) {}

    private static final class Pack implements AutoCloseable {
        final FileChannel bytes;
        final FileChannel entries;
        long end;

        Pack(Path directory, int number) throws IOException {
            this.bytes = open(directory.resolve(name(number) + ".pack"));
            this.entries = open(directory.resolve(name(number) + ".idx"));
            this.end = bytes.size();
        }

        private static FileChannel open(Path file) throws IOException {
            return FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        }

        @Override
        public void close() throws IOException {
            bytes.close();
            entries.close();
        }
    }

    private final Path directory;
    private final TreeMap<Integer, Pack> packs = new TreeMap<>();
    private final Map<Digest, Place> places = new HashMap<>();
    private final FaultPoint faults;
    private boolean unsynced;

    PackedContents(Path directory, FaultPoint faults) throws IOException {
        this.directory = directory;
        this.faults = faults;
        Files.createDirectories(directory);
        try (Stream<Path> all = Files.list(directory)) {
            // In order: of contents that a crash left in two packs the later place counts.
            for (Path file : all.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.matches("\\d{6}\\.pack")) {
                    int number = Integer.parseInt(name.substring(0, 6));
                    Pack pack = new Pack(directory, number);
                    packs.put(number, pack);
                    load(number, pack);
                }
            }
        }
    }

    private static String name(int number) {
        return "%06d".formatted(number);
    }

    private void load(int number, Pack pack) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) pack.entries.size());
        while (all.hasRemaining() && pack.entries.read(all, all.position()) >= 0) {
            // Reads on until all is there.
        }
        all.flip();
        byte[] digest = new byte[32];
        long good = 0;
        while (all.remaining() >= ENTRY) {
            int at = all.position();
            all.get(digest);
            long offset = all.getLong();
            int length = all.getInt();
            if (all.getInt() != checksum(all.array(), at)
                    || offset < 0
                    || length < 0
                    || offset + length > pack.end) {
                break;
            }
            places.put(
                    new Digest(HexFormat.of().formatHex(digest)),
                    new Place(number, offset, length));
            good += ENTRY;
        }
        pack.entries.truncate(good);
        pack.entries.position(good);
    }

    private static int checksum(byte[] entry, int at) {
        CRC32C sum = new CRC32C();
        sum.update(entry, at, ENTRY - 4);
        return (int) sum.getValue();
    }

    synchronized boolean has(Digest digest) {
        return places.containsKey(digest);
    }

    synchronized void put(Digest digest, byte[] content, int length) throws IOException {
        if (places.containsKey(digest)) {
            return;
        }
        Map.Entry<Integer, Pack> last = packs.lastEntry();
        if (last == null || last.getValue().end + length > FULL) {
            int number = last == null ? 1 : last.getKey() + 1;
            packs.put(number, new Pack(directory, number));
            last = packs.lastEntry();
        }
        Pack pack = last.getValue();
        long offset = pack.end;
        ByteBuffer bytes = ByteBuffer.wrap(content, 0, length);
        while (bytes.hasRemaining()) {
            pack.end += pack.bytes.write(bytes, pack.end);
        }
        faults.reached("bytes");
        ByteBuffer entry = ByteBuffer.allocate(ENTRY);
        entry.put(HexFormat.of().parseHex(digest.hex())).putLong(offset).putInt(length);
        entry.putInt(checksum(entry.array(), 0)).flip();
        while (entry.hasRemaining()) {
            pack.entries.write(entry);
        }
        faults.reached("entry");
        unsynced = true;
        places.put(digest, new Place(last.getKey(), offset, length));
    }

    byte @Nullable [] bytes(Digest digest) throws IOException {
        FileChannel from;
        Place place;
        synchronized (this) {
            place = places.get(digest);
            if (place == null) {
                return null;
            }
            from = java.util.Objects.requireNonNull(packs.get(place.pack)).bytes;
        }
        ByteBuffer content = ByteBuffer.allocate(place.length);
        while (content.hasRemaining()) {
            if (from.read(content, place.offset + content.position()) < 0) {
                throw new IOException("the kept content " + digest.brief() + " is damaged");
            }
        }
        return content.array();
    }

    synchronized void sync() throws IOException {
        if (unsynced) {
            for (Pack pack : packs.values()) {
                pack.bytes.force(false);
                pack.entries.force(false);
            }
            unsynced = false;
        }
    }

    /// Called before anything else reads or writes.
    synchronized void keepOnly(Set<Digest> live) throws IOException {
        places.keySet().retainAll(live);
        // Those that hold nothing go first: else something could be moved into one of them.
        for (int number : List.copyOf(packs.keySet())) {
            if (alive(number) == 0) {
                drop(number, java.util.Objects.requireNonNull(packs.get(number)));
            }
        }
        for (int number : List.copyOf(packs.keySet())) {
            Pack pack = java.util.Objects.requireNonNull(packs.get(number));
            long alive = alive(number);
            if (pack.end - alive > Math.max(WASTE, alive)) {
                moveOut(number);
                drop(number, pack);
            }
        }
    }

    /// Bytes of this pack that something refers to; counted anew, since moving changes it.
    private long alive(int number) {
        return places.values().stream()
                .filter(place -> place.pack == number)
                .mapToLong(Place::length)
                .sum();
    }

    private void moveOut(int number) throws IOException {
        if (packs.lastKey() == number) {
            packs.put(number + 1, new Pack(directory, number + 1));
        }
        for (Digest digest : Set.copyOf(places.keySet())) {
            Place place = java.util.Objects.requireNonNull(places.get(digest));
            if (place.pack == number) {
                byte[] content = java.util.Objects.requireNonNull(bytes(digest));
                places.remove(digest);
                put(digest, content, content.length);
            }
        }
        sync();
        faults.reached("moved out");
    }

    private void drop(int number, Pack pack) throws IOException {
        packs.remove(number);
        pack.close();
        // Entries first: bytes without entries are nothing, entries without bytes would be damage.
        Files.deleteIfExists(directory.resolve(name(number) + ".idx"));
        faults.reached("forgotten");
        Files.deleteIfExists(directory.resolve(name(number) + ".pack"));
    }

    @Override
    public synchronized void close() throws IOException {
        for (Pack pack : packs.values()) {
            pack.close();
        }
    }
}
