"""What a test can see by now, and how long until it sees what it was made for."""

from math import ceil, sqrt

from analytics.experiments.checks import shares
from analytics.experiments.design import Kind, Metric, Test
from analytics.experiments.moments import Moments
from analytics.experiments.power import minimum_detectable, power_at, size_of_variance
from analytics.experiments.results import Outlook
from analytics.experiments.sequential import Reading
from analytics.results import Better

FORMULA = "(c + z_power)^2 (v_control / share_control + v_arm / share_arm) / effect^2"
STEPS = 40


def outlook(test: Test, metric: Metric, arms: tuple[Moments, Moments], place: int) -> Outlook:
    """Power, size and days for the minimum effect of a metric, in arm number `place`.

    c is how many standard errors will be significant at the end under the declared looks; shares
    are those of the planned split. Without a minimum effect, only what could be detected.
    """
    control, treated = arms
    effect, base = metric.minimum_effect, abs(float(control.mean))
    error = sqrt(float(control.variance / control.n) + float(treated.variance / treated.n))
    if base == 0 or error == 0:
        return Outlook(effect, None, None, None, None, None, FORMULA)
    split = shares(test.split)
    both = split[0] + split[place]
    critical = _critical(test, float(control.n + treated.n) / both, both)
    detectable = minimum_detectable(error, critical=critical, power=test.power) / base
    if effect is None:
        return Outlook(None, None, float(detectable), None, None, None, FORMULA)
    change = effect * base
    needed = _needed(
        test,
        change,
        (
            (float(control.variance) or float(treated.variance)) / split[0],
            _planned_variance(metric, arms, change) / split[place],
        ),
        both,
    )
    left = max(needed - int(sum(test.assigned)), 0)
    return Outlook(
        effect,
        float(power_at(change, error, critical=critical)),
        float(detectable),
        needed,
        left,
        ceil(left / test.daily_units) if test.daily_units else None,
        FORMULA,
    )


def _planned_variance(metric: Metric, arms: tuple[Moments, Moments], change: float) -> float:
    """Variance per unit of an arm with the minimum effect: that of control, but for a share."""
    control, treated = arms
    variance = float(control.variance) or float(treated.variance)
    if metric.kind is not Kind.PROPORTION:
        return variance
    base = float(control.mean)
    share = base + change if metric.better is Better.HIGHER else base - change
    share = min(max(share, 0.0), 1.0)
    return variance * share * (1 - share) / (base * (1 - base)) if base < 1 else variance


def _needed(test: Test, change: float, parts: tuple[float, float], both: float) -> int:
    """Units of all arms; where the limit depends on their number, by repeated substitution."""
    needed = max(float(sum(test.assigned)), 1.0)
    for _ in range(STEPS):
        critical = _critical(test, needed, both)
        needed = float(size_of_variance(change, parts, critical=critical, power=test.power))
    return ceil(needed)


def _critical(test: Test, units: float, both: float) -> float:
    """The limit after `units` of all arms, of which two hold `both`; at the end if one is set."""
    looks = test.looks
    if looks.reading is Reading.ANY_TIME:
        return looks.critical(units * both, test.alpha)
    return looks.critical(looks.end or units, test.alpha)
