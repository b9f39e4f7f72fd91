#!/usr/bin/python3 -SEI
"""sudo, where nobody is root: asks the host whether a command may run as root of this machine. If it
may, the host runs it, with exactly these words and this input in this directory, and sends back what
it prints. This program has no rights of its own.

    sudo [-n] [-E] [-H] [-u root] [--] COMMAND [ARGUMENT...]

Its input is what a pipe or a file brings, as in `... | sudo tee FILE`. It is read to its end before
the host is asked, because what is asked is what will run.
"""
import http.client
import json
import os
import pwd
import secrets
import stat
import sys

# The guest's own, for the users that it knows; the agent is none of them.
OWN = "/usr/bin/sudo"
MOST_INPUT = 32768   # bytes: what a person can look through
PLAIN = {"-n", "-E", "-H", "-S", "-k", "--non-interactive", "--preserve-env", "--set-home"}


def fail(text, code=1):
    os.write(2, ("sudo: %s\n" % text).encode("utf-8", "replace"))
    sys.exit(code)


def command(words):
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        if word in ("-u", "--user") and words:
            word += "=" + words.pop(0)
        if word in PLAIN or word in ("-u=root", "-u=0", "--user=root", "--user=0", "-uroot"):
            continue
        fail("%s can't be had here: name the command that root shall run" % word)
    if not words or "=" in words[0]:
        fail("name the command that root shall run, with env for variables: sudo env A=B COMMAND")
    return words


def held_above(pipe):
    """Whether one of the processes above writes into this pipe: an agent's own, which may stay open for
    ever. What a shell made for a pipeline is written by a process beside this one."""
    pid = os.getppid()
    while pid > 1:
        try:
            for name in os.listdir("/proc/%d/fd" % pid):
                name = "/proc/%d/fd/%s" % (pid, name)
                try:
                    other, writes = os.stat(name), os.lstat(name).st_mode & 0o200
                except OSError:
                    continue
                if writes and (other.st_dev, other.st_ino) == (pipe.st_dev, pipe.st_ino):
                    return True
        except OSError:
            pass
        try:
            with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as line:
                pid = int(line.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return False
    return False


def given():
    """What the command reads, as text."""
    try:
        found = os.fstat(0)
    except OSError:
        return ""
    pipe = stat.S_ISFIFO(found.st_mode)
    if not (pipe or stat.S_ISREG(found.st_mode)) or (pipe and held_above(found)):
        return ""
    read = b""
    while len(read) <= MOST_INPUT:
        piece = os.read(0, 65536)
        if not piece:
            break
        read += piece
    if len(read) > MOST_INPUT:
        fail("its input is more than %d bytes: put it into a file and name that" % MOST_INPUT)
    try:
        text = read.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        fail("its input is no text, so it could not be shown: put it into a file and name that")
    return text


def main():
    if pwd.getpwuid(os.getuid()).pw_name != "agent" and os.path.exists(OWN):
        os.execv(OWN, ["sudo"] + sys.argv[1:])
    words = command(sys.argv[1:])
    for word in words:
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            fail("an argument is not UTF-8: it could not be shown as it is")
    wish = {"id": secrets.token_hex(16), "argv": words, "cwd": os.getcwd()}
    text = given()
    if text:
        wish["input"] = text
    question = json.dumps(wish)
    way = http.client.HTTPConnection("127.0.0.1", 4100)
    way.request("POST", "/hook/sudo", question, {"Content-Type": "application/json"})
    answer = way.getresponse()
    if answer.status != 200:
        fail(answer.read(65536).decode("utf-8", "replace"))
    while True:
        head = answer.read(5)
        if len(head) < 5:
            fail("the connection to the host ended: how the command ended is not known", 255)
        body = answer.read(int.from_bytes(head[1:], "big"))
        if head[0] == 0:
            sys.exit(int(body))
        while body:
            body = body[os.write(head[0], body):]


try:
    main()
except (OSError, ValueError, http.client.HTTPException) as error:
    fail("the host can't be asked: %s" % error, 255)
