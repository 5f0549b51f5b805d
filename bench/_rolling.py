"""Rolling-origin forecasts of the shared daily series, scored against what came.

The same series and origins as those on which the peers were measured: every series, and of the 40
cash machines every third; three origins each, the days after them held back. What was chosen
(rates, powers, widening, the trees) was chosen on origins before the first of these and on the cash
machines left out here, except that the end results were looked at while it was built.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast import Forecast, Panel, forecast, naive_scale, seasonal_naive

FILES = ("expedia_channels", "nn5_cash", "short_adx_tweets", "wiki_views")
PEERS_MEASURED_ON = {"nn5_cash": 14}
# Days before the end at which each is asked: with under 75 days of history, and with more.
SHORT_ORIGINS, LONG_ORIGINS = (28, 21, 14), (80, 55, 30)
SHORT_DAYS = 75
HORIZONS = (7, 14, 30)
WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A forecast, the seasonal naive one, the truth (S, H), and the scale (S,) of its errors."""

    told: Forecast
    naive: FloatArray
    truth: FloatArray
    scale: FloatArray

    @property
    def groups(self) -> list[str]:
        return [name.rpartition("/")[0] for name in self.told.names]


def read(path: Path) -> Iterator[Panel]:
    """The panels of a file: series of one calendar together."""
    rows: dict[str, dict[int, float]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["ds"]).toordinal()
            rows.setdefault(row["unique_id"], {})[day] = float(row["y"])
    names = sorted(rows)
    if wanted := PEERS_MEASURED_ON.get(path.stem):
        names = [names[i] for i in np.linspace(0, len(names) - 1, wanted).round().astype(int)]
    calendars: dict[str, list[str]] = {}
    for name in names:
        calendars.setdefault(name.split("/")[0], []).append(name)
    for members in calendars.values():
        yield _panel(members, rows)


def _panel(names: Sequence[str], rows: Mapping[str, dict[int, float]]) -> Panel:
    first = min(min(rows[name]) for name in names)
    last = max(max(rows[name]) for name in names)
    values = np.full((len(names), last - first + 1), np.nan)
    for i, name in enumerate(names):
        for day, value in rows[name].items():
            values[i, day - first] = value
    return Panel(tuple(names), np.arange(first, last + 1), values)


def asked(panel: Panel) -> Iterator[Asked]:
    """Each origin of a panel."""
    known = ~np.isnan(panel.values)
    last = min(int(np.flatnonzero(row)[-1]) for row in known)
    is_short = last + 1 < SHORT_DAYS
    horizon = HORIZONS[1] if is_short else HORIZONS[2]
    for back in SHORT_ORIGINS if is_short else LONG_ORIGINS:
        seen = panel.until(int(panel.days[last - back]))
        ahead = panel.values[:, last - back + 1 : last - back + 1 + horizon]
        naive = seasonal_naive(seen.values, horizon)
        yield Asked(forecast(seen, horizon).series, naive, ahead, naive_scale(seen.values))


def mase(found: Sequence[Asked], days: int, *, naive: bool = False) -> float:
    """Mean over series and origins of the error over the scale; scales of zero are left out."""
    every = []
    for one in found:
        if one.truth.shape[1] >= days:
            told = one.naive if naive else one.told.mean
            error = np.nanmean(np.abs(told - one.truth)[:, :days], axis=1)
            every.append((error / one.scale)[one.scale > 0])
    return float(np.nanmean(np.concatenate(every)))


def coverage(found: Sequence[Asked], days: int, level: int) -> dict[str, float]:
    """The share of truths inside the 80 or 95 % range, by group."""
    counted: dict[str, list[float]] = {}
    for one in found:
        if one.truth.shape[1] < days:
            continue
        low, high = _ends(one, level)
        for i, group in enumerate(one.groups):
            truth = one.truth[i, :days]
            inside = (truth >= low[i, :days]) & (truth <= high[i, :days])
            counted.setdefault(group, []).extend(inside[~np.isnan(truth)].tolist())
    return {group: float(np.mean(inside)) for group, inside in counted.items()}


def msis95(found: Sequence[Asked], days: int) -> float:
    """Mean scaled interval score of the 95 % range (Gneiting and Raftery 2007, "Strictly proper
    scoring rules, prediction, and estimation")."""
    every = []
    for one in found:
        if one.truth.shape[1] >= days:
            low, high = (end[:, :days] for end in _ends(one, 95))
            truth = one.truth[:, :days]
            below, above = np.maximum(low - truth, 0), np.maximum(truth - high, 0)
            score = (high - low + 40 * (below + above))[one.scale > 0]
            every.append((score / one.scale[one.scale > 0, None]).ravel())
    return float(np.nanmean(np.concatenate(every)))


def weekly_error(found: Sequence[Asked], days: int, *, naive: bool = False) -> dict[str, float]:
    """Error of a group's weekly sums over the sums (WAPE), by group."""
    off: dict[str, float] = {}
    size: dict[str, float] = {}
    for one in found:
        if one.truth.shape[1] < days:
            continue
        unknown = np.isnan(one.truth) | np.isnan(one.naive)
        told = np.where(unknown, 0, one.naive if naive else one.told.mean)
        truth = np.where(unknown, 0, one.truth)
        for group in set(one.groups):
            rows = [name == group for name in one.groups]
            for week in range(0, days - WEEK + 1, WEEK):
                both = [part[rows, week : week + WEEK].sum() for part in (told, truth)]
                off[group] = off.get(group, 0.0) + abs(both[0] - both[1])
                size[group] = size.get(group, 0.0) + both[1]
    return {group: off[group] / size[group] for group in sorted(off)}


def _ends(one: Asked, level: int) -> tuple[FloatArray, FloatArray]:
    told = one.told
    return (told.low80, told.high80) if level == 80 else (told.low95, told.high95)
