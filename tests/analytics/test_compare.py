"""A change gets its verdict against untouched neighbours."""

import numpy as np
import pytest

from analytics.arrays import FloatArray
from analytics.compare import before_after
from analytics.daily import DailyRatio
from analytics.results import Better, Comparison, Reason, Verdict
from tests.analytics.simulate import START, days, noise, weekly

DAYS, CHANGED = 90, START + 59


def market(seed: int, effect: float, *, controls: int = 8, season: float = -0.01) -> FloatArray:
    """Return per day of one changed line (first) and its neighbours; all fall with the season."""
    rng = np.random.default_rng(seed)
    common = season * np.arange(DAYS)
    value = 400 * weekly(DAYS) * np.exp(common + noise(rng, (controls + 1, DAYS), 0.15, 0.3))
    value[0, 59:] *= 1 + effect
    return value


def verdict(
    value: FloatArray, *, better: Better = Better.HIGHER, settle_days: int = 3
) -> Comparison:
    spend = np.full_like(value, 100.0)
    return before_after(
        DailyRatio(value[0], spend[0], days(DAYS)),
        DailyRatio(value[1:], spend[1:], days(DAYS)),
        changed_on=CHANGED,
        better=better,
        settle_days=settle_days,
        seed=3,
    )


@pytest.mark.feature("8.6")
def test_a_change_that_helped_in_a_falling_season_helped() -> None:
    value = market(1, 0.25)
    assert value[0, 62:].mean() < value[0, 31:59].mean()  # before and after alone would say it hurt
    answer = verdict(value)
    assert answer.verdict is Verdict.HELPED
    assert answer.effect == pytest.approx(0.25, abs=0.1)
    assert answer.gain is not None
    assert answer.gain > 0
    assert (answer.n_before, answer.n_after, answer.n_controls) == (28, 28, 8)


def test_the_same_change_hurts_a_metric_that_is_better_low() -> None:
    assert verdict(market(1, 0.25), better=Better.LOWER).verdict is Verdict.HURT


def test_a_harmful_change_hurt() -> None:
    assert verdict(market(2, -0.3)).verdict is Verdict.HURT


def test_no_effect_is_seldom_called_one_and_the_interval_holds_the_truth() -> None:
    for effect in (0.0, 0.2):
        answers = [verdict(market(100 + seed, effect)) for seed in range(120)]
        told = [a for a in answers if a.effect_interval is not None]
        held = np.mean([not a.effect_interval.excludes(effect) for a in told if a.effect_interval])
        assert 0.75 <= held <= 1.0
        if effect == 0:
            assert np.mean([a.verdict is not Verdict.CANNOT_TELL for a in answers]) <= 0.2
            naive = np.mean([without_neighbours(market(100 + s, 0.0)) for s in range(120)])
            assert naive > 0.8  # the control: before against after alone credits the season
        else:
            assert np.mean([a.verdict is Verdict.HELPED for a in answers]) >= 0.7
            assert not any(a.verdict is Verdict.HURT for a in answers)


def without_neighbours(value: FloatArray) -> bool:
    before, after = value[0, 31:59], value[0, 62:]
    error = np.sqrt(before.var() / 28 + after.var() / 28)
    return bool(abs(after.mean() - before.mean()) > 1.28 * error)


def test_lines_that_drift_apart_anyway_widen_the_interval() -> None:
    calm, restless = market(4, 0.1), market(4, 0.1)
    restless[1:, 59:] *= np.exp(np.random.default_rng(4).normal(0, 0.25, (8, 1)))
    narrow, wide = verdict(calm).effect_interval, verdict(restless).effect_interval
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_units_and_currencies_change_nothing() -> None:
    value = market(5, 0.2)
    scaled = value * np.geomspace(0.01, 1e6, len(value))[:, None]
    plain, other = verdict(value), verdict(scaled)
    assert other.effect == pytest.approx(plain.effect)
    assert other.verdict is plain.verdict
    assert other.gain == pytest.approx((plain.gain or 0) * 0.01)


def test_a_daily_amount_needs_no_denominator() -> None:
    value = market(6, 0.3)
    answer = before_after(
        DailyRatio(value[0], None, days(DAYS)),
        DailyRatio(value[1:], None, days(DAYS)),
        changed_on=CHANGED,
        better=Better.HIGHER,
        seed=1,
    )
    assert answer.verdict is Verdict.HELPED


def test_a_line_that_was_leaving_already_gets_no_verdict() -> None:
    value = market(7, 0.0)
    value[0] *= np.exp(0.03 * np.arange(DAYS))
    answer = verdict(value)
    assert (answer.verdict, answer.reason) == (Verdict.CANNOT_TELL, Reason.ALREADY_DIVERGING)
    value[:, :31] = np.nan  # with a month of history the halves of that month must do
    assert verdict(value).n_before == 28


def test_thin_data_say_so() -> None:
    value = market(8, 0.3)
    assert verdict(value[:3]).reason is Reason.TOO_FEW_CONTROLS
    short = value.copy()
    short[:, 68:] = np.nan
    answer = verdict(short)
    assert (answer.reason, answer.n_after) == (Reason.TOO_FEW_DAYS, 6)
    silent = value.copy()
    silent[0, 59:] = 0
    assert verdict(silent).reason is Reason.TOO_SPARSE
    assert verdict(np.full_like(value, np.nan)).reason is Reason.NO_VOLUME


def test_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="better"):
        verdict(market(9, 0.0), better=Better.ON_TARGET)
    with pytest.raises(ValueError, match="same days"):
        before_after(
            DailyRatio([1.0], None, [1]),
            DailyRatio([1.0], None, [2]),
            changed_on=1,
            better=Better.HIGHER,
            seed=1,
        )
