"""The guest's side of the workspace: scan, read, put, delete, watch.

Speaks frames on standard input and output: type (1 byte), lane (1 byte), length (4 bytes, big
endian), then a JSON text behind its own length (4 bytes) and raw bytes. Lane 0 is for what somebody
waits for, lane 1 for bulk; each has its own thread, and frames are small, so that neither waits long
for the other. It decides nothing: the host keeps all state and checks every answer.

It runs as root in a directory that a hostile user owns. So no path is ever opened as a string:
each component is opened relative to its parent's descriptor, without following links.
"""

import ctypes
import errno
import hashlib
import json
import os
import pwd
import queue
import select
import stat
import struct
import subprocess
import sys
import threading
import time

VERSION = 2
FRAME = 1 << 18
# Frames of a lane that may be on their way before the host says that it took some.
WINDOW = 16
LANES = 2
LARGEST_FRAME = 8 << 20
DEEPEST = 128
TEMP = ".countersign-tmp-"
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """An answer for one path; the word is part of the protocol."""


class Wire:
    """One pipe in each direction; a frame is written as a whole."""

    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.lock = threading.Lock()
        self.credit = [threading.Semaphore(WINDOW) for _ in range(LANES)]

    def send(self, kind, head, blob=b"", lane=0):
        text = json.dumps(head, separators=(",", ":")).encode()
        start = struct.pack(">BBII", ord(kind), lane, 4 + len(text) + len(blob), len(text))
        with self.lock:
            self.sink.write(start + text)
            self.sink.write(blob)
            self.sink.flush()

    def receive(self):
        head = self.source.read(6)
        if len(head) < 6:
            return None
        kind, lane, length = struct.unpack(">BBI", head)
        if length < 4 or length > LARGEST_FRAME or lane >= LANES:
            raise SystemExit(3)
        body = self.source.read(length)
        if len(body) < length:
            return None
        (size,) = struct.unpack(">I", body[:4])
        return chr(kind), lane, json.loads(body[4 : 4 + size]), memoryview(body)[4 + size :]


def signature(info):
    return [info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_mode]


def parts_of(path):
    parts = path.split("/")
    if not path or len(parts) > DEEPEST or any(p in ("", ".", "..") or "\0" in p for p in parts):
        raise Refused("bad path")
    return parts


