package dev.countersign.journal;

import dev.countersign.domain.Answer;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.GuestText;
import dev.countersign.domain.Level;
import dev.countersign.domain.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds entries of all sessions. An SQLite file (WAL) that is rebuilt from the logs at any time:
/// losing it loses nothing, and nothing is decided by what stands in it. Safe for many threads,
/// which take turns.
///
/// A session's rows carry the digest of the last indexed record. If the log no longer has it there,
/// the rows are dropped and read anew.
public final class JournalIndex implements AutoCloseable {
    private static final int VERSION = 1;
    private static final int BATCH = 2000;
    private static final int LONGEST_TEXT = 64 << 10;
    private static final int LARGEST_PAGE = 1000;

    /// What to look for; null means any.
    ///
    /// @param text words that must all occur, each as the beginning of a word
    /// @param type a fact's `type`, such as `decided`
    /// @param least the lowest level of what was judged, asked or decided
    /// @param answer what was decided
    public record Query(
            @Nullable String text,
            @Nullable SessionId session,
            @Nullable String type,
            @Nullable Level least,
            @Nullable Answer answer) {
        /// Everything.
        public static Query all() {
            return new Query(null, null, null, null, null);
        }

        /// Entries with these words.
        public static Query text(String words) {
            return new Query(words, null, null, null, null);
        }
    }

    /// One entry that was found.
    ///
    /// @param position orders all entries of the index; names the page that follows
    /// @param callId the call that it is about, if it is about one
    public record Hit(
            long position,
            SessionId session,
            long seq,
            Instant at,
            String type,
            @Nullable GuestText callId) {}

    /// Hits, those that were indexed last first.
    ///
    /// @param next what to ask for the next page; null: this was the last
    public record Page(List<Hit> hits, @Nullable Long next) {}

    private final Connection connection;

    private JournalIndex(Connection connection) {
        this.connection = connection;
    }

