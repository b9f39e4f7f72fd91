"""The guest's end of Countersign's two listeners.

Accepts on loopback and passes each connection to the unix socket that the host's ssh connection
binds. While that socket is missing, refuses, or closes before it has answered a byte, the
connection is held and its request sent again: a lost link or a new engine is a wait for the agent,
not an error. Runs as root, is never needed by hand, keeps no state.

    relay.py models:4100:/run/countersign/models.sock egress:4101:/run/countersign/egress.sock
"""
import errno
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from urllib.parse import quote

CHUNK = 65536
REPLAY_LIMIT = 40 * 1024 * 1024   # bytes of one request that can be sent again
REPLAY_TOTAL = 160 * 1024 * 1024  # of all connections together
MOST_CONNECTIONS = 200
FIRST_WAIT = 0.05                 # seconds
LONGEST_WAIT = 1.0
CLIENT_STALL = 300                # seconds a client may not read
CLAIM_TIME = 0.05                 # seconds that the search for a process may take
CLAIM_BYTES = 250
RDHUP = getattr(select, "POLLRDHUP", 0)

replay_lock = threading.Lock()
replay_used = 0


def say(text):
    sys.stderr.write("relay: %s\n" % text)
    sys.stderr.flush()


class Replay:
    """The bytes of the request that has had no answer yet."""

    def __init__(self, whole_requests_only):
        self.parts = []
        self.size = 0
        self.usable = True
        self.answered = False
        self.whole_requests_only = whole_requests_only

    def add(self, data):
        global replay_used
        if self.answered:
            # The client speaks after an answer: a new request on the same connection.
            self.clear()
            self.answered = False
            self.usable = True
        if not self.usable:
            return
        with replay_lock:
            if self.size + len(data) > REPLAY_LIMIT or replay_used + len(data) > REPLAY_TOTAL:
                full = True
            else:
                full = False
                replay_used += len(data)
        if full:
            self.clear()
            self.usable = False
            return
        self.parts.append(data)
        self.size += len(data)

    def answer_began(self):
        if not self.answered:
            self.clear()
            self.answered = True

    def clear(self):
        global replay_used
        with replay_lock:
            replay_used -= self.size
        self.parts = []
        self.size = 0

    def may_repeat(self):
        if self.answered or not self.usable:
            return False
        if not self.whole_requests_only:
            return True
        # Through the egress proxy a request may already have had its effect: only what has none
        # may be sent again.
        head = b"".join(self.parts)
        return head.startswith((b"CONNECT ", b"GET ", b"HEAD ")) and head.endswith(b"\r\n\r\n") \
            or not head


def reset(client):
    """Ends the connection so that the client sees an error, not an end."""
    try:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    client.close()


def wait(client, seconds):
    """Waits; true if the client left meanwhile."""
    poll = select.poll()
    poll.register(client, RDHUP)
    return bool(poll.poll(int(seconds * 1000)))


def connect(client, path, pause):
    """A connection to the host, however long it takes; None if the client left."""
    while True:
        host = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            host.connect(path)
            return host
        except OSError:
            host.close()
        if wait(client, pause[0]):
            return None
        pause[0] = min(LONGEST_WAIT, pause[0] * 2)


def claim(client):
    """Which process connected, as this guest's kernel says: a line for the host, who shows it as
    claimed. Best effort, a few milliseconds; empty if it can't be told."""
    try:
        ip, port = client.getpeername()
        near = "%s:%04X" % ("".join("%02X" % b for b in reversed(socket.inet_aton(ip))), port)
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table]
        owner, inode = next((row[7], row[9]) for row in rows[1:] if row[1] == near)
        wanted = "socket:[%s]" % inode
        until = time.monotonic() + CLAIM_TIME
        for pid in sorted((int(n) for n in os.listdir("/proc") if n.isdigit()), reverse=True):
            if time.monotonic() > until:
                break
            try:
                if os.stat("/proc/%d" % pid).st_uid != int(owner):
                    continue
                files = "/proc/%d/fd/" % pid
                if not any(os.readlink(files + fd) == wanted for fd in os.listdir(files)):
                    continue
                with open("/proc/%d/cmdline" % pid, "rb") as file:
                    words = file.read(CLAIM_BYTES).rstrip(b"\0").replace(b"\0", b" ")
                text = words.decode("utf-8", "replace") + " (pid %d)" % pid
                return b"COUNTERSIGN-PROCESS %s\r\n" % quote(text).encode("ascii")
            except OSError:
                continue
    except (OSError, ValueError, StopIteration, IndexError):
        pass
    return b""


