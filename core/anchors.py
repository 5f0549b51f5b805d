"""Heads of the trail kept outside the database: one line of JSON each, in a file and by mail.

The file is appended, never rewritten. A mail holds the same line, so that a saved mail
can be checked against as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from django.core.mail import send_mail

from core.errors import Invalid
from core.events import Head


def keep(path: Path, head: Head, *, at: datetime) -> bool:
    """Append ``head`` to the file unless it is its last line; returns whether it was new."""
    known = read(path) if path.exists() else []
    if not head.position or (known and known[-1] == head):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(head, at) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def _line(head: Head, at: datetime) -> str:
    return json.dumps({"at": at.isoformat(), "position": head.position, "digest": head.digest})


def mail(addresses: Sequence[str], head: Head, *, at: datetime) -> bool:
    """Send the head to people who keep it where the database's administrators cannot reach."""
    if not addresses or not head.position:
        return False
    text = (
        f"{_line(head, at)}\n\n"
        "Keep this mail. Save it as a file to check the trail against it later:\n"
        "manage.py verify_audit --anchor FILE\n"
    )
    subject = f"Audit trail sealed up to {head.position}"
    return bool(send_mail(subject, text, None, list(addresses)))


def read(path: Path) -> list[Head]:
    """The heads of a file or of a saved mail in order; raises ``Invalid`` when it is none of ours."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
        heads = [Head(int(one["position"]), str(one["digest"])) for one in map(json.loads, lines)]
        return heads or [_no_head()]
    except OSError as error:
        raise Invalid(f"The anchor file {path} cannot be read.", where=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(
            f"{path} is not an anchor file.",
            where=str(path),
            remedy="Give the file that `manage.py seal_audit --anchor FILE` writes.",
        ) from error


def _no_head() -> NoReturn:
    raise ValueError("no line holds a head")
