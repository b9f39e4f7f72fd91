package dev.countersign.vm;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.domain.CountersignException;
import dev.countersign.domain.CountersignException.Kind;
import dev.countersign.domain.Digest;
import dev.countersign.domain.Entry;
import dev.countersign.domain.Fact;
import dev.countersign.domain.SessionId;
import dev.countersign.journal.Recorder;
import dev.countersign.vm.lima.Instance;
import dev.countersign.vm.qemu.Accelerator;
import dev.countersign.vm.qemu.HostCpu;
import dev.countersign.vm.qemu.QemuProcess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The warm bases of this user: found by key, built once, dropped when something about them is not
/// as it was.
final class WarmBases {
    private static final Logger LOG = LoggerFactory.getLogger(WarmBases.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Instances that build a base; no session is named so.
    static final String PREFIX = "base-";

    private final Host host;
    private final Builder builder;
    private final Set<Path> checkedInside = ConcurrentHashMap.newKeySet();
    private final Map<Digest, ReentrantLock> building = new ConcurrentHashMap<>();

    /// Makes and starts the instance that becomes a base.
    @FunctionalInterface
    interface Builder {
        LimaVm boot(
                SessionId id,
                VmSpec spec,
                Accelerator accelerator,
                Recorder recorder,
                Progress progress)
                throws CountersignException, InterruptedException;
    }

    WarmBases(Host host, Builder builder) {
        this.host = host;
        this.builder = builder;
    }

    /// What a base depends on. Anything else may differ between two uses of one.
    Digest key(VmSpec spec, Accelerator accelerator, String template)
            throws CountersignException, InterruptedException {
        String qemu = Programs.version(host.commands(), host.settings().qemu(), "qemu");
        return Digest.of(
                String.join(
                        "\n",
                        "countersign-warm-base-2",
                        spec.image().digest().hex(),
                        spec.image().cmdline(),
                        spec.kit().digest().hex(),
                        Integer.toString(spec.cpus()),
                        Integer.toString(spec.memoryMiB()),
                        accelerator.word(),
                        host.settings().qemu().toString(),
                        qemu,
                        Programs.identity(host.settings().qemu()),
                        host.limactl().version(),
                        host.tools().digest().hex(),
                        Digest.of(template).hex(),
                        HostCpu.text(),
                        publicIdentity()));
    }

    /// The guest lets in this key alone.
    private String publicIdentity() throws CountersignException {
        Path file = host.identity().resolveSibling("user.pub");
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED,
                    "The key of this user's VMs can't be read at %s: %s. Check its rights."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /// The base of that key, if it is there and looks untouched; one that does not is dropped.
    Optional<WarmBase> find(Digest key) throws CountersignException {
        Path dir = dir(key);
        if (!Files.exists(dir.resolve(WarmBase.MANIFEST))) {
            return Optional.empty();
        }
        try {
            WarmBase.Manifest manifest =
                    JSON.readValue(
                            dir.resolve(WarmBase.MANIFEST).toFile(), WarmBase.Manifest.class);
            WarmBase base = new WarmBase(dir, manifest);
            if (manifest.format() != 1 || !manifest.key().equals(key.hex())) {
                throw new CountersignException(
                        Kind.CONFLICT, "The warm base %s is of another kind.".formatted(dir));
            }
            base.checkOutside();
            return Optional.of(base);
        } catch (IOException | CountersignException e) {
            LOG.warn("a warm base is dropped: {}", e.getMessage());
            drop(key);
            return Optional.empty();
        }
    }

    /// Whether the content of this base still has to be checked in this engine's life.
    boolean unchecked(WarmBase base) {
        return !checkedInside.contains(base.dir());
    }

    /// Checks all content; drops the base if it is not as it was sealed.
    void checkInside(WarmBase base) throws CountersignException {
        try {
            base.checkInside();
            checkedInside.add(base.dir());
        } catch (CountersignException e) {
            drop(new Digest(base.manifest().key()));
            throw e;
        }
    }

    /// VMs that use it keep their own links to its files.
    void drop(Digest key) throws CountersignException {
        checkedInside.remove(dir(key));
        Disk.remove(dir(key));
    }

    private Path dir(Digest key) {
        return host.settings().bases().resolve(key.hex().substring(0, 32));
    }

    /// The base of that key, built now if it is missing. Two engines or threads build it once.
    WarmBase obtain(Digest key, VmSpec spec, Accelerator accelerator, Progress progress)
            throws CountersignException, InterruptedException {
        ReentrantLock mine = building.computeIfAbsent(key, _ -> new ReentrantLock());
        mine.lockInterruptibly();
        try {
            Disk.makePrivate(host.settings().bases());
            Path lockFile = host.settings().bases().resolve(key.hex().substring(0, 32) + ".lock");
            try (FileChannel channel =
                            FileChannel.open(
                                    lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                LOG.debug("holding {}", lock);
                Optional<WarmBase> there = find(key);
                return there.isPresent() ? there.get() : build(key, spec, accelerator, progress);
            } catch (IOException e) {
                throw Disk.failure(lockFile, e);
            }
        } finally {
            mine.unlock();
        }
    }

    private WarmBase build(Digest key, VmSpec spec, Accelerator accelerator, Progress progress)
            throws CountersignException, InterruptedException {
        SessionId id = new SessionId(PREFIX + key.hex().substring(0, 8));
        progress.step("building the warm base, once for this image", 2);
        Path fresh = host.settings().bases().resolve(key.hex().substring(0, 32) + ".new");
        Disk.remove(fresh);
        LimaVm vm =
                builder.boot(
                        id,
                        spec,
                        accelerator,
                        new Unrecorded(id),
                        (what, percent) ->
                                progress.step(
                                        "building the warm base: " + what, 5 + percent * 6 / 10));
        try {
            progress.step("building the warm base: saving its memory", 70);
            Disk.makePrivate(fresh);
            String hostKey = hostKey(vm.instance());
            List<String> argv =
                    WarmBase.normalised(
                            QemuProcess.of(vm.instance().qemuPid())
                                    .orElseThrow(() ->
                                            new CountersignException(
                                                    Kind.FAILED,
                                                    "The warm base's VM ended while it was built. Try again."))
                                    .argv(),
                            vm.instance());
            vm.sshLink().cut("the base is saved");
            vm.machine().saveTo(fresh.resolve(WarmBase.MEMORY));
            vm.endExpected();
            vm.endProcesses();
            take(vm.instance(), fresh);
            progress.step("building the warm base: sealing it", 85);
            WarmBase.Manifest manifest =
                    new WarmBase.Manifest(1, key.hex(), hostKey, argv, WarmBase.sealed(fresh));
            Card.write(fresh.resolve(WarmBase.MANIFEST), manifest);
            Disk.remove(dir(key));
            Files.move(fresh, dir(key), StandardCopyOption.ATOMIC_MOVE);
            WarmBase base = new WarmBase(dir(key), manifest);
            checkedInside.add(base.dir());
            return base;
        } catch (IOException e) {
            throw Disk.failure(fresh, e);
        } finally {
            // What was built is elsewhere by now; what was not is of no use.
            removeUninterrupted(vm);
            Disk.remove(fresh);
        }
    }

    @FunctionalInterface
    interface Remover {
        void remove(SessionId id) throws CountersignException, InterruptedException;
    }

    /// Removes instances and directories of builds that nobody is at any more: whoever builds holds
    /// the key's lock, and the system lets go of it when that engine ends.
    void sweep(Remover remover) throws CountersignException, InterruptedException {
        for (String key : lockedKeys()) {
            Path lockFile = host.settings().bases().resolve(key + ".lock");
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    remover.remove(new SessionId(PREFIX + key.substring(0, 8)));
                    Disk.remove(host.settings().bases().resolve(key + ".new"));
                }
            } catch (OverlappingFileLockException _) {
                LOG.debug("{} is being built in this engine", key);
            } catch (IOException e) {
                throw Disk.failure(lockFile, e);
            }
        }
    }

    private List<String> lockedKeys() throws CountersignException {
        if (!Files.isDirectory(host.settings().bases())) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(host.settings().bases())) {
            return entries.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("[0-9a-f]{32}\\.lock"))
                    .map(name -> name.substring(0, 32))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw Disk.failure(host.settings().bases(), e);
        }
    }

    private static void removeUninterrupted(LimaVm vm) throws CountersignException {
        boolean interrupted = Thread.interrupted();
        try {
            vm.delete();
        } catch (InterruptedException _) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void take(Instance instance, Path fresh)
            throws CountersignException, IOException {
        Files.move(instance.disk(), fresh.resolve(WarmBase.DISK));
        for (String name : List.of(WarmBase.IMAGE, WarmBase.KERNEL, WarmBase.INITRD)) {
            Disk.share(instance.dir().resolve(name), fresh.resolve(name));
        }
        for (String name : List.of(WarmBase.DISK, WarmBase.MEMORY)) {
            Files.setPosixFilePermissions(
                    fresh.resolve(name), PosixFilePermissions.fromString("r--r--r--"));
        }
    }

    private static String hostKey(Instance instance) throws CountersignException {
        Path pinned = instance.link().resolve("known_hosts");
        try {
            return Files.readString(pinned).strip().split(" ", 2)[1];
        } catch (IOException e) {
            throw new CountersignException(
                    Kind.FAILED, "The base's host key is not at %s.".formatted(pinned), e);
        }
    }

    /// A base belongs to no session and to no journal.
    private record Unrecorded(SessionId id) implements Recorder {
        @Override
        public Entry record(Fact fact) {
            LOG.debug("{}: {}", id, fact);
            return new Entry(0, Instant.EPOCH, id, 0, fact);
        }
    }
}
