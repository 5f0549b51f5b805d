"""Unusual days of marketing metrics as few incidents that are worth a look.

Dashboards that alert on every odd number are soon ignored. A day is judged only once most of it is
known, with enough volume, and never while it is still running; days that hang together are one
incident; lines that turned on the same day are one storm; what is worth little is left out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analytics.anomalies.detector import DAY, detect
from analytics.anomalies.results import Detection, Incident, Storm
from analytics.arrays import BoolArray, FloatArray, IntArray, Numbers
from analytics.daily import DailyRatio

# Incidents that begin so many days apart may have one cause.
TOGETHER_DAYS = 1
# After so many rows what was unusual is the new level.
LONGEST = 14


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too little to speak of.

    `min_volume`: of the denominator on a day, or of the amount expected where there is none.
    `min_stake`: money. `min_known`: share of a day's final value that must be known.
    `cool_down`: usual days in a row after which an incident is over. `noise`: standard deviations
    of a count by which a day must differ from what is expected, where the numerator is one.
    """

    min_volume: float = 0.0
    min_stake: float = 0.0
    min_known: float = 0.8
    cool_down: int = 3
    noise: float = 3.0


USUAL = Limits()


def watch(
    names: Sequence[str],
    daily: DailyRatio,
    *,
    last_day: int,
    worth: float | Numbers,
    known: FloatArray | None = None,
    is_ratio: bool = True,
    is_count: bool = False,
    special_days: Collection[int] = (),
    limits: Limits = USUAL,
) -> tuple[Storm, ...]:
    """Return what is unusual in the S named lines of `daily`, the most at stake first.

    `last_day` is the last complete day (ordinal); later ones are not looked at. `worth` is money
    for each unit of the numerator, one for all lines or one each (S,). `known` (S, D) is the share of each day's final numerator that
    has come in, as maturity curves say; numerators are divided by it. Without `is_ratio` the
    denominator is all ones and the metric is the amount. `is_count`: the numerator counts events,
    which scatter by the root of their number. `special_days` are known to be unusual (holidays,
    sales): neither judged nor learnt from. A day without data, or a ratio without volume, is
    unknown and not zero. Lines with 35 days of history or fewer are left out.

    Raises ValueError when there is not one name a line, or one worth.
    """
    if len(names) != len(daily.top):
        raise ValueError("every line needs a name")
    worths = np.broadcast_to(np.asarray(worth, dtype=np.float64), len(names))
    share = np.ones_like(daily.top) if known is None else known
    top = daily.top / np.where(share > 0, share, np.nan)
    hidden = (share < limits.min_known) | (daily.days > last_day)
    hidden |= np.isin(daily.days, list(special_days))
    if is_ratio:
        hidden |= ~(daily.bottom >= max(limits.min_volume, np.finfo(float).tiny))
    lines = [
        _Line(name, daily.days, top[i], daily.bottom[i], np.where(hidden[i], np.nan, top[i]))
        for i, name in enumerate(names)
    ]
    found = (
        one
        for line, money in zip(lines, worths, strict=True)
        for one in line.incidents(limits, float(money), is_ratio, is_count)
    )
    return _storms(one for one in found if one.stake >= limits.min_stake)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """One line's days (D,): the numerator as it will be, and as far as it may be judged."""

    name: str
    days: IntArray
    top: FloatArray
    bottom: FloatArray
    judged: FloatArray

    def incidents(
        self, limits: Limits, worth: float, is_ratio: bool, is_count: bool
    ) -> Iterator[Incident]:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(np.isnan(self.judged), np.nan, self.judged / self.bottom)
        detection = detect(np.multiply(self.days, DAY, dtype=np.float64), values)
        expected = detection.expected * self.bottom
        unusual = detection.score >= detection.threshold
        if not is_ratio:
            unusual &= np.maximum(expected, self.top) >= limits.min_volume
        if is_count:
            unusual &= np.abs(self.top - expected) > limits.noise * np.sqrt(np.maximum(expected, 1))
        last, end = None, -1
        for run in _runs(np.flatnonzero(unusual), self.top > expected, self.days, limits):
            begun = run[run > end]
            if not len(begun):
                continue
            rows = _to_its_end(begun, values, detection, limits)
            found = self._incident(rows, unusual, detection, worth)
            if last is None or not _is_way_back(last, found, limits.cool_down):
                yield found
                last, end = found, int(rows[-1])

    def _incident(
        self, rows: IntArray, unusual: BoolArray, detection: Detection, worth: float
    ) -> Incident:
        """What is expected of days that only go on is what was expected when they began."""
        bottom = self.bottom[rows]
        volume = float(bottom.sum())
        judged = np.where(unusual[rows], rows, rows[0])
        top, should = (
            float(self.top[rows].sum()),
            float((detection.expected[judged] * bottom).sum()),
        )
        return Incident(
            name=self.name,
            first_day=int(self.days[rows[0]]),
            last_day=int(self.days[rows[-1]]),
            days=len(rows),
            observed=top / volume,
            expected=should / volume,
            low=float((detection.low[judged] * bottom).sum()) / volume,
            high=float((detection.high[judged] * bottom).sum()) / volume,
            stake=abs(top - should) * worth,
            score=float(detection.score[rows].max()),
            n=detection.n,
        )


def _runs(rows: IntArray, is_up: BoolArray, days: IntArray, limits: Limits) -> list[IntArray]:
    """Rows cut wherever the way changes or the cool-down has passed."""
    if not len(rows):
        return []
    cuts = [
        place
        for place, (one, after) in enumerate(pairwise(rows), start=1)
        if is_up[one] != is_up[after] or days[after] - days[one] > limits.cool_down
    ]
    return list(np.split(rows, cuts))


def _to_its_end(
    rows: IntArray, values: FloatArray, detection: Detection, limits: Limits
) -> IntArray:
    """The unusual rows with those on which it goes on, though the detector has got used to it.

    It goes on while days lie nearer to what was seen at first than to what was expected then.
    """
    first, found = int(rows[0]), [int(rows[0])]
    seen, should = values[first], detection.expected[first]
    is_drop, half = seen < should, (seen + should) / 2
    unusual = set(rows.tolist())
    for row in range(first + 1, min(first + LONGEST, len(values))):
        known = not np.isnan(values[row])
        if known and (row in unusual or (values[row] < half) == is_drop):
            found.append(row)
        elif known or row - found[-1] > limits.cool_down:
            break
    return np.array(sorted({*found, *unusual}), dtype=np.int64)


def _is_way_back(last: Incident, found: Incident, cool_down: int) -> bool:
    """Whether `found` only is the end of `last`: nearer to what was expected before than `last` was.

    Days after an outage look like a rise to a detector that has begun to believe the outage.
    """
    return (
        found.is_drop != last.is_drop
        and found.first_day - last.last_day <= cool_down
        and abs(found.observed - last.expected) < abs(last.observed - last.expected)
    )


def _storms(found: Iterable[Incident]) -> tuple[Storm, ...]:
    """Incidents of one way whose first days hang together, as one."""
    storms: list[list[Incident]] = []
    for one in sorted(found, key=lambda one: (one.is_drop, one.first_day, one.name)):
        first = storms[-1][0] if storms else None
        if (
            first is not None
            and first.is_drop == one.is_drop
            and one.first_day - first.first_day <= TOGETHER_DAYS
        ):
            storms[-1].append(one)
        else:
            storms.append([one])
    ranked = [Storm(tuple(sorted(s, key=lambda one: (-one.stake, one.name)))) for s in storms]
    return tuple(sorted(ranked, key=lambda storm: (-storm.stake, storm.incidents[0].name)))
