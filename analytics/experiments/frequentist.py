"""The classical tests, on sufficient statistics. Differences are treated minus control."""

import numpy as np
from scipy import special

from analytics.arrays import FloatArray
from analytics.experiments.moments import Moments, Number, divide, proportion_moments
from analytics.experiments.results import Difference, ProportionDetails
from analytics.experiments.tails import normal_log_p, student_log_p, student_p


def welch(control: Moments, treated: Moments, *, alpha: float = 0.05) -> Difference:
    """Difference of means without assuming equal variances.

    Welch (1947), "The generalization of 'Student's' problem when several different population
    variances are involved".
    """
    part, other = control.variance / control.n, treated.variance / treated.n
    squared = part + other
    freedom = divide(squared**2, part**2 / (control.n - 1) + other**2 / (treated.n - 1))
    estimate = treated.mean - control.mean
    error = np.sqrt(squared)
    statistic = divide(estimate, error)
    p = student_p(statistic, freedom)
    reach = special.stdtrit(freedom, 1 - alpha / 2) * error
    return Difference(
        estimate,
        error,
        statistic,
        freedom,
        p,
        student_log_p(statistic, freedom, p),
        estimate - reach,
        estimate + reach,
    )


def normal_difference(
    estimate: Number,
    standard_error: Number,
    *,
    alpha: float = 0.05,
    null_error: Number | None = None,
) -> Difference:
    """The normal test and interval of any estimate with a standard error.

    `null_error` is the standard error without any effect, where that is another one.
    """
    statistic = divide(estimate, standard_error if null_error is None else null_error)
    log_p = normal_log_p(statistic)
    reach = -special.ndtri(alpha / 2) * standard_error
    return Difference(
        estimate,
        standard_error,
        statistic,
        np.inf,
        np.exp(log_p),
        log_p,
        estimate - reach,
        estimate + reach,
    )


def proportions(
    successes: Number, n: Number, successes_treated: Number, n_treated: Number, *, alpha: float
) -> Difference:
    """Difference of two shares: pooled z test, Wald interval with the unpooled error."""
    control = proportion_moments(successes, n)
    treated = proportion_moments(successes_treated, n_treated)
    null_error = _pooled_error(successes + successes_treated, n, n_treated)
    return _pooled_test(control, treated, null_error, alpha)


def _pooled_error(successes: Number, n: Number, n_treated: Number) -> Number:
    """Standard error of a difference of shares if both were the same."""
    pooled = successes / (n + n_treated)
    error: Number = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_treated))
    return error


def rates(
    events: Number, n: Number, events_treated: Number, n_treated: Number, *, alpha: float
) -> Difference:
    """Difference of two Poisson rates per unit: pooled z test, interval with the unpooled error."""
    rate, rate_treated = divide(events, n), divide(events_treated, n_treated)
    pooled = (events + events_treated) / (n + n_treated)
    null_error = np.sqrt(pooled * (1 / n + 1 / n_treated))
    control, treated = Moments(n, rate, rate), Moments(n_treated, rate_treated, rate_treated)
    return _pooled_test(control, treated, null_error, alpha)


def _pooled_test(
    control: Moments, treated: Moments, null_error: Number, alpha: float
) -> Difference:
    error = np.sqrt(control.variance / control.n + treated.variance / treated.n)
    return normal_difference(treated.mean - control.mean, error, alpha=alpha, null_error=null_error)


def relative_lift(control: Moments, treated: Moments, *, alpha: float = 0.05) -> Difference:
    """Lift as a share of the size of the control mean (0.1: ten percent more), by the delta method.

    var = v_t / (n_t m_c^2) + v_c m_t^2 / (n_c m_c^4): Deng, Knoblich and Lu (2018), equation 7.
    Infinite or NaN where the control mean is zero.
    """
    base = np.abs(control.mean)
    ratio = divide(treated.mean, base)
    spread = treated.variance / treated.n + control.variance / control.n * ratio**2
    return normal_difference(
        divide(treated.mean - control.mean, base), divide(np.sqrt(spread), base), alpha=alpha
    )


def newcombe(
    successes: Number, n: Number, successes_treated: Number, n_treated: Number, *, alpha: float
) -> tuple[Number, Number]:
    """Interval of a difference of shares that holds for few and for no successes.

    Newcombe (1998), "Interval estimation for the difference between independent proportions",
    method 10: the Wilson intervals of both shares, combined.
    """
    share, share_treated = divide(successes, n), divide(successes_treated, n_treated)
    low, high = wilson(successes, n, alpha=alpha)
    low_treated, high_treated = wilson(successes_treated, n_treated, alpha=alpha)
    estimate = share_treated - share
    down = np.hypot(share_treated - low_treated, high - share)
    up = np.hypot(high_treated - share_treated, share - low)
    return estimate - down, estimate + up


