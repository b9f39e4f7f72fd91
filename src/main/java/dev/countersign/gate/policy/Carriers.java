package dev.countersign.gate.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// Programs that run other programs or code: `allow` never covers them, however exact it is.
/// Sources: the manuals of these programs.
final class Carriers {
    private static final Set<String> PROGRAMS =
            Set.of(
                    ".",
                    "ash",
                    "awk",
                    "bash",
                    "builtin",
                    "bun",
                    "bunx",
                    "busybox",
                    "chroot",
                    "chrt",
                    "command",
                    "csh",
                    "dash",
                    "deno",
                    "docker",
                    "doas",
                    "ed",
                    "emacs",
                    "env",
                    "eval",
                    "ex",
                    "exec",
                    "expect",
                    "find",
                    "fish",
                    "flock",
                    "gawk",
                    "gdb",
                    "gosu",
                    "ionice",
                    "julia",
                    "ksh",
                    "ltrace",
                    "lua",
                    "mawk",
                    "mksh",
                    "nice",
                    "node",
                    "nodejs",
                    "nohup",
                    "nsenter",
                    "nvim",
                    "osascript",
                    "parallel",
                    "perl",
                    "php",
                    "pipx",
                    "podman",
                    "prlimit",
                    "pwsh",
                    "python",
                    "rlwrap",
                    "rscript",
                    "ruby",
                    "runuser",
                    "script",
                    "setarch",
                    "setpriv",
                    "setsid",
                    "sh",
                    "socat",
                    "source",
                    "ssh",
                    "stdbuf",
                    "strace",
                    "su",
                    "sudo",
                    "systemd-run",
                    "taskset",
                    "tclsh",
                    "tcsh",
                    "time",
                    "timeout",
                    "ts-node",
                    "tsx",
                    "unbuffer",
                    "unshare",
                    "uvx",
                    "vi",
                    "vim",
                    "watch",
                    "xargs",
                    "npx",
                    "zsh");

    /// Words behind a program that make it a carrier.
    private static final Map<String, Set<String>> WORDS =
            Map.ofEntries(
                    Map.entry("bundle", Set.of("exec")),
                    Map.entry("cargo", Set.of("run", "install")),
                    Map.entry("composer", Set.of("exec")),
                    Map.entry("gem", Set.of("exec")),
                    Map.entry(
                            "git",
                            Set.of(
                                    "-c",
                                    "--config-env",
                                    "--exec-path",
                                    "-x",
                                    "--exec",
                                    "foreach",
                                    "filter-branch",
                                    "difftool",
                                    "mergetool",
                                    "--upload-pack",
                                    "--receive-pack")),
                    Map.entry("go", Set.of("run", "generate", "tool")),
                    Map.entry("kubectl", Set.of("exec", "run", "debug")),
                    Map.entry("npm", Set.of("exec", "x", "explore", "--script-shell", "-c")),
                    Map.entry("pipenv", Set.of("run", "shell")),
                    Map.entry("pnpm", Set.of("exec", "dlx")),
                    Map.entry("poetry", Set.of("run", "shell")),
                    Map.entry("rustup", Set.of("run")),
                    Map.entry("tar", Set.of("--to-command", "-I", "--use-compress-program")),
                    Map.entry("uv", Set.of("run", "tool", "x")),
                    Map.entry("yarn", Set.of("exec", "dlx", "node")));

    private Carriers() {}

    /// @param words a command; the program may be named by its path and with a version
    static boolean carries(List<String> words) {
        String first = words.getFirst();
        String name = first.substring(first.lastIndexOf('/') + 1);
        String bare = name.replaceFirst("[0-9][0-9.]*$", "").toLowerCase(java.util.Locale.ROOT);
        if (PROGRAMS.contains(bare) || PROGRAMS.contains(name)) {
            return true;
        }
        Set<String> carrying = WORDS.getOrDefault(bare, Set.of());
        return words.stream()
                        .skip(1)
                        .map(word ->
                                word.indexOf('=') > 0 ? word.substring(0, word.indexOf('=')) : word)
                        .anyMatch(carrying::contains)
                || (bare.equals("git")
                        && words.size() > 2
                        && words.contains("bisect")
                        && words.contains("run"));
    }
}
