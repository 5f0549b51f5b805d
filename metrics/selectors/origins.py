"""Where batches came from: the imports live above and register here what they know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from campaigns.models import CampaignLine
from metrics.models import Batch, BatchLine

# The longest period that one row may state.
MOST_DAYS = 1_000


@dataclass(frozen=True, slots=True)
class BatchOrigin:
    """What brought a batch: "Import 12: google.csv", and the page about it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row as it stands in the file; ``number`` is its line, counted from 1."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of a stored file that a line's day was added up from.

    ``reason`` stands where they cannot be shown: no file, or it reads differently now.
    """

    file_name: str = ""
    sha256: str = ""
    url: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[FileRow] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A line's day in a batch; a whole-period row ends on ``day``."""

    batch: Batch
    line: CampaignLine
    day: date
    period_days: int = 1


BatchFinder = Callable[[User, Collection[int]], Mapping[int, BatchOrigin]]
RowFinder = Callable[[User, Place], FileRows]
_batches: list[BatchFinder] = []
_rows: list[RowFinder] = []


def register_origins(batches: BatchFinder, rows: RowFinder) -> None:
    """Name who knows where batches came from; the last one registered counts."""
    _batches[:], _rows[:] = [batches], [rows]


def batch_origins(user: User, ids: Collection[int]) -> Mapping[int, BatchOrigin]:
    """The origin of each batch, of those that the person may see."""
    return _batches[0](user, ids) if _batches and ids else {}


def file_rows(user: User, place: Place) -> FileRows:
    """The rows of the stored file behind a line's day."""
    if not _rows:
        return FileRows(reason="Nothing that keeps files is installed.")
    return _rows[0](user, place)


def place_in_sight(user: User, batch: int, line: int, day: str, days: str = "1") -> Place:
    """What an address names, of lines that the person sees and that the batch changed; else 404."""
    lines = CampaignLine.objects.for_user(user).select_related("campaign", "channel")
    touched = BatchLine.objects.filter(batch_id=batch, line_id=line)
    found = get_object_or_404(touched.select_related("batch__undoes"))
    try:
        last = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    return Place(
        batch=found.batch,
        line=get_object_or_404(lines, pk=line),
        day=last,
        period_days=int(days) if days.isdecimal() and 0 < int(days) < MOST_DAYS else 1,
    )
