"""Drop folders: files are taken once, and end in ``done`` or ``failed`` with a word beside them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from integrations.choices import WayKind
from integrations.models import WayIn
from integrations.selectors import folder_of
from integrations.services.ways.taking import Taken, day_of, note, take_in

# A file that somebody still writes is not taken: it must have lain still so long.
SETTLED = timedelta(seconds=10)
# What was taken by a process that died is looked at again after so long.
LOST = timedelta(minutes=15)
MOST_AT_ONCE = 50
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
TAKEN, DONE, FAILED = "taken", "done", "failed"


def folders_look(*, now: datetime) -> dict[str, int]:
    """Look into every drop folder; answers how many files came in and how many are held."""
    taken = [
        item
        for way in WayIn.objects.filter(kind=WayKind.FOLDER, is_active=True)
        for item in folder_look(way, at=now)
    ]
    return {"in": sum(t.is_in for t in taken), "held": sum(not t.is_in for t in taken)}


def folder_look(way: WayIn, *, at: datetime) -> list[Taken]:
    """Take the files that lie in a folder; whoever renames a file first has it."""
    folder = folder_of(way)
    for name in (TAKEN, DONE, FAILED):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _bring_back_lost(folder, at)
    taken = []
    for file in sorted(_waiting(folder, at))[:MOST_AT_ONCE]:
        mine = folder / TAKEN / file.name
        try:
            file.rename(mine)
        except FileNotFoundError:
            continue  # another worker has it
        result = take_in(way, file=mine, name=file.name, today=day_of(at), at=at)
        _put_away(mine, folder / (DONE if result.is_in else FAILED), result, at)
        taken.append(result)
    note(way, taken, at=at)
    return taken


def _waiting(folder: Path, at: datetime) -> Iterator[Path]:
    """Plain files that lie still; no links, no folders, nothing hidden or half written."""
    for file in folder.iterdir():
        if file.name.startswith(".") or file.name.lower().endswith(UNFINISHED):
            continue
        known = file.lstat()
        if stat.S_ISREG(known.st_mode) and known.st_mtime <= (at - SETTLED).timestamp():
            yield file


def _bring_back_lost(folder: Path, at: datetime) -> None:
    for file in (folder / TAKEN).iterdir():
        if file.lstat().st_ctime <= (at - LOST).timestamp():
            file.rename(folder / file.name)


def _put_away(file: Path, folder: Path, result: Taken, at: datetime) -> None:
    target = folder / f"{at:%Y%m%d-%H%M%S} {file.name}"
    file.rename(target)
    target.with_name(f"{target.name}.txt").write_text(f"{result.word}\n", encoding="utf-8")
