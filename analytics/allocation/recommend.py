"""The best split of a budget, and whether it is worth leaving today's mix for it."""

from collections.abc import Mapping

from analytics.allocation.bounds import Box, Rules, box_of, stay_within
from analytics.allocation.kkt import binding_of, kkt_check
from analytics.allocation.results import Optimum
from analytics.allocation.robust import Returns, robustness
from analytics.allocation.search import Worth, best_split
from analytics.arrays import FloatArray
from analytics.resample import percentile_interval
from analytics.response import Curves
from analytics.results import Reason

LEVEL = 0.80
# The gain a week, as a share of what today's mix brings, below which nobody should move money: the
# best of many splits looks better than it is.
LEAST_GAIN = 0.01
# Share of draws that may see a loss. At a tenth the best split still lost now and then on simulated
# markets, at a twentieth it never did.
MOST_LOSS = 0.05


def optimum(
    curves: Curves,
    budget: float,
    rules: Rules | None = None,
    *,
    returns: Mapping[str, Returns] | None = None,
) -> Optimum:
    """How to spend `budget` a week, kept up, for the largest expected result.

    The expectation is over all draws of the curves: the most that can be said before anybody knows
    which is right. The best split is recommended when at most one draw in twenty loses against today's
    mix of the same budget, and the expected gain is one percent of what that brings.
    `returns` are returns on spend by channel as attribution models see them, for the badge. Raises
    `InfeasibleBounds`.
    """
    box = box_of(curves.names, curves.current, budget, rules or Rules())
    best = best_split(_expected(curves), box, budget)
    stay = stay_within(box, curves.current, budget)
    before = curves.steady(stay).sum(axis=-1)
    gain = curves.steady(best).sum(axis=-1) - before
    gain_80 = percentile_interval(gain, LEVEL)
    share = float(gain.mean() / before.mean()) if before.mean() > 0 else 0.0
    chance_of_loss = float((gain < 0).mean())
    recommend = chance_of_loss <= MOST_LOSS and share >= LEAST_GAIN
    marginal = curves.marginal(best).mean(axis=0)
    kkt = kkt_check(box, best, marginal)
    return Optimum(
        allocation=_named(curves, best if recommend else stay),
        best=_named(curves, best),
        stay=_named(curves, stay),
        budget=round(budget, 2),
        expected_uplift=float(gain.mean()),
        uplift_80=gain_80,
        uplift_share=share,
        chance_of_loss=chance_of_loss,
        binding=binding_of(box, best, marginal, kkt.price),
        kkt=kkt,
        beyond=beyond(curves, best),
        robustness=robustness(curves, stay, best, returns or {}),
        recommend=recommend,
        reason=None if recommend else _why_not(box),
    )


def beyond(curves: Curves, spend: FloatArray) -> tuple[str, ...]:
    """Channels whose `spend` (C,) a week lies above anything ever seen."""
    return tuple(
        name for name, now, most in zip(curves.names, spend, curves.most, strict=True) if now > most
    )


def _expected(curves: Curves) -> Worth:
    singles = [curves.only(channel) for channel in range(len(curves.names))]

    def worth(channel: int, amounts: FloatArray) -> FloatArray:
        means: FloatArray = singles[channel].steady(amounts[:, None]).mean(axis=(1, 2))
        return means

    return worth


def _named(curves: Curves, split: FloatArray) -> dict[str, float]:
    return {name: round(float(amount), 2) for name, amount in zip(curves.names, split, strict=True)}


def _why_not(box: Box) -> Reason:
    return Reason.INSIDE_NOISE if (box.high > box.low).sum() > 1 else Reason.NO_ROOM
