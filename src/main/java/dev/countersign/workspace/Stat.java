package dev.countersign.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The whole signature of a file: only if all of it is equal, and was older than [#SETTLE_NANOS]
/// when the content was read, the content is taken as unchanged. Size and mtime alone miss an edit
/// of equal length in the same tick.
record Stat(long device, long inode, long size, long modifiedNanos, long changedNanos, int mode) {
    /// File systems keep times as coarse as two seconds (the rule is git's "racy" one).
    static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int DIRECTORY = 0040000;
    private static final int LINK = 0120000;
    private static final int OWNER_EXECUTES = 0100;

    static Stat of(Path path) throws IOException {
        Map<String, Object> all =
                Files.readAttributes(
                        path,
                        "unix:dev,ino,size,lastModifiedTime,ctime,mode",
                        LinkOption.NOFOLLOW_LINKS);
        return new Stat(
                number(all, "dev"),
                number(all, "ino"),
                number(all, "size"),
                nanos(all, "lastModifiedTime"),
                nanos(all, "ctime"),
                (int) number(all, "mode"));
    }

    private static long number(Map<String, Object> all, String name) {
        return all.get(name) instanceof Number n ? n.longValue() : 0;
    }

    private static long nanos(Map<String, Object> all, String name) {
        return all.get(name) instanceof FileTime t ? t.to(TimeUnit.NANOSECONDS) : 0;
    }

    boolean regular() {
        return (mode & TYPE) == REGULAR;
    }

    boolean directory() {
        return (mode & TYPE) == DIRECTORY;
    }

    boolean link() {
        return (mode & TYPE) == LINK;
    }

    boolean executable() {
        return (mode & OWNER_EXECUTES) != 0;
    }

    /// Whether a later change is sure to show in the signature.
    boolean settledAt(Instant now) {
        long at = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return at - Math.max(modifiedNanos, changedNanos) > SETTLE_NANOS;
    }
}
