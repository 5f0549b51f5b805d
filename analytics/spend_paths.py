"""How daily spend may go on: random paths of the days still open, from a line's own history.

Spend of a day is read as `expected x weekday x level x noise`. `expected` is what the plan has for
the day while its campaigns are in flight (or a constant where no plan is known), so a month that is
planned a third higher, a flight that ends on the 20th and one that begins on the 25th are no
surprises. The level moves from week to week and leans back to where it usually is, as people
correct their budgets; the shocks that move it are of the size seen in the line's own history.

Method: the level of the latest weeks (exponential weights), its distance from the anchor damped
week by week as in Gardner and McKenzie 1985, "Forecasting trends in time series"; weekly shocks by
the smoothed bootstrap of Silverman and Young 1987, "The bootstrap: to smooth or not to smooth?",
their spread shrunk to a prior while history is short; daily residuals in weekly blocks after
Politis and Romano 1992, see `resample`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray, Numbers, as_floats

HISTORY_DAYS = 91
DRAWS = 400
# After so many days of nothing in a row a line is taken to be stopped.
STOPPED_DAYS = 3
# Weeks of a flat profile mixed into each weekday's mean, so that one odd Sunday says little.
FLAT_WEEKS = 3
WEEK = 7
# A week with fewer days than that says nothing about the level.
MIN_WEEK_DAYS = 5
# A week's level never moves by more than a factor of e in the estimate of shocks.
MOST_MOVED = 1.0
# What is smooth in a drawn shock, against what is drawn from history, in standard deviations.
SMOOTH = 0.5
# Lines worked on at a time, so that their draws stay small in memory.
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen on one half of the demo markets and scored on the other, see `bench/landing.py`.

    `half_life` days of the level's memory, `keep` the share of a level's distance from its anchor
    that is left a week later, `anchor_days` the plan's say in the anchor in days of history,
    `prior_shock` and `prior_weeks` the spread of weekly shocks assumed before any is seen and the
    weeks that assumption is worth, `start` the doubt about today's level in shocks.
    """

    half_life: float = 2.0
    keep: float = 0.9
    anchor_days: float = 56.0
    prior_shock: float = 0.10
    prior_weeks: float = 6.0
    start: float = 0.6


