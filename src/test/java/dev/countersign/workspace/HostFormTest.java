package dev.countersign.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.domain.Fact;
import dev.countersign.domain.RelativePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFormTest {
    @TempDir Path dir;

    /// Lock files say `GATE` in the guest and `registry` on the host.
    private static final HostForm FORM =
            new HostForm() {
                @Override
                public boolean concerns(RelativePath path) {
                    return path.name().endsWith(".lock");
                }

                @Override
                public byte[] of(byte[] guests) {
                    return new String(guests, StandardCharsets.UTF_8)
                            .replace("GATE", "registry")
                            .getBytes(StandardCharsets.UTF_8);
                }
            };

    @Test
    void whatIsStagedAndAppliedIsTheHostsFormAndTheGuestKeepsItsOwn() throws Exception {
        try (Rig rig = new Rig(dir, settings -> settings.withHostForm(FORM))) {
            Rig.write(rig.host, "a.lock", "old\n");
            rig.in();
            Rig.write(rig.guest, "a.lock", "from GATE/one\n");
            Rig.write(rig.guest, "b.txt", "from GATE/two\n");
            rig.workspace.collect();
            assertThat(rig.file("a.lock").hunks().toString())
                    .contains("from registry/one")
                    .doesNotContain("GATE");
            rig.applyAll();
            assertThat(Rig.read(rig.host, "a.lock")).isEqualTo("from registry/one\n");
            assertThat(Rig.read(rig.host, "b.txt")).isEqualTo("from GATE/two\n");

            // Looked at again, also by a new engine, it is the same and goes nowhere.
            rig.workspace.collect();
            assertThat(rig.review().files()).isEmpty();
            assertThat(Rig.read(rig.guest, "a.lock")).isEqualTo("from GATE/one\n");
            assertThat(rig.facts.stream().filter(fact -> fact instanceof Fact.Pushed)).isEmpty();

            // The host's own edits still go in.
            Rig.write(rig.host, "a.lock", "from registry/three\n");
            rig.workspace.collect();
            assertThat(Rig.read(rig.guest, "a.lock")).isEqualTo("from registry/three\n");
        }
    }

    @Test
    void everyFileOfTheGuestsIsShownAsItIsBeforeItIsStaged() throws Exception {
        Map<String, String> shown = new TreeMap<>();
        HostForm watching =
                new HostForm() {
                    @Override
                    public boolean concerns(RelativePath path) {
                        return FORM.concerns(path);
                    }

                    @Override
                    public byte[] of(byte[] guests) {
                        return FORM.of(guests);
                    }

                    @Override
                    public void arrives(RelativePath path, byte[] guests) {
                        shown.put(path.value(), new String(guests, StandardCharsets.UTF_8));
                    }
                };
        try (Rig rig = new Rig(dir, settings -> settings.withHostForm(watching))) {
            Rig.write(rig.host, "old.txt", "of the host\n");
            rig.in();
            Rig.write(rig.guest, "a.lock", "from GATE/one\n");
            Rig.write(rig.guest, "b.txt", "two\n");
            rig.workspace.collect();
            assertThat(shown).isEqualTo(Map.of("a.lock", "from GATE/one\n", "b.txt", "two\n"));
            assertThat(rig.review().files()).hasSize(2);
        }
    }
}
