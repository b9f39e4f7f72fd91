package dev.countersign.workspace;

/// What a side had when it was last looked at.
///
/// @param settled whether an equal signature proves equal content ([Stat#settledAt])
record Seen(Item item, Stat stat, boolean settled) {
    boolean still(Stat now) {
        return settled && stat.equals(now);
    }
}
