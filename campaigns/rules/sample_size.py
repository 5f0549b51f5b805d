"""How many units a test needs, and for how long, before anybody sees a result."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

from analytics.experiments import Looks, Reading, minimum_detectable
from analytics.experiments.power import size_of_variance
from core.errors import Invalid

STEPS = 40
# Units that need no end to be known; only the limit at the end counts.
SOME_END = 1e12
DAYS = (7, 14, 21, 28, 42, 56)
FORMULA = (
    "n per variant = (c + z of the power)² × (variance of control + variance of variant) ÷ effect²"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a size depends on. ``base`` is the share, the events per unit or the mean value today,
    ``spread`` the standard deviation of a value; ``effect`` relative."""

    kind: str
    base: float
    effect: float
    spread: float | None = None
    arms: int = 2
    alpha: float = 0.05
    power: float = 0.8
    reading: str = Reading.UNTIL_END
    planned_looks: int | None = None
    daily_units: float | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """Units of one variant and of all, the days they take, and what shorter tests could find.

    ``found`` gives for a number of days the smallest relative effect that is found then.
    """

    per_arm: int
    total: int
    days: int | None
    found: tuple[tuple[int, float], ...]
    critical: float


def size_for(question: Question) -> Size:
    """The size of a test under its declared looks; with several variants each is compared with
    control at its share of alpha. Raises ``Invalid`` where a question cannot be answered."""
    _check(question)
    change = question.effect * question.base
    variances = (_variance(question, question.base), _variance(question, question.base + change))
    per_arm = 1_000.0
    for _ in range(STEPS):
        critical = _critical(question, per_arm)
        per_arm = float(
            size_of_variance(change, variances, critical=critical, power=question.power)
        )
    whole = max(ceil(per_arm), 2)
    total, daily = whole * question.arms, question.daily_units
    return Size(
        whole,
        total,
        ceil(total / daily) if daily else None,
        tuple((days, _found(question, daily * days)) for days in DAYS) if daily else (),
        _critical(question, per_arm),
    )


def _check(question: Question) -> None:
    if not question.base > 0:
        raise Invalid("Today's level is above zero.", where="base")
    if not 0 < question.effect <= 10:
        raise Invalid("The effect worth finding is above 0 and at most 1,000 %.", where="effect")
    if question.kind == "proportion" and question.base * (1 + question.effect) >= 1:
        raise Invalid("With the effect more than all units would say yes.", where="effect")
    if question.kind == "mean" and not (question.spread or 0) > 0:
        raise Invalid("A value needs its standard deviation today.", where="spread")
    if not (0 < question.alpha <= 0.5 and 0 < question.power < 1):
        raise Invalid(
            "Alpha lies above 0 and at most at 0.5, power between 0 and 1.", where="alpha"
        )


def _variance(question: Question, level: float) -> float:
    if question.kind == "proportion":
        return level * (1 - level)
    return level if question.kind == "count" else (question.spread or 0) ** 2


def _critical(question: Question, per_arm: float) -> float:
    """Standard errors that are significant at the end."""
    alpha = question.alpha / max(question.arms - 1, 1)
    reading = Reading(question.reading)
    if reading is Reading.ANY_TIME:
        return Looks(reading).critical(2 * per_arm, alpha)
    return Looks(reading, SOME_END, question.planned_looks or 4).critical(SOME_END, alpha)


def _found(question: Question, units: float) -> float:
    per_arm = max(units / question.arms, 1.0)
    error = sqrt(2 * _variance(question, question.base) / per_arm)
    critical = _critical(question, per_arm)
    return float(minimum_detectable(error, critical=critical, power=question.power)) / question.base
