"""From daily series to forecasts of every metric at every level: pure, so that a run can be repeated.

Lines are forecast; everything above is their sum, and a ratio is that of its two parts at the same
level. Spend comes first: it moves towards its plan as far as it followed plans before. The other
measures follow that spend, at the earlier cut-offs too, so that ranges hold both: that spend turns
out otherwise than expected, and that it brings more or less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast import (
    Forecast,
    Panel,
    chances,
    forecast,
    in_units,
    left_out,
    naive,
    picked,
    ratio,
    running,
    scaled,
    summed,
    towards,
)
from analytics.results import Reason
from insights.rules.forecast_plans import Ahead
from insights.rules.forecast_series import latest_week

WEEK = 7
SPEND = "spend"
# The engine that stands in for a model that was benched: the latest same weekday carried on.
NAIVE = "seasonal-naive"
LINE = "line"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a version of the model is: kept as its parameters."""

    engine: str = "pooled-1"
    horizon: int = 30
    history_days: int = 400
    trees: bool = True
    seed: int = 1

    @classmethod
    def of(cls, params: Mapping[str, object]) -> Settings:
        """Those of a version; what it does not name stays as it is here."""
        known = {name: params[name] for name in cls.__slots__ if name in params}
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What is forecast: measure -> (L, D) in units, and what is known of the days ahead."""

    days: IntArray
    values: Mapping[str, FloatArray]
    ahead: Ahead
    kept: BoolArray
    lines: Sequence[int]
    levels: Mapping[str, Sequence[tuple[str, IntArray]]]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A metric that is a ratio of two measures."""

    key: str
    top: str
    bottom: str
    factor: int


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Forecasts of one metric at one level; ``running`` are of the first days together.

    ``base`` (S,) is the latest week, ``chances`` (S, 3) of going down, staying and going up.
    """

    metric: str
    level: str
    told: Forecast
    running: Forecast
    base: FloatArray
    chances: FloatArray
    method: str
    known: IntArray


def blocks(series: Series, ratios: Sequence[Ratio], settings: Settings) -> Iterator[Block]:
    """Every metric at every level that has it; lines have measures only."""
    lines = _lines(series, settings)
    parts: dict[tuple[str, str], Block] = {}
    for measure, (places, told) in lines.items():
        kept = np.flatnonzero(series.kept[places])
        if len(kept):
            own = _block(measure, LINE, picked(told, kept), series, places[kept], None)
            yield replace(own, method="naive") if settings.engine == NAIVE else own
        for level, members in series.levels.items():
            found = _summed(measure, level, members, places, told, series)
            if found:
                parts[measure, level] = found
                yield found
    for wanted in ratios:
        for level in series.levels:
            top, bottom = parts.get((wanted.top, level)), parts.get((wanted.bottom, level))
            if top and bottom and (found := _ratio(wanted, top, bottom)):
                yield found


def _lines(series: Series, settings: Settings) -> dict[str, tuple[IntArray, Forecast]]:
    """Measure -> the lines that report it, and their forecasts."""
    spend = _of_measures(series, settings, {SPEND}, None)
    others = _of_measures(series, settings, set(series.values) - {SPEND}, spend.get(SPEND))
    found = spend | others
    return {measure: found[measure] for measure in series.values if measure in found}


def _of_measures(
    series: Series, settings: Settings, wanted: set[str], spend: tuple[IntArray, Forecast] | None
) -> dict[str, tuple[IntArray, Forecast]]:
    """Some measures of the lines; with a forecast of spend, they follow it."""
    panel = _panel(series, wanted)
    if panel is None:
        return {}
    told = _told(panel, series, settings, spend)
    owners = [_owner(name) for name in told.names]
    places = np.array([place for _, place in owners])
    told = left_out(told, series.ahead.ran[:, places])
    if SPEND in wanted and settings.engine != NAIVE:
        told = towards(told, series.ahead.planned[:, places], series.ahead.before[:, :, places])
    told = _stopped(told, series.ahead.running[places])
    rows = {
        measure: np.array([n for n, (own, _) in enumerate(owners) if own == measure])
        for measure in dict.fromkeys(own for own, _ in owners)
    }
    return {measure: (places[own], picked(told, own)) for measure, own in rows.items()}


def _told(
    panel: Panel, series: Series, settings: Settings, spend: tuple[IntArray, Forecast] | None
) -> Forecast:
    """What the method of the settings expects of every line's measures."""
    if settings.engine == NAIVE:
        return naive(panel, settings.horizon)
    plan, foretold = _plan(series, panel, spend)
    return forecast(
        panel,
        settings.horizon,
        plan=plan,
        foretold=foretold,
        seed=settings.seed,
        trees=settings.trees,
    ).series


