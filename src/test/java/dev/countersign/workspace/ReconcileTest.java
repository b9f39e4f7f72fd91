package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The table against an oracle that thinks in other words, over random histories of both sides.
class ReconcileTest {
    private static final int OPERATIONS =
            Integer.getInteger("countersign.reconcile-operations", 20_000);
    private static final int PATHS = 5;

    @TempDir Path dir;

    @Test
    void everyCombinationOfSidesHasExactlyOneAnswer() {
        for (Reconcile.Side host : Reconcile.Side.values()) {
            for (Reconcile.Side guest : Reconcile.Side.values()) {
                boolean both = host == Reconcile.Side.CHANGED && guest == Reconcile.Side.CHANGED;
                for (Reconcile.Between between : Reconcile.Between.values()) {
                    if (both == (between != Reconcile.Between.NONE)) {
                        assertThat(Reconcile.action(host, guest, between)).isNotNull();
                    }
                }
            }
        }
    }

    /// Said without base, sides and table: by who agrees with whom.
    private static Reconcile.Action oracle(Item base, Item host, Item guest, boolean mergeable) {
        boolean hostIdle = host.equals(base);
        boolean guestIdle = guest.equals(base);
        if (hostIdle && guestIdle) {
            return Reconcile.Action.NOTHING;
        }
        if (host.equals(guest)) {
            return Reconcile.Action.ADOPT;
        }
        if (guestIdle) {
            return host.absent() ? Reconcile.Action.PUSH_DELETION : Reconcile.Action.PUSH;
        }
        if (hostIdle) {
            return guest.absent() ? Reconcile.Action.STAGE_DELETION : Reconcile.Action.STAGE;
        }
        return mergeable ? Reconcile.Action.STAGE_MERGED : Reconcile.Action.CONFLICT;
    }

    private final Map<String, String> host = new TreeMap<>();
    private final Map<String, String> guest = new TreeMap<>();
    private int word;

    @Test
    void P3_randomHistoriesFollowTheOracleAndNoHostLineIsEverLost() throws Exception {
        long seed = Long.getLong("countersign.seed", System.nanoTime());
        System.err.println("ReconcileTest seed " + seed);
        Random random = new Random(seed);
        ContentStore contents = new ContentStore(dir.resolve("contents"), FaultPoint.none());
        Ledger ledger =
                new Ledger(
                        Files.createDirectories(dir.resolve("state")),
                        new FoldedNames(false),
                        FaultPoint.none());
        int applied = 0;
        int merged = 0;
        for (int op = 0; op < OPERATIONS; op++) {
            String path = "p" + random.nextInt(PATHS);
            switch (random.nextInt(5)) {
                case 0 -> edit(host, path, "h", random);
                case 1, 2 -> edit(guest, path, "g", random);
                case 3 -> {
                    int[] did = apply(path, ledger, contents, random);
                    applied += did[0];
                    merged += did[1];
                }
                default -> {
                    // Only both look.
                }
            }
            look(path, ledger, contents);
        }
        ledger.close();
        Ledger again = new Ledger(dir.resolve("state"), new FoldedNames(false), FaultPoint.none());
        assertThat(again.base()).isEqualTo(ledger.base());
        assertThat(again.staged()).isEqualTo(ledger.staged());
        again.close();
        assertThat(applied).as("hunks applied").isPositive();
        assertThat(merged).as("applied beside host edits").isPositive();
    }

