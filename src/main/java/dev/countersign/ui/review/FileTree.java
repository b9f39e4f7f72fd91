package dev.countersign.ui.review;

import dev.countersign.api.ReviewView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Files under their directories. What runs on the host later stands first and flat, with its whole
/// path: it is few and must not be folded away.
final class FileTree {
    private FileTree() {}

    /// A row of the list.
    sealed interface Row {
        /// A group's name.
        record Head(ReviewViewModel.Group group) implements Row {}

        /// A directory with its files.
        record Directory(ReviewViewModel.Group group, String path, List<ReviewView.File> files)
                implements Row {
            /// Names the directory among all groups.
            String key() {
                return group + " " + path;
            }
        }

        /// A file.
        ///
        /// @param name what of its path the rows above do not say
        record Leaf(ReviewView.File file, String name, boolean nested) implements Row {}
    }

    /// Rows of files that are in order: by group, by directory, by name.
    ///
    /// @param folded keys of directories whose files are not listed
    /// @param shown which files are listed at all
    static List<Row> of(
            List<ReviewView.File> files, Set<String> folded, Predicate<ReviewView.File> shown) {
        List<Row> rows = new ArrayList<>();
        ReviewViewModel.Group group = null;
        Row.Directory directory = null;
        for (ReviewView.File file : files) {
            if (!shown.test(file)) {
                continue;
            }
            ReviewViewModel.Group of = ReviewViewModel.Group.of(file);
            if (of != group) {
                rows.add(new Row.Head(of));
                group = of;
                directory = null;
            }
            String path = file.path().raw();
            String parent = parent(path);
            if (of == ReviewViewModel.Group.RUNS_LATER || parent.isEmpty()) {
                rows.add(new Row.Leaf(file, path, false));
                continue;
            }
            if (directory == null || !directory.path().equals(parent)) {
                directory = new Row.Directory(of, parent, new ArrayList<>());
                rows.add(directory);
            }
            directory.files().add(file);
            if (!folded.contains(directory.key())) {
                rows.add(new Row.Leaf(file, path.substring(parent.length() + 1), true));
            }
        }
        return rows;
    }

    /// The directory that a path lies in; empty for the workspace itself.
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /// Where a file stands among the rows, or -1.
    static int indexOf(List<Row> rows, ReviewView.@Nullable File file) {
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i) instanceof Row.Leaf leaf
                    && file != null
                    && Objects.equals(leaf.file().path(), file.path())) {
                return i;
            }
        }
        return -1;
    }
}
