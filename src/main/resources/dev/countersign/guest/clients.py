"""Writes how the guest's clients find the registries: paths and texts as JSON on standard input. A
file that is another's stays; below a home, files belong to its owner."""
import json
import os
import sys


def ours(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "Countersign" in file.read(4096)
    except FileNotFoundError:
        return True


def write(path, text):
    owner = os.stat("/home/agent") if path.startswith("/home/agent/") else None
    missing = []
    directory = os.path.dirname(path)
    while not os.path.isdir(directory):
        missing.append(directory)
        directory = os.path.dirname(directory)
    for directory in reversed(missing):
        os.mkdir(directory, 0o755)
        if owner:
            os.chown(directory, owner.st_uid, owner.st_gid)
    new = path + ".countersign"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    if os.path.lexists(new):
        os.unlink(new)
    with os.fdopen(os.open(new, flags, 0o644), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o644)
        if owner:
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(text)
    os.replace(new, path)


for path, text in json.load(sys.stdin).items():
    if ours(path):
        write(path, text)
