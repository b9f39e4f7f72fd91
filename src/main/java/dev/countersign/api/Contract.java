package dev.countersign.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.Entry;
import dev.countersign.domain.GuestText;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What can be called over the socket: every method of [Service], read from the interface itself,
/// so that a new method needs no second edit. Names on the wire are the names in the source.
///
/// A method that takes a [Consumer] is a stream. One that also takes `fromSeq` and gives [Entry]s
/// resumes by sequence number after a lost connection.
final class Contract {
    /// Raised when a client of another number can't be served.
    static final int PROTOCOL = 1;

    /// What a client of any protocol may call: it must be able to end an engine that it can't use.
    static final String SHUTDOWN = "shutdown";

    private static final String FROM_SEQ = "fromSeq";
    private static final Map<String, Operation> BY_NAME = read();

    private Contract() {}

    /// The operation, or null if there is none of that name.
    static @Nullable Operation named(String name) {
        return BY_NAME.get(name);
    }

    static Collection<Operation> all() {
        return BY_NAME.values();
    }

    private static Map<String, Operation> read() {
        Map<String, Operation> found = new LinkedHashMap<>();
        for (Method method : Service.class.getMethods()) {
            if (found.put(method.getName(), Operation.of(method)) != null) {
                throw new IllegalStateException("two service methods named " + method.getName());
            }
        }
        return Map.copyOf(found);
    }

    /// One parameter. `stream` is what the [Consumer] takes, null for a plain value.
    record Argument(String name, JavaType type, boolean mayBeNull, @Nullable JavaType stream) {
        static Argument of(Parameter parameter) {
            JavaType type = Json.mapper().constructType(parameter.getParameterizedType());
            boolean optional = parameter.getType() == Optional.class;
            boolean nullable =
                    parameter.getAnnotatedType().isAnnotationPresent(Nullable.class) || optional;
            JavaType stream =
                    parameter.getParameterizedType() instanceof ParameterizedType generic
                                    && generic.getRawType() == Consumer.class
                            ? Json.mapper().constructType(generic.getActualTypeArguments()[0])
                            : null;
            return new Argument(parameter.getName(), type, nullable, stream);
        }
    }

    /// One method.
    record Operation(Method method, List<Argument> arguments, JavaType result) {
        static Operation of(Method method) {
            List<Argument> arguments = new ArrayList<>();
            for (Parameter parameter : method.getParameters()) {
                arguments.add(Argument.of(parameter));
            }
            return new Operation(
                    method,
                    List.copyOf(arguments),
                    Json.mapper().constructType(method.getGenericReturnType()));
        }

        String name() {
            return method.getName();
        }

        /// What the stream gives, or null if this is no stream.
        @Nullable JavaType element() {
            return arguments.stream()
                    .map(Argument::stream)
                    .filter(type -> type != null)
                    .findFirst()
                    .orElse(null);
        }

        /// Whether a lost stream goes on from a sequence number.
        boolean resumes() {
            JavaType element = element();
            return element != null
                    && element.hasRawClass(Entry.class)
                    && arguments.stream().anyMatch(a -> a.name().equals(FROM_SEQ));
        }

        /// The request's arguments as JSON. `next` replaces `fromSeq` of a stream that goes on.
        ObjectNode write(@Nullable Object[] values, @Nullable Long next) {
            ObjectMapper mapper = Json.mapper();
            ObjectNode out = mapper.createObjectNode();
            for (int i = 0; i < arguments.size(); i++) {
                Argument argument = arguments.get(i);
                if (argument.stream() != null) {
                    continue;
                }
                Object value = next != null && argument.name().equals(FROM_SEQ) ? next : values[i];
                JsonNode node = mapper.valueToTree(value);
                if (!node.isNull()) {
                    out.set(argument.name(), node);
                }
            }
            return out;
        }

        /// Reads the arguments of a request.
        ///
        /// @throws CountersignException USAGE naming the argument that is missing or malformed
        @Nullable Object[] read(JsonNode arguments, @Nullable Consumer<Object> listener)
                throws CountersignException {
            @Nullable Object[] values = new @Nullable Object[this.arguments.size()];
            for (int i = 0; i < values.length; i++) {
                Argument argument = this.arguments.get(i);
                values[i] =
                        argument.stream() == null
                                ? value(argument, arguments.get(argument.name()))
                                : listener;
            }
            return values;
        }

        private @Nullable Object value(Argument argument, @Nullable JsonNode node)
                throws CountersignException {
            if (node == null || node.isNull()) {
                if (!argument.mayBeNull()) {
                    throw wrong(argument.name() + " is missing");
                }
                return argument.type().hasRawClass(Optional.class) ? Optional.empty() : null;
            }
            try {
                Object value = Json.mapper().treeToValue(node, argument.type());
                String missing = firstMissing(value, argument.name());
                if (missing != null) {
                    throw wrong(missing + " is missing");
                }
                return value;
            } catch (JsonProcessingException | IllegalArgumentException e) {
                throw wrong(
                        argument.name()
                                + " can't be read: "
                                + GuestText.of(Errors.firstLine(e)).visible());
            }
        }

        private CountersignException wrong(String what) {
            return new CountersignException(
                    CountersignException.Kind.USAGE,
                    "Request " + name() + ": " + what + ". Correct the request and send it again.");
        }

        /// Calls the service.
        @Nullable Object invoke(Service service, @Nullable Object[] values)
                throws InvocationTargetException {
            try {
                return method.invoke(service, values);
            } catch (IllegalAccessException e) {
                throw new AssertionError("a service method is public", e);
            }
        }
    }

    /// The first component that must not be null and is, or null if all is there.
    private static @Nullable String firstMissing(@Nullable Object value, String at) {
        return switch (value) {
            case Record record -> firstMissingIn(record, at);
            case Optional<?> optional -> firstMissing(optional.orElse(null), at);
            case Collection<?> many -> {
                for (Object one : many) {
                    if (one == null) {
                        yield at + "[]";
                    }
                    String missing = firstMissing(one, at);
                    if (missing != null) {
                        yield missing;
                    }
                }
                yield null;
            }
            case null, default -> null;
        };
    }

    private static @Nullable String firstMissingIn(Record record, String at) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object part;
            try {
                part = component.getAccessor().invoke(record);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new LinkageError("a component of a record can be read", e);
            }
            String name = at + "." + component.getName();
            if (part == null) {
                if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    return name;
                }
                continue;
            }
            String missing = firstMissing(part, name);
            if (missing != null) {
                return missing;
            }
        }
        return null;
    }
}
