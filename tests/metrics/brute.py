"""The same answers, worked out the slow way: every version of every fact, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.models import CampaignLine
from core import events
from core.periods import FiscalCalendar, Period
from metrics.choices import MEASURES, MICRO_MEASURES, Unit
from metrics.models import Batch
from metrics.selectors import METRICS
from metrics.services import batch_undo
from tests.world import load_rows

# line id, day, source, creative, segment, days
Key = tuple[int, date, int, int, int, int]
Measures = dict[str, int | None]
CALENDAR = FiscalCalendar()


@dataclass
class Books:
    """Loads and undoes beside the product, and keeps who said what when."""

    lines: Sequence[CampaignLine]
    told: list[tuple[datetime, Batch, dict[Key, Measures]]] = field(default_factory=list)
    undone: dict[int, datetime] = field(default_factory=dict)

    def load(self, facts: Mapping[Key, Measures], known_at: datetime) -> Batch | None:
        by_id = {line.pk: line for line in self.lines}
        rows = [
            {
                "line": by_id[key[0]],
                "day": key[1],
                "source": key[2],
                "creative_id": key[3],
                "segment_id": key[4],
                "period_days": key[5],
                **{m: _written(m, v) for m, v in measures.items()},
            }
            for key, measures in facts.items()
        ]
        batch = load_rows(rows, known_at=known_at).batch
        if batch:
            self.told.append((known_at, batch, dict(facts)))
        return batch

    def undo(self, batch: Batch, at: datetime) -> None:
        batch_undo(batch=batch, actor=events.SYSTEM, at=at)
        self.undone[batch.pk] = at

    def facts(self, as_of: datetime | None = None) -> dict[Key, Measures]:
        """What was known: everything told until then and not taken back until then."""
        known: dict[Key, Measures] = {}
        for known_at, batch, facts in self.told:
            taken_back = self.undone.get(batch.pk)
            if as_of and known_at > as_of:
                continue
            if taken_back and (as_of is None or taken_back <= as_of):
                continue
            for key, measures in facts.items():
                known[key] = known.get(key, dict.fromkeys(MEASURES)) | measures
        return known

    def answer(
        self,
        metrics: Sequence[str],
        by: Sequence[str],
        period: Period,
        as_of: datetime | None = None,
        where: Mapping[str, Iterable[Any]] | None = None,
    ) -> tuple[dict[tuple[Any, ...], dict[str, Any]], dict[str, Any]]:
        """Rows by their keys, and the totals."""
        lines = {line.pk: line for line in self.lines}
        facts = counted(self.facts(as_of), period)
        kept = {
            key: m
            for key, m in facts.items()
            if all(_dimension(d, key, lines) in set(v) for d, v in (where or {}).items())
        }
        groups: dict[tuple[Any, ...], list[Measures]] = {}
        for key, measures in kept.items():
            place = tuple(_dimension(d, key, lines) for d in by)
            if None not in place:
                groups.setdefault(place, []).append(measures)
        rows = {place: _values(metrics, found) for place, found in groups.items()}
        return rows, _values(metrics, list(kept.values()))


def counted(facts: Mapping[Key, Measures], period: Period) -> dict[Key, Measures]:
    """Daily facts of the period, and whole periods that repeat nothing."""
    inside = {k: m for k, m in facts.items() if _first(k) >= period.start and k[1] <= period.end}
    return {k: m for k, m in inside.items() if not any(_wins(other, k) for other in inside)}


def _first(key: Key) -> date:
    return key[1] - timedelta(days=key[5] - 1)


def _wins(other: Key, key: Key) -> bool:
    """Whether ``other`` of the same line states days of ``key`` and comes first."""
    if key[5] == 1 or other[0] != key[0] or other[1] < _first(key) or _first(other) > key[1]:
        return False
    return other[5] < key[5] or (other[5] == key[5] and other[1] > key[1])


def _dimension(name: str, key: Key, lines: Mapping[int, CampaignLine]) -> Any:
    line = lines[key[0]]
    first, last = _first(key), key[1]
    buckets: dict[str, Callable[[date], Any]] = {
        "day": lambda day: day,
        "week": lambda day: CALENDAR.week_of(day).start,
        "month": lambda day: CALENDAR.month_of(day).key,
        "quarter": lambda day: CALENDAR.quarter_of(day).key,
    }
    if name in buckets:
        place = buckets[name](last)
        return place if place == buckets[name](first) else None
    return {
        "line": line.pk,
        "campaign": line.campaign_id,
        "channel": line.channel_id,
        "team": line.campaign.team_id,
        "currency": line.currency,
        "source": key[2],
        "creative": key[3],
        "segment": key[4],
    }[name]


def _values(metrics: Sequence[str], facts: Sequence[Measures]) -> dict[str, Any]:
    sums = {m: _add([f.get(m) for f in facts]) for m in MEASURES}
    return {key: _value(key, sums) for key in metrics}


def _add(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _value(key: str, sums: Mapping[str, int | None]) -> Any:
    metric = METRICS[key]
    top = sums[metric.numerator]
    if top is None or not metric.denominator:
        return top
    bottom = sums[metric.denominator]
    if not bottom:
        return None
    up = (MICRO_MEASURES & {metric.denominator} and 10**6) or 1
    down = (MICRO_MEASURES & {metric.numerator} and 10**6) or 1
    exact = Fraction(top * metric.factor * up, bottom * down)
    if metric.unit == Unit.MONEY:
        return round(exact * 10**6)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _written(measure: str, value: int | None) -> Any:
    if value is None or measure not in MICRO_MEASURES:
        return value
    return Decimal(value) / 10**6
