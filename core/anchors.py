"""Heads of the trail kept outside the database: one line of JSON each, appended, never rewritten."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from core.errors import Invalid
from core.events import Head


def keep(path: Path, head: Head, *, at: datetime) -> bool:
    """Append ``head`` to the file unless it is its last line; returns whether it was new."""
    known = read(path) if path.exists() else []
    if not head.position or (known and known[-1] == head):
        return False
    line = {"at": at.isoformat(), "position": head.position, "digest": head.digest}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def read(path: Path) -> list[Head]:
    """The heads of a file in order; raises ``Invalid`` when it is none of ours."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Head(int(one["position"]), str(one["digest"])) for one in map(json.loads, lines)]
    except OSError as error:
        raise Invalid(f"The anchor file {path} cannot be read.", where=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(
            f"{path} is not an anchor file.",
            where=str(path),
            remedy="Give the file that `manage.py seal_audit --anchor FILE` writes.",
        ) from error
