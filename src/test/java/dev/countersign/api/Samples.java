package dev.countersign.api;

import dev.countersign.domain.Digest;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.RelativePath;
import dev.countersign.domain.SessionId;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes a value of any record by reflection, so that a type that is added later is tested too.
final class Samples {
    private static final String[] TEXTS = {
        "",
        "npm test",
        "Grüße 日本",
        "a\nb\t\"\\c",
        "\u202Egnp\u0000\u001b[2J\u009b1m",
        "x\uD800y",
        "😀",
        "\u2028\u2029",
        "</script>{}[]"
    };

    private final RandomGenerator random;

    Samples(RandomGenerator random) {
        this.random = random;
    }

    Object of(Type type, AnnotatedType annotated) {
        Object value = maybe(type, annotated);
        if (value == null) {
            throw new AssertionError("not nullable here: " + type);
        }
        return value;
    }

    @Nullable Object maybe(Type type, @Nullable AnnotatedType annotated) {
        if (annotated != null
                && annotated.isAnnotationPresent(Nullable.class)
                && random.nextInt(3) == 0) {
            return null;
        }
        return switch (type) {
            case ParameterizedType generic -> parameterized(generic);
            case Class<?> plain -> plain(plain);
            default -> throw new AssertionError("no sample for " + type);
        };
    }

    private Object parameterized(ParameterizedType type) {
        Type element = type.getActualTypeArguments()[0];
        if (type.getRawType() == List.class) {
            List<Object> list = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                list.add(some(element));
            }
            return List.copyOf(list);
        }
        if (type.getRawType() == Optional.class) {
            return random.nextBoolean() ? Optional.empty() : Optional.of(some(element));
        }
        throw new AssertionError("no sample for " + type);
    }

    private Object some(Type type) {
        Object value = maybe(type, null);
        if (value == null) {
            throw new AssertionError("null sample of " + type);
        }
        return value;
    }

    private Object plain(Class<?> type) {
        if (type == String.class) {
            return text();
        } else if (type == GuestText.class) {
            return GuestText.of(text());
        } else if (type == Digest.class) {
            return Digest.of(Long.toString(random.nextLong()));
        } else if (type == SessionId.class) {
            return SessionId.random(random);
        } else if (type == RelativePath.class) {
            return new RelativePath("src/ü " + random.nextInt(100));
        } else if (type == Instant.class) {
            return Instant.ofEpochSecond(
                    random.nextLong(4_000_000_000L), random.nextInt(1_000_000_000));
        } else if (type == Duration.class) {
            return Duration.ofNanos(random.nextLong(1L << 50));
        } else if (type == int.class || type == Integer.class) {
            return random.nextInt();
        } else if (type == long.class || type == Long.class) {
            return random.nextLong();
        } else if (type == double.class) {
            return random.nextInt(1_000_000) / 64.0;
        } else if (type == boolean.class || type == Boolean.class) {
            return random.nextBoolean();
        } else if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            return constants[random.nextInt(constants.length)];
        } else if (type.isSealed()) {
            Class<?>[] kinds = type.getPermittedSubclasses();
            return plain(kinds[random.nextInt(kinds.length)]);
        } else if (type.isRecord()) {
            return record(type);
        }
        throw new AssertionError("no sample for " + type + ": teach Samples about it");
    }

    Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = maybe(components[i].getGenericType(), components[i].getAnnotatedType());
        }
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("can't make a " + type, e);
        }
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
