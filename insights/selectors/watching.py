"""Daily sums of campaign lines as the anomaly detector takes them: as they are, with what is known of each day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from accounts.models import User
from analytics.anomalies import Detection, detect
from analytics.arrays import FloatArray, IntArray
from analytics.daily import DailyRatio
from core.money import MICROS
from core.periods import Period
from insights.rules.anomalies import MIN_KNOWN, YOUNG_DAYS
from insights.selectors.maturity import curves_known, days_growing
from metrics.choices import MICRO_MEASURES
from metrics.selectors import Metric, query

# What platforms restate after the day.
RESTATED = ("conversions", "revenue", "order_value", "leads")
MEASURES = ("impressions", "clicks", "spend", "conversions", "revenue", "leads")
DAY = timedelta(days=1)
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """L lines over D days in one currency: ``sums[measure]`` and ``known[measure]`` are (L, D).

    NaN where a line has no row for a day. ``known`` is the share of the final value that has come in.
    """

    lines: Sequence[int]
    period: Period
    currency: str
    sums: Mapping[str, FloatArray]
    known: Mapping[str, FloatArray]

    @property
    def days(self) -> IntArray:
        return self.period.start.toordinal() + np.arange(self.period.days)

    def only(self, lines: Sequence[int]) -> Watch:
        """The same of some of its lines."""
        at = [self.lines.index(line) for line in lines]
        sums, known = ({m: rows[at] for m, rows in of.items()} for of in (self.sums, self.known))
        return Watch(list(lines), self.period, self.currency, sums, known)

    def reports(self, measure: str) -> FloatArray:
        """(L,) how much of a measure each line ever reported."""
        found: FloatArray = np.nansum(self.sums[measure], axis=1)
        return found

    def daily(self, metric: Metric, rows: Collection[int]) -> DailyRatio:
        """The metric's numerator and denominator of some lines, by place."""
        at = list(rows)
        bottom = self.sums[metric.denominator][at] if metric.denominator else None
        return DailyRatio(self.sums[metric.numerator][at] * metric.factor, bottom, self.days)


def read_watch(
    *,
    period: Period,
    viewer: User | None,
    currency: str | None,
    lines: Sequence[int] | None = None,
    as_of: datetime | None = None,
    measures: Sequence[str] = MEASURES,
) -> Watch:
    """The daily sums of lines (of all, without ``lines``) with data in the period."""
    answer = query(
        metrics=measures,
        by=["line", "platform", "day"],
        where=None if lines is None else {"line": list(lines)},
        period=period,
        viewer=viewer,
        currency=currency,
        as_of=as_of,
    )
    ids = sorted({row["line"] for row in answer.rows})
    places = {line: n for n, line in enumerate(ids)}
    sums = {measure: np.full((len(ids), period.days), np.nan) for measure in measures}
    platforms: dict[str, set[int]] = {}
    for row in answer.rows:
        at = places[row["line"]], (row["day"] - period.start).days
        platforms.setdefault(row["platform"], set()).add(at[0])
        for measure in measures:
            if row[measure] is not None:
                scale = MICROS if measure in MICRO_MEASURES else 1
                sums[measure][at] = np.nan_to_num(sums[measure][at]) + row[measure] / scale
    _fill_zeros(sums)
    known = _known(platforms, period, sums, as_of)
    return Watch(ids, period, answer.currency, sums, known)


def _fill_zeros(sums: dict[str, FloatArray]) -> None:
    """A day with a row but without results of a line that reports them had none."""
    present = ~np.isnan(np.stack(list(sums.values()))).all(axis=0)
    for values in sums.values():
        reported = np.nansum(values, axis=1, keepdims=True) > 0
        values[np.isnan(values) & present & reported] = 0.0


def _known(
    platforms: Mapping[str, set[int]],
    period: Period,
    sums: Mapping[str, FloatArray],
    as_of: datetime | None,
) -> dict[str, FloatArray]:
    """The share of each day's final value that has come in, the least of a platform's sources."""
    known = {measure: np.ones_like(values) for measure, values in sums.items()}
    for growing in days_growing(period.start, period.end, as_of):
        at = (growing.day - period.start).days
        for measure in known.keys() & growing.factors.keys():
            share = 1 / float(growing.factors[measure])
            for line in platforms.get(growing.platform, ()):
                known[measure][line, at] = min(known[measure][line, at], share)
    _hide_unwatched(known, platforms, as_of)
    return known


def _hide_unwatched(
    known: Mapping[str, FloatArray], platforms: Mapping[str, set[int]], as_of: datetime | None
) -> None:
    """Results of platforms without a curve are not judged in their first days."""
    learnt = {(one.platform, one.measure) for one in curves_known(as_of) if not one.reason}
    for platform, lines in platforms.items():
        for measure in RESTATED:
            if measure in known and (platform, measure) not in learnt:
                known[measure][sorted(lines), -YOUNG_DAYS:] = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """One series over all lines of a watch, with what was expected of each day; NaN is unknown."""

    period: Period
    values: FloatArray
    detection: Detection

    def within(self, first: date, last: date) -> Expected:
        """Only some of the days."""
        start, end = (first - self.period.start).days, (last - self.period.start).days + 1
        cut = slice(max(start, 0), max(end, 0))
        found = self.detection
        return Expected(
            Period("shown", max(first, self.period.start), min(last, self.period.end)),
            self.values[cut],
            replace(
                found,
                score=found.score[cut],
                flag=found.flag[cut],
                expected=found.expected[cut],
                low=found.low[cut],
                high=found.high[cut],
            ),
        )


def expected_of(
    watch: Watch, metric: Metric, last_day: date, unlearnt: tuple[date, date] | None = None
) -> Expected:
    """The metric over all lines of a watch together, day by day, judged by the days before.

    Days up to ``last_day`` are judged, and only what has mostly come in. From those of ``unlearnt``
    (an incident) nothing is learnt: what was expected then goes on being expected.
    """
    top, bottom = (_total(watch, measure) for measure in (metric.numerator, metric.denominator))
    known = np.min(watch.known[metric.numerator], axis=0, initial=1.0)
    hidden = (known < MIN_KNOWN) | (watch.days > last_day.toordinal())
    if unlearnt:
        first, last = (day.toordinal() for day in unlearnt)
        hidden |= (watch.days >= first) & (watch.days <= last)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = top / np.where(known > 0, known, np.nan) * metric.factor / bottom
    values = np.where(np.isfinite(values), values, np.nan)
    judged = np.where(hidden, np.nan, values)
    shown = np.where(known > 0, values, np.nan)
    return Expected(
        watch.period, shown, detect(np.multiply(watch.days, DAY_SECONDS, dtype=np.float64), judged)
    )


def _total(watch: Watch, measure: str) -> FloatArray:
    if not measure:
        return np.ones(watch.period.days)
    values = watch.sums[measure]
    total: FloatArray = np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))
    return total
