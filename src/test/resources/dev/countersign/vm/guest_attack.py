"""Run by root in the guest: sends whatever can be sent to whoever there could be, and prints, one a line and sorted,
the kinds of answers that the card heard meanwhile, but for the host's own connection to ssh.

    guest_attack.py PORT SSH-PORT FAR NEAR FAR6 NEAR6
"""
import errno
import select
import socket
import struct
import sys
import threading

PORT, SSH = int(sys.argv[1]), int(sys.argv[2])
FAR, NEAR, FAR6, NEAR6 = sys.argv[3:7]
CARD = "eth0"
SLIRP = b"\x52\x55\xc0\xa8\x05\x02"
OUTGOING = 4
GATEWAYS = ("192.168.5.2", "192.168.5.3")
TARGETS = GATEWAYS + (
    FAR, NEAR, "192.168.5.1", "192.168.5.99", "10.0.2.2", "10.0.2.3", "10.1.2.3", "8.8.8.8", "192.0.2.1",
    "169.254.169.254", "224.0.0.1", "224.0.0.251", "255.255.255.255", "192.168.5.255")
TARGETS6 = (FAR6, NEAR6, "fe80::2", "fe80::3", "fec0::2", "fec0::3", "2001:db8:99::1", "ff02::1", "ff02::2",
            "::ffff:192.168.5.2")

heard = set()
own = open("/sys/class/net/%s/address" % CARD).read().strip()
MAC = bytes.fromhex(own.replace(":", ""))


def describe(frame):
    kind, = struct.unpack(">H", frame[12:14])
    if kind == 0x0806:
        return "arp from " + socket.inet_ntoa(frame[28:32])
    if kind != 0x0800:
        return "ether-%04x" % kind
    head = 14 + (frame[14] & 15) * 4
    source = socket.inet_ntoa(frame[26:30])
    protocol = frame[23]
    if protocol == 1:
        return "icmp type %d code %d from %s" % (frame[head], frame[head + 1], source)
    port, to = struct.unpack(">2H", frame[head:head + 4])
    if protocol == 6:
        if to == 22:
            return None
        return "tcp %s from %s" % ("reset" if frame[head + 13] & 4 else "flags %d" % frame[head + 13], source)
    if protocol == 17:
        if port == 69 or frame[head + 8:head + 10] == b"\0\5":
            return "tftp error %d from %s" % (struct.unpack(">H", frame[head + 10:head + 12])[0], source)
        return "udp %d from %s" % (port, source)
    return "ip-%d from %s" % (protocol, source)


def listen(frames, ended):
    while True:
        ready = select.select([frames, ended], [], [])[0]
        if frames in ready:
            data, where = frames.recvfrom(65535)
            if where[2] != OUTGOING:
                said = describe(data)
                if said:
                    heard.add(said)
        elif ended in ready:
            return


def tried(act):
    try:
        act()
    except OSError:
        pass


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def tcp(where, ports, family=socket.AF_INET):
    """Asks many ports at once; a port that takes the connection gets a byte."""
    for at in range(0, len(ports), 200):
        waiting = {}
        for port in ports[at:at + 200]:
            s = socket.socket(family, socket.SOCK_STREAM)
            s.setblocking(False)
            # Refused on the spot where the guest itself knows no way; link-local ones go by the card.
            card = socket.if_nametoindex(CARD) if where.startswith(("fe80:", "ff02:")) else 0
            to = (where, port, 0, card) if family == socket.AF_INET6 else (where, port)
            if s.connect_ex(to) in (0, errno.EINPROGRESS):
                waiting[s.fileno()] = s
            else:
                s.close()
        poll = select.poll()
        for fd in waiting:
            poll.register(fd, select.POLLOUT)
        while waiting:
            events = poll.poll(700)
            if not events:
                break
            for fd, _ in events:
                s = waiting.pop(fd)
                poll.unregister(fd)
                if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    heard.add("tcp open %s %d" % s.getpeername()[:2])
                    tried(lambda: s.send(b"x"))
                s.close()
        for s in waiting.values():
            s.close()


