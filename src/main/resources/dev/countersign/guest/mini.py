"""mini: Countersign's bundled coding agent. Small, honest, standard library only.

Speaks the Messages format to ANTHROPIC_BASE_URL and works in the current directory with five tools:
bash, read, write, edit, list. It knows nothing of Countersign's gate and trusts it with nothing:
what it may do is decided outside of it.

    mini.py (--task TEXT | --task-file FILE) [--model NAME] [--inbox DIRECTORY] [--keep FILE]
            [--resume] [--stay] [--max-tokens N] [--context CHARACTERS]

Interrupt (Ctrl-C) stops the current step and waits for a message. Messages are files in the inbox,
taken in the order of their names. The conversation lives in this process, and is written to the
file of --keep before each step and when it ends. Exit code: 0 when the model ended its turn, 1 when the provider refused,
2 for wrong use, 130 when it was told to end.
"""
import argparse
import http.client
import json
import os
import random
import re
import select
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

VERSION = "1"
OUTPUT_LIMIT = 24000        # characters of a tool's result that the model gets
READ_LIMIT = 400000         # bytes of a file
COMMAND_SECONDS = 600
IDLE_SECONDS = 900          # a provider that says nothing, not even a ping
LONGEST_BACKOFF = 20.0
ABRIDGED = "[This result was dropped to save room. Run the call again if you need it.]"

SYSTEM = """You are mini, a coding agent. You work in the directory {cwd} on a copy of the user's
repository, inside a virtual machine without a network.

How to work:
1. Look first: list and read what matters. Run the tests before you change anything.
2. Before your first change, state a plan in plain words, beginning with "Plan:": what is wrong, which
   directories and files you will change, and how you will know that it works. Then go on.
3. Make small changes. Prefer edit over write for files that exist.
4. Run the tests after your changes and say honestly what they showed.
5. A call may be denied by the user. Then don't try the same thing in another way: do without it or say
   what you need and why.
End with a short summary: what you changed, what you ran, what is open."""

TOOLS = [
    {"name": "bash",
     "description": "Run a command with bash in the working directory. Output is cut in the middle "
                    "if it is long. Default time limit: 120 seconds.",
     "input_schema": {"type": "object", "properties": {
         "command": {"type": "string"},
         "timeout": {"type": "integer", "description": "seconds, at most 600"}},
         "required": ["command"]}},
    {"name": "read",
     "description": "Read a text file, with line numbers.",
     "input_schema": {"type": "object", "properties": {
         "path": {"type": "string"},
         "from": {"type": "integer", "description": "first line, from 1"},
         "lines": {"type": "integer", "description": "how many lines"}},
         "required": ["path"]}},
    {"name": "write",
     "description": "Write a whole file, making its directories.",
     "input_schema": {"type": "object", "properties": {
         "path": {"type": "string"}, "content": {"type": "string"}},
         "required": ["path", "content"]}},
    {"name": "edit",
     "description": "Replace a text that occurs exactly once in a file.",
     "input_schema": {"type": "object", "properties": {
         "path": {"type": "string"}, "old": {"type": "string"}, "new": {"type": "string"}},
         "required": ["path", "old", "new"]}},
    {"name": "list",
     "description": "List a directory, two levels deep.",
     "input_schema": {"type": "object", "properties": {"path": {"type": "string"}},
                      "required": []}},
]


class Interrupted(Exception):
    """The user wants the current step to stop."""


class Ended(Exception):
    """Somebody asked the process to end."""


class Refused(Exception):
    """The provider will not answer this, however often it is asked."""


class ToolError(Exception):
    """A tool could not do what was asked; its text is for the model."""


# --- the terminal

