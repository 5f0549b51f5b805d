"""How lead generation did against another period: counts, cost per lead and shares, with intervals."""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

from analytics.experiments import newcombe
from analytics.results import Interval, Reason

LEVEL = 0.80
# Below so many leads in a period its cost per lead or share says little beyond its own interval.
MIN_LEADS = 10


@dataclass(frozen=True, slots=True)
class CostChange:
    """Relative change of the cost per lead (0.2: a fifth dearer), with its interval."""

    value: float | None
    interval: Interval | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A share of leads before and after, and the difference (0.05: five points more)."""

    before: float | None
    after: float | None
    difference: float | None
    interval: Interval | None
    n_before: int
    n_after: int
    reason: Reason | None


def cost_change(
    spend_before: float, leads_before: float, spend_after: float, leads_after: float
) -> CostChange:
    """Compare the cost per lead of two periods; spend is known, leads are counts.

    Counts scatter as Poisson, so the log of their ratio has the variance 1/a + 1/b (Rothman 1986,
    "Modern Epidemiology", rate ratio).
    Refuses below 10 leads in a period, and without spend.
    """
    if min(leads_before, leads_after) < MIN_LEADS:
        return CostChange(None, None, Reason.TOO_FEW_UNITS)
    if min(spend_before, spend_after) <= 0:
        return CostChange(None, None, Reason.NO_SPEND)
    middle = log(spend_after / leads_after) - log(spend_before / leads_before)
    reach = _z() * sqrt(1 / leads_before + 1 / leads_after)
    ends = Interval(exp(middle - reach) - 1, exp(middle + reach) - 1, LEVEL)
    return CostChange(exp(middle) - 1, ends, None)


def share_change(hits_before: int, n_before: int, hits_after: int, n_after: int) -> ShareChange:
    """Compare the share of leads that got on, in two periods; the interval is Newcombe's (1998).

    Each share is given as soon as there is one lead; the difference from 10 on in both.
    """
    before, after = (
        h / n if n else None for h, n in ((hits_before, n_before), (hits_after, n_after))
    )
    if min(n_before, n_after) < MIN_LEADS or before is None or after is None:
        return ShareChange(before, after, None, None, n_before, n_after, Reason.TOO_FEW_UNITS)
    low, high = newcombe(hits_before, n_before, hits_after, n_after, alpha=1 - LEVEL)
    ends = Interval(float(low), float(high), LEVEL)
    return ShareChange(before, after, after - before, ends, n_before, n_after, None)


def _z() -> float:
    return NormalDist().inv_cdf(0.5 + LEVEL / 2)
