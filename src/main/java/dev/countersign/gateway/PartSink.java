package dev.countersign.gateway;

/// Takes the parts of an answer that may reach the agent now.
@FunctionalInterface
interface PartSink {
    void part(Part part);
}
