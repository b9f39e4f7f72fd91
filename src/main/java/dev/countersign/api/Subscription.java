package dev.countersign.api;

/// A running stream of events. Closing it twice is harmless.
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
