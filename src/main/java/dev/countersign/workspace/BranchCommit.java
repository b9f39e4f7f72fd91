package dev.countersign.workspace;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/// Commits on a new branch, made of objects alone: no file of the tree, no index, no hook, no
/// filter is touched.
final class BranchCommit implements AutoCloseable {
    private final Repository repository;
    private final String branch;
    private final @Nullable ObjectId head;
    private final ObjectInserter inserter;
    private final DirCache index = DirCache.newInCore();
    private final Map<String, Change> changes = new LinkedHashMap<>();
    private @Nullable ObjectId tip;

    private record Change(Item item, byte[] content) {}

    /// A file of HEAD.
    record Committed(Item item, byte[] content) {}

    private BranchCommit(Repository repository, String branch, @Nullable ObjectId head) {
        this.repository = repository;
        this.branch = branch;
        this.head = head;
        this.inserter = repository.newObjectInserter();
    }

    /// HEAD, to look at: nothing can be published.
    static BranchCommit reading(Path root) throws IOException, CountersignException {
        Repository repository = open(root);
        return new BranchCommit(repository, "", repository.resolve(Constants.HEAD + "^{commit}"));
    }

    static BranchCommit on(Path root, String name) throws IOException, CountersignException {
        if (!Repository.isValidRefName(Constants.R_HEADS + name) || name.startsWith("-")) {
            throw new CountersignException(
                    Kind.USAGE,
                    "git does not take " + name + " as a branch's name. Choose another.");
        }
        Repository repository = open(root);
        if (repository.exactRef(Constants.R_HEADS + name) != null) {
            repository.close();
            throw new CountersignException(
                    Kind.CONFLICT, "The branch " + name + " exists already. Choose another name.");
        }
        return new BranchCommit(repository, name, repository.resolve(Constants.HEAD + "^{commit}"));
    }

    private static Repository open(Path root) throws IOException, CountersignException {
        @Nullable Path git = IgnoreRules.gitDirectory(root);
        if (git == null) {
            throw new CountersignException(
                    Kind.USAGE,
                    root
                            + " is not a git repository, so there is no branch to make. Apply to the"
                            + " tree, or as a patch.");
        }
        return new FileRepositoryBuilder()
                .setGitDir(git.toFile())
                .setWorkTree(root.toFile())
                .setMustExist(true)
                .build();
    }

    /// What HEAD has at this path.
    Committed committed(String path) throws IOException {
        if (head == null) {
            return new Committed(Item.Absent.HERE, new byte[0]);
        }
        try (RevWalk walk = new RevWalk(repository);
                TreeWalk tree =
                        TreeWalk.forPath(repository, path, walk.parseCommit(head).getTree())) {
            if (tree == null || tree.isSubtree()) {
                return new Committed(Item.Absent.HERE, new byte[0]);
            }
            FileMode mode = tree.getFileMode(0);
            if (mode.equals(FileMode.GITLINK)) {
                return new Committed(new Item.Other("a submodule is there"), new byte[0]);
            }
            byte[] content = repository.open(tree.getObjectId(0), Constants.OBJ_BLOB).getBytes();
            if (mode.equals(FileMode.SYMLINK)) {
                String target = new String(content, StandardCharsets.UTF_8);
                return new Committed(new Item.LinkTo(target), content);
            }
            boolean executable = mode.equals(FileMode.EXECUTABLE_FILE);
            return new Committed(StagedChange.file(content, executable), content);
        }
    }

    /// `Name <address>`, as the repository's own configuration has the developer.
    String developer() {
        PersonIdent who = new PersonIdent(repository);
        return who.getName() + " <" + who.getEmailAddress() + ">";
    }

    void change(String path, Item item, byte[] content) {
        changes.put(path, new Change(item, content));
    }

    /// Writes one commit and the branch.
    String commit(String message) throws IOException, CountersignException {
        add(message);
        return publish();
    }

    /// One more commit, with what was changed since the last one; nobody sees it before
    /// [#publish()].
    void add(String message) throws IOException {
        if (tip == null && head != null) {
            readHead(head);
            tip = head;
        }
        edit();
        PersonIdent who = new PersonIdent(repository);
        CommitBuilder commit = new CommitBuilder();
        commit.setTreeId(index.writeTree(inserter));
        if (tip != null) {
            commit.setParentId(tip);
        }
        commit.setAuthor(who);
        commit.setCommitter(who);
        commit.setMessage(message.endsWith("\n") ? message : message + "\n");
        tip = inserter.insert(commit);
        changes.clear();
    }

    private void readHead(ObjectId from) throws IOException {
        // The inserter's own objects are not asked for: HEAD is there already.
        try (ObjectReader reader = repository.newObjectReader();
                RevWalk walk = new RevWalk(reader)) {
            DirCacheBuilder builder = index.builder();
            builder.addTree(
                    new byte[0], DirCacheEntry.STAGE_0, reader, walk.parseCommit(from).getTree());
            builder.finish();
        }
    }

    private void edit() throws IOException {
        DirCacheEditor editor = index.editor();
        for (var entry : changes.entrySet()) {
            Change change = entry.getValue();
            if (change.item.absent()) {
                editor.add(new DirCacheEditor.DeletePath(entry.getKey()));
                continue;
            }
            ObjectId blob = inserter.insert(Constants.OBJ_BLOB, change.content);
            FileMode mode = mode(change.item);
            editor.add(
                    new DirCacheEditor.PathEdit(entry.getKey()) {
                        @Override
                        public void apply(DirCacheEntry ent) {
                            ent.setFileMode(mode);
                            ent.setObjectId(blob);
                        }
                    });
        }
        editor.finish();
    }

    /// Makes the branch, at the last commit.
    String publish() throws IOException, CountersignException {
        ObjectId last = java.util.Objects.requireNonNull(tip, "nothing was committed");
        inserter.flush();
        RefUpdate update = repository.updateRef(Constants.R_HEADS + branch);
        update.setNewObjectId(last);
        update.setExpectedOldObjectId(ObjectId.zeroId());
        update.setRefLogMessage("countersign: reviewed changes", false);
        if (update.update() != RefUpdate.Result.NEW) {
            throw new CountersignException(
                    Kind.CONFLICT,
                    "The branch " + branch + " could not be made; it may exist by now.");
        }
        return last.name();
    }

    private static FileMode mode(Item item) {
        return switch (item) {
            case Item.LinkTo _ -> FileMode.SYMLINK;
            case Item.File f -> f.executable() ? FileMode.EXECUTABLE_FILE : FileMode.REGULAR_FILE;
            case Item.Absent _, Item.Other _ -> FileMode.MISSING;
        };
    }

    @Override
    public void close() {
        inserter.close();
        repository.close();
    }
}
