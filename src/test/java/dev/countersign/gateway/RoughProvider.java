package dev.countersign.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/// A provider on a real socket that does to each connection what the test says, byte by byte: ends
/// in the middle, says nothing, answers nonsense. Not an HTTP server.
final class RoughProvider implements AutoCloseable {
    private final ServerSocket server;
    private final BlockingQueue<Deed> deeds = new LinkedBlockingQueue<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();

    /// What is done once a request was read.
    interface Deed {
        void to(OutputStream out, Socket socket) throws IOException, InterruptedException;
    }

    RoughProvider() throws IOException {
        server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(this::accept);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    RoughProvider then(Deed deed) {
        deeds.add(deed);
        return this;
    }

    /// A proper answer.
    RoughProvider answers(int status, String type, String body) {
        return then((out, _) -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            out.write(
                    "HTTP/1.1 %d X\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"
                            .formatted(status, type, bytes.length)
                            .getBytes(StandardCharsets.UTF_8));
            out.write(bytes);
        });
    }

    /// Begins a stream, then ends the connection inside it.
    RoughProvider breaksOff(String piece) {
        return then((out, _) -> {
            out.write(
                    ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length:"
                                    + " 999999\r\n\r\n"
                                    + piece)
                            .getBytes(StandardCharsets.UTF_8));
        });
    }

    /// Begins a stream, then says nothing more and stays.
    RoughProvider fallsSilent(String piece) {
        return then((out, socket) -> {
            out.write(
                    ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length:"
                                    + " 999999\r\n\r\n"
                                    + piece)
                            .getBytes(StandardCharsets.UTF_8));
            out.flush();
            int next = socket.getInputStream().read();
            if (next >= 0) {
                throw new IOException("the client goes on talking");
            }
        });
    }

    List<String> heads() {
        return heads;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int c = in.read();
                if (c < 0) {
                    return;
                }
                head.append((char) c);
            }
            heads.add(head.toString());
            String lower = head.toString().toLowerCase(java.util.Locale.ROOT);
            int at = lower.indexOf("content-length:");
            int length = Integer.parseInt(lower.substring(at + 15, lower.indexOf('\r', at)).trim());
            in.readNBytes(length);
            deeds.take().to(socket.getOutputStream(), socket);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // What the test wanted, or the gateway gave up.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
