"""Does data come when it used to, and is a day of it missing?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from integrations.rules.monitors.answers import Observed, Signal
from integrations.rules.monitors.words import counted, day_text, ranges_text

# A rhythm shows from the third pause on.
LEAST_ARRIVALS = 4
# A weekday counts as delivered when it was there in all four weeks before: a source that rests on
# Sundays has no gap on a Sunday.
WEEKS = 4
_WEEK = timedelta(days=7)


def late(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Nothing new for ``threshold`` days more than the longest pause so far."""
    days = sorted(set(seen.arrivals))
    if len(days) < LEAST_ARRIVALS or not seen.is_expected:
        return
    longest = max((after - before).days for before, after in pairwise(days))
    allowed = max(longest, seen.every_days) + int(threshold)
    silent = (seen.today - days[-1]).days
    if silent <= allowed:
        return
    yield Signal(
        cause="late",
        title=f"{seen.name} has brought nothing new for {counted(silent, 'day')}",
        detail=(
            f"Between two deliveries there were {counted(longest, 'day')} at most; the last one came "
            f"on {day_text(days[-1])}. Figures that need it are too low until it is back."
        ),
        first_day=days[-1] + timedelta(days=1),
        last_day=seen.today,
        facts=(
            ("Last delivery", day_text(days[-1])),
            ("Longest pause before", counted(longest, "day")),
            ("Deliveries seen", str(len(days))),
        ),
    )


def gap(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Days without a single row, between days with rows, on weekdays that always had some."""
    present = {stamp.date() for stamp in seen.days["day"].unique()}
    missing = [day for day in _inside(present, seen.since) if _is_due(day, present)]
    if len(missing) < max(1, int(threshold)):
        return
    yield Signal(
        cause="gap",
        title=f"{seen.name} has no data for {counted(len(missing), 'day')}",
        detail=(
            f"Nothing is there for {ranges_text(missing)}, but for the days around. The same weekdays "
            "had data in the four weeks before, so an export was cut or a delivery was lost."
        ),
        first_day=missing[0],
        last_day=missing[-1],
        rows=len(missing),
        facts=(("Missing", ranges_text(missing)), ("Newest day there", day_text(max(present)))),
        more={"days": [day.isoformat() for day in missing]},
    )


def _inside(present: set[date], since: date) -> Iterator[date]:
    """Days without data from ``since`` up to the newest day there is."""
    if not present:
        return
    day, newest = max(since, min(present)), max(present)
    while day < newest:
        if day not in present:
            yield day
        day += timedelta(days=1)


def _is_due(day: date, present: set[date]) -> bool:
    return all(day - week * _WEEK in present for week in range(1, WEEKS + 1))