    /// A line of its own author, put in, changed or removed; now and then the file goes or comes.
    private void edit(Map<String, String> side, String path, String author, Random random) {
        String text = side.get(path);
        if (text == null || random.nextInt(20) == 0) {
            StringBuilder fresh = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                fresh.append(author).append(word++).append('\n');
            }
            side.put(path, fresh.toString());
            return;
        }
        if (random.nextInt(25) == 0) {
            side.remove(path);
            return;
        }
        List<String> lines = new ArrayList<>(List.of(text.split("(?<=\n)")));
        int at = random.nextInt(lines.size());
        switch (random.nextInt(3)) {
            case 0 -> lines.set(at, author + word++ + "\n");
            case 1 -> lines.add(at, author + word++ + "\n");
            default -> {
                if (lines.size() > 3) {
                    lines.remove(at);
                }
            }
        }
        side.put(path, String.join("", lines));
    }

    private static Item item(Map<String, String> side, String path, ContentStore contents)
            throws Exception {
        String text = side.get(path);
        if (text == null) {
            return Item.Absent.HERE;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Item.File(contents.put(bytes), bytes.length, false);
    }

    private void look(String path, Ledger ledger, ContentStore contents) throws Exception {
        Item h = item(host, path, contents);
        Item g = item(guest, path, contents);
        ledger.guestHas(path, g);
        Item b = ledger.base(path);
        Reconcile.Side hostSide = Reconcile.side(b, h);
        Reconcile.Side guestSide = Reconcile.side(b, g);
        Reconcile.Between between = Reconcile.Between.NONE;
        boolean mergeable = false;
        if (hostSide == Reconcile.Side.CHANGED && guestSide == Reconcile.Side.CHANGED) {
            mergeable =
                    !b.absent()
                            && TextDiff.merge(
                                            bytes(b, contents),
                                            bytes(h, contents),
                                            bytes(g, contents))
                                    .isPresent();
            between =
                    h.equals(g)
                            ? Reconcile.Between.EQUAL
                            : mergeable ? Reconcile.Between.DISJOINT : Reconcile.Between.OVERLAP;
        }
        Reconcile.Action action = Reconcile.action(hostSide, guestSide, between);
        assertThat(action).isEqualTo(oracle(b, h, g, mergeable));
        switch (action) {
            case PUSH -> {
                guest.put(path, host.get(path));
                ledger.agree(path, h);
            }
            case PUSH_DELETION -> {
                guest.remove(path);
                ledger.agree(path, h);
            }
            case ADOPT -> ledger.agree(path, h);
            case NOTHING, STAGE, STAGE_MERGED, STAGE_DELETION, CONFLICT -> {
                // Waits for a decision.
            }
        }
    }

    private static byte[] bytes(Item item, ContentStore contents) throws Exception {
        return StagedChange.bytes(item, contents);
    }

    private int[] apply(String path, Ledger ledger, ContentStore contents, Random random)
            throws Exception {
        Item g = ledger.guest(path);
        Item b = ledger.base(path);
        if (g.equals(b)) {
            return new int[2];
        }
        StagedChange change =
                new StagedChange(new RelativePath(path), b, g, 0, Optional.empty(), contents);
        Set<String> chosen = new HashSet<>();
        change.pieces.forEach(piece -> {
            if (random.nextBoolean()) {
                chosen.add(piece.id());
            }
        });
        if (chosen.isEmpty()) {
            return new int[2];
        }
        assertThat(change.pieces.stream().map(StagedChange.Piece::id).distinct().count())
                .as("every hunk has an id of its own")
                .isEqualTo(change.pieces.size());
        Item h = item(host, path, contents);
        byte[] ours = bytes(h, contents);
        Optional<StagedChange.Merged> result = change.onto(h, ours, chosen);
        if (result.isEmpty()) {
            return new int[2];
        }
        boolean moved = !h.equals(b);
        if (moved && result.get().item() instanceof Item.File) {
            Set<String> baseLines = lines(bytes(b, contents));
            Set<String> after = lines(result.get().content());
            for (String line : lines(ours)) {
                if (!baseLines.contains(line)) {
                    assertThat(after).as("a line that only the host has").contains(line);
                }
            }
        }
        if (result.get().item().absent()) {
            host.remove(path);
        } else {
            host.put(path, new String(result.get().content(), StandardCharsets.UTF_8));
        }
        StagedChange.Merged left = change.onBase(result.get().taken());
        contents.put(left.content());
        ledger.rebase(path, left.item());
        if (!moved && result.get().taken().size() == change.pieces.size()) {
            assertThat(host.get(path)).as("all of it").isEqualTo(guest(ledger, path, contents));
        }
        return new int[] {result.get().taken().size(), moved ? 1 : 0};
    }

    private static @org.jspecify.annotations.Nullable String guest(
            Ledger ledger, String path, ContentStore contents) throws Exception {
        Item item = ledger.guest(path);
        return item.absent() ? null : new String(bytes(item, contents), StandardCharsets.UTF_8);
    }

    private static Set<String> lines(byte[] text) {
        return Set.of(
                new HashSet<>(List.of(new String(text, StandardCharsets.UTF_8).split("(?<=\n)")))
                        .toArray(String[]::new));
    }
}
