package dev.countersign.engine;

import java.util.List;

/// What an effect's word means to a person. The journal and policies keep the words; only what is
/// shown is translated. A word without a line of its own takes its family's, an unknown one stays
/// as it is.
final class EffectSentences {
    private static final List<Line> LINES =
            List.of(
                    new Line("git.force-push", "Replaces history that others may have"),
                    new Line("git.push", "Pushes commits to a remote"),
                    new Line("git.discard", "Throws uncommitted work away"),
                    new Line("git.config", "Changes what git runs or trusts"),
                    new Line("git.", "Changes the repository's state in the VM"),
                    new Line("net.send", "Sends data out of the VM"),
                    new Line("net.listen", "Opens a port in the VM"),
                    new Line("net.", "Uses the network"),
                    new Line("install.", "Installs code"),
                    new Line("run.remote", "Runs code from another machine"),
                    new Line("run.hidden", "Runs code that can't be read here"),
                    new Line("run.later", "Leaves something that runs later"),
                    new Line("run.project", "Runs a program of the workspace"),
                    new Line("run.", "Runs code"),
                    new Line("secrets.", "Reads or shows secrets"),
                    new Line("sql.schema", "Changes a database's schema"),
                    new Line("sql.", "Uses a database"),
                    new Line("delete.", "Deletes files"),
                    new Line("write.", "Writes files"),
                    new Line("read.", "Reads files"),
                    new Line("file.", "Changes rights of files"),
                    new Line("deploy.", "Changes running systems"),
                    new Line("iam.", "Changes who may do what"),
                    new Line("container.", "Uses containers"),
                    new Line("cloud.", "Uses a cloud account"),
                    new Line("guard.", "Touches what guards the session"),
                    new Line("sandbox.", "Touches the sandbox"),
                    new Line("audit.", "Touches the record of what happened"),
                    new Line("process.", "Ends processes"),
                    new Line("cwd.", "Works outside of the workspace"),
                    new Line("shell.", "Has parts that could not be understood"));

    private EffectSentences() {}

    /// @param prefix of the words that it is for; the first that fits counts
    private record Line(String prefix, String sentence) {}

    static List<String> of(List<String> words) {
        return words.stream().map(EffectSentences::of).distinct().toList();
    }

    private static String of(String word) {
        return LINES.stream()
                .filter(line -> word.startsWith(line.prefix()))
                .map(Line::sentence)
                .findFirst()
                .orElse(word);
    }
}
