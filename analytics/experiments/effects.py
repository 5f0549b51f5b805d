"""One metric of one arm against control: estimate, both kinds of interval, belief."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from analytics.experiments.bayes import beta_belief, gamma_belief, normal_belief
from analytics.experiments.cuped import covariate_moved, cuped
from analytics.experiments.design import Kind, Metric, Sample, Test
from analytics.experiments.frequentist import (
    fisher_p,
    newcombe,
    proportion_details,
    proportions,
    rate_interval,
    rates,
    relative_lift,
    welch,
)
from analytics.experiments.moments import Moments, Number, PairMoments, divide
from analytics.experiments.outliers import sensitivity
from analytics.experiments.outlook import outlook
from analytics.experiments.results import (
    Adjusted,
    Adjustment,
    AlwaysValid,
    ArmEffect,
    Belief,
    Difference,
    ProportionDetails,
    Sensitivity,
)
from analytics.experiments.sequential import Reading
from analytics.experiments.tails import LN10
from analytics.results import Better, Interval, Reason

# Below this many yeses or noes in an arm the normal approximation is replaced by exact ones.
FEW = 10
# Below this many results, or units of a mean in an arm, nothing is judged.
FEWEST = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """What a kind of metric answers with."""

    difference: Difference
    interval: tuple[float, float]
    interval_method: str
    p: float
    test: str
    belief: Belief


def arm_effect(test: Test, metric: Metric, place: int) -> ArmEffect:
    """Compare arm number `place` of a metric with control, arm 0."""
    samples = metric.samples[0], metric.samples[place]
    everybody, adjusted = adjusted_arms(metric)
    arms = everybody[0], everybody[place]
    result = _result(metric, samples, arms, test.alpha)
    reason = thin(metric, samples, arms)
    difference, level = result.difference, 1 - test.alpha
    lift = _lift(arms, test.alpha)
    valid, past = (None, reason) if reason else _always_valid(test, arms, difference, samples)
    belief = _towards(metric.better, result.belief)
    return ArmEffect(
        metric=metric.name,
        arm=test.arms[place],
        n_control=int(samples[0].n),
        n=int(samples[1].n),
        value_control=float(arms[0].mean),
        value=float(arms[1].mean),
        estimate=float(difference.estimate),
        interval=None if reason is Reason.NO_VARIATION else Interval(*result.interval, level),
        interval_method=result.interval_method,
        relative=_finite(divide(difference.estimate, np.abs(arms[0].mean))),
        relative_interval=None if lift is None else _interval(lift, level),
        standard_error=float(difference.standard_error),
        statistic=_finite(difference.statistic),
        freedom=_finite(difference.freedom),
        p=result.p,
        log10_p=_log10(result),
        test=result.test,
        always_valid=valid,
        deciding_p=1.0 if past else result.p if valid is None else valid.p,
        corrected_p={},
        probability_to_beat=_finite(belief.beats),
        expected_loss=_finite(belief.loss_if_chosen),
        expected_loss_of_control=_finite(belief.loss_if_kept),
        outlook=outlook(test, metric, arms, place),
        adjustment=_adjustment(metric, adjusted, place, test.alpha),
        sensitivity=_sensitivity(samples, test.alpha),
        details=_details(metric, samples, test.alpha),
        reason=past,
    )


def thin(
    metric: Metric, samples: tuple[Sample, Sample], arms: tuple[Moments, Moments]
) -> Reason | None:
    """Why two arms cannot be judged yet, if so."""
    if arms[0].variance + arms[1].variance <= 0:
        return Reason.NO_VARIATION
    if min(sample.n for sample in samples) < FEWEST:
        return Reason.TOO_FEW_UNITS
    if metric.kind in (Kind.PROPORTION, Kind.COUNT):
        yes = sum(float(sample.moments(metric.kind).mean) * sample.n for sample in samples)
        total = sum(sample.n for sample in samples)
        no = total - yes if metric.kind is Kind.PROPORTION else yes
        return Reason.TOO_FEW_UNITS if min(yes, no) < FEWEST else None
    return None


def adjusted_arms(metric: Metric) -> tuple[tuple[Moments, ...], Adjusted | None]:
    """Moments of every arm, and what the covariate did to them where there is a sound one.

    Theta comes from all arms together, so that every comparison is adjusted by the same amount.
    """
    plain = tuple(sample.moments(metric.kind) for sample in metric.samples)
    pairs = [sample.pair for sample in metric.samples if sample.pair is not None]
    if not metric.has_covariate or len(pairs) < len(plain) or _has_moved(pairs):
        return plain, None
    adjusted = cuped(pairs)
    return adjusted.arms, adjusted


def _has_moved(pairs: Sequence[PairMoments]) -> bool:
    return any(covariate_moved(pairs[0], pair) for pair in pairs[1:])


def _adjustment(
    metric: Metric, adjusted: Adjusted | None, place: int, alpha: float
) -> Adjustment | None:
    """What the covariate did to one arm's effect; None without a covariate."""
    if not metric.has_covariate:
        return None
    arms = (metric.samples[0].moments(metric.kind), metric.samples[place].moments(metric.kind))
    before = welch(*arms, alpha=alpha)
    estimate, p = float(before.estimate), float(np.nan_to_num(before.p, nan=1.0))
    if adjusted is None:
        return Adjustment(0.0, 0.0, 0.0, estimate, p, Reason.COVARIATE_MOVED)
    reduction = adjusted.reduction
    return Adjustment(adjusted.theta, adjusted.rho, reduction, estimate, p, None)