def datagrams(where, family=socket.AF_INET):
    query = struct.pack(">6H", 1, 256, 1, 0, 0, 0) + b"\x07example\x03org\0\0\1\0\1"
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, CARD.encode())
        for port, data in ((PORT, b"x"), (PORT, b"y" * 60000), (SSH, b"x"), (53, query), (67, b"x" * 300),
                           (69, b"\0\1passwd\0octet\0"), (69, b"\0\2passwd\0octet\0"), (123, bytes(48)),
                           (5353, query), (1900, b"M-SEARCH * HTTP/1.1\r\n\r\n")):
            tried(lambda: s.sendto(data, (where, port)))


def raw(where):
    ping = struct.pack(">BBHHH", 8, 0, 0, 1, 1) + b"countersign!"
    ping = ping[:2] + struct.pack(">H", checksum(ping)) + ping[4:]
    for protocol, data in ((1, ping), (2, bytes(8)), (4, bytes(20)), (47, bytes(8)), (50, bytes(16)),
                           (132, struct.pack(">HHII", 4000, PORT, 0, 0)), (253, b"x" * 40), (255, b"x" * 40)):
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            tried(lambda: s.sendto(data, (where, 0)))


def dhcp():
    ask = struct.pack(">BBBBIHH4s4s4s4s16s64s128s", 1, 1, 6, 0, 7, 0, 0x8000, b"", b"", b"", b"", MAC, b"", b"")
    ask += b"\x63\x82\x53\x63" + b"\x35\1\1" + b"\xff"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, CARD.encode())
        tried(lambda: s.sendto(ask, ("255.255.255.255", 67)))


def ip_frame(source, to, protocol, data):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 7, 0, 64, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(to))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + data


def frames_of_all_kinds():
    """Frames that no address of the guest stands behind, also to other machines' cards."""
    udp = struct.pack(">4H", 4000, PORT, 12, 0) + b"data"
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((CARD, 0))
        for to in (b"\xff" * 6, SLIRP, b"\x02\0\0\0\x77\1", b"\x02\0\0\0\x77\2", b"\x01\0\x5e\0\0\1", b"\x33\x33\0\0\0\1"):
            for source in (MAC, b"\x02\0\0\0\x77\1"):
                for kind in (0x0806, 0x88B5, 0x88B6, 0x86DD, 0x0800, 0x8100, 0x888E, 0x88CC, 0x8864):
                    s.send(to + source + struct.pack(">H", kind) + b"\x45" + bytes(59))
            for source in ("127.0.0.1", NEAR, "192.168.5.2", "192.168.5.15", "0.0.0.0"):
                for where in (FAR, NEAR, "127.0.0.1", "192.168.5.2", "8.8.8.8"):
                    s.send(to + MAC + b"\x08\0" + ip_frame(source, where, 17, udp))
        for where in TARGETS:
            s.send(b"\xff" * 6 + MAC + b"\x08\6" + struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + MAC
                   + socket.inet_aton("192.168.5.15") + bytes(6) + socket.inet_aton(where))


def main():
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    frames.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    frames.bind((CARD, 0))
    ended, end = socket.socketpair()
    listener = threading.Thread(target=listen, args=(frames, ended), daemon=True)
    listener.start()
    for where in TARGETS:
        tcp(where, [22, 53, 80, 443, 4100, 4101, PORT, SSH])
        datagrams(where)
        raw(where)
    for where in GATEWAYS:
        tcp(where, list(range(1, 1025)) + [PORT, SSH])
    for where in TARGETS6:
        tcp(where, [22, 53, 80, PORT, SSH], socket.AF_INET6)
        datagrams(where, socket.AF_INET6)
    dhcp()
    frames_of_all_kinds()
    # The last question whose answer is known to come: what was asked before it is answered by then.
    raw("192.168.5.2")
    select.select([], [], [], 2)
    end.close()
    listener.join()
    print("\n".join(sorted(heard)))


main()
