"""The days that forecasts are judged by: what is known of them, and until when they are final."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import numpy as np

from accounts.models import Team
from budgets.selectors import local_day
from campaigns.models import CampaignLine, Channel
from core.money import MICROS
from core.periods import Period
from insights.models import MaturityCurve
from insights.rules.forecast_series import Line, laid_out, subjects_of
from insights.rules.forecast_truth import Grid, Parts
from insights.selectors.maturity import curve_of, curves_known
from metrics.choices import MEASURES, MICRO_MEASURES
from metrics.models import Batch
from metrics.selectors import METRICS, query

# A source that brought nothing for so long holds no day back any more.
SILENT = timedelta(days=7)
# Platforms count up to 30 days after a click and report some days late: where nothing is learnt
# of how a measure grows, its days are final after so many.
LATEST_AGE = 40
# What platforms restate after the day; other measures are final when they are there.
RESTATED = frozenset({"conversions", "revenue", "order_value", "leads"})
DAY = timedelta(days=1)


def parts_of(metric: str) -> Parts | None:
    """A metric's measures; None for one that is no more in the registry."""
    found = METRICS.get(metric)
    return Parts(found.numerator, found.denominator, found.factor) if found else None


def grid_of(
    *, first: date, last: date, currency: str, as_of: datetime | None = None, mature: bool = False
) -> Grid:
    """Every measure of every line with data in these days, and which lines each subject has."""
    found = query(
        metrics=list(MEASURES), by=["line", "source", "day"], period=Period("days", first, last),
        currency=currency, as_of=as_of, mature=mature, viewer=None,
    )  # fmt: skip
    lines = _lines({row["line"] for row in found.rows})
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    arrived: dict[int, set[int]] = defaultdict(set)
    for row in found.rows:
        arrived[row["source"]].add(row["day"].toordinal())
    pks = [line.pk for line in lines]
    values = {}
    for measure in MEASURES:
        scale = MICROS if measure in MICRO_MEASURES else 1
        cells = (
            (
                row["line"], row["source"], row["day"].toordinal(),
                None if row[measure] is None else float(row[measure]) / scale,
            )
            for row in found.rows
        )  # fmt: skip
        values[measure] = laid_out(cells, arrived, pks, days)
    return Grid(int(days[0]), values, _places(lines))


def _places(lines: list[Line]) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    top = Team.objects.filter(parent=None).values_list("pk", flat=True).first() or 0
    channels = dict(Channel.objects.values_list("pk", "key"))
    levels = subjects_of(lines, top, channels)
    own = {f"line:{line.pk}": np.array([place]) for place, line in enumerate(lines)}
    return own | {name: rows for found in levels.values() for name, rows in found}


def _lines(wanted: set[int]) -> list[Line]:
    rows = CampaignLine.objects.filter(pk__in=wanted).order_by("pk")
    return [
        Line(pk, campaign, channel, team, tuple(int(one) for one in path.strip("/").split("/")), False, None, None)
        for pk, campaign, channel, team, path in rows.values_list(
            "pk", "campaign", "channel", "campaign__team", "campaign__team__path"
        )
    ]  # fmt: skip


def final_days(*, now: datetime) -> Mapping[str, date]:
    """Measure -> the last day that nothing is expected to change any more.

    Deliveries are final when every source has brought the day; results when the slowest platform's
    curve has settled, or after ``LATEST_AGE`` days where it has none.
    """
    today = local_day(now)
    kept = curves_known(now)
    arrived = _arrived(kept, today)
    if arrived is None:
        newest = Batch.objects.filter(known_at__lte=now).order_by("-known_at").first()
        arrived = min(today, local_day(newest.known_at)) if newest else today
    delivered = arrived - DAY
    found = dict.fromkeys(MEASURES, delivered)
    for measure in RESTATED:
        own = [one for one in kept if one.measure == measure]
        ends = [end for one in own for end in _settled(one, today)]
        unlearnt = today - (LATEST_AGE + 1) * DAY
        found[measure] = min([delivered, *ends]) if own else min(delivered, unlearnt)
    return found


def _arrived(kept: Iterable[MaturityCurve], today: date) -> date | None:
    looked = [day for one in kept for day in one.sources.values() if day >= today - SILENT]
    return min(looked, default=None)


def _settled(kept: MaturityCurve, today: date) -> list[date]:
    """The last final day of each of a platform's sources; one without a curve takes the longest."""
    if kept.reason:
        return [today - (LATEST_AGE + 1) * DAY]
    age = max(curve_of(kept).settled, 1)
    oldest = today - (LATEST_AGE + 1) * DAY
    return [max(looked - age * DAY, oldest) for looked in kept.sources.values()]
