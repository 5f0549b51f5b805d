"""How large a drill is, how far it has come, and what is written down of it.

`make drills` runs the full size; the ordinary test run a short form of the same code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FULL = os.environ.get("DRILLS") == "full"
RESULTS = os.environ.get("DRILLS_RESULTS", "")
WIDTH = 30


def size(short: int, full: int) -> int:
    """``full`` in `make drills`, ``short`` in every test run."""
    return full if FULL else short


def bar(done: int, total: int, note: str = "") -> None:
    """Draw how far a long drill is; nothing in a short run."""
    if not FULL:
        return
    filled = WIDTH * min(done, total) // max(total, 1)
    text = f"\r  [{'#' * filled}{' ' * (WIDTH - filled)}] {done:,} of {total:,} {note}"
    sys.stderr.write(f"{text:<110}" + ("\n" if done >= total else ""))
    sys.stderr.flush()


def counted(items: Iterable[T], total: int, note: str = "") -> Iterator[T]:
    """The items, with a bar."""
    for number, item in enumerate(items):
        bar(number, total, note)
        yield item
    bar(total, total, note)


def keep(drill: str, *, did: str, found: str, control: str) -> None:
    """Write a line of the table: what was done, what came of it, and how the control broke."""
    row = {"drill": drill, "did": did, "found": found, "control": control}
    print(row)
    if RESULTS:
        with Path(RESULTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