def send_all(sock, data):
    sock.settimeout(CLIENT_STALL)
    try:
        sock.sendall(data)
    finally:
        sock.settimeout(None)


def exchange(client, host, replay, pause, first):
    """Passes bytes both ways. 'done', 'again' (the host's side broke unanswered) or 'broken'."""
    poll = select.poll()
    poll.register(client, select.POLLIN | RDHUP)
    poll.register(host, select.POLLIN)
    client_fd = client.fileno()
    try:
        if first:
            send_all(host, first)
        for part in list(replay.parts):
            send_all(host, part)
    except OSError:
        return "again" if replay.may_repeat() else "broken"
    while True:
        for fd, event in poll.poll():
            if fd == client_fd:
                if event & select.POLLIN:
                    try:
                        data = client.recv(CHUNK)
                    except OSError:
                        return "done"
                    if not data:
                        return "done"
                    replay.add(data)
                    try:
                        send_all(host, data)
                    except OSError:
                        return "again" if replay.may_repeat() else "broken"
                elif event & (RDHUP | select.POLLHUP | select.POLLERR):
                    return "done"
            else:
                try:
                    data = host.recv(CHUNK)
                except OSError:
                    return "again" if replay.may_repeat() else "broken"
                if not data:
                    if replay.may_repeat():
                        return "again"
                    return "done" if replay.answered else "broken"
                replay.answer_began()
                pause[0] = FIRST_WAIT
                try:
                    send_all(client, data)
                except OSError:
                    return "done"


def serve(client, path, careful, slots):
    replay = Replay(careful)
    pause = [FIRST_WAIT]
    try:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first = claim(client) if careful else b""
        while True:
            host = connect(client, path, pause)
            if host is None:
                client.close()
                return
            try:
                outcome = exchange(client, host, replay, pause, first)
            finally:
                host.close()
            if outcome == "done":
                client.close()
                return
            if outcome == "broken":
                reset(client)
                return
            # An ssh forward takes connections even when nobody listens at its other end, and
            # closes them at once: the same as refused.
            if wait(client, pause[0]):
                client.close()
                return
            pause[0] = min(LONGEST_WAIT, pause[0] * 2)
    except (OSError, MemoryError) as error:
        say("a connection failed: %s" % error)
        reset(client)
    finally:
        replay.clear()
        slots.release()


def listen(name, port, path):
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(64)
    slots = threading.BoundedSemaphore(MOST_CONNECTIONS)
    careful = name == "egress"
    say("%s: 127.0.0.1:%d -> %s" % (name, server.getsockname()[1], path))

    def accept():
        while True:
            slots.acquire()
            try:
                client, _ = server.accept()
                threading.Thread(
                    target=serve, args=(client, path, careful, slots), daemon=True).start()
            except (OSError, RuntimeError) as error:
                slots.release()
                if getattr(error, "errno", None) != errno.ECONNABORTED:
                    say("%s: %s" % (name, error))
                    time.sleep(0.2)

    threading.Thread(target=accept, daemon=True).start()


def main():
    threading.stack_size(256 * 1024)
    for word in sys.argv[1:]:
        name, port, path = word.split(":", 2)
        listen(name, int(port), path)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        signal.pause()


main()
