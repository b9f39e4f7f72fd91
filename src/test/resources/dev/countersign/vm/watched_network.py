"""A network made of two name spaces and one cable, in which every frame is seen.

    inside    where the machine under test runs: `lo`, and the cable as its way to everywhere
    outside   the cable's other end, with listeners: "the internet" and a neighbour's name space

Started as a normal user by

    unshare --user --map-current-user --net --keep-caps python3 watched_network.py

Prints `ready`, then a line for each frame: `outside HEX` what came in at the cable's far end, `inside HEX` what
went over the near side's loopback, as far as its first bytes. Takes commands on standard input: `mark N` sends one
frame of a kind of its own over each of the two, `control N` one of each kind of traffic and then prints `controlled N`.
Ends with its standard input.
"""
import ctypes
import os
import select
import signal
import socket
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
OUTGOING = 4  # socket.PACKET_OUTGOING
KEPT = 80
PORT = 7000
MARK = 0x88B6  # for experiments in one's own network (IEEE 802)
NEAR4, FAR4 = "203.0.113.1", "203.0.113.2"
NEAR6, FAR6 = "2001:db8:77::1", "2001:db8:77::2"
NEAR_MAC, FAR_MAC = "02:00:00:00:77:01", "02:00:00:00:77:02"


def run(*words):
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def say(line):
    # One write a line: two processes share the pipe.
    os.write(1, (line + "\n").encode())


def watcher(card):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    sock.bind((card, 0))
    return sock


def listeners():
    tcp = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind(("::", PORT))
    return tcp, udp


def serve(name, frames, more):
    """Says every frame that arrives, answers every caller, hands other readable things to `more`."""
    tcp, udp = listeners()
    poll = select.poll()
    for sock in (frames, tcp, udp):
        poll.register(sock, select.POLLIN)
    for fd in more:
        poll.register(fd, select.POLLIN)
    say("ready " + name)
    while True:
        for fd, _ in poll.poll():
            if fd == frames.fileno():
                data, where = frames.recvfrom(65535)
                if where[2] != OUTGOING:
                    say(name + " " + data[:KEPT].hex())
            elif fd == tcp.fileno():
                caller, _ = tcp.accept()
                caller.sendall(b"seen")
                caller.close()
            elif fd == udp.fileno():
                data, where = udp.recvfrom(65535)
                udp.sendto(b"seen", where)
            else:
                more[fd]()


def outside(parent):
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network name space")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "far", "address", FAR_MAC, "type", "veth",
        "peer", "name", "near", "address", NEAR_MAC, "netns", str(parent))
    run("ip", "link", "set", "far", "addrgenmode", "none", "up")
    run("ip", "addr", "add", FAR4 + "/24", "dev", "far")
    run("ip", "addr", "add", FAR6 + "/64", "dev", "far", "nodad")
    # Whatever is sent to anybody is for this end, and so is the way back.
    for family, everywhere in (("-4", "0.0.0.0/0"), ("-6", "::/0")):
        run("ip", family, "route", "add", "local", everywhere, "dev", "lo", "table", "main")
    run("ip", "neigh", "replace", NEAR4, "lladdr", NEAR_MAC, "nud", "permanent", "dev", "far")
    run("ip", "-6", "neigh", "replace", NEAR6, "lladdr", NEAR_MAC, "nud", "permanent", "dev", "far")


def near():
    run("ip", "link", "set", "near", "addrgenmode", "none", "up")
    run("ip", "addr", "add", NEAR4 + "/24", "dev", "near")
    run("ip", "addr", "add", NEAR6 + "/64", "dev", "near", "nodad")
    run("ip", "neigh", "replace", FAR4, "lladdr", FAR_MAC, "nud", "permanent", "dev", "near")
    run("ip", "-6", "neigh", "replace", FAR6, "lladdr", FAR_MAC, "nud", "permanent", "dev", "near")
    run("ip", "route", "add", "default", "via", FAR4, "dev", "near")
    run("ip", "-6", "route", "add", "default", "via", FAR6, "dev", "near")


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def send_frame(card, kind, content):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((card, 0))
        s.send(b"\xff" * 6 + b"\x02\x00\x00\x00\x77\x01" + struct.pack(">H", kind) + content.ljust(46, b"\0"))


def control():
    """One of each kind, from the inside to the far end, to this host's own addresses and to the world."""
    ping = struct.pack(">BBHHH", 8, 0, 0, 1, 1)
    ping = ping[:2] + struct.pack(">H", checksum(ping)) + ping[4:]
    for where in (FAR4, NEAR4, "127.0.0.1", "8.8.8.8"):
        with socket.create_connection((where, PORT), 5) as s:
            assert s.recv(10) == b"seen", "tcp " + where
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(5)
            s.sendto(b"x", (where, PORT))
            assert s.recv(10) == b"seen", "udp " + where
            s.sendto(b"x", (where, 53))
        for protocol, data in ((1, ping), (132, bytes(12)), (253, b"x" * 40)):
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as s:
                s.sendto(data, (where, 0))
    for where in (FAR6, NEAR6, "::1", "2001:db8:99::1"):
        with socket.create_connection((where, PORT), 5) as s:
            assert s.recv(10) == b"seen", "tcp " + where
    for card in ("near", "lo"):
        for kind in (0x0806, 0x88B5):
            send_frame(card, kind, b"")


def main():
    run("ip", "link", "set", "lo", "up")
    done, tell = os.pipe()
    heard, go = os.pipe()
    child = os.fork()
    if child == 0:
        outside(os.getppid())
        os.write(tell, b"x")
        os.read(heard, 1)
        frames = watcher("far")
        # The kernel announces the near side's new addresses, twice within two seconds.
        while select.select([frames], [], [], 2.5)[0]:
            frames.recv(65535)
        serve("outside", frames, {})
    os.close(tell)
    if os.read(done, 1) != b"x":
        raise SystemExit("the outside could not be made")
    near()
    os.write(go, b"x")

    def told():
        # The other side waits for each command's answer, so a read is a line.
        command = os.read(0, 4096).decode()
        if not command:
            os.kill(child, signal.SIGKILL)
            raise SystemExit(0)
        if command.startswith("mark "):
            for card in ("near", "lo"):
                send_frame(card, MARK, struct.pack(">I", int(command[5:])))
        # A process of its own: this one goes on answering and watching meanwhile.
        elif os.fork() == 0:
            try:
                control()
                say("controlled " + command[8:].strip())
            except (OSError, AssertionError) as e:
                say("failed control: %r" % e)
            os._exit(0)

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve("inside", watcher("lo"), {0: told})


main()
