package dev.countersign.api;

/// What the machine has and the sessions take, in bytes.
public record Resources(
        int vmsRunning,
        int vmsPaused,
        int vmLimit,
        long memoryTaken,
        long memoryFree,
        long memoryTotal,
        long diskTaken,
        long diskFree) {}