def _result(
    metric: Metric,
    samples: tuple[Sample, Sample],
    arms: tuple[Moments, Moments],
    alpha: float,
) -> _Result:
    control, treated = samples
    if control.events is not None and treated.events is not None:
        totals = control.events, control.n, treated.events, treated.n
        return (_share if metric.kind is Kind.PROPORTION else _rate)(totals, alpha)
    test = welch(*arms, alpha=alpha)
    belief = normal_belief(test.estimate, test.standard_error)
    p = float(np.nan_to_num(test.p, nan=1.0))
    return _Result(test, (float(test.low), float(test.high)), "welch", p, "welch", belief)


def _share(totals: tuple[float, float, float, float], alpha: float) -> _Result:
    events, n, events_treated, n_treated = totals
    test, belief = proportions(*totals, alpha=alpha), beta_belief(*totals)
    if min(events, n - events, events_treated, n_treated - events_treated) >= FEW:
        ends = float(test.low), float(test.high)
        return _Result(test, ends, "wald", float(test.p), "pooled z", belief)
    low, high = newcombe(*totals, alpha=alpha)
    p = fisher_p(int(events), int(n), int(events_treated), int(n_treated))
    return _Result(test, (float(low), float(high)), "newcombe", p, "fisher", belief)


def _rate(totals: tuple[float, float, float, float], alpha: float) -> _Result:
    test, belief = rates(*totals, alpha=alpha), gamma_belief(*totals)
    p = float(np.nan_to_num(test.p, nan=1.0))
    if min(totals[0], totals[2]) >= FEW:
        return _Result(test, (float(test.low), float(test.high)), "wald", p, "pooled z", belief)
    low, high = rate_interval(*totals, alpha=alpha)
    return _Result(test, (float(low), float(high)), "mover", p, "pooled z", belief)


def _lift(arms: tuple[Moments, Moments], alpha: float) -> Difference | None:
    """The relative lift; None without a base, and where nothing but the base is above zero."""
    if arms[0].mean == 0 or arms[0].variance * arms[1].mean ** 2 + arms[1].variance == 0:
        return None
    return relative_lift(*arms, alpha=alpha)


def _always_valid(
    test: Test,
    arms: tuple[Moments, Moments],
    difference: Difference,
    samples: tuple[Sample, Sample],
) -> tuple[AlwaysValid | None, Reason | None]:
    """The answer under the declared looks, or why there is none; nothing for a single look."""
    if test.looks.reading is Reading.ONCE:
        return None, None
    units = sum(test.assigned)
    if test.looks.is_past(units):
        return None, Reason.PAST_END
    if test.looks.reading is Reading.ANY_TIME:
        units = samples[0].n + samples[1].n
    critical, level = test.looks.critical(units, test.alpha), 1 - test.alpha
    lift = _lift(arms, test.alpha)
    return AlwaysValid(
        str(test.looks.reading),
        critical,
        _around(difference, critical, level),
        test.looks.p(_standardised(difference), units, test.alpha),
        None if lift is None else _around(lift, critical, level),
        None if lift is None else test.looks.p(_standardised(lift), units, test.alpha),
    ), None


def _standardised(difference: Difference) -> float:
    return float(difference.estimate) / float(difference.standard_error)


def _around(difference: Difference, critical: float, level: float) -> Interval:
    middle, reach = float(difference.estimate), critical * float(difference.standard_error)
    return Interval(middle - reach, middle + reach, level)


def _interval(difference: Difference, level: float) -> Interval:
    return Interval(float(difference.low), float(difference.high), level)


def _towards(better: Better, belief: Belief) -> Belief:
    """The belief in the good direction of the metric."""
    if better is Better.HIGHER:
        return belief
    return Belief(1 - belief.beats, belief.loss_if_kept, belief.loss_if_chosen)


def _log10(result: _Result) -> float:
    if result.test == "fisher" or not np.isfinite(result.difference.log_p):
        return float(np.log10(max(result.p, 1e-300)))
    return float(result.difference.log_p) / LN10


def _sensitivity(samples: tuple[Sample, Sample], alpha: float) -> Sensitivity | None:
    control, treated = samples[0].values, samples[1].values
    return (
        None if control is None or treated is None else sensitivity(control, treated, alpha=alpha)
    )


def _details(
    metric: Metric, samples: tuple[Sample, Sample], alpha: float
) -> ProportionDetails | None:
    control, treated = samples
    if metric.kind is not Kind.PROPORTION or control.events is None or treated.events is None:
        return None
    return proportion_details(control.events, control.n, treated.events, treated.n, alpha=alpha)


def _finite(value: Number) -> float | None:
    number = float(value)
    return number if isfinite(number) else None