def _owner(name: str) -> tuple[str, int]:
    measure, _, place = name.rpartition("/")
    return measure, int(place)


def _panel(series: Series, wanted: set[str]) -> Panel | None:
    names, rows = [], []
    for measure, values in series.values.items():
        for place, row in enumerate(values):
            if measure in wanted and not np.isnan(row).all():
                names.append(f"{measure}/{place}")
                rows.append(row)
    return Panel(tuple(names), series.days, np.array(rows)) if rows else None


def _plan(
    series: Series, panel: Panel, spend: tuple[IntArray, Forecast] | None
) -> tuple[Panel | None, FloatArray | None]:
    """Spend of the days seen and as forecast, for every series of the lines that have spend, and
    what was forecast of it at the earlier cut-offs. Nothing where no line has a plan."""
    if spend is None or np.isnan(series.ahead.planned).all():
        return None, None
    own, told = spend
    row_of = {int(place): row for row, place in enumerate(own)}
    places = [(name, _owner(name)[1]) for name in panel.names]
    wanted = [(name, place) for name, place in places if place in row_of]
    if not wanted:
        return None, None
    lines = [place for _, place in wanted]
    rows = [row_of[place] for place in lines]
    both = np.concatenate([series.values[SPEND][lines], told.mean[rows]], axis=1)
    days = series.days[0] + np.arange(both.shape[1])
    foretold = np.where(series.ahead.ran[:, lines], told.past.forecast[:, rows], 0.0)
    return Panel(tuple(name for name, _ in wanted), days, both), foretold


def _stopped(told: Forecast, runs: BoolArray) -> Forecast:
    """Nothing on days on which a line does not run, and the reason where it never does."""
    reasons = tuple(
        reason if row.any() else Reason.ENDED for row, reason in zip(runs, told.reason, strict=True)
    )
    return replace(scaled(told, runs.astype(np.float64)), reason=reasons)


def _summed(
    measure: str,
    level: str,
    members: Sequence[tuple[str, IntArray]],
    places: IntArray,
    told: Forecast,
    series: Series,
) -> Block | None:
    at = {place: row for row, place in enumerate(places)}
    rows = []
    for name, own in members:
        mine = [at[place] for place in own if place in at]
        if mine and series.kept[places[mine]].any():
            rows.append((name, np.array(mine)))
    if not rows:
        return None
    lines = [places[own] for _, own in rows]
    return _block(measure, level, summed(told, rows), series, places, lines)


def _block(
    measure: str,
    level: str,
    told: Forecast,
    series: Series,
    places: IntArray,
    members: Sequence[IntArray] | None,
) -> Block:
    values = series.values[measure]
    groups = [np.array([place]) for place in places] if members is None else members
    sums = running(told)
    weeks = latest_week(values)
    base = np.array([np.nansum(weeks[own]) if (~np.isnan(weeks[own])).any() else np.nan
                     for own in groups])  # fmt: skip
    known = np.array([(~np.isnan(values[own])).any(axis=0).sum() for own in groups])
    named = LINE if members is None else level
    names = tuple(f"line:{series.lines[place]}" for place in places)
    told, sums = (
        (replace(told, names=names), replace(sums, names=names))
        if members is None
        else (told, sums)
    )
    return Block(
        metric=measure,
        level=named,
        told=told,
        running=sums,
        base=base,
        chances=chances(sums, base, WEEK - 1),
        method="sum" if members is not None else "combined",
        known=known,
    )


def _ratio(wanted: Ratio, top: Block, bottom: Block) -> Block | None:
    below = {name: row for row, name in enumerate(bottom.told.names)}
    pairs = [(row, below[name]) for row, name in enumerate(top.told.names) if name in below]
    if not pairs:
        return None
    over, under = (np.array(rows) for rows in zip(*pairs, strict=True))
    told, sums = (
        ratio(in_units(picked(one, over), wanted.factor), picked(other, under), of_sums=True)
        for one, other in ((top.told, bottom.told), (top.running, bottom.running))
    )
    parts = bottom.base[under]
    base = np.divide(
        top.base[over] * wanted.factor, parts, out=np.full(len(over), np.nan), where=parts > 0
    )
    reasons = tuple(
        one or other
        for one, other in zip(told.reason, picked(bottom.told, under).reason, strict=True)
    )
    return Block(
        metric=wanted.key,
        level=top.level,
        told=replace(told, reason=reasons),
        running=sums,
        base=base,
        chances=chances(sums, base, WEEK - 1),
        method="ratio",
        known=np.minimum(top.known[over], bottom.known[under]),
    )
