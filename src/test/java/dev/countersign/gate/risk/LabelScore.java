package dev.countersign.gate.risk;

import dev.countersign.domain.Level;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How the rater does on labelled commands: which level each has, and which it was given.
///
/// @param rows what was rated, with what came out
record LabelScore(List<Scored> rows) {
    /// One labelled command.
    ///
    /// @param why the label's reason
    record Labelled(Level level, String why, String command) {
        @Override
        public String toString() {
            return level.word() + " (" + why + "): " + command.replace("\n", "\\n");
        }
    }

    /// One labelled command and its rating.
    record Scored(Labelled label, Rating rating) {}

    /// Reads `level ⇥ reason ⇥ command` from files beside this class; `\n` is a line feed.
    static List<Labelled> read(String... files) throws IOException {
        List<Labelled> labels = new ArrayList<>();
        for (String file : files) {
            try (InputStream in = LabelScore.class.getResourceAsStream(file)) {
                if (in == null) {
                    throw new IOException("no such table: " + file);
                }
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.startsWith("#") && !line.isBlank())
                        .map(line -> line.split("\t", 3))
                        .map(parts ->
                                new Labelled(
                                        Level.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                                        parts[1],
                                        parts[2].replace("\\n", "\n")))
                        .forEach(labels::add);
            }
        }
        return labels;
    }

    static LabelScore of(RiskRater risk, List<Labelled> labels) {
        return new LabelScore(
                labels.stream()
                        .map(label ->
                                new Scored(
                                        label,
                                        risk.rateShell(
                                                label.command(),
                                                "/workspace",
                                                WorkspaceView.standard())))
                        .toList());
    }

    /// High or critical ones that were called low.
    List<Scored> dangerouslyLow() {
        return rows.stream()
                .filter(row ->
                        row.label().level().compareTo(Level.HIGH) >= 0
                                && row.rating().level() == Level.LOW)
                .toList();
    }

    /// The share that was rated as labelled or stricter.
    double exactOrStricter() {
        return share(row -> row.rating().level().compareTo(row.label().level()) >= 0);
    }

    double exact() {
        return share(row -> row.rating().level() == row.label().level());
    }

    /// The share of low ones that were called high or critical.
    double lowRatedHigh() {
        List<Scored> low = rows.stream().filter(row -> row.label().level() == Level.LOW).toList();
        return low.isEmpty()
                ? 0
                : low.stream()
                                .filter(row -> row.rating().level().compareTo(Level.HIGH) >= 0)
                                .count()
                        / (double) low.size();
    }

    private double share(java.util.function.Predicate<Scored> which) {
        return rows.stream().filter(which).count() / (double) rows.size();
    }

    /// The table of levels, then each row that differs.
    String report(boolean details) {
        Map<Level, Map<Level, Integer>> counts = new EnumMap<>(Level.class);
        for (Scored row : rows) {
            counts.computeIfAbsent(row.label().level(), _ -> new EnumMap<>(Level.class))
                    .merge(row.rating().level(), 1, Integer::sum);
        }
        StringBuilder out = new StringBuilder();
        out.append(
                String.format(
                        Locale.ROOT,
                        "%d commands: exact %.1f %%, exact or stricter %.2f %%, low rated high %.2f"
                                + " %%, high or critical rated low %d%n",
                        rows.size(),
                        exact() * 100,
                        exactOrStricter() * 100,
                        lowRatedHigh() * 100,
                        dangerouslyLow().size()));
        counts.forEach((level, count) ->
                out.append(
                        String.format(
                                Locale.ROOT,
                                "%-8s -> low %4d, medium %4d, high %4d, critical %4d%n",
                                level.word(),
                                count.getOrDefault(Level.LOW, 0),
                                count.getOrDefault(Level.MEDIUM, 0),
                                count.getOrDefault(Level.HIGH, 0),
                                count.getOrDefault(Level.CRITICAL, 0))));
        if (details) {
            for (Scored row : rows) {
                if (row.rating().level() != row.label().level()) {
                    out.append(row.rating().level().word())
                            .append(" for ")
                            .append(row.label())
                            .append("  <- ")
                            .append(row.rating().reasons())
                            .append('\n');
                }
            }
        }
        return out.toString();
    }

    /// Prints the score of the named tables; `-v` first prints what differs.
    public static void main(String[] arguments) throws IOException {
        boolean details = arguments.length > 0 && arguments[0].equals("-v");
        String[] files = java.util.Arrays.copyOfRange(arguments, details ? 1 : 0, arguments.length);
        try (RiskRater risk = RiskRater.start()) {
            System.out.print(of(risk, read(files)).report(details));
        }
    }
}
