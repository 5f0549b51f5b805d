"""Did a change help? The changed line before and after, against neighbours nobody touched.

Difference in differences on the log scale: what the line did, less what its neighbours did at the
same time (season, price level, demand). Needed for the optimisation log; a before-and-after
without neighbours would credit every December to whoever changed something in November.
"""

from dataclasses import dataclass
from math import expm1, log, sqrt

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.daily import DailyRatio
from analytics.resample import (
    block_indices,
    block_length,
    log_sum_noise,
    percentile_interval,
)
from analytics.results import Better, Comparison, Interval, Reason, Verdict

LEVEL = 0.80
MIN_BEFORE = 21
MIN_AFTER = 14
MIN_CONTROLS = 3
# At least a third of the days on either side must have a result at all.
MIN_ACTIVE_SHARE = 1 / 3
# What untouched lines are assumed to drift apart between two windows before any is seen, as a
# standard deviation of log ratio, and how many lines that assumption is worth.
DRIFT = 0.05
DRIFT_WORTH = 2
# A line that left its neighbours before the change, at this level, gets no verdict.
DIVERGING_LEVEL = 0.95


def before_after(
    line: DailyRatio,
    controls: DailyRatio,
    *,
    changed_on: int,
    better: Better,
    seed: int,
    settle_days: int = 3,
    window: int = 28,
    level: float = LEVEL,
) -> Comparison:
    """Return the verdict on a change made on day `changed_on`.

    `line` is the changed line alone, `controls` are C lines over the same days. Leave out days
    that still mature, and controls that were themselves changed: this function cannot know.
    Currencies may differ between lines, only relative changes are compared.

    Compared are the `window` days before the change with up to `window` days after it, less
    `settle_days` while the platform relearns. The interval adds up three doubts: the line's own
    days (block bootstrap), the neighbours' days, and how far untouched neighbours drift apart
    anyway (their spread beyond sampling noise, DerSimonian and Laird 1986, "Meta-analysis in
    clinical trials", mixed with a stated assumption of 5 % worth two lines).
    Helped or hurt only when the interval is clear of zero. By simulation an 80 % interval holds
    the truth 81 to 97 % of the time; it errs to the side of "cannot tell".

    Refuses below 21 days before, 14 after, 3 usable controls, when results are too sparse, and
    when the line was already leaving its neighbours in the weeks before the change.
    """
    if better is Better.ON_TARGET:
        raise ValueError("a change helps only a metric that is better higher or lower")
    if len(line.top) != 1 or not np.array_equal(line.days, controls.days):
        raise ValueError("one changed line and its controls must cover the same days")
    ordinals = line.days
    before = (ordinals >= changed_on - window) & (ordinals < changed_on)
    settled = changed_on + settle_days
    after = (ordinals >= settled) & (ordinals < settled + window)
    settings = _Settings(seed, level)
    gap = _gap(line, controls, before, after, settings)
    n_before, n_after = int(line.present[0, before].sum()), int(line.present[0, after].sum())
    reason = gap.reason or _thin_windows(n_before, n_after)
    if reason is None and _was_diverging(line, controls, before, settings):
        reason = Reason.ALREADY_DIVERGING
    if reason is not None:
        return _refusal(reason, n_before, n_after, gap.controls)
    total = float(np.nansum(line.top[0, after]))
    return _comparison(gap, percentile_interval(gap.draws, level), better, total, n_before, n_after)


@dataclass(frozen=True, slots=True)
class _Settings:
    seed: int
    level: float


@dataclass(frozen=True, slots=True)
class _Change:
    """One line's log change between two windows, and bootstrap noise of it (B,)."""

    value: float
    noise: FloatArray


@dataclass(frozen=True, slots=True)
class _Gap:
    """The changed line's log change beyond its neighbours', with draws (B,)."""

    estimate: float
    draws: FloatArray
    controls: int
    reason: Reason | None


def _gap(
    line: DailyRatio, others: DailyRatio, before: BoolArray, after: BoolArray, settings: _Settings
) -> _Gap:
    own = _change(line.top[0], line.bottom[0], before, after, settings)
    found = [
        _change(top, bottom, before, after, settings)
        for top, bottom in zip(others.top, others.bottom, strict=True)
    ]
    changes = [change for change in found if isinstance(change, _Change)]
    if isinstance(own, Reason):
        return _Gap(0.0, np.zeros(0), len(changes), own)
    if len(changes) < MIN_CONTROLS:
        return _Gap(0.0, np.zeros(0), len(changes), Reason.TOO_FEW_CONTROLS)
    centre, doubt = _neighbours(changes)
    freedom = len(changes) - 1 + DRIFT_WORTH
    generator = np.random.default_rng((settings.seed, 1))
    drift = doubt * generator.standard_t(freedom, size=len(own.noise))
    estimate = own.value - centre
    return _Gap(estimate, estimate + own.noise + drift, len(changes), None)


