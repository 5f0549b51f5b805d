"""From daily series to forecasts of every metric at every level: pure, so that a run can be repeated.

Lines are forecast, all measures at once; everything above is their sum, and a ratio is that of its
two parts at the same level. Planned spend moves the forecast of spend halfway towards itself, and
the other measures follow the spend that comes of it.
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
    naive,
    picked,
    ratio,
    running,
    scaled,
    summed,
)
from analytics.results import Reason
from insights.rules.forecast_series import latest_week, usual_spend

WEEK = 7
SPEND = "spend"
# The engine that stands in for a model that was benched: the latest same weekday carried on.
NAIVE = "seasonal-naive"
LINE = "line"
# Calls are made from so many known days of history on.
FEWEST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Settings:
    """What a version of the model is: kept as its parameters."""

    engine: str = "pooled-1"
    horizon: int = 30
    history_days: int = 400
    plan_weight: float = 0.5
    trees: bool = True
    seed: int = 1

    @classmethod
    def of(cls, params: Mapping[str, object]) -> Settings:
        """Those of a version; what it does not name stays as it is here."""
        known = {name: params[name] for name in cls.__slots__ if name in params}
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """What is forecast: measure -> (L, D) in units, and what is known of the days ahead, (L, H)."""

    days: IntArray
    values: Mapping[str, FloatArray]
    running: BoolArray
    planned: FloatArray
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
    panel = _panel(series)
    if panel is None:
        return {}
    told = _told(panel, series, settings)
    owners = [_owner(name) for name in told.names]
    found = {}
    for measure in dict.fromkeys(measure for measure, _ in owners):
        rows = np.array([n for n, (own, _) in enumerate(owners) if own == measure])
        places = np.array([owners[row][1] for row in rows])
        own = picked(told, rows)
        if measure == SPEND:
            own = _towards_plan(own, series.planned[places], settings.plan_weight)
        found[measure] = places, _stopped(own, series.running[places])
    return found


def _told(panel: Panel, series: Series, settings: Settings) -> Forecast:
    """What the method of the settings expects of every line's measures."""
    if settings.engine == NAIVE:
        return naive(panel, settings.horizon)
    return forecast(
        panel,
        settings.horizon,
        plan=_plan(series, panel, settings),
        seed=settings.seed,
        trees=settings.trees,
    ).series


def _owner(name: str) -> tuple[str, int]:
    measure, _, place = name.rpartition("/")
    return measure, int(place)


def _panel(series: Series) -> Panel | None:
    names, rows = [], []
    for measure, values in series.values.items():
        for place, row in enumerate(values):
            if not np.isnan(row).all():
                names.append(f"{measure}/{place}")
                rows.append(row)
    return Panel(tuple(names), series.days, np.array(rows)) if rows else None


def _plan(series: Series, panel: Panel, settings: Settings) -> Panel | None:
    """Spend of the days seen and to come, for every other measure of the lines that have a plan.

    Of the days to come it is what plan and latest weeks ask for, and nothing where a line stops.
    """
    spend = series.values.get(SPEND)
    if spend is None:
        return None
    weight = settings.plan_weight
    usual = usual_spend(spend)[:, None]
    ahead = np.where(series.running, (1 - weight) * usual + weight * series.planned, 0.0)
    planned = ~np.isnan(ahead).all(axis=1) & ((spend > 0).sum(axis=1) >= FEWEST_DAYS)
    owners = [(name, *_owner(name)) for name in panel.names]
    wanted = [(name, row) for name, measure, row in owners if measure != SPEND and planned[row]]
    if not wanted:
        return None
    both = np.concatenate([spend, ahead], axis=1)
    days = series.days[0] + np.arange(both.shape[1])
    return Panel(tuple(name for name, _ in wanted), days, both[[row for _, row in wanted]])


def _towards_plan(told: Forecast, planned: FloatArray, weight: float) -> Forecast:
    """The forecast of spend moved towards the plan, where there is one and it is not at rest."""
    moves = ~np.isnan(planned) & (told.mean > 0)
    aimed = (1 - weight) * told.mean + weight * planned
    by = np.divide(aimed, told.mean, out=np.ones_like(aimed), where=moves)
    return scaled(told, by)


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
