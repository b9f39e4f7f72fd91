package dev.countersign.gate.risk;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.treesitter.TSParser;
import org.treesitter.TreeSitterBash;

/// The one warm child that parses. It is started on first use, and anew after a crash or overrun;
/// the text that caused it has no tree.
final class ParserProcess implements ShellParser {
    private static final Logger LOG = LoggerFactory.getLogger(ParserProcess.class);
    private static final Duration START = Duration.ofSeconds(20);
    private static final int LONGEST_REPLY = 16 * 1024 * 1024;

    private final Function<Path, List<String>> command;
    private final Duration deadline;
    private final ReentrantLock lock = new ReentrantLock();
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(task ->
                    Thread.ofPlatform().daemon().name("shell-parser-deadline").unstarted(task));
    private @Nullable Child child;
    private boolean closed;

    /// @param command the child's argv, given a directory for its temporary files
    ParserProcess(Function<Path, List<String>> command, Duration deadline) {
        this.command = command;
        this.deadline = deadline;
    }

    /// The same `java`, and of the class path only what the child needs.
    static ParserProcess standard() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ParserProcess(
                temporary ->
                        List.of(
                                java,
                                "-Djava.io.tmpdir=" + temporary,
                                "-Xshare:auto",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx128m",
                                "-XX:-UsePerfData",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classPath(),
                                ShellParserMain.class.getName()),
                Duration.ofSeconds(1));
    }

    private static String classPath() {
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> part : List.of(ShellParserMain.class, TSParser.class, TreeSitterBash.class)) {
            try {
                places.add(
                        Path.of(part.getProtectionDomain().getCodeSource().getLocation().toURI())
                                .toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException("the class path has no file for " + part, e);
            }
        }
        return String.join(System.getProperty("path.separator"), places);
    }

    @Override
    public ShellTree parse(String text) throws ShellUnreadable {
        return parse(text, List.of(new Span(0, text.length()))).getFirst();
    }

    /// Trees of parts of a text, each read by itself, in one exchange. They end with the first that
    /// is faulty or can't be read.
    ///
    /// @throws ShellUnreadable if the first can't be
    List<ShellTree> parse(String text, List<Span> spans) throws ShellUnreadable {
        if (text.length() > ShellParserMain.LONGEST) {
            throw new ShellUnreadable("longer than 64 KiB");
        }
        String shadow = shadow(text);
        List<byte[]> request = new ArrayList<>(spans.size());
        int size = 0;
        for (Span span : spans) {
            byte[] one =
                    shadow.substring(span.start(), span.end()).getBytes(StandardCharsets.UTF_8);
            request.add(one);
            size += one.length;
        }
        if (size > ShellParserMain.LONGEST) {
            throw new ShellUnreadable("longer than 64 KiB");
        }
        lock.lock();
        try {
            return read(text, spans, exchange(request));
        } catch (IOException e) {
            LOG.warn("the shell parser failed and is started anew: {}", e.toString());
            drop();
            throw new ShellUnreadable("the shell parser failed on it or took too long");
        } finally {
            lock.unlock();
        }
    }

    /// A part of a text.
    record Span(int start, int end) {}

    /// Loads the grammar before the first call needs it.
    void warm() {
        lock.lock();
        try {
            running();
        } catch (IOException e) {
            LOG.warn("the shell parser does not start; shell calls are rated high", e);
            drop();
        } finally {
            lock.unlock();
        }
    }

    /// Same length in UTF-16 units; what the two languages' string calls would tell apart (pairs,
    /// NUL) is replaced by a word character.
    private static String shadow(String text) throws ShellUnreadable {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new ShellUnreadable("has a NUL");
            }
            if (Character.isSurrogate(c)) {
                if (out == null) {
                    out = new StringBuilder(text);
                }
                out.setCharAt(i, '\uFFFD');
            }
        }
        return out == null ? text : out.toString();
    }

    private byte[] exchange(List<byte[]> request) throws IOException {
        Child running = running();
        Future<?> kill =
                watch.schedule(
                        () -> running.process.destroyForcibly(),
                        deadline.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            DataOutputStream framed = new DataOutputStream(frame);
            framed.writeInt(request.size());
            for (byte[] one : request) {
                framed.writeInt(one.length);
                framed.write(one);
            }
            running.out.write(frame.toByteArray());
            running.out.flush();
            return running.reply();
        } finally {
            kill.cancel(false);
        }
    }

    private Child running() throws IOException {
        if (closed) {
            throw new IOException("the shell parser was closed");
        }
        Child now = child;
        if (now != null && now.process.isAlive()) {
            return now;
        }
        drop();
        // The grammar's library is unpacked there to be loaded. A child that is ended by force
        // would leave it behind; once it is loaded, nobody needs the file.
        Path unpacked = Files.createTempDirectory("countersign-parser");
        try {
            Child fresh = new Child(start(unpacked));
            Future<?> kill =
                    watch.schedule(
                            () -> fresh.process.destroyForcibly(),
                            START.toMillis(),
                            TimeUnit.MILLISECONDS);
            child = fresh;
            try {
                if (fresh.reply().length != 0) {
                    throw new IOException("the shell parser does not greet");
                }
            } finally {
                kill.cancel(false);
            }
            return fresh;
        } finally {
            remove(unpacked);
        }
    }

    private Process start(Path temporary) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command.apply(temporary))
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        return builder.start();
    }

    private static void remove(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }

    private void drop() {
        Child old = child;
        child = null;
        if (old != null) {
            old.process.destroyForcibly();
        }
    }

    /// The child's process id, for tests that end it.
    long pid() {
        lock.lock();
        try {
            Child now = child;
            return now == null ? -1 : now.process.pid();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            drop();
        } finally {
            lock.unlock();
        }
        watch.shutdownNow();
    }

    private static List<ShellTree> read(String source, List<Span> spans, byte[] reply)
            throws IOException, ShellUnreadable {
        ByteBuffer in = ByteBuffer.wrap(reply);
        try {
            String[] names = new String[Short.toUnsignedInt(in.getShort())];
            for (int i = 0; i < names.length; i++) {
                byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(name);
                names[i] = new String(name, StandardCharsets.UTF_8);
            }
            List<ShellTree> trees = new ArrayList<>(spans.size());
            for (Span span : spans) {
                if (!in.hasRemaining()) {
                    break;
                }
                if (in.get() == 0) {
                    if (trees.isEmpty()) {
                        throw new ShellUnreadable("nested too deeply");
                    }
                    break;
                }
                Reading reading = new Reading(in, names, span);
                ShellTree.Node root = reading.node(0);
                trees.add(new ShellTree(source, root, reading.faulty));
            }
            if (trees.isEmpty()) {
                throw new IOException("the shell parser sent no tree");
            }
            return trees;
        } catch (BufferUnderflowException e) {
            throw new IOException("the tree is shorter than it says", e);
        }
    }

    /// The child is trusted no more than its input: every number is checked.
    private static final class Reading {
        private final ByteBuffer in;
        private final String[] names;
        private final Span span;
        private boolean faulty;

        Reading(ByteBuffer in, String[] names, Span span) {
            this.in = in;
            this.names = names;
            this.span = span;
        }

        ShellTree.Node node(int depth) throws IOException {
            if (depth > ShellParserMain.DEEPEST + 2) {
                throw new IOException("the tree is deeper than agreed");
            }
            String type = name();
            String field = name();
            int flags = in.get();
            int start = span.start() + in.getInt();
            int end = span.start() + in.getInt();
            int size = in.getInt();
            if (start < span.start()
                    || end < start
                    || end > span.end()
                    || size < 0
                    || size > in.remaining()) {
                throw new IOException("the tree does not fit its text");
            }
            faulty |= (flags & (ShellParserMain.ERROR | ShellParserMain.MISSING)) != 0;
            List<ShellTree.Node> children = size == 0 ? List.of() : new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                children.add(node(depth + 1));
            }
            return Binding.asBash(
                    new ShellTree.Node(
                            type,
                            field,
                            (flags & ShellParserMain.NAMED) != 0,
                            start,
                            end,
                            children));
        }

        private String name() throws IOException {
            int index = Short.toUnsignedInt(in.getShort());
            if (index >= names.length) {
                throw new IOException("the tree names what it did not list");
            }
            return names[index];
        }
    }

    /// A started child and its pipes.
    private static final class Child {
        private final Process process;
        private final DataInputStream in;
        private final java.io.OutputStream out;

        Child(Process process) {
            this.process = process;
            in =
                    new DataInputStream(
                            new java.io.BufferedInputStream(process.getInputStream(), 65536));
            out = process.getOutputStream();
        }

        byte[] reply() throws IOException {
            int size = in.readInt();
            if (size < 0 || size > LONGEST_REPLY) {
                throw new IOException("the shell parser sent a wrong length");
            }
            byte[] reply = in.readNBytes(size);
            if (reply.length != size) {
                throw new IOException("the shell parser ended");
            }
            return reply;
        }
    }
}
