"""Answers that may be looked at again and again without fooling oneself.

A test read at twenty looks with the 5 % limit of a single one finds something in every fourth
experiment without any effect. Three ways to read early and keep the promise:

- **any time**: a confidence sequence, for tests without a planned end;
- **until an end**: the end is declared, the looks are not; sharper, because nothing must be kept
  for the time after it;
- **planned looks**: end and looks are declared (`spending`); sharpest.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from analytics.experiments.moments import Number
from analytics.experiments.spending import Spending, bounds, crossing_level

# Users of both arms together at which the confidence sequence is tightest.
TUNING = 5000.0
# A look may overshoot the declared end by this share: the last day brings what it brings.
OVERRUN = 1.05


class Reading(StrEnum):
    """How often a test is looked at."""

    ONCE = "once"
    ANY_TIME = "any_time"
    UNTIL_END = "until_end"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Looks:
    """What was declared about looking, before the test began.

    `end` is the number of units of all arms together at which the test ends (UNTIL_END, PLANNED);
    `planned` the number of equally spaced looks, the last one at the end; `tuning` as above.
    """

    reading: Reading = Reading.ANY_TIME
    end: float | None = None
    planned: int | None = None
    spending: Spending = Spending.OBRIEN_FLEMING
    tuning: float = TUNING

    def critical(self, units: float, alpha: float) -> float:
        """How many standard errors from zero is significant at a look after `units` units.

        Raises ValueError for UNTIL_END and PLANNED when the declared end is past.
        """
        if self.reading is Reading.ONCE:
            return -float(special.ndtri(alpha / 2))
        if self.reading is Reading.ANY_TIME:
            return float(mixture_critical(units, alpha=alpha, tuning=self.tuning))
        reached = self.reached(units)
        if self.reading is Reading.UNTIL_END:
            return float(horizon_critical(reached, alpha=alpha))
        return bounds(self.fractions(reached), alpha, self.spending)[-1]

    def p(self, statistic: float, units: float, alpha: float) -> float:
        """The probability that stays valid over all looks; errors as `critical`."""
        if self.reading is Reading.ONCE:
            return float(2 * special.ndtr(-abs(statistic)))
        if self.reading is Reading.ANY_TIME:
            return float(mixture_p(statistic, units, alpha=alpha, tuning=self.tuning))
        reached = self.reached(units)
        if self.reading is Reading.UNTIL_END:
            return float(horizon_p(statistic, reached))
        return crossing_level(self.fractions(reached), statistic, self.spending)

    def reached(self, units: float) -> float:
        """Share of the declared units that is there, at most 1."""
        if self.end is None:
            raise ValueError("no end was declared")
        if self.is_past(units):
            raise ValueError("the declared end is past")
        return min(units / self.end, 1.0)

    def is_past(self, units: float) -> bool:
        """Whether more units came than the declared end and its overrun allow for."""
        declared = self.reading in (Reading.UNTIL_END, Reading.PLANNED)
        return declared and self.end is not None and units > self.end * OVERRUN

    def fractions(self, reached: float) -> tuple[float, ...]:
        """Shares of the information at the planned looks until this one."""
        planned = self.planned or 1
        before = (look / planned for look in range(1, planned))
        return (*(share for share in before if share < reached - 0.25 / planned), reached)


def mixture_critical(units: Number, *, alpha: float, tuning: float = TUNING) -> Number:
    """Standard errors from zero at which a confidence sequence ends, after `units` units.

    Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2023),
    "Time-uniform central limit theory and asymptotic confidence sequences", equation 9, tightest
    near `tuning` units (equation 161). Holds at every number of units, however often one looks.
    """
    grown = units * _rho_squared(alpha, tuning) + 1
    critical: Number = np.sqrt(2 * grown / (grown - 1) * np.log(np.sqrt(grown) / alpha))
    return critical


def mixture_p(statistic: Number, units: Number, *, alpha: float, tuning: float = TUNING) -> Number:
    """Always-valid probability of the same sequence (there, equation 155)."""
    grown = units * _rho_squared(alpha, tuning) + 1
    log_p = np.log(grown) / 2 - np.square(statistic) * (grown - 1) / (2 * grown)
    p: Number = np.exp(np.minimum(log_p, 0.0))
    return p


def _rho_squared(alpha: float, tuning: float) -> float:
    need = -2 * float(np.log(alpha))
    return (need + float(np.log(need + 1))) / tuning


def horizon_critical(reached: Number, *, alpha: float) -> Number:
    """Standard errors from zero that are significant when `reached` of the units are there.

    Brownian motion stays inside +-b until time 1 with probability above 1 - 4 P(N > b), by the
    reflection principle; z = b / sqrt(reached) therefore holds for any number of looks until the
    declared end. The bound of O'Brien and Fleming (1979), "A multiple testing procedure for
    clinical trials", for looks without number.
    """
    critical: Number = -special.ndtri(alpha / 4) / np.sqrt(reached)
    return critical


def horizon_p(statistic: Number, reached: Number) -> Number:
    """Probability that any look until the declared end shows as much, without any effect."""
    p: Number = np.minimum(4 * special.ndtr(-np.abs(statistic) * np.sqrt(reached)), 1.0)
    return p
