package dev.countersign;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/// The walls of the house. A room that is not listed here, or that reaches for one it may not use,
/// fails.
class ArchitectureTest {
    private static final String ROOT = "dev.countersign.";
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.countersign");

    private static final List<String> CORE =
            List.of(
                    "session",
                    "vm",
                    "workspace",
                    "agent",
                    "gateway",
                    "egress",
                    "gate",
                    "secrets",
                    "journal");

    /// Room to what it may use, beside itself and `domain`.
    private static final Map<String, List<String>> MAY_USE =
            Map.ofEntries(
                    Map.entry("domain", List.of()),
                    Map.entry("api", List.of()),
                    Map.entry("secrets", List.of()),
                    Map.entry("journal", List.of("secrets")),
                    Map.entry("vm", List.of("journal")),
                    Map.entry("workspace", List.of("vm.ssh", "secrets", "journal")),
                    Map.entry("gate", List.of("journal")),
                    Map.entry("gateway", List.of("gate", "secrets", "journal")),
                    Map.entry("egress", List.of("gate", "secrets", "journal")),
                    Map.entry("agent", List.of("vm.ssh", "gateway")),
                    Map.entry(
                            "session",
                            List.of(
                                    "vm",
                                    "workspace",
                                    "agent",
                                    "gateway",
                                    "egress",
                                    "gate",
                                    "secrets",
                                    "journal")),
                    Map.entry(
                            "engine",
                            List.of(
                                    "api",
                                    "session",
                                    "vm",
                                    "workspace",
                                    "agent",
                                    "gateway",
                                    "egress",
                                    "gate",
                                    "secrets",
                                    "journal")),
                    Map.entry("platform", List.of("secrets", "workspace", "engine", "ui")),
                    Map.entry("cli", List.of("api", "app.tools")),
                    Map.entry("ui", List.of("api")));

    @Test
    void everyRoomUsesOnlyWhatItMay() {
        MAY_USE.forEach((room, uses) -> {
            List<String> allowed = new ArrayList<>();
            allowed.add(ROOT + room + "..");
            allowed.add(ROOT + "domain..");
            uses.forEach(use -> allowed.add(ROOT + use + ".."));
            String[] packages = allowed.toArray(String[]::new);
            ArchRule rule =
                    noClasses()
                            .that(resideInAPackage(ROOT + room + ".."))
                            .should()
                            .dependOnClassesThat(
                                    resideInAPackage("dev.countersign..")
                                            .and(
                                                    com.tngtech.archunit.base.DescribedPredicate
                                                            .not(resideInAnyPackage(packages))))
                            .allowEmptyShould(true);
            rule.check(CLASSES);
        });
    }

    @Test
    void everyPackageBelongsToAKnownRoom() {
        List<String> known = new ArrayList<>(MAY_USE.keySet());
        known.add("app");
        Assertions.assertThat(CLASSES.stream().map(c -> c.getPackageName()).distinct())
                .allSatisfy(name ->
                        Assertions.assertThat(known)
                                .contains(name.substring(ROOT.length()).split("\\.", 2)[0]));
    }

    @Test
    void coreAndEngineNeverSeeTheToolkit() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        Arrays.stream(
                                        new String[] {
                                            "session",
                                            "vm",
                                            "workspace",
                                            "agent",
                                            "gateway",
                                            "gate",
                                            "secrets",
                                            "journal",
                                            "engine",
                                            "api",
                                            "cli",
                                            "domain"
                                        })
                                .map(room -> ROOT + room + "..")
                                .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("javafx..", "atlantafx..")
                .check(CLASSES);
        Assertions.assertThat(MAY_USE.keySet()).containsAll(CORE);
    }

    @Test
    void nobodyUsesTheOldToolkits() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.awt..", "javax.swing..", "javafx.scene.web..", "java.util.logging..")
                .check(CLASSES);
    }

    @Test
    void nativeCallsStayInThePlatformRoom() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "platform..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.sun.jna..", "org.freedesktop..")
                .check(CLASSES);
    }

    @Test
    void onlyFxHopsToTheToolkitThread() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + "ui.common.Fx")
                .should()
                .callMethod("javafx.application.Platform", "runLater", "java.lang.Runnable")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void nobodySleepsOrPrintsBesideTheCommands() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "cli..", ROOT + "app..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .check(CLASSES);
    }
}
