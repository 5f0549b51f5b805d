"""Budgets that differ by phase, with what each phase carries over into the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.allocation.bounds import Rules, box_of, stay_within
from analytics.allocation.recommend import LEVEL
from analytics.allocation.results import Phase, PhasedPlan
from analytics.allocation.search import Worth, best_split
from analytics.arrays import FloatArray
from analytics.resample import percentile_interval
from analytics.response import Curves

# Weeks without spend after the last phase in which its carry-over is still counted.
AFTERWARDS = 13
MOST_STEPS = 6
# Draws that the search looks at; the answer counts all of them.
DRAWS = 40


@dataclass(frozen=True, slots=True)
class PhaseBudget:
    """`budget` a week for `weeks` weeks, within `rules`."""

    weeks: int
    budget: float
    rules: Rules = field(default_factory=Rules)


def phased_plan(
    curves: Curves, phases: Sequence[PhaseBudget], carried: FloatArray | None = None
) -> PhasedPlan:
    """The split of each phase for the largest expected result of all weeks and the 13 after.

    `carried` (B, C) is what past spend still carries over (`Curves.carried`). Starts from today's
    mix and improves one phase at a time with the others held fixed, until nothing changes: every
    round brings at least as much as the one before. Raises `InfeasibleBounds`, and ValueError
    without a phase or with one of no weeks.
    """
    if not phases or any(phase.weeks < 1 for phase in phases):
        raise ValueError("a plan needs phases of at least one week each")
    start = np.zeros_like(curves.decay) if carried is None else carried
    boxes = [box_of(curves.names, curves.current, p.budget, p.rules) for p in phases]
    pairs = list(zip(boxes, phases, strict=True))
    splits = np.array([stay_within(box, curves.current, p.budget) for box, p in pairs])
    few = _thinned(curves, start)
    for _ in range(MOST_STEPS):
        before = splits.copy()
        for i, (box, phase) in enumerate(pairs):
            splits[i] = best_split(_worth(*few, phases, splits, i), box, phase.budget)
        if np.array_equal(before, splits):
            break
    return _plan(curves, start, phases, splits)


def _thinned(curves: Curves, carried: FloatArray) -> tuple[Curves, FloatArray]:
    kept = np.linspace(0, len(curves.top) - 1, min(DRAWS, len(curves.top))).round().astype(np.int64)
    return curves.some(kept), carried[kept]


def _weeks(phases: Sequence[PhaseBudget], splits: FloatArray) -> FloatArray:
    """Spend by week (W + 13, ...) of phases with spend (P, ...)."""
    spent = np.repeat(splits, [phase.weeks for phase in phases], axis=0)
    return np.concatenate([spent, np.zeros((AFTERWARDS, *splits.shape[1:]))])


def _worth(
    curves: Curves,
    carried: FloatArray,
    phases: Sequence[PhaseBudget],
    splits: FloatArray,
    phase: int,
) -> Worth:
    """What amounts of a channel in one phase bring over all weeks, the other phases as they are."""

    def worth(channel: int, amounts: FloatArray) -> FloatArray:
        tried = np.tile(splits[:, channel], (len(amounts), 1)).T
        tried[phase] = amounts
        # Amounts take the place of channels: one curve, L different histories.
        alike = curves.only(channel, len(amounts))
        brought = alike.weekly(
            _weeks(phases, tried), np.repeat(carried[:, [channel]], len(amounts), axis=1)
        )
        mean: FloatArray = brought.sum(axis=0).mean(axis=0)
        return mean

    return worth


def _plan(
    curves: Curves,
    carried: FloatArray,
    phases: Sequence[PhaseBudget],
    splits: FloatArray,
) -> PhasedPlan:
    brought = curves.weekly(_weeks(phases, splits), carried).sum(axis=-1)
    ends = np.cumsum([phase.weeks for phase in phases])
    parts = np.split(brought, ends, axis=0)
    total = brought.sum(axis=0)
    found = tuple(
        Phase(
            weeks=phase.weeks,
            allocation=dict(zip(curves.names, split.tolist(), strict=True)),
            result=float(part.sum(axis=0).mean()),
            result_80=percentile_interval(part.sum(axis=0), LEVEL),
        )
        for phase, split, part in zip(phases, splits, parts[:-1], strict=True)
    )
    return PhasedPlan(
        phases=found,
        afterwards=float(parts[-1].sum(axis=0).mean()),
        total=float(total.mean()),
        total_80=percentile_interval(total, LEVEL),
    )
