package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// See [SyncModel]. `bench/sync-model` runs the same for as long as one likes.
class SyncModelTest {
    @TempDir Path dir;

    @Test
    void P2_P3_randomWorkOfBothSidesWithDecisionsCrashesAndReconnectsIsWhatTheModelSays()
            throws Exception {
        long seed = Long.getLong("countersign.seed", System.nanoTime());
        int operations = Integer.getInteger("countersign.sync-operations", 100_000);
        System.err.println("SyncModelTest seed " + seed + ", " + operations + " operations");
        SyncModel model = new SyncModel(dir, new Random(seed));
        model.run(operations);
        assertThat(model.applies).as("applies").isPositive();
        assertThat(model.crashes).as("crashes").isPositive();
        assertThat(model.reconnects).as("reconnects").isPositive();
        assertThat(model.conflicts).as("conflicts").isPositive();
        assertThat(model.restores).as("restores").isPositive();
    }

    /// @param args a directory, the number of operations, and a seed if the same is to come again
    public static void main(String[] args) throws Exception {
        long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime();
        System.out.println("seed " + seed);
        long begin = System.nanoTime();
        SyncModel model = new SyncModel(Path.of(args[0]), new Random(seed));
        model.run(Integer.parseInt(args[1]));
        System.out.printf(
                "%,d operations, %,d applies, %,d crashes, %,d reconnects, %,d restores, %,d conflicts: as the"
                        + " model says (%.0f s)%n",
                model.operations,
                model.applies,
                model.crashes,
                model.reconnects,
                model.restores,
                model.conflicts,
                (System.nanoTime() - begin) / 1e9);
    }
}
