"""Rows that are not ad delivery (visits), kept as observations of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.money import MICROS
from integrations.models import Connection, SyncRun
from integrations.rules.api import at as place
from integrations.rules.api.grammar import Observed
from integrations.services.connections.periods import days_of_part
from integrations.services.connections.records import unreadable
from metrics.models import Batch, Observation
from metrics.services import LoadResult

Key = tuple[str, str, date]


def observed_load(
    shape: Observed, items: Sequence[Any], *, run: SyncRun, at: datetime
) -> LoadResult:
    """Make the observations of the part's days exactly what the platform says now.

    What it no longer says ends, too.
    """
    first, last = days_of_part(run)
    wanted = _wanted(shape, items, run.connection, first, last)
    known = _known(shape, run, first, last)
    ended = [o for key, o in known.items() if wanted.get(key) != o.value_micros]
    fresh = {
        key: value
        for key, value in wanted.items()
        if key not in known or known[key].value_micros != value
    }
    if not ended and not fresh:
        return LoadResult(None, len(items), 0, 0)
    batch = _batch(run, len(items), len(fresh), first, last, at)
    Observation.objects.filter(pk__in=[o.pk for o in ended]).update(ended_by=batch)
    Observation.objects.bulk_create(
        _observation(shape, run, batch, key, value) for key, value in fresh.items()
    )
    new = sum(key not in known for key in fresh)
    return LoadResult(batch, len(items), new, len(fresh) - new)


def _batch(run: SyncRun, rows: int, changed: int, first: date, last: date, at: datetime) -> Batch:
    return Batch.objects.create(
        known_at=at, source=run.connection.source_id, label=str(run.connection), rows=rows,
        changed=changed, first_day=first, last_day=last,
    )  # fmt: skip


def _wanted(
    shape: Observed, items: Sequence[Any], held: Connection, first: date, last: date
) -> dict[Key, int]:
    """Values by metric, subject and day; two accounts of a team never share a subject."""
    found: dict[Key, int] = {}
    for item in items:
        day = _day(place(item, shape.day))
        if not first <= day <= last:
            continue
        name = str(place(item, shape.subject) or "")
        subject = f"{name} · {held.account}"[-200:]
        for metric, how in shape.metrics.items():
            if (value := _micros(item, _as_chosen(how, name, held.events))) is not None:
                key = (metric, subject, day)
                found[key] = found.get(key, 0) + value
    return found


def _day(text: Any) -> date:
    """``2026-11-01``, ``20261101`` or a moment of that day."""
    try:
        return date.fromisoformat(str(text)[:10] if "-" in str(text) else str(text)[:8])
    except ValueError as error:
        raise unreadable(text, "day") from error


def _as_chosen(how: Mapping[str, Any], name: str, chosen: Sequence[str]) -> Mapping[str, Any]:
    """Where the value of a metric stands, when somebody chose the events that count."""
    if "of_chosen" not in how or not chosen:
        return how
    return {**how, "place": how["of_chosen"] if name in chosen else ""}


def _micros(item: Any, how: Mapping[str, Any]) -> int | None:
    """The value of a metric in an item: 1 when items are counted, None where nothing is said."""
    if how["place"] == "rows":
        return MICROS
    if not how["place"]:
        return None
    text = place(item, how["place"])
    if text in (None, ""):
        return None
    try:
        return int((Decimal(str(text)) * MICROS).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise unreadable(text, "number") from error


def _known(shape: Observed, run: SyncRun, first: date, last: date) -> dict[Key, Observation]:
    open_ones = Observation.objects.filter(
        team=run.connection.team,
        metric__in=list(shape.metrics),
        batch__source=run.connection.source_id,
        first_day__gte=first,
        last_day__lte=last,
        ended_by=None,
    )
    return {(o.metric, o.subject, o.first_day): o for o in open_ones}


def _observation(shape: Observed, run: SyncRun, batch: Batch, key: Key, value: int) -> Observation:
    metric, subject, day = key
    is_money = shape.metrics[metric].get("money")
    return Observation(
        metric=metric, team=run.connection.team, subject=subject, first_day=day, last_day=day,
        value_micros=value, currency=run.connection.source.currency if is_money else "",
        batch=batch,
    )  # fmt: skip
