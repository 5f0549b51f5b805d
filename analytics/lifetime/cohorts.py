"""Lifetime value of cohorts as observed, what they cost, and when they have paid that back.

The mean cumulative function of Nelson (1988, "Graphical analysis of system repair data"): what is
bought at each age over the customers known at that age, added up. So customers won yesterday count
for their one day, and nobody's youth is taken for small value. Cohorts whose newer customers differ
from the older ones break its assumption; compare cohorts by month of winning to see that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.lifetime.customers import Customers
from analytics.lifetime.results import Cohort, LifetimeValue, Payback
from analytics.resample import percentile_interval
from analytics.results import Reason

HORIZONS = (90, 180, 365)
LEAST_CUSTOMERS = 30
DRAWS, LEVEL = 500, 0.9


def cohorts(
    customers: Customers,
    channel: Sequence[str],
    *,
    seed: int,
    costs: Mapping[str, float] | None = None,
    margin: float = 1.0,
    horizons: Sequence[int] = HORIZONS,
) -> tuple[Cohort, ...]:
    """One cohort for each acquisition `channel` (C,), in alphabetical order.

    `costs` is what each channel spent to win these customers, `margin` (0 to 1) the share of the
    amounts that is left to cover it.
    """
    names = np.array(channel, dtype=object)
    found = []
    for number, name in enumerate(sorted(set(channel))):
        members = customers.only(names == name)
        curves = _curves(members, max(horizons), (seed, number))
        found.append(
            Cohort(
                name=str(name),
                customers=len(members.since),
                values=tuple(_value(curves, horizon) for horizon in sorted(horizons)),
                payback=_payback(curves, (costs or {}).get(name), margin, max(horizons)),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    """Mean cumulative amount by age (A,), the same in each draw (B, A), customers at risk (A,)."""

    mean: FloatArray
    drawn: FloatArray
    at_risk: IntArray
    customers: int


def _curves(customers: Customers, days: int, seed: int | tuple[int, ...]) -> _Curves:
    count = len(customers.since)
    at_risk = _at_risk(customers, np.ones(count), days).astype(np.int64)
    # Beyond the age at which enough are known there is no curve.
    span = int((at_risk >= LEAST_CUSTOMERS).sum())
    generator = np.random.default_rng(seed)
    draws = [
        _mean_cumulative(customers, weight.astype(np.float64), span)
        for weight in generator.multinomial(count, np.full(count, 1 / count), DRAWS if span else 0)
    ]
    return _Curves(
        mean=_mean_cumulative(customers, np.ones(count), span),
        drawn=np.array(draws).reshape(len(draws), span),
        at_risk=at_risk,
        customers=count,
    )


def _at_risk(customers: Customers, weight: FloatArray, days: int) -> FloatArray:
    """Customers known at each age below `days`, each counted `weight` (C,) times."""
    counts = np.bincount(np.minimum(customers.known, days), weight, days + 1)
    return counts[:0:-1].cumsum()[::-1].astype(np.float64)


def _mean_cumulative(customers: Customers, weight: FloatArray, days: int) -> FloatArray:
    near = customers.age < days
    worth = customers.amount[near] * weight[customers.customer[near]]
    bought = np.bincount(customers.age[near], worth, days)[:days]
    return np.cumsum(bought / np.maximum(_at_risk(customers, weight, days), 1.0))


def _value(curves: _Curves, horizon: int) -> LifetimeValue:
    seen = int(curves.at_risk[horizon - 1])
    if seen < LEAST_CUSTOMERS:
        few = curves.customers < LEAST_CUSTOMERS
        reason = Reason.TOO_FEW_CUSTOMERS if few else Reason.NOT_OLD_ENOUGH
        return LifetimeValue(horizon, None, None, curves.customers, seen, reason)
    return LifetimeValue(
        horizon=horizon,
        value=float(curves.mean[horizon - 1]),
        interval=percentile_interval(curves.drawn[:, horizon - 1], LEVEL),
        n=curves.customers,
        seen=seen,
        reason=None,
    )


def _payback(curves: _Curves, cost: float | None, margin: float, days: int) -> Payback:
    span = len(curves.mean)
    if cost is None:
        return Payback(None, span, None, None, None, None, Reason.NO_ACQUISITION_COST)
    cac = cost / curves.customers
    if not span or cac <= 0:
        reason = Reason.NO_ACQUISITION_COST if span else Reason.TOO_FEW_CUSTOMERS
        return Payback(cac, span, None, None, None, None, reason)
    covered = np.flatnonzero(margin * curves.mean >= cac)
    drawn = margin * curves.drawn
    return Payback(
        cac=cac,
        horizon=min(span, days),
        ratio=float(margin * curves.mean[-1] / cac),
        ratio_interval=percentile_interval(drawn[:, -1] / cac, LEVEL),
        days=int(covered[0]) + 1 if len(covered) else None,
        chance=float((drawn >= cac).any(axis=1).mean()),
        reason=None if len(covered) else Reason.NOT_PAID_BACK,
    )
