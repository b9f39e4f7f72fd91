package dev.countersign.platform.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The calls of GTK 3 that the dialog needs, and nothing more. GTK is the toolkit's own on Linux:
/// it is loaded and running already, and may be called on the toolkit's thread only.
final class Gtk {
    private static final SymbolLookup SYMBOLS =
            SymbolLookup.libraryLookup("libgtk-3.so.0", Arena.global())
                    .or(SymbolLookup.libraryLookup("libgdk-3.so.0", Arena.global()))
                    .or(SymbolLookup.libraryLookup("libgobject-2.0.so.0", Arena.global()));
    private static final Linker LINKER = Linker.nativeLinker();
    private final Map<String, MethodHandle> calls = new HashMap<>();

    /// Whether this process paints its windows with GTK 3: another toolkit's loop (headless, a
    /// framebuffer) would never serve a dialog of GTK.
    static boolean runs() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.anyMatch(line -> line.contains("libglassgtk3"));
        } catch (java.io.IOException _) {
            return false;
        }
    }

    /// A call without a result.
    void call(String name, Object... arguments) {
        invoke(name, FunctionDescriptor.ofVoid(layouts(arguments)), arguments);
    }

    /// A call that gives a pointer.
    MemorySegment make(String name, Object... arguments) {
        Object made = invoke(name, FunctionDescriptor.of(ADDRESS, layouts(arguments)), arguments);
        return (MemorySegment) java.util.Objects.requireNonNull(made);
    }

    /// A call that gives a number or a truth value.
    int ask(String name, Object... arguments) {
        Object answer =
                invoke(name, FunctionDescriptor.of(JAVA_INT, layouts(arguments)), arguments);
        return (int) java.util.Objects.requireNonNull(answer);
    }

    /// Has a signal call that function.
    ///
    /// @param data handed to it as it is
    void connect(MemorySegment widget, String signal, MemorySegment callback, MemorySegment data) {
        invoke(
                "g_signal_connect_data",
                FunctionDescriptor.of(
                        JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT),
                widget,
                signal,
                callback,
                data,
                MemorySegment.NULL,
                0);
    }

    /// A function of ours that GTK calls. It lives as long as the process.
    static MemorySegment callback(
            Object target, String method, MethodType type, FunctionDescriptor signature) {
        try {
            MethodHandle handle =
                    MethodHandles.lookup().findVirtual(target.getClass(), method, type);
            return LINKER.upcallStub(handle.bindTo(target), signature, Arena.global());
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable Object invoke(String name, FunctionDescriptor type, Object... arguments) {
        MethodHandle handle =
                calls.computeIfAbsent(name, _ -> LINKER.downcallHandle(symbol(name), type));
        try (Arena arena = Arena.ofConfined()) {
            Object[] given = new Object[arguments.length];
            for (int i = 0; i < arguments.length; i++) {
                given[i] =
                        arguments[i] instanceof String text
                                ? arena.allocateFrom(text.replace('\0', '\uFFFD'))
                                : arguments[i];
            }
            return handle.invokeWithArguments(given);
        } catch (Throwable e) {
            throw failed(name, e);
        }
    }

    private static IllegalStateException failed(String name, Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(name + " could not be called", e);
    }

    private static MemorySegment symbol(String name) {
        return SYMBOLS.find(name).orElseThrow(() -> new UnsatisfiedLinkError(name));
    }

    private static MemoryLayout[] layouts(Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] =
                    switch (arguments[i]) {
                        case Integer _ -> JAVA_INT;
                        case Long _ -> JAVA_LONG;
                        default -> ADDRESS;
                    };
        }
        return layouts;
    }
}
