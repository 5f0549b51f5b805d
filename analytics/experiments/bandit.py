"""Weights that follow what is known, and what another policy would have brought."""

import numpy as np

from analytics.arrays import FloatArray, Numbers, as_floats
from analytics.experiments.bayes import PRIOR
from analytics.experiments.moments import Moments
from analytics.experiments.results import OffPolicy, PolicyValue
from analytics.results import Interval, Reason

DRAWS = 20_000
# An off-policy estimate that rests on fewer decisions than this is a guess.
FEWEST_DECISIONS = 100.0
LEVEL = 0.95
Z95 = 1.959963984540054


def thompson_shares(
    successes: Numbers,
    n: Numbers,
    *,
    seed: int,
    floor: float = 0.0,
    prior: tuple[float, float] = PRIOR,
) -> FloatArray:
    """Shares of traffic for arms (A,): how often each draws the highest rate.

    Thompson (1933), "On the likelihood that one unknown probability exceeds another". No arm gets
    less than `floor`, so that every propensity stays above zero. Data collected under such shares
    must not be read with `split_check` or a test that expects a fixed split.
    """
    yes, all_units = as_floats(successes), as_floats(n)
    draws = np.random.default_rng(seed).beta(
        yes + prior[0], all_units - yes + prior[1], size=(DRAWS, len(yes))
    )
    return _floored(draws, floor)


def thompson_shares_of_means(arms: Moments, *, seed: int, floor: float = 0.0) -> FloatArray:
    """The same for means, with normal errors; the fields of `arms` have shape (A,)."""
    mean = np.asarray(arms.mean, dtype=np.float64)
    error = np.sqrt(np.asarray(arms.variance) / np.asarray(arms.n))
    draws = np.random.default_rng(seed).normal(mean, error, size=(DRAWS, len(mean)))
    return _floored(draws, floor)


def _floored(draws: FloatArray, floor: float) -> FloatArray:
    arms = draws.shape[1]
    if not 0 <= floor * arms <= 1:
        raise ValueError(f"a floor of {floor} for {arms} arms is more than the whole")
    best = np.bincount(draws.argmax(axis=1), minlength=arms) / len(draws)
    shares: FloatArray = floor + (1 - floor * arms) * best
    return shares


def off_policy(
    rewards: Numbers,
    logged: Numbers,
    target: Numbers,
    *,
    expected: Numbers | None = None,
    expected_target: Numbers | None = None,
) -> OffPolicy:
    """Value a policy on decisions (N,) that another one made.

    `logged` is the probability with which the action taken was taken, `target` the one with which
    the policy in question takes it. With a model of rewards, `expected` is its value of the action
    taken and `expected_target` of the policy's mix. Raises ValueError on a logged probability
    outside (0, 1]. Horvitz and Thompson (1952); Swaminathan and Joachims (2015), "The
    self-normalized estimator for counterfactual learning"; Dudik, Langford and Li (2011), "Doubly
    robust policy evaluation and learning".
    """
    reward, taken, wanted = as_floats(rewards), as_floats(logged), as_floats(target)
    if not ((taken > 0) & (taken <= 1)).all():
        raise ValueError("a logged propensity is not above 0 and at most 1")
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise ValueError("a probability of the policy is outside 0 to 1")
    weight = wanted / taken
    heavy = float(weight @ weight)
    effective = float(weight.sum()) ** 2 / heavy if heavy > 0 else 0.0
    normalised = float(weight @ reward / weight.sum()) if heavy > 0 else 0.0
    pulls = weight / weight.mean() * (reward - normalised) + normalised if heavy > 0 else reward
    robust = None
    if expected is not None and expected_target is not None:
        terms = as_floats(expected_target) + weight * (reward - as_floats(expected))
        robust = _value(terms, effective)
    return OffPolicy(_value(weight * reward, effective), _value(pulls, effective), robust)


def _value(terms: FloatArray, effective: float) -> PolicyValue:
    if effective < FEWEST_DECISIONS:
        return PolicyValue(None, None, len(terms), effective, Reason.TOO_FEW_UNITS)
    value = float(terms.mean())
    reach = Z95 * float(terms.std(ddof=1)) / float(np.sqrt(len(terms)))
    return PolicyValue(
        value, Interval(value - reach, value + reach, LEVEL), len(terms), effective, None
    )