def wilson(successes: Number, n: Number, *, alpha: float) -> tuple[Number, Number]:
    """Interval of a share: Wilson (1927), "Probable inference"."""
    square = special.ndtri(alpha / 2) ** 2
    share = divide(successes, n)
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = np.sqrt(square * (share * (1 - share) / n + square / (4 * n**2))) / (1 + square / n)
    return middle - reach, middle + reach


def rate_interval(
    events: Number, n: Number, events_treated: Number, n_treated: Number, *, alpha: float
) -> tuple[Number, Number]:
    """Interval of a difference of Poisson rates that holds for few and for no events.

    The limits of Garwood (1936), "Fiducial limits for the Poisson distribution", of both rates,
    combined as in Zou and Donner (2008), "Construction of confidence limits about effect measures".
    """
    rate, rate_treated = divide(events, n), divide(events_treated, n_treated)
    low, high = (limit / n for limit in _garwood(events, alpha))
    low_treated, high_treated = (limit / n_treated for limit in _garwood(events_treated, alpha))
    estimate = rate_treated - rate
    down = np.hypot(rate_treated - low_treated, high - rate)
    up = np.hypot(high_treated - rate_treated, rate - low)
    return estimate - down, estimate + up


def _garwood(events: Number, alpha: float) -> tuple[Number, Number]:
    low = np.where(events > 0, special.gammaincinv(np.maximum(events, 1e-9), alpha / 2), 0.0)
    return low[()], special.gammainccinv(events + 1, alpha / 2)


def proportion_details(
    successes: Number, n: Number, successes_treated: Number, n_treated: Number, *, alpha: float
) -> ProportionDetails:
    """Pooled and unpooled z, both intervals, and chi-squared with and without Yates' correction."""
    test = proportions(successes, n, successes_treated, n_treated, alpha=alpha)
    unpooled = normal_difference(test.estimate, test.standard_error, alpha=alpha)
    chi2 = np.square(test.statistic)
    # All four cells miss their expectation by the same number of units; Yates takes half of one.
    each = 1 / n + 1 / n_treated
    missed = np.maximum(np.abs(test.estimate) / each - 0.5, 0)
    error = _pooled_error(successes + successes_treated, n, n_treated)
    yates = np.square(divide(missed * each, error))
    return ProportionDetails(
        test.statistic,
        test.p,
        unpooled.statistic,
        unpooled.p,
        (test.low, test.high),
        newcombe(successes, n, successes_treated, n_treated, alpha=alpha),
        chi2,
        special.chdtrc(1, chi2),
        special.chdtrc(1, yates),
    )


def fisher_p(successes: int, n: int, successes_treated: int, n_treated: int) -> float:
    """Fisher's exact two-sided probability: all tables no likelier than the one that was seen."""
    total = successes + successes_treated
    x = np.arange(max(0, total - n_treated), min(total, n) + 1, dtype=np.float64)
    logs = _log_choose(n, x) + _log_choose(n_treated, total - x)
    logs -= special.logsumexp(logs)
    seen = logs[successes - int(x[0])]
    return float(min(np.exp(special.logsumexp(logs[logs <= seen + 1e-7])), 1.0))


def _log_choose(n: int, k: FloatArray) -> FloatArray:
    logs: FloatArray = -special.betaln(n - k + 1, k + 1) - np.log(n + 1)
    return logs


def rank_p(control: FloatArray, treated: FloatArray) -> float:
    """Two-sided probability of the rank test, which no single large value can move.

    Mann and Whitney (1947) by the normal approximation, with corrections for ties and continuity.
    """
    sizes = len(control), len(treated)
    both = np.concatenate((control, treated))
    _, place, tied = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(tied) - (tied - 1) / 2)[place]
    pairs = sizes[0] * sizes[1]
    wins = float(ranks[: sizes[0]].sum()) - sizes[0] * (sizes[0] + 1) / 2
    n = float(len(both))
    spread = np.sqrt(pairs / 12 * ((n + 1) - float((tied**3.0 - tied).sum()) / (n * (n - 1))))
    if spread == 0:
        return 1.0
    z = (abs(wins - pairs / 2) - 0.5) / spread
    return float(min(2 * special.ndtr(-z), 1.0))
