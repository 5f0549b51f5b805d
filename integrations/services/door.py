"""The door for files: nothing that says who somebody is gets past it, not even into our own store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from core.errors import Conflict
from core.personal import EMAIL, ERASED, Kind, is_erased, token
from customers.selectors import erased_marks
from integrations.models import ImportRun
from integrations.rules import DEFAULT_LIMITS
from integrations.rules.personal import Hash, row_without_people, without_people
from integrations.services.files import store, stored_path


def store_hashed(file: UploadedFile | Path) -> tuple[str, int]:
    """Keep a file with tokens in place of people; answers the SHA-256 of what is kept, and its size.

    A file without people is kept byte for byte.
    """
    if _size(file) > settings.UPLOAD_MAX_BYTES:
        return store(file)
    changed = without_people(_content(file), _Hasher(), DEFAULT_LIMITS)
    return store(file) if changed is None else store(ContentFile(changed))


def stored_file(run: ImportRun) -> BinaryIO:
    """The kept file, open; ``Conflict`` once it was forgotten."""
    path = stored_path(run.stored_as)
    if not run.stored_as or not path.is_file():
        raise Conflict(
            f"{run} is no longer kept.",
            code="forgotten",
            remedy="Ask an administrator how long files are kept, or export it again.",
        )
    return path.open("rb")


def hasher() -> Hash:
    """What hashes the values of one file or page, and leaves out who was erased."""
    return _Hasher()


def hashed_text(text: str) -> str:
    """A name or note without e-mail addresses."""
    hash_ = _Hasher()
    return EMAIL.sub(lambda found: hash_(Kind.EMAIL, found[0], ""), text)


def nameless(text: str) -> str:
    """A file's name without e-mail addresses, not even hashed ones: the audit trail keeps it."""
    return EMAIL.sub(ERASED, text)


def hashed_row(run: ImportRun, cells: Sequence[str]) -> list[str]:
    """A row of the run's file as somebody mended it, without people."""
    headers = [str(column["header"]) for column in run.check_result.get("columns", [])]
    return row_without_people(headers, cells, _Hasher())


def _size(file: UploadedFile | Path) -> int:
    return file.stat().st_size if isinstance(file, Path) else int(file.size or 0)


def _content(file: UploadedFile | Path) -> bytes:
    if isinstance(file, Path):
        return file.read_bytes()
    content = b"".join(file.chunks())
    file.seek(0)
    return content


class _Hasher:
    """Hashes each value once: a file names the same people over and over."""

    def __init__(self) -> None:
        self._erased = erased_marks()
        self._known: dict[tuple[Kind, str, str], str] = {}

    def __call__(self, kind: Kind, value: str, system: str) -> str:
        asked = kind, value, system if kind is Kind.NUMBER else ""
        if asked not in self._known:
            gone = kind is not Kind.NAME and is_erased(*asked, self._erased)
            self._known[asked] = ERASED if gone else token(*asked)
        return self._known[asked]
