"""The guest's part of ports that lead from the host into the guest. Sent over the link when it is
needed, installed nowhere.

    ports.py watch      says which TCP ports of the agent's listen, as `+ PORT words` and `- PORT`,
                        until its input ends
    ports.py join PORT  carries its input to that port of loopback, and back
"""
import os
import select
import socket
import sys

PAUSE = 2.0                       # seconds between two looks
OWN = (22, 4100, 4101)            # ssh and the session's two listeners
NEAR = ("0100007F", "00000000", "0" * 32, "00000000000000000000000001000000")
WORDS = 200


def name_of(inode):
    """What holds the socket, best effort."""
    wanted = "socket:[%s]" % inode
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        files = "/proc/%s/fd/" % pid
        try:
            if any(os.readlink(files + fd) == wanted for fd in os.listdir(files)):
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    words = file.read(WORDS).rstrip(b"\0").replace(b"\0", b" ")
                return " ".join(words.decode("utf-8", "replace").split())
        except OSError:
            continue
    return ""


def listening():
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        for row in rows:
            address, port = row[1].rsplit(":", 1)
            if row[3] == "0A" and address in NEAR and int(row[7]) >= 1000:
                found.setdefault(int(port, 16), row[9])
    return {port: inode for port, inode in found.items() if port not in OWN}


def watch():
    known = {}
    while True:
        now = listening()
        for port in sorted(now):
            if port not in known:
                print("+ %d %s" % (port, name_of(now[port])), flush=True)
        for port in sorted(known):
            if port not in now:
                print("- %d" % port, flush=True)
        known = now
        if select.select([0], [], [], PAUSE)[0] and not os.read(0, 1):
            return


def connect(port):
    try:
        return socket.create_connection(("127.0.0.1", port), 10)
    except OSError:
        return socket.create_connection(("::1", port), 10)


def join(port):
    peer = connect(port)
    peer.settimeout(None)
    reading = [0, peer]
    while True:
        for ready in select.select(reading, [], [])[0]:
            if ready == 0:
                data = os.read(0, 65536)
                if data:
                    peer.sendall(data)
                else:
                    peer.shutdown(socket.SHUT_WR)
                    reading.remove(0)
            else:
                data = peer.recv(65536)
                if not data:
                    return
                while data:
                    data = data[os.write(1, data):]


if sys.argv[1] == "watch":
    watch()
else:
    try:
        join(int(sys.argv[2]))
    except OSError as e:
        sys.stderr.write("%s\n" % e)
        sys.exit(1)
