package dev.countersign.gate.risk;

import dev.countersign.domain.Level;

/// Reads a sed(1) script far enough to see whether it runs, reads or writes anything.
final class SedScript {
    private final String text;
    private final Invocation call;
    private final Paths paths;
    private final Findings own;
    private int at;

    private SedScript(String text, Invocation call, Paths paths, Findings own) {
        this.text = text;
        this.call = call;
        this.paths = paths;
        this.own = own;
    }

    static void check(String text, Invocation call, Paths paths, Findings own) {
        SedScript script = new SedScript(text, call, paths, own);
        while (script.at < text.length() && script.command()) {
            // Each step reads one command.
        }
    }

    /// @return false if the rest can't be read
    private boolean command() {
        skip(" \t\n;{}");
        address();
        if (peek() == ',') {
            at++;
            skip(" \t");
            address();
        }
        skip(" \t!");
        if (at >= text.length()) {
            return false;
        }
        char name = text.charAt(at++);
        return switch (name) {
            case '{', '}', '=', 'd', 'D', 'g', 'G', 'h', 'H', 'n', 'N', 'p', 'P', 'x', 'z', 'F' ->
                    true;
            case 'q', 'Q', 'l', 'L' -> {
                skip(" 0123456789");
                yield true;
            }
            case '#', ':', 'b', 't', 'T', 'a', 'i', 'c', 'v' -> {
                line(name == 'b' || name == 't' || name == 'T');
                yield true;
            }
            case 's' -> substitution();
            case 'y' -> delimited() && delimitedRest();
            case 'r', 'R' -> {
                paths.read(line(false).strip(), call.scope().cwd(), own);
                yield true;
            }
            case 'w', 'W' -> {
                paths.write(line(false).strip(), call.scope().cwd(), own);
                yield true;
            }
            case 'e' -> {
                own.add(Level.HIGH, "run.code", "sed runs a command from its script");
                CodeHints.check(line(false), own);
                yield true;
            }
            default -> {
                own.add(Level.HIGH, "run.code", "sed gets a script that can't be read");
                yield false;
            }
        };
    }

    private char delimiter;

    private boolean substitution() {
        if (!delimited() || !delimitedRest()) {
            own.add(Level.HIGH, "run.code", "sed gets a script that can't be read");
            return false;
        }
        while (at < text.length() && "gpiImM0123456789ew".indexOf(text.charAt(at)) >= 0) {
            char flag = text.charAt(at++);
            if (flag == 'e') {
                own.add(Level.HIGH, "run.code", "sed runs what it made as a command");
            } else if (flag == 'w') {
                paths.write(line(false).strip(), call.scope().cwd(), own);
            }
        }
        return true;
    }

    private boolean delimited() {
        if (at >= text.length()) {
            return false;
        }
        delimiter = text.charAt(at++);
        return delimitedRest();
    }

    /// Up to the next delimiter, over backslashes and sets.
    private boolean delimitedRest() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\\') {
                at++;
            } else if (c == delimiter) {
                return true;
            }
        }
        return false;
    }

    private void address() {
        if (at >= text.length()) {
            return;
        }
        char c = text.charAt(at);
        if (Character.isDigit(c) || c == '$' || c == '+' || c == '~') {
            at++;
            skip("0123456789~");
        } else if (c == '/' || c == '\\') {
            at += c == '\\' ? 1 : 0;
            delimited();
            skip("IM");
        }
        skip(" \t");
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skip(String any) {
        while (at < text.length() && any.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private String line(boolean semicolon) {
        int from = at;
        while (at < text.length()
                && text.charAt(at) != '\n'
                && !(semicolon && text.charAt(at) == ';')) {
            at++;
        }
        return text.substring(from, at);
    }
}
