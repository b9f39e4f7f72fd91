package dev.countersign.gateway.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves one listening socket until it is closed.
public final class HttpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private final ServerSocketChannel server;
    private final HttpHandler handler;
    private final HttpLimits limits;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("http-sweeper").factory());

    /// Begins to serve at once. The socket belongs to the listener from now on.
    public HttpListener(ServerSocketChannel server, HttpHandler handler, HttpLimits limits) {
        this.server = server;
        this.handler = handler;
        this.limits = limits;
        long period = Math.max(10, Math.min(5_000, limits.write().toMillis() / 2));
        var _ = sweeper.scheduleWithFixedDelay(this::sweep, period, period, TimeUnit.MILLISECONDS);
        Thread.ofVirtual().name("http-accept").start(this::accept);
    }

    /// Closes the socket and every connection.
    @Override
    public void close() {
        quietly(server);
        sweeper.shutdownNow();
        open.forEach(Connection::close);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                if (open.size() >= limits.connections()) {
                    quietly(channel);
                    continue;
                }
                Connection connection = new Connection(channel);
                open.add(connection);
                Thread.ofVirtual().name("http-connection").start(connection::serve);
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("a connection could not be accepted", e);
                }
            }
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        for (Connection connection : open) {
            HttpResponse response = connection.response;
            long since = response == null ? 0 : response.writingSince();
            if (since != 0 && now - since > limits.write().toNanos()) {
                connection.close();
            }
        }
    }

    private static void quietly(java.nio.channels.Channel closed) {
        try {
            closed.close();
        } catch (IOException e) {
            LOG.debug("close failed", e);
        }
    }

    private final class Connection {
        private final SocketChannel channel;
        private final HttpInput input;
        private volatile @Nullable HttpResponse response;

        Connection(SocketChannel channel) {
            this.channel = channel;
            this.input = new HttpInput(channel);
        }

        void close() {
            quietly(channel);
            input.end();
        }

        void serve() {
            try {
                if (channel.getLocalAddress() instanceof InetSocketAddress) {
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                Thread.ofVirtual().name("http-input").start(input::pump);
                RequestReader reader = new RequestReader(input, limits, this::goOn);
                while (answerNext(reader)) {}
            } catch (IOException e) {
                LOG.debug("the client is gone", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
                open.remove(this);
            }
        }

        private boolean answerNext(RequestReader reader) throws IOException, InterruptedException {
            try {
                Optional<HttpRequest> request = reader.next();
                if (request.isEmpty()) {
                    return false;
                }
                HttpResponse answer = new HttpResponse(channel, input, request.get().keepAlive());
                response = answer;
                handler.handle(request.get(), answer);
                input.onEnd(null);
                return answer.reusable();
            } catch (HttpFault fault) {
                HttpResponse answer = new HttpResponse(channel, input, false);
                response = answer;
                answer.send(fault.status(), "application/json", Map.of(), handler.faultBody(fault));
                return false;
            }
        }

        private void goOn() throws HttpFault {
            try {
                ByteBuffer line =
                        ByteBuffer.wrap(
                                "HTTP/1.1 100 Continue\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                while (line.hasRemaining()) {
                    channel.write(line);
                }
            } catch (IOException e) {
                throw new HttpFault(400, "The client is gone.");
            }
        }
    }
}
