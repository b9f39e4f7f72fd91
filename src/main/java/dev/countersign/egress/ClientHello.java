package dev.countersign.egress;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The first message of a TLS connection (RFC 8446 §4.1.2, RFC 6066 §3), read as far as its server
/// name, also when it comes in several records.
///
/// @param serverName as sent; null if there is none
/// @param encrypted whether it carries an encrypted hello (RFC 9849) beside the open one
/// @param raw all bytes that were read, to be sent on as they are
record ClientHello(@Nullable String serverName, boolean encrypted, byte[] raw) {
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int LONGEST = 1 << 16;
    private static final int LONGEST_RECORD = (1 << 14) + 256;
    private static final int SERVER_NAME = 0;
    private static final int ENCRYPTED_HELLO = 0xfe0d;

    /// What came is not the beginning of TLS.
    static final class NotTls extends Exception {
        private static final long serialVersionUID = 1;
    }

    static ClientHello read(InputStream in) throws IOException, NotTls {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int wanted = -1;
        while (wanted < 0 || message.size() < wanted) {
            int type = in.read();
            if (type < 0) {
                throw new EOFException();
            }
            if (type != HANDSHAKE) {
                throw new NotTls();
            }
            byte[] rest = in.readNBytes(4);
            if (rest.length < 4) {
                throw new EOFException();
            }
            int length = ((rest[2] & 0xff) << 8) | (rest[3] & 0xff);
            if (rest[0] != 3 || rest[1] > 4 || length == 0 || length > LONGEST_RECORD) {
                throw new NotTls();
            }
            byte[] fragment = in.readNBytes(length);
            if (fragment.length < length) {
                throw new EOFException();
            }
            raw.write(type);
            raw.writeBytes(rest);
            raw.writeBytes(fragment);
            message.writeBytes(fragment);
            if (wanted < 0 && message.size() >= 4) {
                byte[] head = message.toByteArray();
                wanted =
                        4 + (((head[1] & 0xff) << 16) | ((head[2] & 0xff) << 8) | (head[3] & 0xff));
                if (head[0] != CLIENT_HELLO || wanted > LONGEST) {
                    throw new NotTls();
                }
            }
            if (raw.size() > 2 * LONGEST) {
                throw new NotTls();
            }
        }
        if (message.size() != wanted) {
            throw new NotTls();
        }
        return parsed(
                ByteBuffer.wrap(message.toByteArray(), 4, wanted - 4).slice(), raw.toByteArray());
    }

    private static ClientHello parsed(ByteBuffer hello, byte[] raw) throws NotTls {
        skip(hello, 2 + 32);
        skip(hello, next(hello, 1));
        skip(hello, next(hello, 2));
        skip(hello, next(hello, 1));
        String name = null;
        boolean encrypted = false;
        if (hello.hasRemaining()) {
            ByteBuffer extensions = part(hello, next(hello, 2));
            if (hello.hasRemaining()) {
                throw new NotTls();
            }
            while (extensions.hasRemaining()) {
                int type = next(extensions, 2);
                ByteBuffer extension = part(extensions, next(extensions, 2));
                encrypted |= type == ENCRYPTED_HELLO;
                if (type == SERVER_NAME) {
                    if (name != null) {
                        throw new NotTls();
                    }
                    name = serverName(extension);
                }
            }
        }
        return new ClientHello(name, encrypted, raw);
    }

    /// One name, and of the type of a host.
    private static String serverName(ByteBuffer extension) throws NotTls {
        ByteBuffer list = part(extension, next(extension, 2));
        int type = next(list, 1);
        ByteBuffer name = part(list, next(list, 2));
        if (type != 0 || list.hasRemaining() || extension.hasRemaining()) {
            throw new NotTls();
        }
        return StandardCharsets.ISO_8859_1.decode(name).toString();
    }

    private static int next(ByteBuffer from, int bytes) throws NotTls {
        if (from.remaining() < bytes) {
            throw new NotTls();
        }
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value = (value << 8) | (from.get() & 0xff);
        }
        return value;
    }

    private static void skip(ByteBuffer from, int bytes) throws NotTls {
        part(from, bytes);
    }

    private static ByteBuffer part(ByteBuffer from, int bytes) throws NotTls {
        if (from.remaining() < bytes) {
            throw new NotTls();
        }
        ByteBuffer part = from.slice(from.position(), bytes);
        from.position(from.position() + bytes);
        return part;
    }
}
