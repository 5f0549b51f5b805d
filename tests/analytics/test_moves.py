"""A move of budget is worth its range, keeps within its limits, and is not made for noise."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.daily import DailyRatio
from analytics.moves import Bounds, Limits, Response, move_effect, responses, suggest_move
from analytics.results import Elasticity, Interval, MoveSuggestion, Reason
from tests.analytics.simulate import days
from tests.analytics.test_marginal import COUNT, lines
from tests.analytics.test_trend import real_campaign


def response(
    key: str,
    spend: float,
    roas: float,
    elasticity: float = 0.6,
    spread: float = 0.1,
    drift: float = 0.05,
) -> Response:
    """A line known by its numbers alone."""
    luck = np.random.default_rng((len(key), *key.encode())).standard_normal((2, 999))
    return Response(
        key=key,
        spend=spend,
        back=spend * roas,
        elasticity=Elasticity(
            elasticity, Interval(0.4, 0.8, 0.8), elasticity, spread, 0.8, 0.2, 26, None
        ),
        back_draws=spend * roas * np.exp(drift * luck[0]),
        elasticity_draws=np.clip(elasticity + spread * luck[1], 0, 1),
        reason=None,
    )


POOR, RICH, OTHER = response("poor", 1000, 1.2), response("rich", 1000, 5.0), response("so", 500, 3)


@pytest.mark.feature("4.7", "8.4")
def test_money_goes_from_where_it_earns_least_to_where_it_earns_most() -> None:
    answer = suggest_move((POOR, RICH, OTHER), Limits())
    assert answer.move is not None
    assert answer.move.gain is not None
    assert (answer.move.giver, answer.move.receiver) == ("poor", "rich")
    assert answer.move.amount == 5600  # a fifth of 28 days at 1,000
    assert answer.binding == "max_shift"
    assert answer.move.gain.p10 > 0
    assert answer.move.giver_marginal == pytest.approx(0.6 * 1.2)
    assert answer.move.receiver_marginal == pytest.approx(0.6 * 5.0)


def test_the_effect_is_that_of_the_curve() -> None:
    giver = response("a", 1000, 2.0, spread=0, drift=0)
    receiver = response("b", 1000, 4.0, spread=0, drift=0)
    effect = move_effect(giver, receiver, 2800, days=28)
    assert effect.giver_loss is not None
    assert effect.receiver_gain is not None
    assert effect.gain is not None
    assert effect.giver_loss.p50 == pytest.approx(56_000 * (0.9**0.6 - 1))
    assert effect.receiver_gain.p50 == pytest.approx(112_000 * (1.1**0.6 - 1))
    assert effect.gain.p10 == pytest.approx(effect.gain.p90)
    assert effect.gain.chance_of_loss == 0


def test_nothing_is_moved_for_noise() -> None:
    alike = [response("left", 1000, 3.0), response("right", 1000, 3.05)]
    answer = suggest_move(alike, Limits())
    assert (answer.move, answer.reason) == (None, Reason.INSIDE_NOISE)
    bold = suggest_move(alike, Limits(max_loss=0.6))
    assert bold.move is not None  # the control: only the limit on the risk holds it back


def test_each_limit_binds_when_it_is_the_tightest() -> None:
    limits = Limits(max_shift=0.5, max_growth=0.5)
    free = [Bounds(), Bounds()]

    def binding(bounds: list[Bounds], own: Limits = limits) -> MoveSuggestion:
        return suggest_move((POOR, RICH), own, bounds)

    assert binding(free, Limits(max_shift=0.1)).binding == "max_shift"
    assert binding(free, Limits(max_shift=0.9, max_growth=0.05)).binding == "max_growth"
    committed = binding([Bounds(committed=27_000), Bounds()])
    assert committed.binding == "committed"
    assert committed.move is not None
    assert committed.move.amount == 1000
    ceiling = binding([Bounds(), Bounds(ceiling=28_500)])
    assert ceiling.binding == "ceiling"
    assert ceiling.move is not None
    assert ceiling.move.amount == 500
    closed = binding([Bounds(committed=28_000), Bounds(ceiling=28_000)])
    assert (closed.move, closed.reason) == (None, Reason.NO_ROOM)


def test_it_stops_before_the_limit_when_more_would_not_pay() -> None:
    pair = [response("slow", 1000, 3.0, 0.5, 0.01, 0.0), response("fast", 300, 3.5, 0.6, 0.01, 0.0)]
    answer = suggest_move(pair, Limits(max_shift=0.9, max_growth=20))
    assert answer.move is not None
    assert answer.binding is None
    assert answer.move.amount < 0.9 * 28_000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(10, 5000), st.floats(0.2, 9)), min_size=2, max_size=5),
    st.floats(0.01, 0.9),
    st.floats(0.01, 2),
    st.sampled_from([1.0, 50.0, 100.0]),
)
def test_no_bound_is_ever_broken(
    pairs: list[tuple[float, float]], shift: float, growth: float, step: float
) -> None:
    made = [response(f"line-{i}", *pair) for i, pair in enumerate(pairs)]
    limits = Limits(max_shift=shift, max_growth=growth, step=step, max_loss=0.5)
    answer = suggest_move(made, limits)
    if answer.move is not None:
        by_key = {line.key: line for line in made}
        giver, receiver = by_key[answer.move.giver], by_key[answer.move.receiver]
        assert 0 < answer.move.amount <= shift * giver.spend * 28 + 1e-6
        assert answer.move.amount <= growth * receiver.spend * 28 + 1e-6
        assert answer.move.amount % step == pytest.approx(0, abs=1e-6)
        assert answer.move.gain is not None
        assert answer.move.gain.p50 > 0
        assert answer.move.gain.chance_of_loss <= 0.5


def test_a_named_giver_is_the_only_one() -> None:
    answer = suggest_move((POOR, RICH, OTHER), Limits(), giver="so")
    assert answer.move is not None
    assert (answer.move.giver, answer.move.receiver) == ("so", "rich")
    assert suggest_move((POOR, RICH, OTHER), Limits(), giver="rich").move is None


def test_lines_without_an_elasticity_are_left_out_and_named() -> None:
    top, spend = lines(8, 0.6, series=3)
    top[0] *= 0.3
    spend[2] = 100.0
    made = responses(("weak", "strong", "steady"), DailyRatio(top, spend, days(COUNT)), seed=1)
    answer = suggest_move(made, Limits())
    assert answer.refused == (("steady", Reason.SPEND_TOO_STEADY),)
    assert answer.move is not None
    assert (answer.move.giver, answer.move.receiver) == ("weak", "strong")
    effect = move_effect(made[0], made[2], 100, days=28)
    assert (effect.gain, effect.reason) == (None, Reason.SPEND_TOO_STEADY)


def test_the_same_seed_gives_the_same_answer_whatever_the_company() -> None:
    top, spend = lines(9, 0.6, series=3)
    both = responses(("a", "b"), DailyRatio(top[:2], spend[:2], days(COUNT)), seed=4)
    three = responses(
        ("c", "a", "b"), DailyRatio(top[[2, 0, 1]], spend[[2, 0, 1]], days(COUNT)), seed=4
    )
    assert (both[0].back_draws == three[1].back_draws).all()
    assert move_effect(both[0], both[1], 200, days=28) == move_effect(
        three[1], three[2], 200, days=28
    )
    other = responses(("a", "b"), DailyRatio(top[:2], spend[:2], days(COUNT)), seed=5)
    assert (both[0].back_draws != other[0].back_draws).any()


def test_units_scale_the_money_and_nothing_else() -> None:
    top, spend = lines(10, 0.6, series=2)
    top[0] *= 0.4
    plain = responses(("a", "b"), DailyRatio(top, spend, days(COUNT)), seed=1)
    cents = responses(("a", "b"), DailyRatio(top * 100, spend * 100, days(COUNT)), seed=1)
    one = suggest_move(plain, Limits(step=10)).move
    two = suggest_move(cents, Limits(step=1000)).move
    assert one is not None
    assert one.gain is not None
    assert two is not None
    assert two.gain is not None
    assert two.amount == pytest.approx(100 * one.amount)
    assert two.gain.p50 == pytest.approx(100 * one.gain.p50)
    assert two.gain.chance_of_loss == one.gain.chance_of_loss


def test_a_line_can_be_looked_at_from_next_months_plan() -> None:
    grown = RICH.at(1500)
    assert grown.back == pytest.approx(5000 * 1.5**0.6)
    assert grown.marginal is not None
    assert RICH.marginal is not None
    assert grown.marginal < RICH.marginal
    there_and_back = grown.at(1000)
    assert there_and_back.back_draws == pytest.approx(RICH.back_draws)


def test_a_line_without_a_plan_takes_no_part() -> None:
    answer = suggest_move((POOR, RICH.at(0), OTHER), Limits())
    assert answer.refused == (("rich", Reason.NO_SPEND),)
    assert answer.move is not None
    assert answer.move.receiver == "so"


def test_an_impossible_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="no more than"):
        move_effect(POOR, RICH, 30_000, days=28)
    with pytest.raises(ValueError, match="positive"):
        move_effect(POOR, RICH, 0, days=28)


@pytest.mark.feature("8.4")
def test_on_real_data_money_leaves_the_campaign_whose_return_falls(shared_data: Path) -> None:
    parts = [real_campaign(shared_data, f"camp {i}") for i in (1, 2, 3)]
    daily = DailyRatio(
        np.concatenate([p.top for p in parts]),
        np.concatenate([p.bottom for p in parts]),
        parts[0].days,
    )
    made = responses(("camp 1", "camp 2", "camp 3"), daily, seed=1)
    answer = suggest_move(made, Limits(step=10))
    assert answer.move is not None
    assert answer.move.gain is not None
    assert (answer.move.giver, answer.move.receiver) == ("camp 1", "camp 3")
    assert answer.binding == "max_growth"
    assert 0 < answer.move.gain.p10 < answer.move.gain.p50 < answer.move.gain.p90
    assert answer.refused == (("camp 2", Reason.NO_SPEND),)
