package dev.countersign.workspace;

/// Says that the developer's files may have changed. A hint and nothing more: what changed is
/// decided by a scan of full signatures, so a watch that says too much costs time and one that says
/// too little costs only delay.
interface HostWatch extends AutoCloseable {
    /// Calls `changed` whenever something may have changed; it must return at once.
    void start(Runnable changed);

    /// How long the last scan took, so that a watch that asks for scans can keep its share of a
    /// core.
    void scanTook(java.time.Duration time);

    @Override
    void close();
}
