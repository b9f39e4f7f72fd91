"""Runs a program on a terminal of its own and lives through steps with it: waits for what it prints,
types, changes the window's size. Prints at the end how it ended, what it printed, and whether the
terminal is set as it was before.

    on_pty.py COLUMNS ROWS STEPS -- PROGRAM ARG...     STEPS: [["wait", TEXT], ["type", TEXT], ["size", COLUMNS, ROWS]]
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE = 240  # seconds for each step


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    columns, rows, steps = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    argv = sys.argv[5:]
    master, slave = pty.openpty()
    resize(slave, columns, rows)
    before = termios.tcgetattr(slave)
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, 64)
        os.execvp(argv[0], argv)
    seen, from_here, failed = b"", 0, None
    code = None
    until = time.monotonic() + PATIENCE
    while code is None:
        if time.monotonic() > until:
            failed = "in vain: %s" % (steps[:1] or ["the end"])
            os.kill(child, 9)
            until += PATIENCE
        if select.select([master], [], [], 0.05)[0]:
            seen += os.read(master, 65536)
        while steps and failed is None:
            step = steps[0]
            if step[0] == "wait":
                at = seen.find(step[1].encode(), from_here)
                if at < 0:
                    break
                from_here = at + len(step[1].encode())
            elif step[0] == "type":
                os.write(master, step[1].encode())
            else:
                resize(slave, step[1], step[2])
            steps.pop(0)
            until = time.monotonic() + PATIENCE
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
    while select.select([master], [], [], 0.2)[0]:
        seen += os.read(master, 65536)
    print(json.dumps({
        "code": code,
        "failed": failed or ("left over: %s" % steps if steps else ""),
        "output": seen.decode("utf-8", "replace"),
        "restored": termios.tcgetattr(slave) == before}))


main()
