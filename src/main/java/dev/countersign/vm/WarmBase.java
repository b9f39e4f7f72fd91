package dev.countersign.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.vm.lima.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A machine that was started once, and stopped before anything of a session was in it: disk and
/// memory, never written again. Its files are read-only; each VM has an overlay of its own.
///
/// @param dir with `disk`, `image.qcow2` (what `disk` is an overlay of), `kernel`, `initrd`,
///   `memory` and `manifest.json`
record WarmBase(Path dir, Manifest manifest) {
    static final String DISK = "disk";
    static final String IMAGE = "image.qcow2";
    static final String KERNEL = "kernel";
    static final String INITRD = "initrd";
    static final String MEMORY = "memory";
    static final String MANIFEST = "manifest.json";
    static final List<String> FILES = List.of(DISK, IMAGE, KERNEL, INITRD, MEMORY);

    private static final Pattern PORT = Pattern.compile("hostfwd=tcp:127\\.0\\.0\\.1:[0-9]+-:22");
    private static final Pattern MAC = Pattern.compile("mac=[0-9a-f:]{17}");

    /// What a base says of itself.
    ///
    /// @param format 1
    /// @param hostKey of its guest, made at its first boot
    /// @param argv QEMU's, normalised
    /// @param seals of each file
    record Manifest(
            @JsonProperty("format") int format,
            @JsonProperty("key") String key,
            @JsonProperty("hostKey") String hostKey,
            @JsonProperty("argv") List<String> argv,
            @JsonProperty("seals") Map<String, Seal> seals) {}

    /// How a file was when the base was sealed.
    ///
    /// @param modified milliseconds since 1970
    record Seal(
            @JsonProperty("size") long size,
            @JsonProperty("modified") long modified,
            @JsonProperty("sha256") Digest sha256) {
        static Seal of(Path file) throws CountersignException {
            BasicFileAttributes attributes = attributes(file);
            return new Seal(
                    attributes.size(), attributes.lastModifiedTime().toMillis(), Disk.digest(file));
        }

        private static BasicFileAttributes attributes(Path file) throws CountersignException {
            try {
                return Files.readAttributes(file, BasicFileAttributes.class);
            } catch (IOException e) {
                throw new CountersignException(
                        Kind.CONFLICT,
                        "The warm base's file %s can't be read: %s."
                                .formatted(file, e.getMessage()),
                        e);
            }
        }

        void checkOutside(Path file) throws CountersignException {
            BasicFileAttributes now = attributes(file);
            if (now.size() != size || now.lastModifiedTime().toMillis() != modified) {
                throw changed(file);
            }
        }

        void checkInside(Path file) throws CountersignException {
            if (!Disk.digest(file).equals(sha256)) {
                throw changed(file);
            }
        }

        private static CountersignException changed(Path file) {
            return new CountersignException(
                    Kind.CONFLICT, "The warm base's file %s was changed.".formatted(file));
        }
    }

    LimaVm.WarmState state() {
        return new LimaVm.WarmState(dir.resolve(MEMORY), manifest.hostKey(), manifest.argv());
    }

    /// Sizes and times, at each use.
    void checkOutside() throws CountersignException {
        for (String name : FILES) {
            seal(name).checkOutside(dir.resolve(name));
        }
    }

    /// Digests of all content, once in an engine's life.
    void checkInside() throws CountersignException {
        for (String name : FILES) {
            seal(name).checkInside(dir.resolve(name));
        }
    }

    private Seal seal(String name) throws CountersignException {
        Seal seal = manifest.seals().get(name);
        if (seal == null) {
            throw new CountersignException(
                    Kind.CONFLICT, "The warm base %s has no seal of %s.".formatted(dir, name));
        }
        return seal;
    }

    static Map<String, Seal> sealed(Path dir) throws CountersignException {
        Map<String, Seal> seals = new TreeMap<>();
        for (String name : FILES) {
            seals.put(name, Seal.of(dir.resolve(name)));
        }
        return seals;
    }

    /// QEMU's arguments without what differs between instances of one machine.
    static List<String> normalised(List<String> argv, Instance instance) {
        List<String> normal = new ArrayList<>();
        for (int i = 0; i < argv.size(); i++) {
            String word = argv.get(i);
            if (word.equals("-incoming") || word.equals("-name")) {
                i++;
                continue;
            }
            word = word.replace(instance.dir() + "/", "@DIR@/");
            word = PORT.matcher(word).replaceAll("hostfwd=@PORT@");
            normal.add(MAC.matcher(word).replaceAll("mac=@MAC@"));
        }
        return normal;
    }
}