class Tree:
    """The workspace below one directory descriptor."""

    def __init__(self, root, user):
        self.root = os.open(root, DIRECTORY)
        self.uid = self.gid = None
        if user and os.geteuid() == 0:
            entry = pwd.getpwnam(user)
            self.uid, self.gid = entry.pw_uid, entry.pw_gid
        self.names = 0

    def own(self, fd):
        if self.uid is not None:
            os.fchown(fd, self.uid, self.gid)

    def parent(self, path, make=False):
        """A descriptor of the directory that holds the path, and the last name. Close it."""
        parts = parts_of(path)
        fd = os.dup(self.root)
        try:
            for name in parts[:-1]:
                try:
                    below = os.open(name, DIRECTORY, dir_fd=fd)
                except FileNotFoundError:
                    if not make:
                        raise
                    try:
                        os.mkdir(name, 0o755, dir_fd=fd)
                    except FileExistsError:
                        pass
                    below = os.open(name, DIRECTORY, dir_fd=fd)
                    self.own(below)
                os.close(fd)
                fd = below
            return fd, parts[-1]
        except BaseException:
            os.close(fd)
            raise

    def directory(self, path):
        """A descriptor of this directory. Close it."""
        if not path:
            return os.dup(self.root)
        fd, name = self.parent(path)
        try:
            return os.open(name, DIRECTORY, dir_fd=fd)
        finally:
            os.close(fd)

    def temp(self):
        self.names += 1
        return "%s%d-%s" % (TEMP, self.names, os.urandom(8).hex())

    def replace(self, fd, temp, name, expect):
        """Puts temp at name if what is there is what the host last saw; nothing else is lost."""
        if expect == "any":
            os.rename(temp, name, src_dir_fd=fd, dst_dir_fd=fd)
            return
        if expect is None:
            if self.rename2(fd, temp, name, RENAME_NOREPLACE):
                return
            os.link(temp, name, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
            os.unlink(temp, dir_fd=fd)
            return
        self.check(fd, name, expect)
        if not self.rename2(fd, temp, name, RENAME_EXCHANGE):
            os.rename(temp, name, src_dir_fd=fd, dst_dir_fd=fd)
            return
        try:
            self.check(fd, temp, expect)
        except Refused:
            self.rename2(fd, temp, name, RENAME_EXCHANGE)
            raise
        os.unlink(temp, dir_fd=fd)

    @staticmethod
    def check(fd, name, expect):
        try:
            info = os.stat(name, dir_fd=fd, follow_symlinks=False)
        except FileNotFoundError:
            raise Refused("changed")
        # A rename changes ctime, so it can't be compared after the exchange.
        if [info.st_ino, info.st_size, info.st_mtime_ns] != [expect[1], expect[2], expect[3]]:
            raise Refused("changed")

    @staticmethod
    def rename2(fd, old, new, flags):
        try:
            call = libc.renameat2
        except AttributeError:
            return False
        if call(fd, os.fsencode(old), fd, os.fsencode(new), flags) == 0:
            return True
        code = ctypes.get_errno()
        if code in (errno.ENOSYS, errno.EINVAL):
            return False
        if code in (errno.EEXIST, errno.ENOENT):
            raise Refused("changed")
        raise OSError(code, os.strerror(code))


class Way:
    """The wire as one lane uses it."""

    def __init__(self, wire, lane):
        self.wire, self.lane = wire, lane

    def send(self, kind, head, blob=b""):
        self.wire.send(kind, head, blob, self.lane)

    def stream(self, kind, head, blob=b""):
        """As send, but waits until the host took enough of what was sent before."""
        self.wire.credit[self.lane].acquire()
        self.send(kind, head, blob)


class Dispatch:
    """Takes requests apart by lane, so that reading from the host never waits for work."""

    def __init__(self, wire):
        self.wire = wire
        self.tree = None
        self.watcher = None
        self.lanes = [Side(self, number) for number in range(LANES)]

    def run(self):
        for lane in self.lanes:
            threading.Thread(target=lane.run, daemon=True).start()
        while True:
            frame = self.wire.receive()
            if frame is None:
                return
            kind, lane, head, blob = frame
            if kind == "K":
                for _ in range(head["n"]):
                    self.wire.credit[lane].release()
            else:
                self.lanes[lane].requests.put((kind, head, blob))


class Side:
    """Does the requests of one lane, one after the other."""

    def __init__(self, shared, number):
        self.shared = shared
        self.wire = Way(shared.wire, number)
        self.requests = queue.SimpleQueue()
        self.partial = None

    @property
    def tree(self):
        return self.shared.tree

    def run(self):
        while True:
            kind, head, blob = self.requests.get()
            rid = head.get("id", 0)
            try:
                {
                    "H": self.hello,
                    "S": self.scan,
                    "R": self.read,
                    "P": self.put,
                    "D": self.delete,
                    "W": self.watch,
                    "G": self.baseline,
                    "X": self.wipe,
                }[kind](rid, head, blob)
            except BrokenPipeError:
                os._exit(0)
            except (OSError, KeyError, ValueError, subprocess.SubprocessError) as e:
                self.wire.send("E", {"id": rid, "why": reason(e), "text": str(e)[:500]})

    def hello(self, rid, head, _):
        if head["version"] != VERSION:
            self.wire.send("E", {"id": rid, "why": "version", "text": "speaks %d" % VERSION})
            return
        self.shared.tree = Tree(head["root"], head.get("user"))
        self.wire.send("h", {"id": rid, "version": VERSION})

    # -- looking

    def scan(self, rid, head, _):
        prune = Prune(head)
        batch = Batch(self.wire, rid)
        left = [head["max"]]
        paths = head.get("paths")
        if paths is None:
            self.walk("", head, prune, batch, left)
        else:
            for path in paths:
                self.look(path, head, prune, batch, left)
        batch.flush()
        self.wire.send("d", {"id": rid, "over": left[0] < 0})

    def look(self, path, head, prune, batch, left):
        try:
            fd, name = self.tree.parent(path)
        except (OSError, Refused):
            batch.add([path, "n"])
            return
        try:
            deeper = self.entry(fd, name, path, head, prune, batch, left)
        finally:
            os.close(fd)
        if deeper:
            self.walk(path, head, prune, batch, left)

    def walk(self, top, head, prune, batch, left):
        """Depth first, without recursion and with one open directory: hostile depth and breadth
        must not end the process."""
        stack = [top]
        while stack and left[0] >= 0:
            directory = stack.pop()
            prefix = directory + "/" if directory else ""
            try:
                fd = self.tree.directory(directory)
            except (OSError, Refused):
                batch.add([directory, "u"])
                continue
            try:
                for name in sorted(os.listdir(fd), reverse=True):
                    if left[0] < 0:
                        break
                    if self.entry(fd, name, prefix + name, head, prune, batch, left):
                        stack.append(prefix + name)
            finally:
                os.close(fd)

    def entry(self, fd, name, path, head, prune, batch, left):
        """Tells what is there; true for a directory to go into."""
        if name.startswith(TEMP):
            return False
        left[0] -= 1
        try:
            info = os.stat(name, dir_fd=fd, follow_symlinks=False)
        except OSError:
            batch.add([shown(path), "n"])
            return False
        try:
            path.encode()
        except UnicodeEncodeError:
            batch.add([shown(path), "b"])
            return False
        kind = stat.S_IFMT(info.st_mode)
        if kind == stat.S_IFDIR:
            if prune.drops(path, name):
                batch.add([path, "p"])
                return False
            if path.count("/") >= DEEPEST - 1:
                batch.add([shown(path), "b"])
                return False
            batch.add([path, "d"])
            return True
        if kind == stat.S_IFREG:
            claimed = None
            if head.get("hash"):
                claimed = digest(fd, name)
            batch.add([path, "f", signature(info), claimed])
        elif kind == stat.S_IFLNK:
            try:
                target = os.readlink(name, dir_fd=fd)
                target.encode()
                batch.add([path, "l", signature(info), target])
            except (OSError, UnicodeEncodeError):
                batch.add([shown(path), "b"])
        else:
            batch.add([path, "x"])
        return False

    def read(self, rid, head, _):
        for path in head["paths"]:
            try:
                self.read_one(rid, path, head["max"])
            except Refused as e:
                self.part({"id": rid, "p": path, "err": str(e)})
            except OSError as e:
                self.part({"id": rid, "p": path, "err": reason(e)})
        self.wire.send("d", {"id": rid})

    def part(self, head, blob=b""):
        self.wire.stream("f", head, blob)

    def read_one(self, rid, path, largest):
        fd, name = self.tree.parent(path)
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=fd)
        finally:
            os.close(fd)
        with os.fdopen(file, "rb", buffering=0) as source:
            before = os.fstat(file)
            if not stat.S_ISREG(before.st_mode):
                raise Refused("special")
            if before.st_size > largest:
                raise Refused("too large")
            offset = 0
            while True:
                blob = source.read(FRAME)
                offset += len(blob)
                if offset > largest:
                    raise Refused("too large")
                if len(blob) < FRAME:
                    after = os.fstat(file)
                    # A file that is being written is read again on its next event.
                    torn = signature(before) != signature(after) or offset != after.st_size
                    end = {"id": rid, "p": path, "last": True, "stat": signature(after), "torn": torn}
                    end["now"] = time.time_ns()
                    self.part(end, blob)
                    return
                self.part({"id": rid, "p": path, "last": False}, blob)

    # -- changing

    def put(self, rid, head, blob):
        results = []
        at = 0
        parents = Parents(self.tree)
        try:
            for file in head["files"]:
                size = file["n"]
                content = blob[at : at + size]
                at += size
                try:
                    results.append({"p": file["p"], "stat": self.put_one(file, content, parents)})
                except Refused as e:
                    results.append({"p": file["p"], "err": str(e)})
                except OSError as e:
                    results.append({"p": file["p"], "err": reason(e)})
        finally:
            parents.close()
        self.wire.send("a", {"id": rid, "results": results})

    def put_one(self, file, content, parents):
        fd, name = parents.of(file["p"])
        if file.get("first") and file["k"] == "f" and "off" not in file:
            return self.put_first(fd, name, file, content)
        if file["k"] == "l":
            temp = self.tree.temp()
            os.symlink(bytes(content).decode(), temp, dir_fd=fd)
            if self.tree.uid is not None:
                os.chown(temp, self.tree.uid, self.tree.gid, dir_fd=fd, follow_symlinks=False)
        else:
            temp = self.write(fd, file, content)
            if temp is None:
                return None
        try:
            self.tree.replace(fd, temp, name, file["expect"])
        except FileExistsError:
            raise Refused("changed")
        finally:
            try:
                os.unlink(temp, dir_fd=fd)
            except OSError:
                pass
        return signature(os.stat(name, dir_fd=fd, follow_symlinks=False))

    def put_first(self, fd, name, file, content):
        """A file of the first copy: nobody works here yet, and a copy that does not end is wiped. So
        it is written in its place, and only if nothing is there."""
        mode = 0o755 if file.get("x") else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        target = os.open(name, flags, mode, dir_fd=fd)
        try:
            at = os.write(target, content)
            while at < len(content):
                at += os.write(target, content[at:])
            self.tree.own(target)
            return signature(os.fstat(target))
        finally:
            os.close(target)

    def write(self, fd, file, content):
        """Writes to a file of our own; large ones come in parts. None until the last part came."""
        if file.get("off", 0) == 0:
            self.forget_partial()
            temp = self.tree.temp()
            target = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=fd)
            self.partial = (file["p"], temp, target, os.dup(fd))
        path, temp, target, _ = self.partial or (None, None, None, None)
        if path != file["p"]:
            raise Refused("out of order")
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(target, view) :]
            if not file.get("last", True):
                return None
            os.fchmod(target, 0o755 if file.get("x") else 0o644)
            self.tree.own(target)
        except OSError:
            self.forget_partial()
            raise
        os.close(target)
        os.close(self.partial[3])
        self.partial = None
        return temp

    def forget_partial(self):
        if self.partial is not None:
            _, temp, target, directory = self.partial
            self.partial = None
            os.close(target)
            try:
                os.unlink(temp, dir_fd=directory)
            except OSError:
                pass
            os.close(directory)

    def delete(self, rid, head, _):
        results = []
        for file in head["files"]:
            try:
                self.delete_one(file)
                results.append({"p": file["p"], "stat": None})
            except Refused as e:
                results.append({"p": file["p"], "err": str(e)})
            except FileNotFoundError:
                results.append({"p": file["p"], "stat": None})
            except OSError as e:
                results.append({"p": file["p"], "err": reason(e)})
        self.wire.send("a", {"id": rid, "results": results})

    def delete_one(self, file):
        fd, name = self.tree.parent(file["p"])
        try:
            self.tree.check(fd, name, file["expect"])
            aside = self.tree.temp()
            os.rename(name, aside, src_dir_fd=fd, dst_dir_fd=fd)
            try:
                self.tree.check(fd, aside, file["expect"])
            except Refused:
                self.tree.rename2(fd, aside, name, RENAME_NOREPLACE)
                raise
            os.unlink(aside, dir_fd=fd)
        finally:
            os.close(fd)
        self.drop_empty(file["p"])

    def drop_empty(self, path):
        parts = path.split("/")[:-1]
        while parts:
            try:
                fd, name = self.tree.parent("/".join(parts))
                try:
                    os.rmdir(name, dir_fd=fd)
                finally:
                    os.close(fd)
            except (OSError, Refused):
                return
            parts.pop()

    def wipe(self, rid, _head, _):
        """Empties the workspace after a copy that did not end; bottom up, following nothing."""
        empty(os.dup(self.tree.root), 0)
        self.wire.send("a", {"id": rid, "results": []})

    def baseline(self, rid, head, _):
        """A repository of one commit, made as the agent's user, without hooks or templates."""
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": head["author"],
            "GIT_AUTHOR_EMAIL": head["email"],
            "GIT_COMMITTER_NAME": head["author"],
            "GIT_COMMITTER_EMAIL": head["email"],
            "GIT_AUTHOR_DATE": head["date"],
            "GIT_COMMITTER_DATE": head["date"],
        }
        who = {}
        if self.tree.uid is not None:
            who = {"user": self.tree.uid, "group": self.tree.gid, "extra_groups": []}
        for words in (
            ["init", "-q", "-b", "main", "--template="],
            ["config", "user.name", "agent"],
            ["config", "user.email", "agent@guest"],
            ["add", "-A", "-f", "."],
            ["commit", "-q", "--no-verify", "--allow-empty", "-m", head["message"]],
        ):
            done = subprocess.run(
                ["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false"]
                + ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]
                # All contents go straight into one pack: a file for each takes longer than the copy.
                + ["-c", "core.bigFileThreshold=1", "-c", "core.compression=1"] + words,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: os.fchdir(self.tree.root),
                **who,
            )
            if done.returncode != 0:
                why = "nospace" if b"No space left" in done.stdout else "git"
                text = "git %s: %s" % (words[0], done.stdout.decode(errors="replace")[-400:])
                self.wire.send("E", {"id": rid, "why": why, "text": text})
                return
        self.wire.send("a", {"id": rid, "results": []})

    def watch(self, rid, head, _):
        if self.shared.watcher is not None:
            self.shared.watcher.stop()
        self.shared.watcher = Watcher(self.tree, self.wire, Prune(head))
        kind = self.shared.watcher.start()
        self.wire.send("a", {"id": rid, "results": [], "watch": kind})


class Parents:
    """The directory of the file before, kept open for the next one of the same frame."""

    def __init__(self, tree):
        self.tree, self.path, self.fd = tree, None, -1

    def of(self, path):
        directory, _, name = path.rpartition("/")
        if self.path != directory or self.fd < 0:
            self.close()
            self.fd, name = self.tree.parent(path, make=True)
            self.path = directory
        elif name in ("", ".", "..") or "\0" in name:
            raise Refused("bad path")
        return self.fd, name

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Batch:
    def __init__(self, wire, rid):
        self.wire, self.rid, self.rows = wire, rid, []

    def add(self, row):
        self.rows.append(row)
        if len(self.rows) >= 1000:
            self.flush()

    def flush(self):
        if self.rows:
            head = {"id": self.rid, "rows": self.rows, "now": time.time_ns()}
            self.wire.stream("e", head)
            self.rows = []


class Prune:
    """Directories that the host does not want to hear about; `.git` always."""

    def __init__(self, head):
        self.names = set(head.get("names", ()))
        self.paths = set(head.get("prune", ()))

    def drops(self, path, name):
        return name == ".git" or name in self.names or path in self.paths


class Watcher:
    """inotify where there is one, else a word every two seconds that anything may have changed."""

    CLOSE_WRITE, ATTRIB, MODIFY = 0x8, 0x4, 0x2
    FROM, TO, CREATE, DELETE, SELF = 0x40, 0x80, 0x100, 0x200, 0x400
    OVERFLOW, IGNORED, ISDIR = 0x4000, 0x8000, 0x40000000
    ONLYDIR, DONT_FOLLOW = 0x1000000, 0x2000000

    # A file that is being written is told of when it is closed, or after this time; one that was
    # just made may be gone again by then.
    CREATED, WRITING = 0.02, 0.25

    def __init__(self, tree, wire, prune):
        self.tree, self.prune = tree, prune
        self.paths = {}
        self.later = {}
        self.fd = -1
        self.stopped = threading.Event()
        self.teller = Teller(wire)

    def start(self):
        self.fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        full = self.fd >= 0 and self.add_tree("")
        threading.Thread(target=self.teller.run, daemon=True).start()
        threading.Thread(target=self.inotify if full else self.poll, daemon=True).start()
        return "inotify" if full else "poll"

    def stop(self):
        self.stopped.set()
        self.teller.stop()

    def add_tree(self, prefix):
        """Watches a directory and all below it; False at the limit of watches."""
        stack = [prefix]
        while stack:
            path = stack.pop()
            try:
                fd = self.tree.directory(path)
            except (OSError, Refused):
                continue
            try:
                mask = self.CLOSE_WRITE | self.ATTRIB | self.FROM | self.TO | self.CREATE | self.DELETE
                mask |= self.ONLYDIR | self.MODIFY
                wd = libc.inotify_add_watch(self.fd, b"/proc/self/fd/%d/." % fd, mask)
                if wd < 0:
                    if ctypes.get_errno() == errno.ENOSPC:
                        return False
                    continue
                self.paths[wd] = path
                for entry in os.scandir(fd):
                    below = path + "/" + entry.name if path else entry.name
                    if entry.is_dir(follow_symlinks=False) and not self.prune.drops(below, entry.name):
                        if below.count("/") < DEEPEST - 1:
                            stack.append(below)
            except OSError:
                continue
            finally:
                os.close(fd)
        return True

    def poll(self):
        while not self.stopped.wait(2):
            self.teller.tell((), True)

    def inotify(self):
        limited = False
        while not self.stopped.is_set():
            wait = None if not self.later else max(0.0, min(self.later.values()) - time.monotonic())
            select.select([self.fd], [], [], 1.0 if wait is None else wait)
            paths, everything = set(), False
            while True:
                more, any = self.drain(paths)
                everything |= any
                if not more:
                    break
            now = time.monotonic()
            for path in [p for p, due in self.later.items() if due <= now]:
                del self.later[path]
                paths.add(path)
            if paths or everything:
                self.teller.tell(paths, everything)
            if self.full and not limited:
                # What can't be watched any more is looked at again and again.
                limited = True
                threading.Thread(target=self.poll, daemon=True).start()
        os.close(self.fd)

    full = False

    def drain(self, paths):
        everything = False
        try:
            events = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return False, False
        at = 0
        while at < len(events):
            wd, mask, _, length = struct.unpack_from("iIII", events, at)
            name = events[at + 16 : at + 16 + length].rstrip(b"\0")
            at += 16 + length
            if mask & self.OVERFLOW:
                # Directories may have come that no event told of.
                self.full |= not self.add_tree("")
                everything = True
            elif mask & self.IGNORED:
                self.paths.pop(wd, None)
            elif wd not in self.paths:
                everything = True
            elif name and not name.startswith(TEMP.encode()):
                everything |= self.note(self.paths[wd], os.fsdecode(name), mask, paths)
        return True, everything

    def note(self, directory, name, mask, paths):
        path = directory + "/" + name if directory else name
        try:
            path.encode()
        except UnicodeEncodeError:
            return True
        if mask & self.ISDIR and self.prune.drops(path, name):
            return False
        if name == ".git" and not directory:
            return False
        everything = False
        if mask & self.ISDIR and mask & (self.CREATE | self.TO):
            everything = not self.add_tree(path)
            self.full |= everything
        if mask & self.ISDIR and mask & self.FROM:
            gone = [wd for wd, known in self.paths.items() if known == path or known.startswith(path + "/")]
            for wd in gone:
                libc.inotify_rm_watch(self.fd, wd)
                self.paths.pop(wd, None)
        if not mask & self.ISDIR and not mask & (self.CLOSE_WRITE | self.FROM | self.TO | self.DELETE):
            wait = self.CREATED if mask & (self.CREATE | self.ATTRIB) else self.WRITING
            self.later.setdefault(path, time.monotonic() + wait)
        else:
            self.later.pop(path, None)
            paths.add(path)
        return everything


