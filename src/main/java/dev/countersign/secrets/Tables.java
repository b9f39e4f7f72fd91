package dev.countersign.secrets;

import dev.countersign.secrets.KeyNames.Promise;
import dev.countersign.secrets.Scanner.Mode;
import dev.countersign.secrets.Values.Stand;
import java.util.ArrayList;
import java.util.List;

/// Secrets in the columns of a table with a head, such as an export of accounts.
final class Tables {
    private static final int MOST_COLUMNS = 256;

    private Tables() {}

    /// The cells below names that promise a secret, in order.
    static List<Span> secrets(String text, char separator, Mode mode) {
        List<Span> found = new ArrayList<>();
        List<Promise> promises = new ArrayList<>();
        boolean head = true;
        int column = 0;
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (c == '"') {
                quoted = !quoted;
            }
            boolean ends = c == '\n' || (c == separator && !quoted);
            if (!ends) {
                continue;
            }
            int from = start;
            int to = i;
            while (from < to && (text.charAt(from) <= ' ' || text.charAt(from) == '"')) {
                from++;
            }
            while (to > from && (text.charAt(to - 1) <= ' ' || text.charAt(to - 1) == '"')) {
                to--;
            }
            if (head) {
                promises.add(
                        to > from && to - from < 80
                                ? KeyNames.of(text.substring(from, to))
                                : Promise.NOTHING);
                if (promises.size() > MOST_COLUMNS) {
                    return found;
                }
            } else if (column < promises.size()
                    && to > from
                    && to - from < 1024
                    && promises.get(column).compareTo(Promise.SECRET) >= 0
                    && Values.secret(
                            text.substring(from, to), promises.get(column), Stand.QUOTED, mode)) {
                found.add(new Span(from, to, "password-assignment"));
            }
            column = c == '\n' ? 0 : column + 1;
            if (c == '\n') {
                quoted = false;
                if (head
                        && promises.stream().noneMatch(one -> one.compareTo(Promise.SECRET) >= 0)) {
                    return found;
                }
                head = false;
            }
            start = i + 1;
        }
        return found;
    }
}
