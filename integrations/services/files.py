"""Uploaded files: kept under a name of our own, outside what the web server serves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.files import File

from core.errors import Invalid

DRAFT = "draft-"
UNSAFE = re.compile(r"[^\w.()\[\] +,=@-]+")


def file_name(given: str) -> str:
    """What people see: the last part of the name without anything a path or header could misuse."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    return (UNSAFE.sub("_", last).strip(". ") or "file")[:200]


def stored_path(stored_as: str) -> Path:
    """Where a kept file lies."""
    return Path(settings.UPLOADS) / "imports" / stored_as[:2] / stored_as


def store(file: File[bytes] | Path) -> tuple[str, int]:
    """Keep a file under the SHA-256 of its content; answers that and its size in bytes."""
    folder = Path(settings.UPLOADS) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(dir=folder, prefix=DRAFT, delete=False) as draft:
        try:
            for chunk in _chunks(file):
                size += len(chunk)
                if size > settings.UPLOAD_MAX_BYTES:
                    raise _too_large()
                digest.update(chunk)
                draft.write(chunk)
            draft.flush()
        except (OSError, Invalid):
            Path(draft.name).unlink()
            raise
    path = stored_path(digest.hexdigest())
    path.parent.mkdir(exist_ok=True)
    Path(draft.name).replace(path)
    return digest.hexdigest(), size


def drafts_left(before: datetime) -> list[Path]:
    """What uploads left behind whose process was killed, last written before a moment."""
    drafts = (Path(settings.UPLOADS) / "imports").glob(f"{DRAFT}*")
    return [path for path in drafts if path.stat().st_mtime < before.timestamp()]


def _too_large() -> Invalid:
    limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return Invalid(
        f"The file is larger than {limit} MB.",
        code="TOO_LARGE",
        where="file",
        remedy="Export fewer days at once, or pack it as .gz.",
    )


def _chunks(file: File[bytes] | Path) -> Iterator[bytes]:
    if not isinstance(file, Path):
        yield from file.chunks()
        return
    with file.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            yield chunk
