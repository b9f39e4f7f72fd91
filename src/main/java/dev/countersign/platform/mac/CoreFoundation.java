package dev.countersign.platform.mac;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;

/// The calls of CFUserNotification (CoreFoundation, CFUserNotification.h), and nothing more. The
/// alert lies in a process of the system: a call blocks its own thread only. Not run on a Mac yet.
final class CoreFoundation {
    static final String HEADER = "kCFUserNotificationAlertHeaderKey";
    static final String MESSAGE = "kCFUserNotificationAlertMessageKey";
    static final String DEFAULT_BUTTON = "kCFUserNotificationDefaultButtonTitleKey";
    static final String ALTERNATE_BUTTON = "kCFUserNotificationAlternateButtonTitleKey";
    static final String OTHER_BUTTON = "kCFUserNotificationOtherButtonTitleKey";

    private static final long CAUTION = 2;
    private static final long RESPONSE = 3;
    private static final int UTF8 = 0x08000100;
    private static final SymbolLookup SYMBOLS =
            SymbolLookup.libraryLookup(
                    "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
                    Arena.global());
    private static final MethodHandle STRING =
            call(
                    "CFStringCreateWithCString",
                    FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle DICTIONARY =
            call(
                    "CFDictionaryCreate",
                    FunctionDescriptor.of(
                            ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));
    private static final MethodHandle RELEASE =
            call("CFRelease", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle CREATE =
            call(
                    "CFUserNotificationCreate",
                    FunctionDescriptor.of(
                            ADDRESS, ADDRESS, JAVA_DOUBLE, JAVA_LONG, ADDRESS, ADDRESS));
    private static final MethodHandle RECEIVE =
            call(
                    "CFUserNotificationReceiveResponse",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_DOUBLE, ADDRESS));
    private static final MethodHandle CANCEL =
            call("CFUserNotificationCancel", FunctionDescriptor.of(JAVA_INT, ADDRESS));

    private CoreFoundation() {}

    private static MethodHandle call(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(symbol(name), type);
    }

    private static MemorySegment symbol(String name) {
        return SYMBOLS.find(name).orElseThrow(() -> new UnsatisfiedLinkError(name));
    }

    /// Shows an alert that stays until it is answered or cancelled.
    static MemorySegment show(Map<String, String> texts) {
        try (Arena arena = Arena.ofConfined()) {
            List<String> names = List.copyOf(texts.keySet());
            MemorySegment keys = arena.allocate(ADDRESS, names.size());
            MemorySegment values = arena.allocate(ADDRESS, names.size());
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                keys.setAtIndex(
                        ADDRESS, i, symbol(name).reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0));
                String value = String.valueOf(texts.get(name)).replace('\0', '\uFFFD');
                values.setAtIndex(
                        ADDRESS,
                        i,
                        (MemorySegment)
                                STRING.invokeExact(
                                        MemorySegment.NULL, arena.allocateFrom(value), UTF8));
            }
            MemorySegment dictionary =
                    (MemorySegment)
                            DICTIONARY.invokeExact(
                                    MemorySegment.NULL,
                                    keys,
                                    values,
                                    (long) names.size(),
                                    symbol("kCFTypeDictionaryKeyCallBacks"),
                                    symbol("kCFTypeDictionaryValueCallBacks"));
            MemorySegment shown =
                    (MemorySegment)
                            CREATE.invokeExact(
                                    MemorySegment.NULL,
                                    0.0,
                                    CAUTION,
                                    arena.allocate(JAVA_INT),
                                    dictionary);
            RELEASE.invokeExact(dictionary);
            for (int i = 0; i < names.size(); i++) {
                RELEASE.invokeExact(values.getAtIndex(ADDRESS, i));
            }
            return shown;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /// Blocks until it is answered.
    ///
    /// @return 0 the default button, 1 the alternate one, 2 the other one, 3 cancelled
    static int await(MemorySegment shown) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(JAVA_LONG);
            int error = (int) RECEIVE.invokeExact(shown, 0.0, flags);
            return error == 0 ? (int) (flags.get(JAVA_LONG, 0) & RESPONSE) : 3;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /// Takes it away; [#await] returns.
    static void cancel(MemorySegment shown) {
        try {
            int ignored = (int) CANCEL.invokeExact(shown);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("CoreFoundation could not be called", e);
    }
}
