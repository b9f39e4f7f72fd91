package dev.countersign.gate.risk;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Brace expansion as in bash(1): `{a,b}` and `{1..3}`, before anything else.
final class Braces {
    private static final int DEEPEST = 6;

    private Braces() {}

    /// The words, or null if there are more than `most` or it is nested too deeply.
    static @Nullable List<String> expand(String text, int most) {
        return expand(text, most, 0);
    }

    private static @Nullable List<String> expand(String text, int most, int depth) {
        if (depth > DEEPEST) {
            return null;
        }
        for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
            int close = closing(text, open);
            if (close < 0) {
                return List.of(text);
            }
            List<String> choices = choices(text.substring(open + 1, close), most);
            if (choices.size() < 2) {
                continue;
            }
            List<String> all = new ArrayList<>();
            for (String choice : choices) {
                List<String> rest =
                        expand(
                                text.substring(0, open) + choice + text.substring(close + 1),
                                most,
                                depth + 1);
                if (rest == null || all.size() + rest.size() > most) {
                    return null;
                }
                all.addAll(rest);
            }
            return all;
        }
        return List.of(text);
    }

    private static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i;
            }
        }
        return -1;
    }

    private static List<String> choices(String inside, int most) {
        List<String> choices = new ArrayList<>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < inside.length(); i++) {
            char c = inside.charAt(i);
            if (c == '{') {
                depth++;
            } else if (c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                choices.add(inside.substring(from, i));
                from = i + 1;
            }
        }
        choices.add(inside.substring(from));
        if (choices.size() == 1 && inside.matches("-?[0-9]{1,9}\\.\\.-?[0-9]{1,9}")) {
            String[] ends = inside.split("\\.\\.", 2);
            int a = Integer.parseInt(ends[0]);
            int b = Integer.parseInt(ends[1]);
            choices.clear();
            for (int i = a; choices.size() <= most; i += a <= b ? 1 : -1) {
                choices.add(Integer.toString(i));
                if (i == b) {
                    break;
                }
            }
        } else if (choices.size() == 1 && inside.matches("[A-Za-z]\\.\\.[A-Za-z]")) {
            char a = inside.charAt(0);
            char b = inside.charAt(3);
            choices.clear();
            for (char c = a; choices.size() <= most; c += (char) (a <= b ? 1 : -1)) {
                choices.add(String.valueOf(c));
                if (c == b) {
                    break;
                }
            }
        }
        return choices;
    }
}