SETTINGS = Settings()


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Spending:
    """Daily spend of L lines up to the last complete day, and what was expected of every day.

    `spend` (L, D) on consecutive ordinals from `first_day`; NaN is a day whose data never arrived,
    zero a day without spend. `expected` (L, E) begins on the same day and runs on over the days
    that are still open, today among them; only its shape matters, and zero means that nothing
    was to run. `planned` (L,) says where it is the plan in the units of `spend`, so that a level
    of one is the plan itself. Without `expected` every day counts alike.
    """

    spend: FloatArray
    expected: FloatArray
    planned: BoolArray
    first_day: int

    def __init__(
        self,
        spend: Numbers,
        *,
        first_day: int,
        last_day: int,
        expected: Numbers | None = None,
        planned: BoolArray | bool = True,
    ) -> None:
        rows = np.atleast_2d(as_floats(spend))
        width = max(rows.shape[1], last_day - first_day + 1)
        alike = np.ones((len(rows), width))
        shape = alike if expected is None else np.atleast_2d(as_floats(expected))
        if shape.shape != alike.shape or np.isnan(shape).any() or (shape < 0).any():
            raise ValueError("expected must have a value for every day up to the last one")
        known = np.asarray(planned, dtype=np.bool_) & (expected is not None)
        object.__setattr__(self, "spend", rows)
        object.__setattr__(self, "expected", shape)
        object.__setattr__(self, "planned", np.broadcast_to(known, len(rows)))
        object.__setattr__(self, "first_day", first_day)

    def of(self, rows: slice) -> Spending:
        """Some of the lines."""
        part = object.__new__(Spending)
        for name in ("spend", "expected", "planned"):
            object.__setattr__(part, name, getattr(self, name)[rows])
        object.__setattr__(part, "first_day", self.first_day)
        return part

    @property
    def over(self) -> int:
        """Columns of days that are over."""
        return int(self.spend.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Of some lines: draws of each column of the period (L, B, P), zero where the day is known.

    `days` (L,) counts the days of history behind them.
    """

    amounts: FloatArray
    days: IntArray


def spend_paths(
    spending: Spending, *, start: int, seed: int, settings: Settings = SETTINGS
) -> Iterator[Paths]:
    """Draw the columns from `start` to the end of `expected`, for a few lines at a time.

    All lines share their random numbers, so none depends on its neighbours in the call.
    """
    width = spending.expected.shape[1] - start
    chance = _Chance.of(width, seed)
    for first in range(0, len(spending.spend), CHUNK):
        part = spending.of(slice(first, first + CHUNK))
        model = _Model.of(part, settings)
        yield Paths(_draw(model, part, start, chance, settings), model.days)


@dataclass(frozen=True, slots=True, eq=False)
class _Chance:
    """Where weeks begin in each draw (B, 1), and what moves them: (B, weeks) each."""

    phase: IntArray
    pick: FloatArray
    smooth: FloatArray
    block: FloatArray

    @classmethod
    def of(cls, width: int, seed: int) -> _Chance:
        generator = np.random.default_rng(seed)
        size = (DRAWS, width // WEEK + 3)
        return cls(
            phase=generator.integers(0, WEEK, size=(DRAWS, 1)),
            pick=generator.random(size),
            smooth=generator.standard_normal(size),
            block=generator.random(size),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _History:
    """The latest days: `amount` and what was expected of them by weekday, zero where unknown."""

    amount: FloatArray
    weight: FloatArray
    used: BoolArray
    weekday: IntArray

    @classmethod
    def of(cls, spending: Spending) -> _History:
        begin = max(spending.over - HISTORY_DAYS, 0)
        spend, hoped = spending.spend[:, begin:], spending.expected[:, begin : spending.over]
        used = ~np.isnan(spend) & (hoped > 0)
        weekday = (spending.first_day + np.arange(begin, spending.over) - 1) % WEEK
        return cls(np.where(used, spend, 0.0), np.where(used, hoped, 0.0), used, weekday)

    def weeks(self, rows: FloatArray | BoolArray) -> FloatArray:
        """Whole weeks counted back from the last day, (L, W, 7)."""
        whole = rows.shape[1] // WEEK * WEEK
        last = rows[:, rows.shape[1] - whole :].astype(np.float64)
        return last.reshape(len(rows), -1, WEEK)


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Each line's level and anchor, size of weekly shocks (L,), shocks seen (L, W), noise (L, W, 7)."""

    level: FloatArray
    anchor: FloatArray
    size: FloatArray
    shocks: FloatArray
    noise: FloatArray
    profile: FloatArray
    days: IntArray

    @classmethod
    def of(cls, spending: Spending, settings: Settings) -> _Model:
        raw = _History.of(spending)
        profile = _profile(raw)
        known = _History(raw.amount, raw.weight * profile[:, raw.weekday], raw.used, raw.weekday)
        anchor = _anchor(known, spending.planned, settings)
        size, shocks = _shocks(known, anchor, settings)
        running = ~_stopped(known)
        return cls(
            level=_level(known, settings.half_life) * running,
            anchor=anchor * running,
            size=size,
            shocks=shocks,
            noise=_noise(known),
            profile=profile,
            days=known.used.sum(axis=1),
        )


def _share(top: FloatArray, bottom: FloatArray, otherwise: float = 0.0) -> FloatArray:
    top, bottom = np.broadcast_arrays(top, bottom)
    found: FloatArray = np.divide(top, bottom, out=np.full(top.shape, otherwise), where=bottom > 0)
    return found


def _profile(known: _History) -> FloatArray:
    """Weight of each weekday, Monday first, mean one, shrunk towards flat; (L, 7)."""
    of_day = (known.weekday[:, None] == np.arange(WEEK)).astype(np.float64)
    sums, hoped = known.amount @ of_day, known.weight @ of_day
    level = _share(sums.sum(axis=1), hoped.sum(axis=1))[:, None]
    weeks = max(len(known.weekday) / WEEK, 1)
    flat = FLAT_WEEKS / weeks * hoped.mean(axis=1, keepdims=True)
    profile = _share(sums + flat * level, (hoped + flat) * level, 1.0)
    balanced: FloatArray = profile / profile.mean(axis=1, keepdims=True)
    return balanced


def _level(known: _History, half_life: float) -> FloatArray:
    """Spend over what was expected, the latest days counting most; (L,)."""
    fade = 0.5 ** (np.arange(known.amount.shape[1])[::-1] / half_life)
    return _share(known.amount @ fade, known.weight @ fade)


def _anchor(known: _History, planned: BoolArray, settings: Settings) -> FloatArray:
    """Where the level usually is: its mean, with the plan as so many more days of history."""
    a_day = _share(known.weight.sum(axis=1), known.used.sum(axis=1).astype(np.float64))
    prior = np.where(planned, settings.anchor_days, 0.0) * a_day
    return _share(known.amount.sum(axis=1) + prior, known.weight.sum(axis=1) + prior)


def _stopped(known: _History) -> BoolArray:
    """Whether the latest days brought nothing although something was expected of them; (L,)."""
    silent = known.used[:, -STOPPED_DAYS:] & (known.amount[:, -STOPPED_DAYS:] == 0)
    stopped: BoolArray = silent.sum(axis=1) == STOPPED_DAYS
    return stopped


def _shocks(
    known: _History, anchor: FloatArray, settings: Settings
) -> tuple[FloatArray, FloatArray]:
    """Size of a week's shock to the log of the level (L,), and the shocks seen in sizes (L, W)."""
    level = _share(known.weeks(known.amount).sum(axis=2), known.weeks(known.weight).sum(axis=2))
    usable = (known.weeks(known.used).sum(axis=2) >= MIN_WEEK_DAYS) & (level > 0)
    usable &= anchor[:, None] > 0
    away = np.log(np.where(usable, level, 1) / np.where(anchor > 0, anchor, 1)[:, None])
    moved = np.clip(away[:, 1:] - settings.keep * away[:, :-1], -MOST_MOVED, MOST_MOVED)
    moved = np.where(usable[:, 1:] & usable[:, :-1], moved, 0.0)
    count = (usable[:, 1:] & usable[:, :-1]).sum(axis=1).astype(np.float64)
    power = (moved**2).sum(axis=1)
    prior = settings.prior_weeks * settings.prior_shock**2
    size = np.sqrt((prior + power) / (settings.prior_weeks + count))
    return size, _share(moved, np.sqrt(_share(power, count))[:, None])


def _noise(known: _History) -> FloatArray:
    """Relative daily deviations within whole weeks (L, W, 7); zero where a day is unknown."""
    amounts, weights = known.weeks(known.amount), known.weeks(known.weight)
    level = _share(amounts.sum(axis=2), weights.sum(axis=2))[:, :, None]
    deviation = _share(amounts, weights * level, 1.0) - 1
    spread: FloatArray = deviation * np.sqrt(WEEK / (WEEK - 1))
    return spread


def _draw(
    model: _Model, spending: Spending, start: int, chance: _Chance, settings: Settings
) -> FloatArray:
    """Amounts of the columns from `start` on, (L, B, P)."""
    lines, width = len(spending.spend), spending.expected.shape[1] - start
    columns = start + np.arange(width)
    # Days without data stand where today stands: nothing happened to the level since.
    week = (np.maximum(columns - spending.over, 0) + chance.phase) // WEEK
    levels = _levels(model, chance, settings)
    rows, draws = np.arange(lines)[:, None, None], np.arange(DRAWS)[None, :, None]
    drawn = levels[rows, draws, week[None]]
    if model.noise.shape[1]:
        block = (chance.block * model.noise.shape[1]).astype(np.int64)
        place = block[np.arange(DRAWS)[:, None], week] * WEEK + columns % WEEK
        drawn = drawn * np.maximum(1 + model.noise.reshape(lines, -1)[:, place], 0)
    weekday = (spending.first_day + columns - 1) % WEEK
    weight = spending.expected[:, start:] * model.profile[:, weekday]
    given = ~np.isnan(spending.spend[:, start:])
    weight[:, : given.shape[1]][given] = 0
    amounts: FloatArray = drawn * weight[:, None, :]
    return amounts


def _levels(model: _Model, chance: _Chance, settings: Settings) -> FloatArray:
    """Levels of the weeks ahead, this one first; (L, B, weeks)."""
    ready = (model.level > 0) & (model.anchor > 0)
    base = np.where(ready, model.anchor, 1)
    away = np.log(np.where(ready, model.level, 1) / base)[:, None]
    shocks = _drawn_shocks(model, chance)
    steps = np.empty_like(shocks)
    steps[:, :, 0] = away + settings.start * shocks[:, :, 0]
    for week in range(1, steps.shape[2]):
        steps[:, :, week] = settings.keep * steps[:, :, week - 1] + shocks[:, :, week]
    # Half the variance off, so that the mean of the draws is the level and not above it.
    drift = np.log(np.exp(shocks).mean(axis=(1, 2), keepdims=True))
    levels: FloatArray = np.exp(steps - drift) * base[:, None, None]
    return np.where(ready[:, None, None], levels, 0.0)


def _drawn_shocks(model: _Model, chance: _Chance) -> FloatArray:
    """Shocks of each line in each draw: one it had, blurred, in its own size; (L, B, weeks)."""
    seen = np.zeros((1,))
    if model.shocks.shape[1]:
        place = (chance.pick * model.shocks.shape[1]).astype(np.int64)
        seen = model.shocks[:, place]
    has = (model.shocks != 0).any(axis=1)[:, None, None]
    blurred = (seen + SMOOTH * chance.smooth) / np.sqrt(1 + SMOOTH**2)
    drawn: FloatArray = np.where(has, blurred, chance.smooth) * model.size[:, None, None]
    return drawn
