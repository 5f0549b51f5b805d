"""Between which amounts each channel may be, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.allocation.results import InfeasibleBounds
from analytics.arrays import FloatArray

CENT = 0.01


@dataclass(frozen=True, slots=True)
class Rules:
    """What a split has to keep; every part by channel, all of them hold at once.

    `factors` are the least and the most as multiples of today's spend, `committed` amounts a week
    that cannot be taken away, `max_shift` the largest change of any channel as a share of today's
    spend.
    """

    factors: Mapping[str, tuple[float, float]] | None = None
    committed: Mapping[str, float] | None = None
    max_shift: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The amounts `low` and `high` (C,) in whole cents, with the rule behind each."""

    names: tuple[str, ...]
    low: FloatArray
    high: FloatArray
    why_low: tuple[str, ...]
    why_high: tuple[str, ...]


def box_of(names: tuple[str, ...], current: FloatArray, budget: float, rules: Rules) -> Box:
    """The amounts that `rules` leave to each channel around today's spend `current` (C,).

    Without a rule a channel may have between nothing and the whole budget. Raises
    `InfeasibleBounds` when a budget is not positive, a rule names an unknown channel or contradicts
    another, or no split of `budget` keeps them all.
    """
    if not (np.isfinite(budget) and budget > 0):
        raise InfeasibleBounds(f"the budget is {budget:g}; an amount above zero is needed")
    lows: list[list[tuple[float, str]]] = [[(0.0, "no less than nothing")] for _ in names]
    highs: list[list[tuple[float, str]]] = [[(budget, "the whole budget")] for _ in names]
    for name, (least, most) in (rules.factors or {}).items():
        place = _place(names, name)
        lows[place].append((least * current[place], f"lower bound {least:g} of today"))
        if np.isfinite(most):
            highs[place].append((most * current[place], f"upper bound {most:g} of today"))
    for name, amount in (rules.committed or {}).items():
        lows[_place(names, name)].append((amount, "committed"))
    if rules.max_shift is not None:
        for place, amount in enumerate(current):
            lows[place].append(((1 - rules.max_shift) * amount, "maximum shift"))
            highs[place].append(((1 + rules.max_shift) * amount, "maximum shift"))
    tightest_low, tightest_high = [max(some) for some in lows], [min(some) for some in highs]
    box = Box(
        names,
        np.ceil(np.array([low for low, _ in tightest_low]) / CENT - 1e-6) * CENT,
        np.floor(np.array([high for high, _ in tightest_high]) / CENT + 1e-6) * CENT,
        tuple(why for _, why in tightest_low),
        tuple(why for _, why in tightest_high),
    )
    _check(box, budget)
    return box


def stay_within(box: Box, current: FloatArray, budget: float) -> FloatArray:
    """The budget in today's mix as far as the box allows, (C,): one factor, cut at the bounds."""
    mix = np.maximum(current, 1e-9 * max(float(current.sum()), CENT))
    low, high = 0.0, float((box.high / mix).max())
    for _ in range(200):
        middle = (low + high) / 2
        enough = np.clip(middle * mix, box.low, box.high).sum() >= budget
        low, high = (low, middle) if enough else (middle, high)
    return to_cents(np.clip(high * mix, box.low, box.high), box, budget)


def to_cents(split: FloatArray, box: Box, budget: float) -> FloatArray:
    """`split` in whole cents that sum to the budget's cents, inside the box.

    By largest remainder (Hare 1857); what is left over goes where there is room.
    """
    low, high = np.rint(box.low / CENT), np.rint(box.high / CENT)
    cents = np.clip(np.floor(split / CENT + 1e-7), low, high)
    missing = round(budget / CENT) - int(cents.sum())
    order = np.argsort(-(split / CENT - cents), kind="stable")
    while missing:
        step = 1 if missing > 0 else -1
        room = (high - cents) if step > 0 else (cents - low)
        able = [place for place in order[::step] if room[place] >= 1]
        for place in able[: abs(missing)]:
            cents[place] += step
            missing -= step
    whole: FloatArray = np.abs(cents) / 100
    return whole


def _place(names: tuple[str, ...], name: str) -> int:
    if name not in names:
        raise InfeasibleBounds(f"a bound names {name!r}; the channels are {', '.join(names)}")
    return names.index(name)


def _check(box: Box, budget: float) -> None:
    least, most = float(box.low.sum()), float(box.high.sum())
    if round(least / CENT) > round(budget / CENT):
        raise InfeasibleBounds(
            f"the lower bounds need {least:,.2f} and the budget is {budget:,.2f}: "
            f"lower them or raise the budget by {least - budget:,.2f}"
        )
    for name, low, high, below, above in zip(
        box.names, box.low, box.high, box.why_low, box.why_high, strict=True
    ):
        if not low <= high:
            raise InfeasibleBounds(
                f"{name} needs at least {low:,.2f} ({below}) and at most {high:,.2f} ({above})"
            )
    if round(most / CENT) < round(budget / CENT):
        raise InfeasibleBounds(
            f"the upper bounds leave room for {most:,.2f} and the budget is {budget:,.2f}: "
            f"raise them or lower the budget by {budget - most:,.2f}"
        )
