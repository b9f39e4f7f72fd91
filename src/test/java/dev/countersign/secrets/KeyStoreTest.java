package dev.countersign.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyStoreTest {
    private static final byte[] VALUE = "the value of a key".getBytes(StandardCharsets.UTF_8);

    @TempDir Path home;

    private KeyStore encrypted(String passphrase) throws CountersignException {
        return EncryptedFileKeyStore.open(
                home.resolve("enc"), passphrase.toCharArray(), new SecureRandom());
    }

    @Test
    void bothFormsKeepListReplaceAndRemove() throws CountersignException {
        for (KeyStore store :
                new KeyStore[] {
                    new FileKeyStore(home.resolve("plain")), encrypted("pass phrase")
                }) {
            assertThat(store.names()).isEmpty();
            assertThat(store.get("a-key")).isEmpty();
            store.put("a-key", new byte[] {1});
            store.put("a-key", VALUE);
            assertThat(store.get("a-key")).contains(VALUE);
            assertThat(store.names()).containsExactly("a-key");
            store.remove("a-key");
            store.remove("a-key");
            assertThat(store.get("a-key")).isEmpty();
            assertThatThrownBy(() -> store.put("../up", VALUE))
                    .isInstanceOf(CountersignException.class);
        }
    }

    @Test
    void eachSaysHowWellItKeeps() throws CountersignException {
        assertThat(new FileKeyStore(home).protection().encrypted()).isFalse();
        assertThat(new FileKeyStore(home).protection().says()).contains("not encrypted");
        assertThat(encrypted("x").protection().encrypted()).isTrue();
    }

    @Test
    void aKeyFileThatOthersMayReadIsRefused() throws CountersignException, IOException {
        KeyStore store = new FileKeyStore(home);
        store.put("a-key", VALUE);
        Files.setPosixFilePermissions(
                home.resolve("a-key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> store.get("a-key"))
                .isInstanceOf(CountersignException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void P6_theEncryptedFilesHoldNoValueAndOpenToTheirPassphraseAlone()
            throws CountersignException, IOException {
        encrypted("right").put("a-key", VALUE);
        assertThat(Files.readString(home.resolve("enc/a-key"), StandardCharsets.ISO_8859_1))
                .doesNotContain("the value");
        assertThat(encrypted("right").get("a-key")).contains(VALUE);
        assertThatThrownBy(() -> encrypted("wrong"))
                .isInstanceOfSatisfying(
                        CountersignException.class,
                        e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
    }

    @Test
    void aFileThatWasChangedOrRenamedDoesNotPass() throws CountersignException, IOException {
        KeyStore store = encrypted("x");
        store.put("a-key", VALUE);
        Files.copy(
                home.resolve("enc/a-key"),
                home.resolve("enc/b-key"),
                StandardCopyOption.COPY_ATTRIBUTES);
        assertThatThrownBy(() -> store.get("b-key")).isInstanceOf(CountersignException.class);
        byte[] bytes = Files.readAllBytes(home.resolve("enc/a-key"));
        bytes[20] ^= 1;
        Files.write(home.resolve("enc/a-key"), bytes);
        assertThatThrownBy(() -> store.get("a-key")).isInstanceOf(CountersignException.class);
    }
}
