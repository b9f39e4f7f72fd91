package dev.countersign.secrets;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Redacts a text that comes in pieces. Keeps as much as the longest secret may take, so that none
/// is cut in two, and some of what is already written, so that what stands before a secret is
/// known. Works on bytes as characters.
final class StreamRedaction {
    private static final int CONTEXT = 1024;

    private final Redactor redactor;
    private final OutputStream out;
    private final int longest;
    private final StringBuilder held = new StringBuilder();

    /// How many characters of what is held are written already.
    private int written;

    StreamRedaction(Redactor redactor, OutputStream out, int longest) {
        this.redactor = redactor;
        this.out = out;
        this.longest = longest;
    }

    void more(String text) throws IOException {
        held.append(text);
        if (held.length() - written >= 3 * longest) {
            write(held.length() - longest);
        }
    }

    void end() throws IOException {
        write(held.length());
        out.flush();
    }

    /// Writes up to here; a secret that lies across is left for later, one that begins in what is
    /// written already ends it.
    private void write(int limit) throws IOException {
        String text = held.toString();
        int end = lineEnd(text, limit);
        int at = written;
        for (Span span : redactor.find(text)) {
            if (span.end() <= at) {
                continue;
            }
            if (span.start() >= end) {
                break;
            }
            if (span.end() > end && end < text.length() && span.start() > at) {
                end = span.start();
                break;
            }
            put(text.substring(at, Math.max(at, span.start())));
            out.write(Redactor.mark(span).getBytes(StandardCharsets.UTF_8));
            at = span.end();
        }
        put(text.substring(at, Math.max(at, end)));
        written = Math.max(at, end);
        int drop = Math.max(0, written - CONTEXT);
        held.delete(0, drop);
        written -= drop;
    }

    /// Cut behind a line if there is one: a name and its value stand on the same.
    private int lineEnd(String text, int limit) {
        if (limit >= text.length()) {
            return text.length();
        }
        int line = text.lastIndexOf('\n', limit - 1) + 1;
        return line > written ? line : limit;
    }

    private void put(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
