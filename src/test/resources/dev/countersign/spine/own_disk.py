"""A file system of its own for one directory, for one process and its children, without root.

    unshare --user --map-current-user --mount --keep-caps python3 own_disk.py run DIRECTORY PROGRAM [ARGUMENT...]
    python3 own_disk.py room PID DIRECTORY BYTES

`run` lays a file system in memory over DIRECTORY, with what was in it, and becomes PROGRAM. `room` makes the one that
PID sees so large or small that BYTES are free.
"""
import ctypes
import os
import shutil
import sys

MS_REMOUNT, MS_MOVE = 32, 8192
PR_CAP_AMBIENT, CLEAR_ALL = 47, 4
libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(source, target, kind, flags, options):
    checked(libc.mount(source, target.encode(), kind, flags, options))


def run(directory, program):
    beside = directory + ".own"
    os.mkdir(beside)
    mount(b"own", beside, b"tmpfs", 0, b"mode=0700,size=6g")
    shutil.copytree(directory, beside, symlinks=True, dirs_exist_ok=True)
    mount(beside.encode(), directory, None, MS_MOVE, None)
    os.rmdir(beside)
    checked(libc.prctl(PR_CAP_AMBIENT, CLEAR_ALL, 0, 0, 0))
    os.execvp(program[0], program)


def room(pid, directory, free):
    for space in "user", "mnt":
        with open("/proc/%d/ns/%s" % (pid, space)) as file:
            checked(libc.setns(file.fileno(), 0))
    stat = os.statvfs(directory)
    used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
    mount(b"own", directory, None, MS_REMOUNT, b"mode=0700,size=%d" % (used + free))


if sys.argv[1] == "run":
    run(sys.argv[2], sys.argv[3:])
else:
    room(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
