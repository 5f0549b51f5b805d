"""Young days in pictures and words: hatched, with what they are expected to be when final."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from accounts.models import User
from core import formats
from core.charts import Band, Chart, Series, Young
from core.money import Money
from insights.selectors import Outlook, curve_of, curves_known, outlook
from metrics.selectors import Metric
from reporting.selectors.window import Window

V = TypeVar("V")
EXPECTED = "Expected when final"
# Where no curve is known yet: platforms say that most results are in by then.
USUAL_DAYS = 7


def young_of(
    metric: Metric,
    days: Sequence[date],
    *,
    viewer: User,
    window: Window,
    last_day: date,
    where: Mapping[str, Any] | None = None,
) -> Outlook | None:
    """What a picture's young days or weeks should end at; None where all are final."""
    return outlook(
        metric=metric.key,
        viewer=viewer,
        starts=days,
        last_day=last_day,
        where=where,
        as_of=window.as_of,
        currency=window.currency,
    )


def as_final(
    found: Outlook | None, days: Sequence[date], values: Sequence[V]
) -> list[V | Money | Decimal]:
    """The values with what young ones are expected to be: what a title is judged by."""
    said = found.values if found else {}
    return [
        found.amount(said[day].value) if found and day in said else value
        for day, value in zip(days, values, strict=True)
    ]


def hatched(chart: Chart, found: Outlook | None, window: Window) -> Chart:
    """The chart with its young end hatched, and its expected end and range where they are known."""
    return drawn(chart, found) if found else replace(chart, young=_usual(chart, window))


def drawn(chart: Chart, found: Outlook) -> Chart:
    """The chart with an outlook in it."""
    said = [found.values.get(x) if isinstance(x, date) else None for x in chart.x]
    young = [x for x, one in zip(chart.x, said, strict=True) if one is not None]
    values = [None if one is None else found.amount(one.value) for one in said]
    ranges = [one.interval if one else None for one in said]
    end = found.written(next(one for one in reversed(said) if one is not None).value)
    series = Series(EXPECTED, values, style="forecast", end=f"when final {end}")
    band = Band(
        [found.amount(one.low) if one else None for one in ranges],
        [found.amount(one.high) if one else None for one in ranges],
        label="80 % range",
        style="p80",
    )
    return replace(
        chart,
        series=[*chart.series, series],
        bands=[*chart.bands, *([band] if any(ranges) else [])],
        young=Young(young[0], young[-1], words=found.words),
    )


def _usual(chart: Chart, window: Window) -> Young | None:
    """Nobody has seen yet how days grow: the last week of a picture by day, without numbers."""
    days = [x for x in chart.x if isinstance(x, date)]
    if curves_known(window.as_of) or (days[-1] - days[0]).days >= len(days):
        return None
    young = [day for day in days if (window.today - day).days <= USUAL_DAYS]
    return Young(young[0], young[-1]) if len(young) > 1 else None


def maturing_words(window: Window) -> str:
    """The sentence of the status strip: since when days still grow."""
    since = [
        looked - timedelta(days=age)
        for one in curves_known(window.as_of)
        if not one.reason and (age := curve_of(one).settled - 1) >= 0
        for looked in one.sources.values()
    ]
    if not since:
        return f"the last {USUAL_DAYS} days may still grow as platforms restate them"
    first = formats.day(min(since), window.today, weekday=False)
    return f"some results since {first} still grow as platforms restate them"
