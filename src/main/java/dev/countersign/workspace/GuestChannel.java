package dev.countersign.workspace;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.GuestText;
import dev.countersign.vm.ssh.GuestProcess;
import dev.countersign.vm.ssh.Link;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Speaks with the guest's side over one exec channel: a request, its answers, and words that
/// something may have changed. The guest's side is hostile: every length, type and name is checked,
/// memory is bounded, and silence ends the channel.
final class GuestChannel implements AutoCloseable {
    static final int VERSION = 2;

    /// The largest part of a file in a frame: what somebody waits for never waits longer than for
    /// one of these.
    static final int FRAME = 1 << 18;

    /// Frames of puts that may be on their way unanswered.
    private static final int WINDOW = 8;

    /// After this many frames taken the guest's side is told, so that it sends on; it may be ahead
    /// by a few times that.
    private static final int CREDIT = 4;

    /// Which of two requests overtakes the other.
    enum Lane {
        /// What somebody waits for.
        LIVE(0),
        /// Much at once.
        BULK(1);

        private final int onTheWire;

        Lane(int onTheWire) {
            this.onTheWire = onTheWire;
        }
    }

    private static final int LARGEST_FRAME = 8 << 20;
    private static final int ERROR_OUTPUT = 8 << 10;
    private static final int QUEUED = 64;
    private static final int TOGETHER = 500;
    private static final ObjectMapper JSON =
            JsonMapper.builder(
                            com.fasterxml.jackson.core.JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(16)
                                                    .maxStringLength(1 << 16)
                                                    .maxDocumentLength(LARGEST_FRAME)
                                                    .build())
                                    .build())
                    .build();

    /// Told that the guest changed. Called from the channel's thread; must return at once.
    interface Events {
        /// These paths, or below them, or anything.
        void changed(List<String> paths, boolean anything);

        /// The channel is gone.
        void ended(String why);
    }

    /// Something that a scan found. All of it is claimed.
    ///
    /// @param kind `f` file, `l` link, `d` directory, `n` nothing, `p` directory that was passed
    ///   over, `x` special, `b` bad name, `u` unreadable
    /// @param now the guest's clock, in nanoseconds
    record Entry(
            String path,
            char kind,
            @Nullable Stat stat,
            @Nullable String claimedHash,
            @Nullable String target,
            long now) {
        /// What it weighs, as claimed.
        long size() {
            return stat == null ? 0 : stat.size();
        }
    }

    /// What a request about one path came to: the new signature, or why not.
    record Result(String path, @Nullable Stat stat, @Nullable String error) {}

    /// A file or link to be put; large content comes from the source, in parts.
    record Put(
            String path,
            boolean link,
            boolean executable,
            long size,
            Source source,
            Expect expect) {
        /// What fits into memory.
        Put(String path, boolean link, boolean executable, byte[] content, Expect expect) {
            this(
                    path,
                    link,
                    executable,
                    content.length,
                    () -> new ByteArrayInputStream(content),
                    expect);
        }
    }

    /// Where the bytes of a file come from.
    interface Source {
        InputStream open() throws IOException;
    }

    /// What must be there for a change to be made.
    sealed interface Expect {
        /// Nothing.
        record Nothing() implements Expect {}

        /// Nothing, in a workspace that nobody works in yet: a first copy is written in its place.
        record Fresh() implements Expect {}

        /// What was seen.
        record Was(Stat stat) implements Expect {}
    }

    /// Takes what scans and reads bring.
    interface Sink<T> {
        void take(T one) throws IOException, CountersignException;
    }

    /// A part of a file.
    record Part(
            String path,
            byte[] bytes,
            boolean last,
            boolean torn,
            @Nullable Stat stat,
            @Nullable String error,
            long now) {}

    private record Frame(char kind, JsonNode head, byte[] blob) {}

    /// One request at a time, and its answers.
    private final class Way {
        final Lane lane;
        final ReentrantLock turn = new ReentrantLock();
        final BlockingQueue<Frame> answers = new ArrayBlockingQueue<>(QUEUED);
        volatile long progress = System.nanoTime();
        volatile boolean waiting;
        int taken;
        @Nullable Result bad;

        Way(Lane lane) {
            this.lane = lane;
        }

        void begin() throws InterruptedException {
            turn.lockInterruptibly();
            bad = null;
            progress = System.nanoTime();
            waiting = true;
        }

        void done() {
            waiting = false;
            turn.unlock();
        }

        /// A frame was taken in: the guest's side may send more.
        void took() throws CountersignException {
            if (++taken == CREDIT) {
                taken = 0;
                write('K', lane, JSON.createObjectNode().put("n", CREDIT), List.of());
            }
        }
    }

    private final GuestProcess process;
    private final DataOutputStream out;

    /// Fair, so that frames of both ways alternate.
    private final ReentrantLock writing = new ReentrantLock(true);

    private final Way live = new Way(Lane.LIVE);
    private final Way bulk = new Way(Lane.BULK);
    private final AtomicLong ids = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Limits limits;
    private final Events events;
    private final ScheduledExecutorService watchdog =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("workspace-watchdog").factory());

    /// Guarded by itself.
    private final StringBuilder errorOutput = new StringBuilder();

    private volatile String ended = "";

    private GuestChannel(GuestProcess process, Limits limits, Events events) {
        this.process = process;
        this.limits = limits;
        this.events = events;
        this.out = new DataOutputStream(new BufferedOutputStream(process.stdin(), 1 << 16));
    }

    /// Starts the guest's side and agrees on the version.
    static GuestChannel open(Link link, WorkspaceSettings settings, Events events)
            throws CountersignException, InterruptedException {
        GuestProcess process = link.start(settings.helper());
        GuestChannel channel = new GuestChannel(process, settings.limits(), events);
        channel.begin();
        try {
            ObjectNode hello = channel.head();
            hello.put("version", VERSION).put("root", settings.guestRoot());
            hello.put("user", settings.guestUser());
            channel.simple('H', hello, 'h');
        } catch (CountersignException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
        return channel;
    }

    private void begin() {
        Thread.ofPlatform().daemon().name("workspace-guest").start(this::receive);
        Thread.ofPlatform().daemon().name("workspace-guest-errors").start(this::drainErrors);
        long silence = limits.silence().toMillis();
        var _ =
                watchdog.scheduleWithFixedDelay(
                        () -> {
                            for (Way way : List.of(live, bulk)) {
                                long quiet = System.nanoTime() - way.progress;
                                if (way.waiting && quiet > TimeUnit.MILLISECONDS.toNanos(silence)) {
                                    end("it did not answer for " + silence / 1000 + " s");
                                }
                            }
                        },
                        Math.max(50, silence / 8),
                        Math.max(50, silence / 8),
                        TimeUnit.MILLISECONDS);
    }

    boolean open() {
        return !closed.get();
    }

    // -- requests

    /// Looks at these paths and what is below them, or at everything.
    ///
    /// @return whether the guest had more than `limits.paths()`
    boolean scan(
            Lane lane,
            @Nullable Collection<String> paths,
            boolean hashes,
            Set<String> pruneNames,
            Set<String> prunePaths,
            Sink<Entry> sink)
            throws CountersignException, InterruptedException {
        Way way = way(lane);
        way.begin();
        try {
            ObjectNode head = prune(head(), pruneNames, prunePaths);
            head.put("hash", hashes).put("max", limits.paths());
            if (paths != null) {
                var list = head.putArray("paths");
                paths.forEach(list::add);
            }
            long id = send(way, 'S', head, List.of());
            int seen = 0;
            while (true) {
                Frame frame = receive(way, id, 'e', 'd');
                if (frame.kind == 'd') {
                    return frame.head.path("over").asBoolean();
                }
                way.took();
                long now = frame.head.path("now").asLong();
                for (JsonNode row : frame.head.path("rows")) {
                    if (++seen > 2L * limits.paths() + 1000) {
                        throw broken("it lists without end");
                    }
                    sink.take(entry(row, now));
                }
            }
        } catch (IOException e) {
            throw Failures.of("Taking in what the guest has", e);
        } finally {
            way.done();
        }
    }

    private Entry entry(JsonNode row, long now) throws CountersignException {
        String kind = row.path(1).asText();
        if (!row.path(0).isTextual() || kind.length() != 1 || "fldnpxbu".indexOf(kind) < 0) {
            throw broken("an entry makes no sense");
        }
        char k = kind.charAt(0);
        boolean file = k == 'f';
        boolean link = k == 'l';
        if (link && !row.path(3).isTextual()) {
            throw broken("a link without a target");
        }
        return new Entry(
                row.path(0).asText(),
                k,
                file || link ? stat(row.path(2)) : null,
                file && row.path(3).isTextual() ? row.path(3).asText() : null,
                link ? row.path(3).asText() : null,
                now);
    }

    private Stat stat(JsonNode list) throws CountersignException {
        if (!list.isArray() || list.size() != 6) {
            throw broken("a signature makes no sense");
        }
        for (JsonNode number : list) {
            if (!number.isIntegralNumber()) {
                throw broken("a signature makes no sense");
            }
        }
        return new Stat(
                list.get(0).asLong(),
                list.get(1).asLong(),
                list.get(2).asLong(),
                list.get(3).asLong(),
                list.get(4).asLong(),
                list.get(5).asInt());
    }

    /// Reads these files, in order, each in parts.
    void read(Lane lane, List<String> paths, Sink<Part> sink)
            throws CountersignException, InterruptedException {
        Way way = way(lane);
        way.begin();
        try {
            ObjectNode head = head();
            head.put("max", limits.fileBytes());
            var list = head.putArray("paths");
            paths.forEach(list::add);
            long id = send(way, 'R', head, List.of());
            int at = 0;
            long size = 0;
            while (true) {
                Frame frame = receive(way, id, 'f', 'd');
                if (frame.kind == 'd') {
                    if (at != paths.size()) {
                        throw broken("files are missing from an answer");
                    }
                    return;
                }
                way.took();
                if (at >= paths.size() || !paths.get(at).equals(frame.head.path("p").asText())) {
                    throw broken("it sent a file that nobody asked for");
                }
                JsonNode error = frame.head.path("err");
                boolean last = frame.head.path("last").asBoolean() || error.isTextual();
                size += frame.blob.length;
                if (size > limits.fileBytes()) {
                    throw broken("it sent more of a file than was asked for");
                }
                sink.take(
                        new Part(
                                paths.get(at),
                                frame.blob,
                                last,
                                frame.head.path("torn").asBoolean(),
                                last && !error.isTextual() ? stat(frame.head.path("stat")) : null,
                                error.isTextual() ? error.asText() : null,
                                frame.head.path("now").asLong()));
                if (last) {
                    at++;
                    size = 0;
                }
            }
        } catch (IOException e) {
            throw Failures.of("Taking in what the guest has", e);
        } finally {
            way.done();
        }
    }

    /// A frame of puts that was sent and not yet answered.
    private record Sent(long id, List<String> paths, boolean answers) {}

    /// Puts files, several small ones in a frame, large ones in several. Some frames are ahead of
    /// their answers, so that the line is never idle.
    List<Result> put(Lane lane, List<Put> files) throws CountersignException, InterruptedException {
        Way way = way(lane);
        way.begin();
        try {
            List<Result> results = new ArrayList<>();
            Deque<Sent> sent = new ArrayDeque<>();
            List<Put> batch = new ArrayList<>();
            long size = 0;
            for (Put file : files) {
                if (!batch.isEmpty() && (size + file.size > FRAME || batch.size() >= TOGETHER)) {
                    putBatch(way, batch, sent, results);
                    size = 0;
                }
                if (file.size > FRAME) {
                    putLarge(way, file, sent, results);
                } else {
                    batch.add(file);
                    size += file.size;
                }
            }
            if (!batch.isEmpty()) {
                putBatch(way, batch, sent, results);
            }
            while (!sent.isEmpty()) {
                settle(way, sent, results);
            }
            return results;
        } catch (IOException e) {
            // A frame was begun or is missing: what follows would belong to nothing.
            end("a file could not be read on the way: " + Failures.text(e));
            throw Failures.of("Bringing files to the guest", e);
        } finally {
            way.done();
        }
    }

    private void putBatch(Way way, List<Put> batch, Deque<Sent> sent, List<Result> results)
            throws IOException, CountersignException, InterruptedException {
        ObjectNode head = head();
        var list = head.putArray("files");
        List<byte[]> contents = new ArrayList<>();
        for (Put put : batch) {
            byte[] content;
            try (InputStream in = put.source.open()) {
                content = in.readNBytes((int) put.size + 1);
            }
            if (content.length != put.size) {
                throw new IOException("the kept content of a file is damaged");
            }
            contents.add(content);
            describe(list.addObject(), put, content.length);
        }
        room(way, sent, results);
        long id = send(way, 'P', head, contents);
        sent.add(new Sent(id, batch.stream().map(Put::path).toList(), true));
        batch.clear();
    }

    private void putLarge(Way way, Put file, Deque<Sent> sent, List<Result> results)
            throws IOException, CountersignException, InterruptedException {
        try (InputStream in = file.source.open()) {
            for (long at = 0; ; at += FRAME) {
                int length = (int) Math.min(FRAME, file.size - at);
                byte[] part = in.readNBytes(length);
                if (part.length != length) {
                    throw new IOException("the kept content of a file is damaged");
                }
                boolean last = at + length == file.size;
                ObjectNode head = head();
                ObjectNode one = head.putArray("files").addObject();
                describe(one, file, length);
                one.put("off", at).put("last", last);
                room(way, sent, results);
                long id = send(way, 'P', head, List.of(part));
                sent.add(new Sent(id, List.of(file.path), last));
                if (last) {
                    return;
                }
            }
        }
    }

    private void room(Way way, Deque<Sent> sent, List<Result> results)
            throws CountersignException, InterruptedException {
        while (sent.size() >= WINDOW) {
            settle(way, sent, results);
        }
    }

    private void settle(Way way, Deque<Sent> sent, List<Result> results)
            throws CountersignException, InterruptedException {
        Sent first = sent.removeFirst();
        List<Result> more = results(receive(way, first.id, 'a'), first.paths);
        Result bad = way.bad;
        if (!first.answers) {
            if (bad == null && more.getFirst().error != null) {
                way.bad = more.getFirst();
            }
        } else if (bad != null) {
            // The first part that went wrong says why.
            results.add(bad);
            way.bad = null;
        } else {
            results.addAll(more);
        }
    }

    private static void describe(ObjectNode one, Put put, int length) {
        one.put("p", put.path).put("k", put.link ? "l" : "f").put("x", put.executable);
        one.put("n", length);
        expect(one, put.expect);
    }

    private static void expect(ObjectNode one, Expect expect) {
        switch (expect) {
            case Expect.Nothing _ -> one.putNull("expect");
            case Expect.Fresh _ -> one.putNull("expect").put("first", true);
            case Expect.Was(Stat stat) ->
                    one.putArray("expect")
                            .add(stat.device())
                            .add(stat.inode())
                            .add(stat.size())
                            .add(stat.modifiedNanos())
                            .add(stat.changedNanos())
                            .add(stat.mode());
        }
    }

    /// A path and what must be there for it to be deleted.
    record Delete(String path, Stat expect) {}

    /// Deletes files.
    List<Result> delete(Lane lane, List<Delete> files)
            throws CountersignException, InterruptedException {
        Way way = way(lane);
        way.begin();
        try {
            ObjectNode head = head();
            var list = head.putArray("files");
            for (Delete file : files) {
                expect(list.addObject().put("p", file.path), new Expect.Was(file.expect));
            }
            long id = send(way, 'D', head, List.of());
            return results(receive(way, id, 'a'), files.stream().map(Delete::path).toList());
        } finally {
            way.done();
        }
    }

    private List<Result> results(Frame frame, List<String> paths) throws CountersignException {
        JsonNode list = frame.head.path("results");
        if (list.size() != paths.size()) {
            throw broken("results are missing from an answer");
        }
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            JsonNode one = list.get(i);
            JsonNode error = one.path("err");
            results.add(
                    new Result(
                            paths.get(i),
                            one.path("stat").isArray() ? stat(one.path("stat")) : null,
                            error.isTextual() ? error.asText() : null));
        }
        return results;
    }

    /// From now on [Events#changed] is called.
    void watch(Set<String> pruneNames, Set<String> prunePaths)
            throws CountersignException, InterruptedException {
        simple('W', prune(head(), pruneNames, prunePaths), 'a');
    }

    /// Empties the guest's workspace.
    void wipe() throws CountersignException, InterruptedException {
        simple('X', head(), 'a');
    }

    /// Makes the synthetic repository with its one commit.
    void baseline(String author, String email, String date, String message)
            throws CountersignException, InterruptedException {
        ObjectNode head = head();
        head.put("author", author).put("email", email).put("date", date).put("message", message);
        simple('G', head, 'a');
    }

    private void simple(char kind, ObjectNode head, char answer)
            throws CountersignException, InterruptedException {
        live.begin();
        try {
            long id = send(live, kind, head, List.of());
            receive(live, id, answer);
        } finally {
            live.done();
        }
    }

    private static ObjectNode prune(ObjectNode head, Set<String> names, Set<String> paths) {
        var n = head.putArray("names");
        names.forEach(n::add);
        var p = head.putArray("prune");
        paths.forEach(p::add);
        return head;
    }

    // -- frames

    private ObjectNode head() {
        return JSON.createObjectNode();
    }

    private Way way(Lane lane) {
        return lane == Lane.LIVE ? live : bulk;
    }

    private long send(Way way, char kind, ObjectNode head, List<byte[]> blobs)
            throws CountersignException {
        long id = ids.incrementAndGet();
        head.put("id", id);
        way.progress = System.nanoTime();
        write(kind, way.lane, head, blobs);
        way.progress = System.nanoTime();
        return id;
    }

    private void write(char kind, Lane lane, ObjectNode head, List<byte[]> blobs)
            throws CountersignException {
        writing.lock();
        try {
            byte[] text = JSON.writeValueAsBytes(head);
            int length = 4 + text.length + blobs.stream().mapToInt(b -> b.length).sum();
            out.writeByte(kind);
            out.writeByte(lane.onTheWire);
            out.writeInt(length);
            out.writeInt(text.length);
            out.write(text);
            for (byte[] blob : blobs) {
                out.write(blob);
            }
            out.flush();
        } catch (IOException e) {
            end("its input is closed");
            throw lost();
        } finally {
            writing.unlock();
        }
    }

    private Frame receive(Way way, long id, char... kinds)
            throws CountersignException, InterruptedException {
        while (true) {
            Frame frame = way.answers.poll(50, TimeUnit.MILLISECONDS);
            if (frame == null) {
                if (closed.get() && way.answers.isEmpty()) {
                    throw lost();
                }
                continue;
            }
            way.progress = System.nanoTime();
            if (frame.head.path("id").asLong(-1) != id) {
                throw broken("an answer to nothing that was asked");
            }
            if (frame.kind == 'E') {
                throw failed(frame.head);
            }
            for (char kind : kinds) {
                if (frame.kind == kind) {
                    return frame;
                }
            }
            throw broken("an answer of the wrong kind");
        }
    }

    private CountersignException failed(JsonNode head) {
        String text = GuestText.of(head.path("text").asText()).visible();
        // What was asked failed as a whole; answers that may follow would belong to nothing.
        end("it refused a request");
        if (head.path("why").asText().equals("nospace")) {
            return noSpace();
        }
        return new CountersignException(
                Kind.FAILED,
                "The guest's side refused: "
                        + text
                        + ". If this comes again, restore a checkpoint or start a new session.");
    }

    static CountersignException noSpace() {
        return new CountersignException(
                Kind.EXHAUSTED,
                "No space is left on the guest's disk. Have files removed there, or start a session on"
                        + " less: what .gitignore names stays out.");
    }

    private CountersignException broken(String what) {
        end("it broke the protocol: " + what);
        return lost();
    }

    private CountersignException lost() {
        return new CountersignException(
                Kind.FAILED,
                "The guest's side of the workspace is gone: "
                        + (ended.isEmpty() ? "the link was lost" : ended)
                        + ". What was staged is safe; it is taken up again with the next link.");
    }

    private void receive() {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(process.stdout(), 1 << 16))) {
            while (!closed.get()) {
                char kind = (char) in.readUnsignedByte();
                int lane = in.readUnsignedByte();
                int length = in.readInt();
                if (length < 4 || length > LARGEST_FRAME) {
                    end("it broke the protocol: a frame of " + length + " bytes");
                    return;
                }
                byte[] body = in.readNBytes(length);
                if (body.length < length) {
                    throw new EOFException();
                }
                int text = java.nio.ByteBuffer.wrap(body).getInt();
                if (text < 0 || text > length - 4) {
                    end("it broke the protocol: a frame that contradicts itself");
                    return;
                }
                JsonNode head = JSON.readTree(body, 4, text);
                byte[] blob = java.util.Arrays.copyOfRange(body, 4 + text, length);
                if (kind == 'v') {
                    tell(head);
                } else if (lane > 1
                        || !offered(lane == 0 ? live : bulk, new Frame(kind, head, blob))) {
                    end("it broke the protocol: it sends what nobody asked for");
                    return;
                }
            }
        } catch (EOFException e) {
            end("it ended");
        } catch (IOException e) {
            end("its output is no protocol");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end("it was interrupted");
        }
    }

    /// An honest guest's side is never further ahead than the queue is long; another one only makes
    /// its own lanes wait.
    private boolean offered(Way way, Frame frame) throws InterruptedException {
        return way.waiting
                && way.answers.offer(frame, limits.silence().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void tell(JsonNode head) {
        List<String> paths = new ArrayList<>();
        boolean anything = head.path("all").asBoolean();
        for (JsonNode path : head.path("paths")) {
            if (path.isTextual() && paths.size() < 10_000) {
                paths.add(path.asText());
            } else {
                anything = true;
            }
        }
        events.changed(paths, anything);
    }

    private void drainErrors() {
        byte[] buffer = new byte[1024];
        try (InputStream in = process.stderr()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (errorOutput) {
                    if (errorOutput.length() < ERROR_OUTPUT) {
                        errorOutput.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (IOException e) {
            // The channel ends; receive() says why.
            return;
        }
    }

    private void end(String why) {
        if (closed.compareAndSet(false, true)) {
            String said;
            synchronized (errorOutput) {
                said = GuestText.of(errorOutput.toString().strip()).visible();
            }
            int keep = Math.max(0, said.length() - 300);
            ended = said.isEmpty() ? why : why + " (" + said.substring(keep) + ")";
            process.close();
            watchdog.shutdownNow();
            events.ended(ended);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            ended = "it was closed";
            process.close();
            watchdog.shutdownNow();
        }
    }
}