class Teller:
    """Tells the host, so that reading events never waits for the pipe."""

    MOST = 5000

    def __init__(self, wire):
        self.wire = wire
        self.changed = threading.Condition()
        self.paths, self.everything, self.stopped = set(), False, False

    def tell(self, paths, everything):
        with self.changed:
            self.paths.update(paths)
            self.everything |= everything or len(self.paths) > 20 * self.MOST
            if self.everything:
                self.paths.clear()
            self.changed.notify()

    def stop(self):
        with self.changed:
            self.stopped = True
            self.changed.notify()

    def run(self):
        while True:
            with self.changed:
                while not (self.paths or self.everything or self.stopped):
                    self.changed.wait()
                if self.stopped:
                    return
                paths, everything = self.paths, self.everything
                self.paths, self.everything = set(), False
            some = sorted(paths)
            try:
                if everything or not some:
                    self.wire.send("v", {"all": everything, "paths": []})
                for at in range(0, len(some), self.MOST):
                    self.wire.send("v", {"all": False, "paths": some[at : at + self.MOST]})
            except OSError:
                return


def digest(fd, name):
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=fd)
    except OSError:
        return None
    with os.fdopen(file, "rb", buffering=0) as source:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        total = hashlib.sha256()
        while True:
            try:
                blob = source.read(FRAME)
            except OSError:
                return None
            if not blob:
                return total.hexdigest()
            total.update(blob)


def empty(fd, depth):
    try:
        for name in os.listdir(fd):
            try:
                os.unlink(name, dir_fd=fd)
            except (IsADirectoryError, PermissionError):
                if depth < DEEPEST * 2:
                    empty(os.open(name, DIRECTORY, dir_fd=fd), depth + 1)
                os.rmdir(name, dir_fd=fd)
    finally:
        os.close(fd)


def shown(path):
    return path.encode("utf-8", "backslashreplace").decode()


def reason(e):
    code = getattr(e, "errno", None)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return "nospace"
    if code in (errno.ELOOP, errno.ENOTDIR):
        return "link on the way"
    if code == errno.ENOENT:
        return "gone"
    if code == errno.EISDIR:
        return "directory"
    return errno.errorcode.get(code, type(e).__name__) if code else type(e).__name__


def main():
    # What is made here has the modes that are asked for.
    os.umask(0o022)
    # Whatever is printed by accident must not end up between frames.
    sink = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    # Python hands its lock on every 5 ms; somebody may wait for lane 0.
    sys.setswitchinterval(0.0005)
    Dispatch(Wire(sys.stdin.buffer, sink)).run()


if __name__ == "__main__":
    main()
