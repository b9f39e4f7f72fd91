package dev.countersign.ui;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.countersign.domain.GuestText;
import org.junit.jupiter.api.Test;

class UiArchitectureTest {
    private static final String UI = "dev.countersign.ui.";
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.countersign.ui");

    @Test
    void p7OnlyOneRendererTurnsTextOfTheGuestIntoTextOfTheScreen() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(UI + "common.Guest")
                .should()
                .callMethod(GuestText.class, "visible")
                .orShould()
                .callMethod(GuestText.class, "visibleLines")
                .orShould()
                .callMethod(GuestText.class, "toString")
                .check(CLASSES);
    }

    @Test
    void featuresDoNotKnowEachOther() {
        for (String feature :
                new String[] {
                    "sessions",
                    "start",
                    "feed",
                    "approval",
                    "review",
                    "checkpoints",
                    "journal",
                    "network",
                    "deletions",
                    "report",
                    "policy"
                }) {
            noClasses()
                    .that()
                    .resideInAPackage(UI + feature + "..")
                    .should()
                    .dependOnClassesThat(
                            com.tngtech.archunit.core.domain.JavaClass.Predicates
                                    .resideInAnyPackage("dev.countersign.ui..")
                                    .and(
                                            com.tngtech.archunit.base.DescribedPredicate.not(
                                                    com.tngtech.archunit.core.domain.JavaClass
                                                            .Predicates.resideInAnyPackage(
                                                            UI + feature + "..", UI + "common.."))))
                    .check(CLASSES);
        }
        slices().matching(UI + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void viewModelsSeeNoControlAndNoScene() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("ViewModel")
                .or()
                .haveSimpleName("FeedModel")
                .or()
                .haveSimpleName("EngineLink")
                .or()
                .haveSimpleName("EntryPump")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "javafx.scene..", "javafx.stage..", "javafx.application..", "atlantafx..")
                .check(CLASSES);
    }
}
