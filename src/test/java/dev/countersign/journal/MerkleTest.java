package dev.countersign.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Digest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MerkleTest {
    private static final HexFormat HEX = HexFormat.of();

    /// The leaves and roots that implementations of RFC 6962 share as their reference.
    private static final List<String> LEAVES =
            List.of(
                    "",
                    "00",
                    "10",
                    "2021",
                    "3031",
                    "40414243",
                    "5051525354555657",
                    "606162636465666768696a6b6c6d6e6f");

    private static final List<String> ROOTS =
            List.of(
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    @Test
    void theEmptyTreeHasTheHashOfNothing() {
        assertThat(HEX.formatHex(new MerkleFrontier().root()))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void rootsAreThoseOfTheReferenceTree() {
        MerkleFrontier tree = new MerkleFrontier();
        for (int i = 0; i < LEAVES.size(); i++) {
            tree.append(leaf(HEX.parseHex(LEAVES.get(i))));
            assertThat(HEX.formatHex(tree.root())).as("root of %d", i + 1).isEqualTo(ROOTS.get(i));
        }
    }

    /// Audit paths of the reference tree: RFC 6962 §2.1.3 draws the one of 7 leaves.
    @Test
    void inclusionPathsAreThoseOfTheReferenceTree() {
        List<byte[]> leaves = LEAVES.stream().map(text -> leaf(HEX.parseHex(text))).toList();
        assertThat(Merkle.inclusion(0, leaves).stream().map(HEX::formatHex))
                .containsExactly(
                        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
        assertThat(Merkle.inclusion(5, leaves).stream().map(HEX::formatHex))
                .containsExactly(
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    }

    @Test
    void everyProofHoldsAndEveryBentOneFails() {
        long seed = System.nanoTime();
        System.err.println("MerkleTest seed " + seed);
        Random random = new Random(seed);
        for (int size = 1; size <= 70; size++) {
            List<byte[]> leaves = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                byte[] record = new byte[1 + random.nextInt(20)];
                random.nextBytes(record);
                record[0] = (byte) i;
                leaves.add(leaf(record));
            }
            byte[] root = Merkle.root(leaves);
            for (int index = 0; index < size; index++) {
                List<byte[]> path = Merkle.inclusion(index, leaves);
                byte[] leaf = leaves.get(index);
                assertThat(Merkle.included(index, size, leaf, path, root)).isTrue();
                assertThat(Merkle.included(index, size, leaf, bent(path, random), root))
                        .as("seed %d size %d index %d", seed, size, index)
                        .isFalse();
                assertThat(Merkle.included(index + 1, size, leaf, path, root)).isFalse();
                assertThat(Merkle.included(-1, size, leaf, path, root)).isFalse();
                assertThat(Merkle.included(index, size, leaf(new byte[21]), path, root)).isFalse();
            }
            for (int first = 1; first <= size; first++) {
                byte[] before = Merkle.root(leaves.subList(0, first));
                List<byte[]> proof = Merkle.consistency(first, leaves);
                assertThat(Merkle.consistent(first, size, before, root, proof)).isTrue();
                assertThat(Merkle.consistent(first, size, before, root, bent(proof, random)))
                        .as("seed %d %d in %d", seed, first, size)
                        .isFalse();
                assertThat(Merkle.consistent(first, size, leaf(new byte[21]), root, proof))
                        .isFalse();
                assertThat(Merkle.consistent(first, size, before, leaf(new byte[21]), proof))
                        .isFalse();
            }
        }
    }

    /// One bit other, one hash more, or one less.
    private static List<byte[]> bent(List<byte[]> path, Random random) {
        List<byte[]> bent = new ArrayList<>(path.stream().map(byte[]::clone).toList());
        int how = bent.isEmpty() ? 0 : random.nextInt(3);
        switch (how) {
            case 0 -> bent.add(leaf(new byte[22]));
            case 1 -> bent.remove(random.nextInt(bent.size()));
            default ->
                    bent.get(random.nextInt(bent.size()))[random.nextInt(32)] ^=
                            (byte) (1 << random.nextInt(8));
        }
        return bent;
    }

    private static byte[] leaf(byte[] record) {
        return Merkle.leaf(Digest.sha256(), record, 0, record.length);
    }
}
