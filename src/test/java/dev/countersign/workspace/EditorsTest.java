package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.platform.HostWatches;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real editors and tools save a file, each in its own way, on either side: what arrives is what
/// they left, and nothing of what they did on the way.
@EnabledOnOs(OS.LINUX)
class EditorsTest {
    @TempDir Path dir;

    /// @param script for a shell in the directory; it changes `src/a` and nothing else that stays
    record Save(String name, String program, String script) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Save vim(String settings) {
        String script =
                "vim -es -N -u NONE -i NONE -c '" + settings + "' -c '%s/line/LINE/' -c wq src/a";
        return new Save("vim, " + settings, "vim", script);
    }

    static Stream<Save> saves() {
        return Stream.of(
                vim("set backupcopy=yes nobackup writebackup swapfile"),
                vim("set backupcopy=no nobackup writebackup swapfile"),
                vim("set backupcopy=auto backup backupext=~ swapfile"),
                vim("set backupcopy=no backup swapfile fsync"),
                vim("set nobackup nowritebackup noswapfile"),
                new Save("ed", "ed", "printf '1s/line/LINE/\\nw\\nq\\n' | ed -s src/a"),
                new Save("ex", "ex", "printf '1s/line/LINE/\\nwq\\n' | ex -s src/a"),
                new Save(
                        "emacs",
                        "emacs",
                        "emacs -Q --batch src/a --eval '(progn (upcase-region 1 5)"
                                + " (set-buffer-modified-p t) (save-buffer))'"),
                new Save("sed -i", "sed", "sed -i 's/line/LINE/' src/a"),
                new Save("sed -i.bak", "sed", "sed -i.bak 's/line/LINE/' src/a"),
                new Save("perl -i", "perl", "perl -pi -e 's/line/LINE/' src/a"),
                new Save(
                        "python, truncate and write slowly",
                        "python3",
                        "python3 -c 'f=open(\"src/a\",\"w\")\nfor i in range(2000): f.write(\"LINE %d\\n\" % i); f.flush()'"),
                new Save(
                        "a new file beside it, synced, renamed over",
                        "mv",
                        "echo LINE > src/.a.tmp && sync src/.a.tmp && mv src/.a.tmp src/a"),
                new Save(
                        "a hard link as the backup, then a new file",
                        "ln",
                        "ln src/a src/.a.old && echo LINE > src/.a.new && mv src/.a.new src/a && rm src/.a.old"),
                new Save(
                        "moved away, written anew, backup removed",
                        "mv",
                        "mv src/a src/a~ && echo LINE > src/a && rm src/a~"),
                new Save(
                        "the same length, the time put back",
                        "touch",
                        "touch -r src/a .t && sed -i 's/line/LINE/' src/a && touch -r .t src/a && rm .t"),
                new Save(
                        "install", "install", "echo LINE > .n && install -m 755 .n src/a && rm .n"),
                new Save(
                        "patch",
                        "patch",
                        "printf '1c1\\n< line 0\\n---\\n> LINE 0\\n' | patch -s src/a"),
                new Save(
                        "git checkout and stash",
                        "git",
                        "sed -i s/line/LINE/ src/a && git commit -qam two && git checkout -q HEAD~1"
                                + " && git checkout -q main && echo more >> src/a && git stash -q && git stash pop -q"),
                new Save(
                        "git apply, reset, restore",
                        "git",
                        "sed -i s/line/LINE/ src/a && git diff > ../p && git restore src/a && git apply ../p && git add -A"),
                new Save("chmod", "chmod", "chmod +x src/a"),
                new Save("a link in its place", "ln", "mv src/a src/real && ln -s real src/a"));
    }

    private static boolean found(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(at -> Files.isExecutable(Path.of(at, program)));
    }

    private static boolean same(Rig rig) {
        try {
            return Rig.tree(rig.host).equals(Rig.tree(rig.guest));
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private Rig live() throws Exception {
        Rig rig = new Rig(dir);
        rig.workspace.close();
        rig.workspace =
                Workspace.open(
                        rig.settings,
                        rig.recorder(),
                        Clock.systemUTC(),
                        FaultPoint.none(),
                        HostWatches::ofThisSystem);
        for (int i = 0; i < 40; i++) {
            Rig.write(rig.host, "src/f" + i, "other\n");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("line ").append(i).append('\n');
        }
        Rig.write(rig.host, "src/a", text.toString());
        Rig.gitInit(rig.host);
        rig.in();
        return rig;
    }

    @ParameterizedTest
    @MethodSource("saves")
    void whatIsSavedOnTheHostArrives(Save save) throws Exception {
        assumeTrue(found(save.program), save.program + " is not installed");
        try (Rig rig = live()) {
            var before = Rig.tree(rig.host);
            Rig.run(rig.host, "sh", "-c", save.script);
            assertThat(Rig.tree(rig.host)).as("the editor did something").isNotEqualTo(before);
            Rig.eventually(() -> same(rig));
            assertThat(rig.review().files()).as("taken for the agent's").isEmpty();
            assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("saves")
    void P2_whatIsSavedInTheGuestIsStagedAndApplied(Save save) throws Exception {
        assumeTrue(found(save.program), save.program + " is not installed");
        try (Rig rig = live()) {
            var before = Rig.tree(rig.host);
            // The guest's repository is its own: one commit of what came in.
            Rig.run(rig.guest, "sh", "-c", save.script);
            var after = Rig.tree(rig.guest);
            Rig.eventually(() -> {
                // Not part of "all" where it may run: then by name.
                List<String> paths =
                        rig.review().files().stream().map(f -> f.path().raw()).toList();
                return !paths.isEmpty() && paths.stream().allMatch(p -> differs(before, after, p));
            });
            assertThat(Rig.tree(rig.host)).isEqualTo(before);
            Rig.eventually(() -> {
                List<String> paths =
                        rig.review().files().stream().map(f -> f.path().raw()).toList();
                if (!paths.isEmpty()) {
                    rig.workspace.apply(new Choice.Files(paths, rig.review().id()), Target.tree());
                }
                return same(rig);
            });
            assertThat(rig.workspace.auditNow()).as("missed by the watches").isZero();
        }
    }

    private static boolean differs(
            java.util.Map<String, String> before,
            java.util.Map<String, String> after,
            String path) {
        return !java.util.Objects.equals(before.get(path), after.get(path));
    }
}