def _change(
    top: FloatArray, bottom: FloatArray, before: BoolArray, after: BoolArray, settings: _Settings
) -> _Change | Reason:
    """Log of the after ratio over the before ratio, both ratios of sums."""
    tops, expected, ratios = [], [], []
    for days in (before, after):
        known = days & ~np.isnan(top)
        tops.append(top[known])
        if not known.any() or bottom[known].sum() <= 0:
            return Reason.NO_VOLUME
        if (tops[-1] > 0).mean() < MIN_ACTIVE_SHARE:
            return Reason.TOO_SPARSE
        ratios.append(float(tops[-1].sum() / bottom[known].sum()))
        expected.append(ratios[-1] * bottom[known])
    firsts = np.array([0, len(tops[0])])
    noise = _noise(np.concatenate(tops), np.concatenate(expected), firsts, settings)
    return _Change(log(ratios[1] / ratios[0]), noise[:, 1] - noise[:, 0])


def _noise(
    actual: FloatArray, expected: FloatArray, firsts: IntArray, settings: _Settings
) -> FloatArray:
    n = len(actual)
    drawn = block_indices(n, n, block=block_length(n), seed=settings.seed)
    return log_sum_noise(actual, expected, firsts, drawn, level=settings.level, lost=2)


def _neighbours(changes: list[_Change]) -> tuple[float, float]:
    """The neighbours' common log change, and how far one more line may stray from it."""
    values = np.array([change.value for change in changes])
    variances = np.array([max(float(change.noise.var()), 1e-12) for change in changes])
    weights = 1 / variances
    mean = float((weights * values).sum() / weights.sum())
    excess = float((weights * (values - mean) ** 2).sum()) - (len(values) - 1)
    spread = float(weights.sum() - (weights**2).sum() / weights.sum())
    seen = max(excess / spread, 0.0)
    worth = len(values) - 1
    drift = (DRIFT_WORTH * DRIFT**2 + worth * seen) / (DRIFT_WORTH + worth)
    weights = 1 / (variances + drift)
    centre = float((weights * values).sum() / weights.sum())
    return centre, sqrt(drift + 1 / float(weights.sum()))


def _thin_windows(n_before: int, n_after: int) -> Reason | None:
    thin = n_before < MIN_BEFORE or n_after < MIN_AFTER
    return Reason.TOO_FEW_DAYS if thin else None


def _was_diverging(
    line: DailyRatio, others: DailyRatio, before: BoolArray, settings: _Settings
) -> bool:
    """Whether the line left its neighbours already, with nothing changed.

    Compares the window before the change with the one before that, or, when history does not
    reach back so far, the second half of the window with its first.
    """
    first = int(line.days[before].min())
    length = int(line.days[before].max()) - first + 1
    older = (line.days >= first - length) & (line.days < first)
    newer = before
    if line.present[0, older].sum() < MIN_BEFORE:
        older = before & (line.days < first + length // 2)
        newer = before & ~older
    gap = _gap(line, others, older, newer, settings)
    if gap.reason is not None:
        return False
    return percentile_interval(gap.draws, DIVERGING_LEVEL).excludes(0)


def _comparison(
    gap: _Gap, interval: Interval, better: Better, total: float, n_before: int, n_after: int
) -> Comparison:
    """The answer; `total` is what the line brought after the change, in units of the numerator."""

    def gained(log_effect: float) -> float:
        return -total * expm1(-log_effect)

    return Comparison(
        verdict=_verdict(interval, better),
        effect=expm1(gap.estimate),
        effect_interval=Interval(expm1(interval.low), expm1(interval.high), interval.level),
        gain=gained(gap.estimate),
        gain_interval=Interval(gained(interval.low), gained(interval.high), interval.level),
        n_before=n_before,
        n_after=n_after,
        n_controls=gap.controls,
        reason=None,
    )


def _verdict(interval: Interval, better: Better) -> Verdict:
    if not interval.excludes(0):
        return Verdict.CANNOT_TELL
    rose = interval.low > 0
    return Verdict.HELPED if rose == (better is Better.HIGHER) else Verdict.HURT


def _refusal(reason: Reason, n_before: int, n_after: int, n_controls: int) -> Comparison:
    return Comparison(
        verdict=Verdict.CANNOT_TELL,
        effect=None,
        effect_interval=None,
        gain=None,
        gain_interval=None,
        n_before=n_before,
        n_after=n_after,
        n_controls=n_controls,
        reason=reason,
    )
