package dev.countersign.ui.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.api.ReviewView;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FileTreeTest {
    private static ReviewView.File file(String path, boolean runs) {
        return new ReviewView.File(
                GuestText.of(path), "edited", Level.LOW, List.of(), runs, 1, 0, List.of());
    }

    private static final List<ReviewView.File> FILES =
            List.of(
                    file(".github/workflows/ci.yml", true),
                    file("Makefile", false),
                    file("src/a/one.ts", false),
                    file("src/a/two.ts", false),
                    file("src/b/three.ts", false),
                    file("docs/read.md", false));

    private static List<String> names(List<FileTree.Row> rows) {
        return rows.stream()
                .map(row ->
                        switch (row) {
                            case FileTree.Row.Head head -> "# " + head.group();
                            case FileTree.Row.Directory directory -> directory.path() + "/";
                            case FileTree.Row.Leaf leaf ->
                                    (leaf.nested() ? "  " : "") + leaf.name();
                        })
                .toList();
    }

    @Test
    void filesStandUnderTheirDirectoriesAndWhatRunsOnTheHostStandsFlat() {
        assertThat(names(FileTree.of(FILES, Set.of(), _ -> true)))
                .containsExactly(
                        "# RUNS_LATER",
                        ".github/workflows/ci.yml",
                        "# CODE",
                        "Makefile",
                        "src/a/",
                        "  one.ts",
                        "  two.ts",
                        "src/b/",
                        "  three.ts",
                        "# TEXT",
                        "docs/",
                        "  read.md");
    }

    @Test
    void aFoldedDirectoryKeepsItsFilesForItsCount() {
        List<FileTree.Row> rows = FileTree.of(FILES, Set.of("CODE src/a"), _ -> true);
        assertThat(names(rows)).contains("src/a/").doesNotContain("  one.ts");
        assertThat(rows)
                .filteredOn(FileTree.Row.Directory.class::isInstance)
                .first()
                .extracting(row -> ((FileTree.Row.Directory) row).files().size())
                .isEqualTo(2);
    }

    @Test
    void groupsAndDirectoriesWithoutShownFilesAreLeftOut() {
        assertThat(names(FileTree.of(FILES, Set.of(), f -> f.path().raw().endsWith("three.ts"))))
                .containsExactly("# CODE", "src/b/", "  three.ts");
    }
}
