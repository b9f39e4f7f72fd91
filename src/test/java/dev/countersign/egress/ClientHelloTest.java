package dev.countersign.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
    @Test
    void theNameOfARealHelloIsReadAlsoWhenItComesInManyRecords() throws Exception {
        byte[] hello = Hellos.of("docs.example.org", false);
        assertThat(read(hello).serverName()).isEqualTo("docs.example.org");
        assertThat(read(hello).raw()).isEqualTo(hello);
        byte[] split = Hellos.inRecordsOf(hello, 7);
        ClientHello read = read(split);
        assertThat(read.serverName()).isEqualTo("docs.example.org");
        assertThat(read.raw()).isEqualTo(split);
        assertThat(read(Hellos.of("docs.example.org", true)).encrypted()).isTrue();
        assertThat(read(Hellos.of(null, false)).serverName()).isNull();
    }

    @Test
    void whatIsNotTlsIsRefusedAtItsFirstBytes() {
        for (String text :
                new String[] {"SSH-2.0-x\r\n", "GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0"}) {
            assertThatThrownBy(() -> read(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                    .isInstanceOf(ClientHello.NotTls.class);
        }
    }

    @Test
    void aHelloThatIsChangedAnywhereNeverThrowsAnythingElse() throws Exception {
        long seed = System.nanoTime();
        System.err.println("ClientHelloTest seed " + seed);
        Random random = new Random(seed);
        byte[] hello = Hellos.of("docs.example.org", true);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = Arrays.copyOf(hello, random.nextInt(hello.length) + 1);
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            try {
                read(changed);
            } catch (ClientHello.NotTls | IOException e) {
                assertThat(e).as("seed %d", seed).isNotNull();
            }
        }
    }

    private static ClientHello read(byte[] bytes) throws IOException, ClientHello.NotTls {
        return ClientHello.read(new ByteArrayInputStream(bytes));
    }

    /// Hellos as a client makes them.
    static final class Hellos {
        private Hellos() {}

        static byte[] of(@org.jspecify.annotations.Nullable String name, boolean encrypted) {
            ByteArrayOutputStream extensions = new ByteArrayOutputStream();
            if (name != null) {
                byte[] bytes = name.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
                two(extensions, 0);
                two(extensions, bytes.length + 5);
                two(extensions, bytes.length + 3);
                extensions.write(0);
                two(extensions, bytes.length);
                extensions.writeBytes(bytes);
            }
            if (encrypted) {
                two(extensions, 0xfe0d);
                two(extensions, 3);
                extensions.writeBytes(new byte[] {0, 0, 1});
            }
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            two(body, 0x0303);
            body.writeBytes(new byte[32]);
            body.write(0);
            two(body, 2);
            two(body, 0x1301);
            body.write(1);
            body.write(0);
            two(body, extensions.size());
            body.writeBytes(extensions.toByteArray());
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(1);
            message.write(0);
            two(message, body.size());
            message.writeBytes(body.toByteArray());
            return record(message.toByteArray());
        }

        static byte[] inRecordsOf(byte[] hello, int size) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int at = 5; at < hello.length; at += size) {
                all.writeBytes(
                        record(Arrays.copyOfRange(hello, at, Math.min(hello.length, at + size))));
            }
            return all.toByteArray();
        }

        private static byte[] record(byte[] content) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new byte[] {22, 3, 1});
            two(out, content.length);
            out.writeBytes(content);
            return out.toByteArray();
        }

        private static void two(ByteArrayOutputStream out, int value) {
            out.write(value >> 8);
            out.write(value);
        }
    }
}
