package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.SessionId;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class JsonTest {
    private static final long SEED = 20261123;

    /// Every record that a service method takes or gives, and every fact there is.
    private static Stream<Class<?>> records() {
        List<Class<?>> found = new ArrayList<>(Arrays.asList(Fact.class.getPermittedSubclasses()));
        for (Contract.Operation operation : Contract.all()) {
            collect(operation.result().getRawClass(), found);
            operation
                    .result()
                    .getBindings()
                    .getTypeParameters()
                    .forEach(type -> collect(type.getRawClass(), found));
            operation
                    .arguments()
                    .forEach(argument -> collect(argument.type().getRawClass(), found));
        }
        found.add(Entry.class);
        return found.stream().distinct();
    }

    private static void collect(Class<?> type, List<Class<?>> found) {
        if (type.isRecord() && type.getPackageName().startsWith("dev.countersign.api")) {
            found.add(type);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyRecordComesBackAsItWas() {
        assertThat(records()).contains(ReviewView.class, ApprovalView.class, Fact.Noticed.class);
        return records()
                .map(type ->
                        DynamicTest.dynamicTest(
                                type.getSimpleName() + ", seed " + SEED, () -> roundTrips(type)));
    }

    private static void roundTrips(Class<?> type) throws Exception {
        Samples samples = new Samples(new Random(SEED));
        for (int i = 0; i < 50; i++) {
            Object value = samples.record(type);
            byte[] json = Json.mapper().writeValueAsBytes(value);
            assertThat(Json.mapper().readValue(json, type)).isEqualTo(value);
            assertThat(Json.mapper().treeToValue(Json.mapper().valueToTree(value), type))
                    .isEqualTo(value);
        }
    }

    @Test
    void everyPublicRecordOfThisPackageIsReachedByAServiceMethod() {
        assertThat(Modifier.isPublic(Hello.class.getModifiers())).isTrue();
        assertThat(records())
                .contains(
                        Hello.class,
                        Check.class,
                        Resources.class,
                        SessionView.class,
                        StartRequest.class,
                        CheckpointView.class,
                        ApplyRequest.class,
                        ApplyView.class,
                        Selection.class,
                        VerifyView.class);
    }

    @Test
    void timesAreTextAndWhatIsNullIsLeftOut() throws Exception {
        Entry entry =
                new Entry(
                        7,
                        Instant.parse("2026-11-23T12:00:00.5Z"),
                        new SessionId("s-abc234"),
                        0,
                        new Fact.StepDone("vm", "warm", Duration.ofMillis(1500)));
        assertThat(Json.mapper().writeValueAsString(entry))
                .isEqualTo(
                        """
                        {"seq":7,"at":"2026-11-23T12:00:00.500Z","session":"s-abc234","epoch":0,\
                        "fact":{"type":"step-done","step":"vm","detail":"warm","took":"PT1.5S"}}\
                        """);
        assertThat(Json.mapper().writeValueAsString(new VerifyView(true, 1, 0, null, "none")))
                .doesNotContain("problem");
    }

    @Test
    void p7NoLineOfJsonCanMoveACursorOrReverseText() throws Exception {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            all.append((char) c);
        }
        GuestText hostile = GuestText.of(all.toString());
        String json = new String(Json.mapper().writeValueAsBytes(hostile), StandardCharsets.UTF_8);
        assertThat(GuestText.of(json).visible()).isEqualTo(json);
        assertThat(Json.mapper().readValue(json, GuestText.class)).isEqualTo(hostile);
    }

    @Test
    void unknownPropertiesAreIgnoredWhenReading() throws Exception {
        assertThat(
                        Json.mapper()
                                .readValue(
                                        "{\"name\":\"a\",\"state\":\"ok\",\"found\":\"b\",\"next\":\"\",\"later\":[1]}",
                                        Check.class))
                .isEqualTo(new Check("a", "ok", "b", ""));
    }
}