    /// Opens the file, or makes it anew if it is missing, damaged or of another version.
    ///
    /// @throws CountersignException FAILED or EXHAUSTED if it can't be made
    public static JournalIndex open(Path file) throws CountersignException {
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(
                        parent,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            }
            try {
                return opened(file);
            } catch (SQLException damaged) {
                delete(file);
                return opened(file);
            }
        } catch (IOException e) {
            throw Failures.of("The index", file, "could not be opened", e);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static JournalIndex opened(Path file) throws SQLException, IOException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement sql = connection.createStatement()) {
            sql.execute("PRAGMA journal_mode=WAL");
            sql.execute("PRAGMA synchronous=OFF");
            sql.execute("PRAGMA busy_timeout=5000");
            int version = version(sql);
            if (version != 0 && version != VERSION) {
                connection.close();
                delete(file);
                return opened(file);
            }
            for (String statement :
                    List.of(
                            "CREATE TABLE IF NOT EXISTS logs(session TEXT PRIMARY KEY,"
                                    + " entries INTEGER NOT NULL, last TEXT NOT NULL)",
                            "CREATE TABLE IF NOT EXISTS entries(id INTEGER PRIMARY KEY,"
                                    + " session TEXT NOT NULL, seq INTEGER NOT NULL,"
                                    + " at TEXT NOT NULL, type TEXT NOT NULL, call TEXT,"
                                    + " level INTEGER, answer TEXT)",
                            "CREATE UNIQUE INDEX IF NOT EXISTS by_session ON entries(session, seq)",
                            "CREATE INDEX IF NOT EXISTS by_call ON entries(session, call)",
                            "CREATE INDEX IF NOT EXISTS by_type ON entries(type, id)",
                            "CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(text,"
                                    + " tokenize='unicode61')",
                            "PRAGMA user_version=" + VERSION,
                            "PRAGMA quick_check(1)")) {
                sql.execute(statement);
            }
            connection.setAutoCommit(false);
            return new JournalIndex(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static int version(Statement sql) throws SQLException {
        try (ResultSet row = sql.executeQuery("PRAGMA user_version")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    private static void delete(Path file) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
            Files.deleteIfExists(Path.of(file + suffix));
        }
    }

    /// Brings the index up to this log. Cheap if nothing is new.
    ///
    /// @param log as for [JournalVerifier#verify]
    /// @return how many entries were read
    public synchronized long catchUp(SessionId session, Path log) throws CountersignException {
        Path file = JournalVerifier.directory(log).resolve(SignedLog.FILE);
        try (LineReader lines = new LineReader(file, 0)) {
            long limit = Files.size(file);
            long known = known(session, lines, limit);
            if (known < 0) {
                drop(session);
                try (LineReader again = new LineReader(file, 0)) {
                    return read(session, again, limit, 0);
                }
            }
            return read(session, lines, limit, known);
        } catch (IOException e) {
            throw Failures.of("The index of", file, "could not be brought up to date", e);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Follows a journal: catches up, then indexes each entry as it comes. Close the subscription
    /// before the index.
    public Journal.Subscription follow(Journal journal) throws CountersignException {
        catchUp(journal.session(), journal.directory());
        return journal.subscribe(entries(journal.session()), this::add);
    }

    private synchronized void add(Entry entry) {
        try {
            if (entry.seq() == entries(entry.session())) {
                insert(entry);
                note(entry.session(), entry.seq() + 1, fingerprint(entry));
            }
        } catch (CountersignException | SQLException | IOException e) {
            org.slf4j.LoggerFactory.getLogger(JournalIndex.class)
                    .warn("The index is behind; it catches up when it is opened again", e);
        }
    }

    /// How many entries of a session are indexed.
    private synchronized long entries(SessionId session) throws CountersignException {
        try (PreparedStatement sql =
                connection.prepareStatement("SELECT entries FROM logs WHERE session=?")) {
            sql.setString(1, session.value());
            try (ResultSet row = sql.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Forgets a session.
    public synchronized void forget(SessionId session) throws CountersignException {
        try {
            drop(session);
            connection.commit();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Moves behind the entries that are indexed already. Returns how many, or -1 if the log is not
    /// the one they came from.
    private long known(SessionId session, LineReader lines, long limit)
            throws SQLException, IOException {
        try (PreparedStatement sql =
                connection.prepareStatement("SELECT entries, last FROM logs WHERE session=?")) {
            sql.setString(1, session.value());
            try (ResultSet row = sql.executeQuery()) {
                if (!row.next()) {
                    return 0;
                }
                long entries = row.getLong(1);
                for (long i = 0; i < entries; i++) {
                    if (!lines.next(limit)) {
                        return -1;
                    }
                }
                return entries == 0 || fingerprint(entry(lines)).equals(row.getString(2))
                        ? entries
                        : -1;
            }
        }
    }

    /// Tells one record from another.
    private static String fingerprint(Entry entry) throws IOException {
        return Digest.of(FactCodec.mapper().writeValueAsString(entry)).hex();
    }

    private static Entry entry(LineReader lines) throws IOException {
        return FactCodec.read(lines.buffer(), lines.from(), lines.to());
    }

    private long read(SessionId session, LineReader lines, long limit, long known)
            throws SQLException, IOException {
        long seq = known;
        Entry last = null;
        while (lines.next(limit)) {
            last = entry(lines);
            insert(last);
            seq++;
            if (seq % BATCH == 0) {
                note(session, seq, fingerprint(last));
            }
        }
        if (last != null) {
            note(session, seq, fingerprint(last));
        }
        return seq - known;
    }

    private void note(SessionId session, long entries, String last) throws SQLException {
        try (PreparedStatement sql =
                connection.prepareStatement("INSERT OR REPLACE INTO logs VALUES(?,?,?)")) {
            sql.setString(1, session.value());
            sql.setLong(2, entries);
            sql.setString(3, last);
            sql.executeUpdate();
        }
        connection.commit();
    }

    private void insert(Entry entry) throws SQLException {
        com.fasterxml.jackson.databind.JsonNode fact = FactCodec.mapper().valueToTree(entry.fact());
        long id;
        try (PreparedStatement sql =
                connection.prepareStatement(
                        "INSERT INTO entries(session,seq,at,type,call,level,answer)"
                                + " VALUES(?,?,?,?,?,?,?) RETURNING id")) {
            Level level = JournalExport.level(entry.fact());
            sql.setString(1, entry.session().value());
            sql.setLong(2, entry.seq());
            sql.setString(3, entry.at().toString());
            sql.setString(4, FactCodec.type(entry.fact()));
            sql.setString(5, call(entry.fact()));
            sql.setObject(6, level == null ? null : rank(level));
            sql.setString(7, entry.fact() instanceof Fact.Decided d ? d.answer().name() : null);
            try (ResultSet row = sql.executeQuery()) {
                row.next();
                id = row.getLong(1);
            }
        }
        try (PreparedStatement sql =
                connection.prepareStatement("INSERT INTO texts(rowid,text) VALUES(?,?)")) {
            sql.setLong(1, id);
            sql.setString(2, words(fact));
            sql.executeUpdate();
        }
    }

    private static @Nullable String call(Fact fact) {
        return switch (fact) {
            case Fact.Called called -> called.call().id().raw();
            case Fact.Judged judged -> judged.callId().raw();
            case Fact.Decided decided -> decided.callId().raw();
            case Fact.Released released -> released.callId().raw();
            case Fact.Returned returned -> returned.callId().raw();
            default -> null;
        };
    }

    /// All strings of the fact, one after the other.
    private static String words(com.fasterxml.jackson.databind.JsonNode fact) {
        StringBuilder text = new StringBuilder();
        collect(fact, text);
        return text.substring(0, Math.min(text.length(), LONGEST_TEXT));
    }

    private static void collect(com.fasterxml.jackson.databind.JsonNode node, StringBuilder text) {
        if (node.isTextual() && text.length() < LONGEST_TEXT) {
            text.append(node.asText()).append('\n');
        }
        node.forEach(child -> collect(child, text));
    }

    private void drop(SessionId session) throws SQLException {
        for (String statement :
                List.of(
                        "DELETE FROM texts WHERE rowid IN (SELECT id FROM entries WHERE session=?)",
                        "DELETE FROM entries WHERE session=?",
                        "DELETE FROM logs WHERE session=?")) {
            try (PreparedStatement sql = connection.prepareStatement(statement)) {
                sql.setString(1, session.value());
                sql.executeUpdate();
            }
        }
    }

    /// Finds entries.
    ///
    /// @param after [Page#next] of the page before, or null for the first
    /// @param limit how many at most, 1 to 1,000
    public synchronized Page search(Query query, @Nullable Long after, int limit)
            throws CountersignException {
        int size = Math.clamp(limit, 1, LARGEST_PAGE);
        List<Object> values = new ArrayList<>();
        String where = where(query, after, values);
        try (PreparedStatement sql =
                connection.prepareStatement(
                        "SELECT id,session,seq,at,type,call FROM entries"
                                + where
                                + " ORDER BY id DESC LIMIT "
                                + (size + 1))) {
            for (int i = 0; i < values.size(); i++) {
                sql.setObject(i + 1, values.get(i));
            }
            List<Hit> hits = new ArrayList<>();
            try (ResultSet row = sql.executeQuery()) {
                while (row.next()) {
                    hits.add(hit(row));
                }
            }
            connection.commit();
            boolean more = hits.size() > size;
            List<Hit> page = more ? hits.subList(0, size) : hits;
            return new Page(List.copyOf(page), more ? page.getLast().position() : null);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static String where(Query query, @Nullable Long after, List<Object> values) {
        List<String> all = new ArrayList<>();
        if (query.text() != null) {
            String match = match(query.text());
            if (!match.isEmpty()) {
                all.add("id IN (SELECT rowid FROM texts WHERE texts MATCH ?)");
                values.add(match);
            }
        }
        if (query.session() != null) {
            all.add("session=?");
            values.add(query.session().value());
        }
        if (query.type() != null) {
            all.add("type=?");
            values.add(query.type());
        }
        if (query.least() != null) {
            all.add("level>=?");
            values.add(rank(query.least()));
        }
        if (query.answer() != null) {
            all.add("answer=?");
            values.add(query.answer().name());
        }
        if (after != null) {
            all.add("id<?");
            values.add(after);
        }
        return all.isEmpty() ? "" : " WHERE " + String.join(" AND ", all);
    }

    private static int rank(Level level) {
        return switch (level) {
            case LOW -> 0;
            case MEDIUM -> 1;
            case HIGH -> 2;
            case CRITICAL -> 3;
        };
    }

    /// Each word in quotes, so that nothing in it is an operator of the search language.
    private static String match(String text) {
        return Arrays.stream(text.split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty())
                .map(word -> "\"" + word + "\"*")
                .collect(Collectors.joining(" "));
    }

    private static Hit hit(ResultSet row) throws SQLException {
        String call = row.getString(6);
        return new Hit(
                row.getLong(1),
                new SessionId(row.getString(2)),
                row.getLong(3),
                Instant.parse(row.getString(4)),
                row.getString(5),
                call == null ? null : GuestText.of(call));
    }

    private static CountersignException failed(SQLException e) {
        String reason = String.valueOf(e.getMessage());
        Kind kind = reason.contains("SQLITE_FULL") ? Kind.EXHAUSTED : Kind.FAILED;
        return new CountersignException(
                kind,
                "The index failed: " + reason + ". It may be deleted; it is rebuilt from the logs.",
                e);
    }

    @Override
    public synchronized void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The file may be thrown away at any time: nothing is lost with it.
            return;
        }
    }
}
