"""Prints what the agent committed since the baseline, for the host to read as data.

Sent over standard input and run as the agent's user for each reading: nothing of it stays in the guest. Frames on
standard output: kind, length of the head, length of the blob, head in JSON, blob.
"""

import json
import os
import struct
import subprocess
import sys

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}


class Unreadable(Exception):
    pass


def command(root, words):
    return [
        "git", "--no-pager", "-C", root,
        "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-c", "log.showSignature=false", "-c", "protocol.allow=never", "-c", "safe.directory=*",
    ] + words


def git(root, *words):
    done = subprocess.run(
        command(root, list(words)),
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    if done.returncode != 0:
        raise Unreadable("git %s: %s" % (words[0], done.stderr.decode(errors="replace")[-300:]))
    return done.stdout


def text(raw, limit):
    return raw[:limit].decode("utf-8", errors="replace")


def send(kind, head, blob=b""):
    raw = json.dumps(head).encode()
    sys.stdout.buffer.write(struct.pack(">cII", kind, len(raw), len(blob)) + raw + blob)


def commits(root, baseline, most):
    form = "--format=tformat:%H%x00%P%x00%ce%x00%an <%ae>%x00%at%x00%B"
    raw = git(root, "log", "-z", "--first-parent", "--max-count=%d" % (most + 1), form, "HEAD")
    fields = raw.split(b"\0")
    found = []
    for at in range(0, len(fields) - 5, 6):
        one = fields[at : at + 6]
        if one[2].decode(errors="replace") == baseline:
            return found, True
        found.append(one)
    return found, False


def changes(root, parent, commit):
    raw = git(
        root, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-commit-id",
        "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", parent, commit,
    ).split(b"\0")
    for at in range(0, len(raw) - 1, 2):
        meta = raw[at].decode("ascii", errors="replace").lstrip(":").split(" ")
        yield meta[0], meta[1], meta[2], meta[3], raw[at + 1]


def blobs(root, wanted, largest, all_bytes):
    batch = subprocess.Popen(
        command(root, ["cat-file", "--batch-check"]),
        env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    sizes, _ = batch.communicate("".join(one + "\n" for one in wanted).encode())
    small = []
    for line in sizes.decode(errors="replace").splitlines():
        words = line.split(" ")
        if len(words) == 3 and words[1] == "blob" and int(words[2]) <= largest:
            all_bytes -= int(words[2])
            if all_bytes < 0:
                break
            small.append(words[0])
    for one in small:
        send(b"b", {"id": one}, git(root, "cat-file", "blob", one))


def main():
    root, baseline = sys.argv[1], sys.argv[2]
    most, files, message, largest, all_bytes = (int(word) for word in sys.argv[3:8])
    try:
        found, whole = commits(root, baseline, most)
        if len(found) > most:
            send(b"m", {})
            return
        wanted = {}
        left = files
        for at in range(len(found) - 1, -1, -1):
            commit, parents, _, author, when, body = found[at]
            names = parents.decode().split()
            first = names[0] if names else EMPTY_TREE
            rows = []
            more = 0
            for old_mode, new_mode, old, new, path in changes(root, first, commit.decode()):
                if left == 0:
                    more += 1
                    continue
                left -= 1
                rows.append([old_mode, new_mode, old, new, path.decode("utf-8", errors="surrogateescape")])
                for one in (old, new):
                    if one.strip("0"):
                        wanted[one] = True
            send(b"c", {
                "id": commit.decode(), "parents": len(names), "author": text(author, 500),
                "at": int(when or b"0"), "message": text(body, message),
                "cut": len(body) > message, "files": rows, "more": more,
            })
        blobs(root, list(wanted), largest, all_bytes)
        send(b"z", {"whole": whole})
    except Unreadable as e:
        send(b"e", {"text": str(e)})
    finally:
        sys.stdout.buffer.flush()


os.umask(0o077)
main()
