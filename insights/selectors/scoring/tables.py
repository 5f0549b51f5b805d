"""The table that a model learns from: what was known at each look, what came, and flags.

As text it is the same whenever it is made from the same records, so that its hash names its
content and a model can be fitted again from what was kept.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.scores import Column
from campaigns.models import Campaign
from core.exports import harmless
from insights.selectors.scoring.timelines import Book, Look, Value

Columns = Mapping[str, Column]
DAY, CAME, FLAGS = "looked_on", "came", "flags"
GAP, OUTLIER, PROMO = "gap", "outlier", "promo"
# No record of any kind for so many days on end, in the month before a look.
GAP_DAYS = 7
MONTH = 30
# Beyond so many times the distance of the quartiles a number is far out (Tukey 1977).
FAR_OUT = 3.0
# A campaign of at most so many days is a promotion.
PROMO_DAYS = 21


@dataclass(frozen=True, slots=True)
class Written:
    """A table as text, and what stands in it."""

    text: str
    rows: int
    positives: int
    texts: list[str]
    flags: dict[str, int]


@dataclass(frozen=True, slots=True)
class Learnable:
    """A table as a model takes it; ``order`` is the day of each look."""

    columns: Columns
    came: IntArray
    order: FloatArray


def written_table(book: Book, path: str) -> Written:
    """The looks of the past that ended, oldest first, as a table."""
    looks = sorted(book.past(), key=lambda look: (look.at, look.subject))
    ended = [(look, came) for look in looks if (came := book.came(look).value) is not None]
    rows = [book.row(look) for look, _ in ended]
    names = list(rows[0]) if rows else []
    texts = [name for name in names if isinstance(rows[0][name], str)]
    flags = _flags([look for look, _ in ended], rows, book.days(), path)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([DAY, CAME, FLAGS, *names])
    for (look, came), row, flagged in zip(ended, rows, flags, strict=True):
        values = (_text(row[name]) for name in names)
        writer.writerow([look.at.date().isoformat(), int(came), " ".join(flagged), *values])
    counts = {one: sum(one in some for some in flags) for one in (GAP, OUTLIER, PROMO)}
    positives = sum(came for _, came in ended)
    return Written(out.getvalue(), len(ended), positives, texts, counts)


def _text(value: Value) -> str:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else f"{value:.10g}"


def read_table(text: str, texts: Sequence[str]) -> Learnable:
    """A written table as columns, outcome and order; flags are for people only."""
    head, *rows = list(csv.reader(io.StringIO(text)))
    columns = {name: [row[at] for row in rows] for at, name in enumerate(head)}
    days = [date.fromisoformat(day).toordinal() for day in columns[DAY]]
    return Learnable(
        {
            name: np.array(values, dtype=np.str_)
            if name in texts
            else np.array([float(value) if value else np.nan for value in values])
            for name, values in columns.items()
            if name not in (DAY, CAME, FLAGS)
        },
        np.array(columns[CAME], dtype=np.int64),
        np.array(days, dtype=np.float64),
    )


def _flags(
    looks: Sequence[Look], rows: Sequence[Mapping[str, Value]], days: Collection[date], path: str
) -> list[list[str]]:
    """Of each look: days without data before it, a number far out, a promotion on the day."""
    far = _far_out(rows)
    gaps = _gaps(days)
    promos = _promotions(path)
    found = []
    for place, look in enumerate(looks):
        day = look.at.date()
        named = [
            GAP if any(first <= day <= last for first, last in gaps) else "",
            OUTLIER if far[place] else "",
            PROMO if any(first <= day <= last for first, last in promos) else "",
        ]
        found.append([one for one in named if one])
    return found


def _far_out(rows: Sequence[Mapping[str, Value]]) -> list[bool]:
    far = np.zeros(len(rows), dtype=np.bool_)
    for name in rows[0] if rows else ():
        if any(isinstance(row[name], str) for row in rows):
            continue
        values = np.array([np.nan if row[name] is None else row[name] for row in rows], float)
        if np.isnan(values).all():
            continue
        low, high = np.nanquantile(values, [0.25, 0.75])
        reach = FAR_OUT * max(high - low, 1.0)
        far |= (values > high + reach) | (values < low - reach)
    return [bool(one) for one in far]


def _gaps(days: Collection[date]) -> list[tuple[date, date]]:
    """The spans of looks in whose month before nothing at all was recorded for a week on end."""
    there: list[date] = sorted(days)
    return [
        (before + timedelta(days=GAP_DAYS), after + timedelta(days=MONTH))
        for before, after in pairwise(there)
        if (after - before).days > GAP_DAYS
    ]


def _promotions(path: str) -> list[tuple[date, date]]:
    flights = Campaign.objects.filter(
        team__path__startswith=path, flight_start__isnull=False, flight_end__isnull=False
    ).values_list("flight_start", "flight_end")
    return sorted(
        (first, last)
        for first, last in flights
        if first and last and (last - first).days < PROMO_DAYS
    )