def visible(text):
    """Text that can't steer the terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else "\\x%02x" % ord(c) for c in text)


def show(text, end="\n"):
    sys.stdout.write(visible(text) + end)
    sys.stdout.flush()


def brief(text, limit=160):
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit - 1] + "…"


# --- tools

def cut(text, limit=OUTPUT_LIMIT):
    # File names need not be UTF-8, what is sent must be.
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= limit:
        return text
    half = limit // 2
    return "%s\n[... %d characters left out ...]\n%s" % (
        text[:half], len(text) - 2 * half, text[-half:])


def need(arguments, name, kind=str):
    value = arguments.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ToolError("%s is missing or not a %s" % (name, kind.__name__))
    return value


def tool_bash(arguments):
    command = need(arguments, "command")
    seconds = arguments.get("timeout", 120)
    if not isinstance(seconds, int) or not 1 <= seconds <= COMMAND_SECONDS:
        raise ToolError("timeout must be 1 to %d seconds" % COMMAND_SECONDS)
    process = subprocess.Popen(
        ["/bin/bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True)
    try:
        head, tail, size = collect(process, time.monotonic() + seconds)
        process.wait()
    except subprocess.TimeoutExpired as late:
        return "%s\n[stopped after %d seconds]" % (late.output, seconds), True
    finally:
        end_group(process)
    text = head.decode("utf-8", "replace")
    if tail:
        text += "\n[... %d bytes in all, the middle left out ...]\n" % size
        text += bytes(tail).decode("utf-8", "replace")
    code = process.returncode
    if code:
        text += "\n[exit code %d]" % code
    return text or "[no output]", code != 0


def collect(process, deadline):
    """The first and the last of the output. Ends when the command ends, even if a child of it
    keeps the pipe."""
    half = OUTPUT_LIMIT // 2
    head, tail, size = bytearray(), bytearray(), 0
    fd = process.stdout.fileno()
    while True:
        if time.monotonic() > deadline:
            raise subprocess.TimeoutExpired("bash", 0, bytes(head + tail).decode("utf-8", "replace"))
        ready, _, _ = select.select([fd], [], [], 0.2)
        if not ready:
            if process.poll() is not None:
                break
            continue
        data = os.read(fd, 65536)
        if not data:
            break
        size += len(data)
        room = half - len(head)
        head += data[:max(0, room)]
        tail += data[max(0, room):]
        del tail[:-half]
    return head, tail, size


def end_group(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            pass
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.stdout.close()
    process.wait()


def tool_read(arguments):
    path = need(arguments, "path")
    with open(path, "rb") as file:
        data = file.read(READ_LIMIT + 1)
    if b"\0" in data:
        raise ToolError("%s is not a text file" % path)
    more = len(data) > READ_LIMIT
    lines = data[:READ_LIMIT].decode("utf-8", "replace").splitlines()
    first = max(1, arguments.get("from") or 1)
    count = arguments.get("lines") or len(lines)
    shown = lines[first - 1:first - 1 + count]
    text = "\n".join("%5d  %s" % (first + i, line) for i, line in enumerate(shown))
    return (text or "[empty]") + ("\n[the file is longer]" if more else ""), False


def tool_write(arguments):
    path, content = need(arguments, "path"), need(arguments, "content")
    directory = os.path.dirname(path)
    if directory:
        os.makedirs(directory, exist_ok=True)
    replace(path, content)
    return "Wrote %d lines to %s." % (len(content.splitlines()), path), False


def tool_edit(arguments):
    path, old, new = need(arguments, "path"), need(arguments, "old"), need(arguments, "new")
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    count = text.count(old) if old else 0
    if count != 1:
        raise ToolError("old occurs %d times in %s; it must occur exactly once" % (count, path))
    replace(path, text.replace(old, new))
    return "Edited %s." % path, False


def replace(path, text):
    """The whole new file or the whole old one."""
    target = os.path.realpath(path)
    part = "%s.mini-%d" % (target, os.getpid())
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if os.path.exists(target):
            os.chmod(part, os.stat(target).st_mode & 0o7777)
        os.rename(part, target)
    finally:
        if os.path.exists(part):
            os.remove(part)


def tool_list(arguments):
    root = arguments.get("path") or "."
    lines = []
    for name in sorted(os.listdir(root)):
        here = os.path.join(root, name)
        if os.path.isdir(here) and not os.path.islink(here):
            lines.append(name + "/")
            if name != ".git":
                lines += ["  %s%s" % (inner, "/" if os.path.isdir(os.path.join(here, inner)) else "")
                          for inner in sorted(os.listdir(here))[:100]]
        else:
            lines.append(name)
    return "\n".join(lines[:1000]) or "[empty]", False


RUN = {"bash": tool_bash, "read": tool_read, "write": tool_write, "edit": tool_edit,
       "list": tool_list}


def run_tool(name, arguments):
    if name not in RUN:
        return "There is no tool %s." % name, True
    try:
        text, error = RUN[name](arguments)
    except ToolError as wrong:
        return str(wrong), True
    except (OSError, UnicodeError) as wrong:
        return "%s: %s" % (type(wrong).__name__, wrong), True
    return cut(text), error


# --- the model

class Model:
    def __init__(self, base, key, name, max_tokens):
        self.base = urlsplit(base)
        if self.base.scheme not in ("http", "https") or not self.base.hostname:
            raise SystemExit("ANTHROPIC_BASE_URL is not an address: %s" % base)
        self.key, self.name, self.max_tokens = key, name, max_tokens
        self.connection = None

    def ask(self, system, messages):
        """One answer, whatever it takes: a broken connection or a busy provider is a wait."""
        body = json.dumps({"model": self.name, "max_tokens": self.max_tokens, "system": system,
                           "messages": messages, "tools": TOOLS, "stream": True}).encode()
        pause, told = 0.25, False
        while True:
            try:
                return self.once(body)
            except (OSError, http.client.HTTPException, Busy, ValueError) as trouble:
                self.drop()
                wait = max(pause, getattr(trouble, "after", 0))
                if pause > 2 and not told:
                    show("(waiting for the model: %s)" % brief(str(trouble) or type(trouble).__name__))
                    told = True
                time.sleep(wait * (0.8 + 0.4 * random.random()))
                pause = min(LONGEST_BACKOFF, pause * 2)

    def drop(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def once(self, body):
        if self.connection is None:
            kind = (http.client.HTTPSConnection if self.base.scheme == "https"
                    else http.client.HTTPConnection)
            self.connection = kind(self.base.hostname, self.base.port, timeout=IDLE_SECONDS)
        self.connection.request(
            "POST", self.base.path.rstrip("/") + "/v1/messages", body,
            {"content-type": "application/json", "x-api-key": self.key,
             "anthropic-version": "2023-06-01", "accept": "text/event-stream"})
        response = self.connection.getresponse()
        if response.status != 200:
            fail(response.status, response.read(65536), response.getheader("retry-after"))
        answer = Answer()
        for event in events(response):
            if answer.take(event):
                response.read()
                return answer
        raise Busy("the answer was cut off")


class Busy(Exception):
    def __init__(self, text, after=0):
        super().__init__(text)
        self.after = after


def fail(status, body, after=None):
    try:
        text = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        text = body.decode("utf-8", "replace")[:300]
    if status in (408, 409, 425, 429) or status >= 500:
        seconds = float(after) if after and re.fullmatch(r"\d{1,4}", after) else 0
        raise Busy("%d %s" % (status, text), seconds)
    raise Refused("%d %s" % (status, text))


def events(response):
    data = []
    while True:
        line = response.readline(4 * 1024 * 1024)
        if not line:
            return
        line = line.rstrip(b"\r\n")
        if line.startswith(b"data:"):
            data.append(line[5:].strip())
        elif not line and data:
            yield json.loads(b"\n".join(data))
            data = []


STATUS = {"overloaded_error": 529, "rate_limit_error": 429, "api_error": 500, "timeout_error": 504}


class Answer:
    """An answer as it streams in; its text is shown as it comes."""

    def __init__(self):
        self.blocks, self.arguments, self.stop, self.usage = [], {}, None, {}
        self.at_line_start = True

    def take(self, event):
        kind = event.get("type")
        if kind == "content_block_start":
            self.blocks.append(dict(event["content_block"]))
        elif kind == "content_block_delta":
            self.delta(self.blocks[event["index"]], event["index"], event["delta"])
        elif kind == "content_block_stop":
            block = self.blocks[event["index"]]
            if block["type"] == "tool_use":
                block["input"] = json.loads(self.arguments.get(event["index"]) or "{}")
            elif block["type"] == "text" and not self.at_line_start:
                show("")
                self.at_line_start = True
        elif kind == "message_delta":
            self.stop = event["delta"].get("stop_reason")
        elif kind == "error":
            error = event.get("error", {})
            fail(STATUS.get(error.get("type"), 400), json.dumps(event).encode())
        return kind == "message_stop"

    def delta(self, block, index, delta):
        kind = delta["type"]
        if kind == "text_delta":
            block["text"] += delta["text"]
            show(delta["text"], end="")
            self.at_line_start = delta["text"].endswith("\n") or (
                self.at_line_start and not delta["text"])
        elif kind == "input_json_delta":
            self.arguments[index] = self.arguments.get(index, "") + delta["partial_json"]
        elif kind == "thinking_delta":
            block["thinking"] += delta["thinking"]
        elif kind == "signature_delta":
            block["signature"] = block.get("signature", "") + delta["signature"]

    def calls(self):
        return [block for block in self.blocks if block["type"] == "tool_use"]

    def content(self):
        return [b for b in self.blocks if b["type"] != "text" or b["text"].strip()]


# --- the agent

class Agent:
    def __init__(self, model, options):
        self.model, self.options = model, options
        self.messages = []
        self.calls = 0

    def run(self):
        """Until the model ends its turn and nobody has anything to say."""
        while True:
            try:
                self.turn()
                text = self.message()
                if text is None and not self.options.stay:
                    return
            except Interrupted:
                show("\n(interrupted; waiting for a message)")
                self.model.drop()
                self.close_open_calls()
                text = None
            while text is None:
                try:
                    time.sleep(0.3)
                except Interrupted:
                    pass
                text = self.message()
            self.say(text)

    def turn(self):
        while True:
            self.abridge()
            answer = self.model.ask(SYSTEM.format(cwd=os.getcwd()), self.messages)
            content = answer.content()
            if content:
                self.messages.append({"role": "assistant", "content": content})
            calls = answer.calls()
            if not calls:
                if answer.stop == "max_tokens":
                    self.say("Your answer was cut off at the length limit. Go on.")
                    continue
                return
            # A call may be what ends this process: what was said before it is not lost then.
            self.keep()
            results = []
            self.messages.append({"role": "user", "content": results})
            for call in calls:
                results.append(self.result(call))
            text = self.message()
            if text is not None:
                show("> " + text)
                results.append({"type": "text", "text": text})

    def result(self, call):
        self.calls += 1
        shown = call["input"].get("command") or call["input"].get("path") or ""
        show("* %s %s" % (call["name"], brief(str(shown))))
        text, error = run_tool(call["name"], call["input"])
        for line in text.splitlines()[-6:]:
            show("    " + brief(line))
        result = {"type": "tool_result", "tool_use_id": call["id"], "content": text}
        if error:
            result["is_error"] = True
        return result

    def say(self, text):
        show("> " + text)
        last = self.messages[-1] if self.messages else None
        block = {"type": "text", "text": text}
        if last and last["role"] == "user":
            last["content"].append(block)
        else:
            self.messages.append({"role": "user", "content": [block]})

    def message(self):
        """The next message of the user, if there is one."""
        inbox = self.options.inbox
        if not inbox:
            return None
        try:
            names = sorted(n for n in os.listdir(inbox) if not n.startswith("."))
        except OSError:
            return None
        for name in names:
            path = os.path.join(inbox, name)
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read(200000)
                os.remove(path)
            except OSError:
                continue
            if text.strip():
                return text
        return None

    def close_open_calls(self):
        """After an interrupt every call still needs a result, else the conversation is not valid."""
        if not self.messages:
            return
        if self.messages[-1]["role"] == "assistant":
            self.messages.append({"role": "user", "content": []})
        results = self.messages[-1]["content"]
        had = {b.get("tool_use_id") for b in results}
        calls = []
        if len(self.messages) > 1:
            calls = [b for b in self.messages[-2]["content"] if b.get("type") == "tool_use"]
        missing = [{"type": "tool_result", "tool_use_id": c["id"], "is_error": True,
                    "content": "Interrupted by the user."} for c in calls if c["id"] not in had]
        results[len([b for b in results if b.get("type") == "tool_result"]):0] = missing
        results.append({"type": "text", "text": "[The user interrupted.]"})

    def abridge(self):
        """Keeps the conversation below the limit by dropping the oldest results."""
        over = len(json.dumps(self.messages)) - self.options.context
        if over <= 0:
            return
        # Down to three quarters, so that this does not happen at each step.
        over += self.options.context // 4
        for message in self.messages[:-4]:
            for block in message["content"]:
                if over <= 0:
                    return
                if block.get("type") == "tool_result" and len(str(block["content"])) > len(ABRIDGED):
                    over -= len(json.dumps(block["content"])) - len(ABRIDGED)
                    block["content"] = ABRIDGED

    def keep(self):
        if not self.options.keep:
            return
        try:
            os.makedirs(os.path.dirname(self.options.keep) or ".", exist_ok=True)
            replace(self.options.keep, json.dumps({"version": VERSION, "messages": self.messages}))
        except OSError as e:
            # A full disk is no reason to end: the conversation goes on in memory.
            show("(the conversation could not be kept: %s)" % e.strerror)

    def restore(self):
        with open(self.options.keep, encoding="utf-8") as file:
            kept = json.load(file)
        if kept.get("version") != VERSION:
            raise SystemExit("the kept conversation is of another version")
        self.messages = kept["messages"]


def parse(words):
    parser = argparse.ArgumentParser(prog="mini", add_help=True)
    parser.add_argument("--task")
    parser.add_argument("--task-file")
    parser.add_argument("--model", default=os.environ.get("ANTHROPIC_MODEL", "claude-sonnet-4-5"))
    parser.add_argument("--inbox")
    parser.add_argument("--keep")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--max-tokens", type=int, default=8192)
    parser.add_argument("--context", type=int, default=500000)
    return parser.parse_args(words)


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    options = parse(sys.argv[1:])
    model = Model(os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
                  os.environ.get("ANTHROPIC_API_KEY", ""), options.model, options.max_tokens)
    agent = Agent(model, options)

    def interrupt(*_):
        raise Interrupted()

    def end(*_):
        raise Ended()

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    code = 0
    try:
        if options.resume and options.keep and os.path.exists(options.keep):
            agent.restore()
            if unfinished(agent.messages):
                agent.close_open_calls()
        task = options.task
        if options.task_file:
            with open(options.task_file, encoding="utf-8", errors="replace") as file:
                task = file.read()
        if not (task or "").strip():
            sys.stderr.write("mini: no task; give --task or --task-file\n")
            return 2
        agent.say(task.strip())
        agent.run()
    except (Ended, Interrupted):
        code = 130
    except Refused as refusal:
        show("The model's provider refused: %s" % refusal)
        code = 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        model.drop()
        if agent.messages:
            agent.keep()
    show("(mini ends: %d calls, exit %d)" % (agent.calls, code))
    return code


def unfinished(messages):
    return bool(messages) and any(b.get("type") == "tool_use" for b in messages[-1]["content"])


sys.exit(main())
