"""Drives an agent that takes one prompt a run: the task first, then every message that was put into
the inbox meanwhile, each as a further turn of the same conversation. Ends with the last turn, or
waits for a message after an interrupt.

    turns.py TASK INBOX KEPT PROGRAM WORD... --countersign-then PROGRAM WORD... [--countersign-resume]

The prompt is the program's standard input, or stands where a word says {prompt}. KEPT exists once
a conversation does.
"""
import os
import signal
import subprocess
import sys
import time

THEN = "--countersign-then"
RESUME = "--countersign-resume"
GRACE = 10           # seconds an interrupted agent may take to end
LONGEST = 200000     # bytes of a message


class Turns:
    def __init__(self, inbox, kept, first, then):
        self.inbox, self.kept, self.first, self.then = inbox, kept, first, then
        self.child = None
        self.interrupted_at = 0.0
        self.ended = False

    def interrupt(self, *_):
        # The terminal sends the same signal to the agent.
        self.interrupted_at = time.monotonic()

    def end(self, *_):
        self.ended = True
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()

    def run(self, prompt, resume):
        argv = self.then if resume else self.first
        words = [word.replace("{prompt}", prompt) for word in argv]
        piped = words == argv
        self.interrupted_at = 0.0
        self.child = subprocess.Popen(
            words, stdin=subprocess.PIPE if piped else subprocess.DEVNULL)
        os.makedirs(os.path.dirname(self.kept), exist_ok=True)
        with open(self.kept, "w", encoding="ascii") as mark:
            mark.write("1\n")
        if piped:
            try:
                self.child.stdin.write(prompt.encode("utf-8", "replace"))
                self.child.stdin.close()
            except OSError:
                pass
        while True:
            try:
                code = self.child.wait(timeout=0.5)
                return 128 - code if code < 0 else code
            except subprocess.TimeoutExpired:
                if self.interrupted_at and time.monotonic() - self.interrupted_at > GRACE:
                    self.child.kill()

    def message(self):
        try:
            names = sorted(n for n in os.listdir(self.inbox) if not n.startswith("."))
        except OSError:
            return None
        for name in names:
            path = os.path.join(self.inbox, name)
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read(LONGEST)
                os.remove(path)
            except OSError:
                continue
            if text.strip():
                return text
        return None

    def wait_for_message(self):
        print("\n[Interrupted. A message goes on.]", flush=True)
        while not self.ended:
            text = self.message()
            if text is not None:
                return text
            time.sleep(0.3)
        return None


def main():
    words = sys.argv[1:]
    resume = words[-1:] == [RESUME]
    if resume:
        words.pop()
    task, inbox, kept = words[:3]
    split = words.index(THEN)
    turns = Turns(inbox, kept, words[3:split], words[split + 1:])
    signal.signal(signal.SIGINT, turns.interrupt)
    signal.signal(signal.SIGTERM, turns.end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with open(task, encoding="utf-8", errors="replace") as file:
        prompt = file.read()
    resume = resume and os.path.exists(kept)
    code = 0
    while prompt is not None and not turns.ended:
        code = turns.run(prompt.strip(), resume)
        resume = True
        prompt = turns.message()
        if prompt is None and turns.interrupted_at and not turns.ended:
            prompt = turns.wait_for_message()
    return 143 if turns.ended else code


sys.exit(main())
