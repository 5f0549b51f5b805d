"""Learning how days grow: one curve for each platform and kind of result, kept with its data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
from django.db import transaction

from analytics.arrays import FloatArray
from analytics.maturity import Curve, development
from budgets.selectors import local_day
from core import events
from core.events import AUTOMATION
from core.models import Organisation
from core.money import MICROS
from core.periods import Period
from insights.models import MaturityCurve
from metrics.choices import MICRO_MEASURES, MONEY_MEASURES
from metrics.models import Batch
from metrics.selectors import Watched, days_watched
from metrics.selectors.rates import rates_between

# What platforms restate after the day: results, not deliveries.
RESTATED = ("conversions", "revenue", "order_value", "leads")
# Google, Meta and LinkedIn count up to 30 days after a click, and report some days late.
LATEST_AGE = 40
# Mornings that are learnt from: what a platform changed longer ago no longer shows how it is.
WATCHED = 45
LOOK_BACK = timedelta(days=LATEST_AGE + WATCHED)
# By source and currency; and by source the days on which it brought something.
Rows = Mapping[tuple[int, str], Sequence[Watched]]
Arrivals = Mapping[int, Collection[date]]


@transaction.atomic
def maturity_learn(*, now: datetime) -> dict[str, int]:
    """Learn the curves anew when facts came in since; those of earlier facts are kept.

    Schedule: with the daily check, which also follows every import.
    """
    batch = Batch.objects.filter(known_at__lte=now).order_by("-known_at", "-pk").first()
    if batch is None or MaturityCurve.objects.filter(batch=batch).exists():
        return {"learnt": 0, "too_thin": 0}
    today = local_day(now)
    platforms: dict[str, dict[tuple[int, str], list[Watched]]] = defaultdict(dict)
    arrivals: dict[int, set[date]] = defaultdict(set)
    for row in days_watched(measures=RESTATED, first_day=today - LOOK_BACK, known_until=now):
        platforms[row.platform].setdefault((row.source, row.currency), []).append(row)
        arrivals[row.source].add(row.known_on)
    made = [
        _kept(platform, measure, rows, arrivals, batch, now)
        for platform, rows in platforms.items()
        for measure in RESTATED
        if _is_reported(rows, measure)
    ]
    MaturityCurve.objects.bulk_create(made)
    thin = sum(bool(one.reason) for one in made)
    if made:
        _record(made, batch, now, thin)
    return {"learnt": len(made) - thin, "too_thin": thin}


def _record(made: Sequence[MaturityCurve], batch: Batch, now: datetime, thin: int) -> None:
    events.record(
        actor=AUTOMATION,
        action="maturity.learnt",
        subject=made[0],
        at=now,
        after={"curves": len(made) - thin, "too_thin": thin, "batch": batch.pk},
    )


def _is_reported(rows: Rows, measure: str) -> bool:
    place = RESTATED.index(measure)
    return any(one.changes[place] is not None for some in rows.values() for one in some)


def _kept(
    platform: str, measure: str, rows: Rows, arrivals: Arrivals, batch: Batch, now: datetime
) -> MaturityCurve:
    today, currency = local_day(now), Organisation.current().reporting_currency
    is_money = measure in MONEY_MEASURES
    triangles = list(_triangles(rows, measure, arrivals, today, currency if is_money else ""))
    curve = development(np.concatenate(triangles) if triangles else np.empty((0, LATEST_AGE + 1)))
    return MaturityCurve(
        platform=platform,
        measure=measure,
        batch=batch,
        known_at=batch.known_at,
        learnt_at=now,
        currency=currency if is_money else "",
        looked={str(n): max(arrivals[n]).isoformat() for n in sorted({n for n, _ in rows})},
        **_fields(curve),
    )


def _fields(curve: Curve) -> dict[str, object]:
    return {
        "first_age": curve.first,
        "last_age": curve.last,
        "only_grows": curve.only_grows,
        "reason": curve.reason or "",
        "factor": curve.factor.tolist(),
        "scatter": curve.scatter.tolist(),
        "error": curve.error.tolist(),
        "pairs": curve.n.tolist(),
    }


def _triangles(
    rows: Rows, measure: str, arrivals: Arrivals, today: date, currency: str
) -> Iterator[FloatArray]:
    """Of each source and currency its days by age, in units; amounts in ``currency``."""
    for (source, paid_in), some in rows.items():
        rate = _rate(paid_in, currency, today) if currency else Decimal(1)
        if rate is not None:
            scale = float(rate) / (MICROS if measure in MICRO_MEASURES else 1)
            yield _triangle(some, RESTATED.index(measure), arrivals[source], today) * scale


def _rate(base: str, to: str, today: date) -> Decimal | None:
    """Today's rate for all days: it only weighs them, and a change of it is no growth."""
    if base == to:
        return Decimal(1)
    found = rates_between([base], to, Period("today", today, today))
    return found[-1].rate if found else None


def _triangle(
    rows: Sequence[Watched], place: int, arrivals: Collection[date], today: date
) -> FloatArray:
    """Days (D,) by ages 0 to ``LATEST_AGE`` of one source: what was known, NaN where nobody looked.

    The source was looked at on each day on which it brought anything, of whatever platform; a day
    of facts begins with the first import that knew it.
    """
    first = today - LOOK_BACK
    width = LOOK_BACK.days + LATEST_AGE + 1
    changes, known = np.zeros((width, width)), np.zeros((width, width), dtype=np.bool_)
    for row in rows:
        at, on = (row.day - first).days, (row.known_on - first).days
        change = row.changes[place]
        if change is not None and at <= on:
            changes[at, on] += float(change)
            known[at, on] = True
    sums = np.where(np.logical_or.accumulate(known, axis=1), changes.cumsum(axis=1), np.nan)
    since = today - timedelta(days=WATCHED)
    looked = [(day - first).days for day in arrivals if since < day <= today]
    sums[:, np.setdiff1d(np.arange(width), looked)] = np.nan
    days, ages = np.arange(LOOK_BACK.days), np.arange(LATEST_AGE + 1)
    found: FloatArray = sums[days[:, None], days[:, None] + ages]
    return found
