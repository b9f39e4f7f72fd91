"""Keeps an agent's terminal: runs a program on a pseudo-terminal of its own, writes what it prints
to a file, and types what arrives in a FIFO. The unit's main process, so that the agent outlives
every connection. The file keeps the newest output: when it is full, its older half is dropped and
the count of dropped bytes goes up, so that offsets stay true.

    keeper.py DIRECTORY COLUMNS ROWS -- PROGRAM ARG...

In DIRECTORY: input (FIFO), output, dropped (bytes that were cut from the front), exit (code), size
(columns and rows, read on SIGWINCH).
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

LIMIT = 8 * 1024 * 1024


def main():
    directory, columns, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    argv = sys.argv[5:]
    feed = os.open(os.path.join(directory, "input"), os.O_RDWR | os.O_NONBLOCK)
    path = os.path.join(directory, "output")
    out = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    write(os.path.join(directory, "dropped"), b"0")
    child, terminal = pty.fork()
    if child == 0:
        try:
            # An ignored signal would stay ignored: the agent must hear Ctrl-C.
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.execv(argv[0], argv)
        except OSError as error:
            os.write(2, ("can't start %s: %s\n" % (argv[0], error)).encode())
            os._exit(127)
    os.set_blocking(terminal, False)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(number, _):
        try:
            os.kill(child, number)
        except ProcessLookupError:
            pass

    def resized(*_):
        try:
            with open(os.path.join(directory, "size"), encoding="ascii") as file:
                wide, high = (int(word) for word in file.read(32).split())
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", high, wide, 0, 0))
        except (OSError, ValueError, struct.error):
            pass  # The size stays as it was.

    signal.signal(signal.SIGWINCH, resized)
    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
    size = dropped = 0
    poll = select.poll()
    poll.register(terminal, select.POLLIN)
    poll.register(feed, select.POLLIN)
    status = None
    while True:
        over = False
        ready = poll.poll(500)
        if status is None:
            ended_child, found = os.waitpid(child, os.WNOHANG)
            if ended_child:
                status = found
        elif not ready:
            break  # The program has ended; a child of it may keep the terminal open.
        for fd, event in ready:
            if fd == feed:
                try:
                    typed = os.read(feed, 4096)
                except BlockingIOError:
                    continue
                try:
                    os.write(terminal, typed)
                except (BlockingIOError, OSError):
                    pass  # A program that does not read its terminal must not stop its output.
                continue
            try:
                data = os.read(terminal, 65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                over = True
                break
            os.pwrite(out, data, size)
            size += len(data)
            if size > LIMIT:
                kept = os.pread(out, LIMIT // 2, size - LIMIT // 2)
                dropped += size - len(kept)
                write(os.path.join(directory, "dropped"), str(dropped).encode())
                os.pwrite(out, kept, 0)
                os.ftruncate(out, len(kept))
                size = len(kept)
        if over:
            break
    if status is None:
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    code = 128 - code if code < 0 else code
    write(os.path.join(directory, "exit"), str(code).encode())
    sys.exit(code)


def write(path, data):
    part = path + ".part"
    with open(part, "wb") as file:
        file.write(data)
    os.rename(part, path)


main()
