"""Many at once: threads that start together, processes that are killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection, connections

T = TypeVar("T")


def race(workers: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run all workers at the same moment, each with a connection of its own; what each gave or raised."""
    barrier = threading.Barrier(len(workers))
    results: list[T | Exception] = [RuntimeError("did not run")] * len(workers)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            results[number] = workers[number]()
        except Exception as error:  # noqa: BLE001 - what it raised is the result
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(workers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def killed_after(work: Callable[[], object], seconds: float | None) -> bool:
    """Fork, do ``work`` there, and SIGKILL it ``seconds`` after it began (None: never).

    Returns whether it ended by itself. The child has a connection of its own, opened
    before the clock starts.
    """
    connections.close_all()
    ready, begin = os.pipe()
    child = os.fork()
    if child == 0:
        _in_the_child(work, begin)
    os.close(begin)
    os.read(ready, 1)
    os.close(ready)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def _in_the_child(work: Callable[[], object], begin: int) -> None:
    """Never returns: whatever happens, nothing of the parent's clean-up may run here."""
    code = 1
    try:
        connection.ensure_connection()
        os.write(begin, b"!")
        work()
        code = 0
    finally:
        os._exit(code)
