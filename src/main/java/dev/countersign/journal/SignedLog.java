package dev.countersign.journal;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.journal.LogScan.Fault;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An append-only file of records with signed heads beside it. Knows nothing of facts.
///
/// A record is written (write(2)) before [#append] returns, so that it survives the process; it is
/// on disk at the latest 50 ms later, or before [#append] returns if that was asked for. All
/// writers that wait at one time share one fsync. A head is signed with each such group, and for
/// the others every 1,024 records or second.
final class SignedLog implements AutoCloseable {
    static final String FILE = "log.jsonl";
    static final String KEY = "key.pub";
    static final String ASIDE = "aside";
    private static final String LOCK = "lock";

    /// Start the fsync of a group so early that it ends within 50 ms ([P5]).
    private static final long GROUP_NANOS = Duration.ofMillis(25).toNanos();

    private static final long HEAD_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long HEAD_RECORDS = 1024;

    /// How many bytes of rest a record may have: what is longer could not be read back.
    private static final int LONGEST_REST = LineReader.LONGEST_LINE - 512;

    /// A position in the file is kept for every so many records.
    private static final int STRIDE = 128;

    private final Path directory;
    private final String origin;
    private final SigningKey key;
    private final Clock clock;
    private final Consumer<SignedHead> onHead;
    private final FileChannel lockFile;
    private final RandomAccessFile file;
    private final HeadFile heads;
    private final List<String> recovered;
    private final Thread syncer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition grown = lock.newCondition();
    private final MessageDigest sha = Digest.sha256();
    private final MerkleFrontier tree;
    private long[] offsets = new long[64];
    private byte[] last;
    private long written;
    private long synced;
    private long unsyncedSince;
    private long headSize;
    private long headSince = System.nanoTime();
    private Group group = new Group();
    private boolean closing;
    private @Nullable CountersignException broken;
    private @Nullable SignedHead head;

    /// Those who wait for one fsync.
    private static final class Group {
        private final CompletableFuture<Optional<CountersignException>> done =
                new CompletableFuture<>();
        private boolean awaited;
    }

    /// Turns what must be written into the members of a record behind `prev`.
    interface Rest {
        byte[] bytes();

        /// Called once it is written, before any other record is.
        default void written() {}
    }

    /// Where a record stands.
    record Place(long seq, Instant at) {}

    /// @param known heads that are known from elsewhere: the log must reproduce them too
    /// @param onHead told of each new head, on the log's own thread
    static SignedLog open(
            Path directory,
            String name,
            SigningKey key,
            Clock clock,
            List<SignedHead> known,
            Consumer<SignedHead> onHead)
            throws CountersignException {
        String origin = key.origin(name);
        try {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            FileChannel lockFile = lock(directory, name);
            try {
                return recover(directory, name, origin, key, clock, known, onHead, lockFile);
            } catch (IOException | CountersignException e) {
                lockFile.close();
                throw e;
            }
        } catch (IOException e) {
            throw Failures.of("The journal of " + name, directory, "could not be opened", e);
        }
    }

    private static FileChannel lock(Path directory, String name)
            throws IOException, CountersignException {
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(LOCK),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // This process has it open already: answered below, as for another process.
        }
        channel.close();
        throw new CountersignException(
                Kind.CONFLICT,
                "The journal of "
                        + name
                        + " is open already. Only one engine writes it: end the other one first.");
    }

    private static SignedLog recover(
            Path directory,
            String name,
            String origin,
            SigningKey key,
            Clock clock,
            List<SignedHead> known,
            Consumer<SignedHead> onHead,
            FileChannel lockFile)
            throws IOException, CountersignException {
        Path path = directory.resolve(FILE);
        HeadFile.Content signed = HeadFile.read(directory.resolve(HeadFile.NAME));
        refuse(name, signed.fault());
        refuse(name, Heads.fault(signed.heads(), origin, key.verifier()));
        List<SignedHead> all = new ArrayList<>(signed.heads());
        all.addAll(known);
        long length = Files.exists(path) ? Files.size(path) : 0;
        long[][] offsets = {new long[64]};
        LogScan scan =
                length == 0 && all.isEmpty()
                        ? new LogScan(new MerkleFrontier(), 0, LogScan.begin(origin), 0, null, null)
                        : LogScan.of(
                                touch(path),
                                length,
                                origin,
                                all,
                                (seq, start, _, _, _, _) ->
                                        offsets[0] = noted(offsets[0], seq, start));
        Fault fault = scan.fault();
        long covered = all.stream().mapToLong(SignedHead::size).max().orElse(0);
        if (fault != null && fault.entry() < covered) {
            refuse(name, fault.says());
        }
        if (signed.heads().isEmpty() && scan.tree().size() > 0) {
            refuse(name, HeadFile.MISSING);
        }
        List<String> recovered = new ArrayList<>();
        if (scan.end() < length) {
            recovered.add(setAside(directory, path, scan, length));
        }
        String keyText = key.verifier().encoded(origin) + "\n";
        Files.writeString(directory.resolve(KEY), keyText);
        HeadFile heads = HeadFile.append(directory.resolve(HeadFile.NAME), signed.end());
        return new SignedLog(
                directory,
                origin,
                key,
                clock,
                onHead,
                lockFile,
                heads,
                scan,
                offsets[0],
                signed.heads().isEmpty()
                        ? first(heads, key, origin, clock)
                        : signed.heads().getLast(),
                recovered);
    }

    /// Signs the empty log before anything is recorded: entries without any head are then a
    /// finding, and never what an engine left that was killed in its first moments.
    private static SignedHead first(HeadFile heads, SigningKey key, String origin, Clock clock)
            throws IOException {
        SignedHead head =
                SignedHead.sign(key, origin, 0, new MerkleFrontier().root(), clock.instant());
        heads.append(head);
        heads.sync();
        return head;
    }

    private static Path touch(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createFile(path);
        }
        return path;
    }

    private static void refuse(String name, @Nullable String problem) throws CountersignException {
        if (problem != null) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The journal of "
                            + name
                            + " is not as it was signed: "
                            + problem
                            + ". Nothing was written to it. See `countersign journal verify "
                            + name
                            + "`; keep its directory as evidence and start a new session.");
        }
    }

    /// Keeps what stands behind the last record that is in order in a file of its own, then cuts it
    /// off. Returns what to tell.
    private static String setAside(Path directory, Path path, LogScan scan, long length)
            throws IOException {
        Path aside = directory.resolve(ASIDE);
        Files.createDirectories(aside);
        Path kept = freeName(aside, scan.tree().size());
        MessageDigest sha = Digest.sha256();
        try (RandomAccessFile log = new RandomAccessFile(path.toFile(), "rw");
                RandomAccessFile to = new RandomAccessFile(kept.toFile(), "rw")) {
            log.seek(scan.end());
            byte[] block = new byte[1 << 16];
            for (int count = log.read(block); count > 0; count = log.read(block)) {
                to.write(block, 0, count);
                sha.update(block, 0, count);
            }
            to.getFD().sync();
            syncDirectory(aside);
            log.setLength(scan.end());
            log.getFD().sync();
        }
        Fault fault = scan.fault();
        return (length - scan.end())
                + " bytes behind entry "
                + (scan.tree().size() - 1)
                + " do not count: "
                + (fault == null
                        ? "the last record was cut short when the engine ended"
                        : fault.says())
                + ". They are kept in "
                + ASIDE
                + "/"
                + kept.getFileName()
                + ", SHA-256 "
                + java.util.HexFormat.of().formatHex(sha.digest());
    }

    private static Path freeName(Path aside, long entries) {
        Path name = aside.resolve("after-" + entries);
        for (int i = 2; Files.exists(name); i++) {
            name = aside.resolve("after-" + entries + "-" + i);
        }
        return name;
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private SignedLog(
            Path directory,
            String origin,
            SigningKey key,
            Clock clock,
            Consumer<SignedHead> onHead,
            FileChannel lockFile,
            HeadFile heads,
            LogScan scan,
            long[] offsets,
            @Nullable SignedHead head,
            List<String> recovered)
            throws IOException {
        this.directory = directory;
        this.origin = origin;
        this.key = key;
        this.clock = clock;
        this.onHead = onHead;
        this.lockFile = lockFile;
        this.heads = heads;
        this.tree = scan.tree();
        this.last = scan.last();
        this.offsets = offsets;
        this.written = scan.end();
        this.synced = scan.end();
        this.head = head;
        this.headSize = head == null ? 0 : head.size();
        this.recovered = List.copyOf(recovered);
        this.file = new RandomAccessFile(directory.resolve(FILE).toFile(), "rw");
        file.seek(written);
        syncDirectory(directory);
        // A platform thread: fsync would hold a carrier of virtual threads.
        this.syncer = Thread.ofPlatform().daemon().name("journal-" + origin).unstarted(this::sync);
    }

    SignedLog start() {
        syncer.start();
        return this;
    }

    /// Appends one record.
    ///
    /// @param now whether it must be on disk and under a signed head first
    /// @throws CountersignException EXHAUSTED if the disk is full, FAILED if it can't be written;
    ///   the record does not count then, unless only its fsync or its head failed
    Place append(Rest rest, boolean now) throws CountersignException {
        Group waiting;
        Place place;
        lock.lock();
        try {
            checkUsable();
            byte[] bytes = rest.bytes();
            if (bytes.length > LONGEST_REST) {
                throw new CountersignException(
                        Kind.EXHAUSTED,
                        "The record is too long for the journal: "
                                + bytes.length
                                + " bytes, at most "
                                + LONGEST_REST
                                + ". Shorten what is recorded.");
            }
            place = new Place(tree.size(), clock.instant());
            byte[] line = LogLine.compose(place.seq(), place.at(), last, bytes);
            write(line);
            offsets = noted(offsets, place.seq(), written);
            last = Merkle.leaf(sha, line, 0, line.length - 1);
            tree.append(last);
            if (written == synced) {
                unsyncedSince = System.nanoTime();
                work.signal();
            }
            written += line.length;
            rest.written();
            grown.signalAll();
            waiting = group;
            if (now) {
                waiting.awaited = true;
                work.signal();
            }
        } finally {
            lock.unlock();
        }
        if (now) {
            await(waiting);
        }
        return place;
    }

    /// Waits until all that is written is on disk and signed.
    void flush() throws CountersignException {
        Group waiting;
        lock.lock();
        try {
            checkUsable();
            waiting = group;
            waiting.awaited = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        await(waiting);
    }

    private void checkUsable() throws CountersignException {
        if (broken != null) {
            throw new CountersignException(broken.kind(), broken.getMessage(), broken);
        }
        if (closing) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The journal " + origin + " is closed. Nothing more can be recorded in it.");
        }
    }

    private static void await(Group group) throws CountersignException {
        Optional<CountersignException> failure = group.done.join();
        if (failure.isPresent()) {
            CountersignException cause = failure.get();
            throw new CountersignException(cause.kind(), cause.getMessage(), cause);
        }
    }

    private void write(byte[] line) throws CountersignException {
        try {
            file.write(line);
        } catch (IOException e) {
            CountersignException failure =
                    Failures.of("The journal", directory, "could not be written", e);
            try {
                file.setLength(written);
                file.seek(written);
            } catch (IOException cut) {
                failure.addSuppressed(cut);
                broken = failure;
            }
            throw failure;
        }
    }

    /// The syncer's life: waits for work, syncs, signs, tells those who wait.
    private void sync() {
        lock.lock();
        try {
            boolean last = false;
            while (!last) {
                last = closing;
                if (last || group.awaited || waitedLongEnough()) {
                    round(last);
                } else {
                    idle();
                }
            }
        } finally {
            if (!closing) {
                broken = broken != null ? broken : died();
            }
            group.done.complete(Optional.ofNullable(broken));
            lock.unlock();
        }
    }

    private CountersignException died() {
        return new CountersignException(
                Kind.FAILED,
                "The journal " + origin + " stopped by a fault of this program. Restart it.");
    }

    private boolean waitedLongEnough() {
        long now = System.nanoTime();
        return (written > synced && now - unsyncedSince >= GROUP_NANOS)
                || (tree.size() > headSize && now - headSince >= HEAD_NANOS);
    }

    /// Waits until there may be work; the loop around it looks whether there is.
    @SuppressWarnings("WaitNotInLoop")
    private void idle() {
        long now = System.nanoTime();
        long nanos = Long.MAX_VALUE;
        if (written > synced) {
            nanos = unsyncedSince + GROUP_NANOS - now;
        } else if (tree.size() > headSize) {
            nanos = headSince + HEAD_NANOS - now;
        }
        try {
            if (nanos == Long.MAX_VALUE) {
                work.await();
            } else if (nanos > 0) {
                work.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            // Nobody may end the syncer but close(): its waiters would wait for ever.
            return;
        }
    }

    /// What a round brought.
    ///
    /// @param fatal after a failed fsync nobody knows what is on disk: no record may build on it
    private record Outcome(
            @Nullable CountersignException failure, boolean fatal, @Nullable SignedHead head) {}

    /// One fsync and, if due, one head. Called and left with the lock held.
    private void round(boolean closing) {
        Group served = group;
        group = new Group();
        long target = written;
        long size = tree.size();
        boolean sign = size > headSize && (served.awaited || closing || headIsDue(size));
        byte[] root = sign ? tree.root() : new byte[0];
        boolean dirty = target > synced;
        long began = System.nanoTime();
        Outcome outcome = new Outcome(died(), true, null);
        lock.unlock();
        try {
            outcome = toDisk(dirty, sign, size, root, closing || served.awaited);
        } finally {
            lock.lock();
            unsyncedSince = began;
            synced = target;
            settle(served, outcome, sign);
        }
    }

    private boolean headIsDue(long size) {
        return size - headSize >= HEAD_RECORDS || System.nanoTime() - headSince >= HEAD_NANOS;
    }

    private Outcome toDisk(boolean dirty, boolean sign, long size, byte[] root, boolean now) {
        try {
            if (dirty) {
                file.getFD().sync();
            }
        } catch (IOException e) {
            String what = "could not be brought to disk (end the engine and start it again)";
            return new Outcome(Failures.of("The journal", directory, what, e), true, null);
        }
        if (!sign) {
            return new Outcome(null, false, null);
        }
        SignedHead signed = SignedHead.sign(key, origin, size, root, clock.instant());
        try {
            heads.append(signed);
            if (now) {
                heads.sync();
            }
        } catch (IOException e) {
            String what = "could not be signed";
            return new Outcome(Failures.of("The journal", directory, what, e), false, null);
        }
        onHead.accept(signed);
        return new Outcome(null, false, signed);
    }

    private void settle(Group served, Outcome outcome, boolean sign) {
        if (outcome.fatal() && broken == null) {
            broken = outcome.failure();
        }
        if (outcome.head() != null) {
            head = outcome.head();
            headSize = outcome.head().size();
        }
        if (sign) {
            headSince = System.nanoTime();
        }
        served.done.complete(Optional.ofNullable(outcome.failure()));
    }

    /// Keeps the position of every 128th record.
    private static long[] noted(long[] offsets, long seq, long start) {
        if (seq % STRIDE != 0) {
            return offsets;
        }
        int index = (int) (seq / STRIDE);
        long[] roomy =
                index < offsets.length ? offsets : Arrays.copyOf(offsets, 2 * offsets.length);
        roomy[index] = start;
        return roomy;
    }

    /// Where a walk must begin to meet this record: at or before it.
    LogPosition positionOf(long seq) {
        lock.lock();
        try {
            if (tree.size() == 0) {
                return new LogPosition(0, 0);
            }
            long at = Math.min(seq, tree.size() - 1) / STRIDE;
            return new LogPosition(at * STRIDE, offsets[(int) at]);
        } finally {
            lock.unlock();
        }
    }

    /// A record's number and its place in the file.
    record LogPosition(long seq, long offset) {}

    /// Waits until more than this many bytes are written, the log is closed, or `stopped` is true;
    /// returns how many are.
    long awaitMore(long seen, java.util.function.BooleanSupplier stopped)
            throws InterruptedException {
        lock.lock();
        try {
            while (written <= seen && !closing && !stopped.getAsBoolean()) {
                grown.await();
            }
            return written;
        } finally {
            lock.unlock();
        }
    }

    /// Wakes those in [#awaitMore] so that they look at their stop signal.
    void wake() {
        lock.lock();
        try {
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long size() {
        lock.lock();
        try {
            return tree.size();
        } finally {
            lock.unlock();
        }
    }

    long written() {
        lock.lock();
        try {
            return written;
        } finally {
            lock.unlock();
        }
    }

    Optional<SignedHead> head() {
        lock.lock();
        try {
            return Optional.ofNullable(head);
        } finally {
            lock.unlock();
        }
    }

    /// What was found behind the last whole record when the log was opened, in words.
    List<String> recovered() {
        return recovered;
    }

    Path directory() {
        return directory;
    }

    Path file() {
        return directory.resolve(FILE);
    }

    String origin() {
        return origin;
    }

    /// Brings all to disk, signs the last head, and lets the lock go. Closing twice is harmless.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            work.signal();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
        joinSyncer();
        try {
            file.close();
            heads.close();
            lockFile.close();
        } catch (IOException e) {
            // All is on disk by now; a descriptor that can't be closed ends with the process.
            return;
        }
    }

    private void joinSyncer() {
        boolean interrupted = false;
        while (syncer.isAlive()) {
            try {
                syncer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
