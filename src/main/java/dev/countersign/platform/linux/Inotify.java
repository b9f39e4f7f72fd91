package dev.countersign.platform.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/// The system calls of inotify(7), and nothing more. Call it from platform threads.
final class Inotify implements AutoCloseable {
    // From <sys/inotify.h>.
    static final int MODIFY = 0x2;
    static final int ATTRIB = 0x4;
    static final int CLOSE_WRITE = 0x8;
    static final int MOVED_FROM = 0x40;
    static final int MOVED_TO = 0x80;
    static final int CREATE = 0x100;
    static final int DELETE = 0x200;
    static final int OVERFLOW = 0x4000;
    static final int IGNORED = 0x8000;
    static final int ISDIR = 0x40000000;
    private static final int ONLYDIR = 0x1000000;
    private static final int DONT_FOLLOW = 0x2000000;
    private static final int EXCL_UNLINK = 0x4000000;
    private static final int WANTED =
            MODIFY | ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE;
    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;

    static final int ENOENT = 2;
    static final int ENOTDIR = 20;
    static final int ENOSPC = 28;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final short POLLIN = 1;

    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle INIT =
            call(
                    "inotify_init1",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle ADD =
            call(
                    "inotify_add_watch",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle REMOVE =
            call(
                    "inotify_rm_watch",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle READ =
            call(
                    "read",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle WRITE =
            call(
                    "write",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG));
    private static final MethodHandle POLL =
            call(
                    "poll",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT));
    private static final MethodHandle EVENTFD =
            call(
                    "eventfd",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            call("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final int fd;
    private final int wake;

    private Inotify(int fd, int wake) {
        this.fd = fd;
        this.wake = wake;
    }

    private static MethodHandle call(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                SymbolLookup.loaderLookup()
                        .or(linker.defaultLookup())
                        .find(name)
                        .orElseThrow(() -> new UnsatisfiedLinkError(name)),
                type,
                Linker.Option.captureCallState("errno"));
    }

    static Inotify open() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int fd = (int) INIT.invokeExact(state, CLOEXEC | NONBLOCK);
            if (fd < 0) {
                throw new IOException("inotify_init1: error " + errno(state));
            }
            int wake = (int) EVENTFD.invokeExact(state, 0, CLOEXEC | NONBLOCK);
            if (wake < 0) {
                int why = errno(state);
                int _ = (int) CLOSE.invokeExact(state, fd);
                throw new IOException("eventfd: error " + why);
            }
            return new Inotify(fd, wake);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /// Watches a directory, without following a link.
    ///
    /// @return the watch's number, or the negative error
    int add(String directory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment path = arena.allocateFrom(directory);
            int wd =
                    (int)
                            ADD.invokeExact(
                                    state, fd, path, WANTED | ONLYDIR | DONT_FOLLOW | EXCL_UNLINK);
            return wd >= 0 ? wd : -errno(state);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Ends a watch; one that ended by itself is fine.
    void remove(int wd) {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) REMOVE.invokeExact(arena.allocate(STATE), fd, wd);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// What is told each event.
    interface Events {
        /// @param name in the watched directory; empty for the directory itself
        void event(int wd, int mask, String name, boolean wellFormed);
    }

    /// Reads events and hands them on, until [#wake]. One buffer of 1 MiB holds what a burst
    /// brings.
    void readAll(Events events) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment buffer = arena.allocate(1 << 20, 8);
            // struct pollfd { int fd; short events; short revents; } twice
            MemorySegment polled = arena.allocate(16, 4);
            polled.set(ValueLayout.JAVA_INT, 0, fd);
            polled.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            polled.set(ValueLayout.JAVA_INT, 8, wake);
            polled.set(ValueLayout.JAVA_SHORT, 12, POLLIN);
            while (true) {
                int ready = (int) POLL.invokeExact(state, polled, 2L, -1);
                if (ready < 0 && errno(state) != EINTR) {
                    throw new IOException("poll: error " + errno(state));
                }
                if (polled.get(ValueLayout.JAVA_SHORT, 14) != 0) {
                    return;
                }
                long length = (long) READ.invokeExact(state, fd, buffer, buffer.byteSize());
                if (length < 0) {
                    int why = errno(state);
                    if (why != EAGAIN && why != EINTR) {
                        throw new IOException("read: error " + why);
                    }
                    continue;
                }
                parse(buffer, length, events);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    // struct inotify_event: int wd; uint32_t mask, cookie, len; then len bytes of name.
    private static void parse(MemorySegment buffer, long length, Events events) {
        for (long at = 0; at + 16 <= length; ) {
            int wd = buffer.get(ValueLayout.JAVA_INT, at);
            int mask = buffer.get(ValueLayout.JAVA_INT, at + 4);
            int size = buffer.get(ValueLayout.JAVA_INT, at + 12);
            byte[] name = buffer.asSlice(at + 16, size).toArray(ValueLayout.JAVA_BYTE);
            int end = 0;
            while (end < name.length && name[end] != 0) {
                end++;
            }
            String text = new String(name, 0, end, StandardCharsets.UTF_8);
            events.event(wd, mask, text, text.indexOf('\uFFFD') < 0);
            at += 16 + size;
        }
    }

    /// Ends [#readAll].
    void wake() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
            long _ = (long) WRITE.invokeExact(arena.allocate(STATE), wake, one, 8L);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Once nobody reads any more.
    @Override
    public void close() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int _ = (int) CLOSE.invokeExact(state, fd);
            int _ = (int) CLOSE.invokeExact(state, wake);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
