package dev.countersign.vm.ssh;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/// Writes plain words so that a POSIX shell reads exactly these words again. The result is ASCII,
/// so that neither the host's nor the guest's locale can change it.
public final class ShellWords {
    private ShellWords() {}

    /// All words, separated by spaces.
    ///
    /// @throws IllegalArgumentException if a word has a NUL, which no argument can carry
    public static String quote(List<String> words) {
        return words.stream().map(ShellWords::quote).collect(Collectors.joining(" "));
    }

    /// One word.
    public static String quote(String word) {
        if (word.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a word can't hold a NUL");
        }
        StringBuilder out = new StringBuilder("'");
        boolean octal = false;
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            // A run of bytes that are not ASCII goes through printf. It never ends in a line feed,
            // so the command substitution takes nothing away.
            if (b < 0 != octal) {
                out.append(octal ? "')\"'" : "'\"$(printf '");
                octal = !octal;
            }
            if (b < 0) {
                out.append("\\%03o".formatted(b & 0xff));
            } else if (b == '\'') {
                out.append("'\\''");
            } else {
                out.append((char) b);
            }
        }
        return out.append(octal ? "')\"" : "'").toString();
    }
}
