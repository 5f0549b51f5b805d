"""Keeps a handful of programs running and stops them in an orderly way.

Each child leads a session of its own, so a Ctrl-C in the terminal reaches only the
supervisor, which asks each main process to end and gives it time: a job worker dies
badly when its whole process group is signalled.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 20.0
SAME_WISH_SECONDS = 1.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
LOG_BYTES = 20_000_000
_PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    print(text, flush=True)


def end_with_parent() -> None:
    """In a new child: be asked to end when the supervisor dies, however it dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One program to keep running; its output goes to `log`."""

    name: str
    command: Sequence[str]
    log: Path
    waits: bool = False  # starts only when the product is ready, to leave the machine to it
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = 0.0
    next_start: float = 0.0

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 -- no threads are running yet
            )
        self.began = time.monotonic()

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def watch(self, now: float) -> None:
        """Start it again when it has ended, after a pause that doubles each time."""
        if self.running():
            return
        if self.process is not None:
            self._note_death(now, self.process.returncode)
            self.process = None
        if now >= self.next_start:
            self.start()

    def _note_death(self, now: float, code: int) -> None:
        steady = now - self.began > STEADY_SECONDS
        self.pause = 1.0 if steady or not self.pause else min(self.pause * 2, LONGEST_PAUSE)
        self.next_start = now + self.pause
        say(f"{self.name} ended ({meaning(code)}), starts again in {self.pause:.0f} s: {self.log}")
        for line in tail(self.log, 5):
            say(f"  {self.name} | {line}")

    def ask_to_end(self) -> None:
        if self.process and self.running():
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End whatever is left of its session."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs children until it is told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = children
        self.insisted = False
        self._told = threading.Event()
        self._told_at = 0.0

    def listen(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP ask for an end; a second one insists."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)

    def _told_to_stop(self, *_: object) -> None:
        # One Ctrl-C can arrive twice: from the terminal and passed on by make.
        now = time.monotonic()
        self.insisted = self.told_to_stop and now - self._told_at > SAME_WISH_SECONDS
        self._told_at = self._told_at or now
        self._told.set()

    @property
    def told_to_stop(self) -> bool:
        return self._told.is_set()

    def run(self, ready: Callable[[], bool], on_ready: Callable[[], None]) -> None:
        """Keep the children running; call `on_ready` once when `ready()` first holds."""
        announced = False
        while not self.told_to_stop:
            for child in self.children:
                if announced or not child.waits:
                    child.watch(time.monotonic())
            if not announced and ready():
                announced = True
                on_ready()
            self._told.wait(0.5 if announced else 0.1)

    def stop(self) -> None:
        """Ask every child to end, wait, and kill what is left."""
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.running() for child in self.children):
            if time.monotonic() > deadline or self.insisted:
                left = ", ".join(child.name for child in self.children if child.running())
                say(f"still running: {left}; ending them now")
                break
            time.sleep(0.05)
        for child in self.children:
            child.kill()


def meaning(code: int) -> str:
    """A process's return code in words."""
    if code >= 0:
        return f"code {code}"
    return f"killed by {signal.Signals(-code).name}"


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a text file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 20_000))
            return file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []
