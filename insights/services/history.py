"""Daily sums of campaigns as the arrays that ``analytics`` works on.

Days that still grow stand at what they are expected to be when final, so that no check takes a
young day for a poor one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Max

from analytics.daily import DailyRatio
from core.periods import Period
from metrics.models import LineDay
from metrics.selectors import Metric, query


@dataclass(frozen=True, slots=True)
class History:
    """One campaign's days, from its first to its last day with data.

    ``sums`` maps a measure to one number a day in units (not micros), NaN where the
    day never arrived. ``currency`` is "" when its lines are paid in several.
    """

    campaign_id: int
    first_day: date
    sums: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]
    currency: str

    @property
    def days(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        length = len(next(iter(self.sums.values())))
        return self.first_day.toordinal() + np.arange(length)

    @property
    def last_day(self) -> date:
        return date.fromordinal(int(self.days[-1]))

    def ratio(self, metric: Metric) -> DailyRatio:
        """The metric's numerator over its denominator, day by day."""
        bottom = self.sums[metric.denominator] if metric.denominator else None
        return DailyRatio(self.sums[metric.numerator], bottom, self.days)

    def reports(self, measure: str) -> bool:
        """Whether the measure was ever reported and not always zero."""
        return bool(np.nansum(self.sums[measure]) > 0)


def last_days(campaign_ids: Sequence[int] | None = None) -> dict[int, date]:
    """Each campaign's newest day with data."""
    rows = LineDay.objects.filter(period_days=1)
    if campaign_ids is not None:
        rows = rows.filter(line__campaign__in=campaign_ids)
    newest = rows.values_list("line__campaign").annotate(newest=Max("day"))
    return dict(newest)


def campaign_histories(
    *, measures: Sequence[str], period: Period, as_of: datetime | None = None
) -> dict[int, History]:
    """The daily sums of every campaign with data in the period, in its own currency."""
    answer = query(
        metrics=measures,
        by=["campaign", "currency", "day"],
        period=period,
        viewer=None,
        as_of=as_of,
        mature=True,
    )
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in answer.rows:
        rows[row["campaign"]].append(row)
    scales = {column.key: 1_000_000 if column.in_micros else 1 for column in answer.columns}
    return {
        campaign: _history(campaign, days, measures, scales)
        for campaign, days in rows.items()
        if len({row["currency"] for row in days}) == 1
    }


def _history(
    campaign: int, rows: list[dict[str, Any]], measures: Sequence[str], scales: Mapping[str, int]
) -> History:
    first = min(row["day"] for row in rows)
    length = (max(row["day"] for row in rows) - first).days + 1
    sums = {measure: np.full(length, np.nan) for measure in measures}
    for row in rows:
        at = (row["day"] - first) // timedelta(days=1)
        for measure in measures:
            if row[measure] is not None:
                sums[measure][at] = row[measure] / scales[measure]
    return History(campaign, first, sums, rows[0]["currency"])


def line_histories(
    line_ids: Sequence[int], *, measures: Sequence[str], period: Period
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], dict[str, np.ndarray[Any, np.dtype[np.float64]]]]:
    """Days (D,) of a period and, by measure, the daily sums (L, D) of lines in the order given.

    Units, not micros; NaN where a line has no data for the day.
    """
    answer = query(
        metrics=measures,
        by=["line", "day"],
        where={"line": list(line_ids)},
        period=period,
        viewer=None,
        mature=True,
    )
    scales = {column.key: 1_000_000 if column.in_micros else 1 for column in answer.columns}
    places = {line: number for number, line in enumerate(line_ids)}
    sums = {measure: np.full((len(line_ids), period.days), np.nan) for measure in measures}
    for row in answer.rows:
        at = (row["day"] - period.start).days
        for measure in measures:
            if row[measure] is not None:
                sums[measure][places[row["line"]], at] = row[measure] / scales[measure]
    return period.start.toordinal() + np.arange(period.days), sums
