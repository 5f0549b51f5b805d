"""What holds for any journeys: credits conserve, order leaves no trace, scaling scales."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.attribution import (
    Paths,
    attribute,
    disagreement,
    paths_from_texts,
    ranges,
    stability,
    whole_units,
)
from analytics.results import Reason
from tests.analytics.journeys import holds, paths, width

amounts = st.integers(0, 40)
rows = st.lists(
    st.tuples(st.lists(st.sampled_from("abcde"), max_size=6), amounts, amounts, amounts),
    min_size=1,
    max_size=30,
)


def built(drawn: list[tuple[list[str], int, int, int]]) -> Paths:
    texts = [" > ".join(path) for path, *_ in drawn]
    gained, value, nulls = np.array([row[1:] for row in drawn], dtype=np.float64).T
    return paths_from_texts(
        texts, conversions=gained, value=np.where(gained > 0, value, 0), nulls=nulls
    )


@given(rows)
@settings(max_examples=150, deadline=None)
def test_every_model_credits_all_that_had_a_touch(drawn: list) -> None:
    found = built(drawn)
    answer = attribute(found)
    for name, credit in answer.models.items():
        credited = credit.conversions.sum() + answer.unattributed
        assert credited == pytest.approx(answer.conversions, abs=1e-9), name
        worth = credit.value.sum() + answer.unattributed_value
        assert worth == pytest.approx(answer.value, abs=1e-9), name
        assert (credit.conversions >= -1e-12).all()
        if credit.removal_effect is not None:
            assert (credit.removal_effect <= 1 + 1e-9).all()


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_leaves_no_trace(drawn: list, random: Random) -> None:
    first = attribute(built(drawn))
    random.shuffle(drawn)
    second = attribute(built(drawn))
    assert first.channels == second.channels
    for name, credit in first.models.items():
        assert credit.conversions == pytest.approx(second.models[name].conversions, abs=1e-9)


@given(rows, st.sampled_from([0.25, 3.0, 1000.0]))
@settings(max_examples=60, deadline=None)
def test_more_of_the_same_scales_credits_and_nothing_else(drawn: list, times: float) -> None:
    found = built(drawn)
    more = replace(
        found,
        conversions=found.conversions * times,
        value=found.value * times,
        nulls=found.nulls * times,
    )
    first, second = attribute(found), attribute(more)
    assert first.disagreement == pytest.approx(second.disagreement, abs=1e-9)
    for name, credit in first.models.items():
        scaled = second.models[name]
        assert credit.conversions * times == pytest.approx(scaled.conversions, abs=1e-6)
        if credit.removal_effect is not None:
            assert credit.removal_effect == pytest.approx(scaled.removal_effect, abs=1e-9)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12), st.integers(0, 10**15))
@settings(max_examples=200, deadline=None)
def test_whole_cents_add_up_to_the_last(parts: list[float], total: int) -> None:
    given_out = whole_units(np.array(parts), total)
    assert sum(given_out) == (total if sum(parts) > 0 else 0)
    assert all(units >= 0 for units in given_out)


def test_models_agree_on_paths_of_one_touch_and_not_on_long_ones() -> None:
    alike = attribute(paths(("a", 40, 0, 10), ("b", 20, 0, 5)))
    assert alike.disagreement == pytest.approx(0, abs=1e-12)
    apart = attribute(paths(("a > b", 40, 0, 10)))
    only = {name: apart.models[name] for name in ("first", "last")}
    assert disagreement(only) == pytest.approx(1)
    widest = ranges(apart)[0]
    assert (widest.low, widest.high) == (0, 1)
    assert {widest.low_model, widest.high_model} == {"first", "last"}


def test_few_journeys_are_less_stable_than_many() -> None:
    few = paths(("a > b", 20, 0, 60), ("b", 15, 0, 50), ("c > a", 5, 0, 80))
    many = replace(few, conversions=few.conversions * 25, nulls=few.nulls * 25)
    wide, narrow = stability(few, seed=1), stability(many, seed=1)
    assert wide.reason is None
    for name, shares in wide.models.items():
        for loose, firm in zip(shares, narrow.models[name], strict=True):
            assert holds(loose.interval, loose.share)
            assert width(loose.interval) >= width(firm.interval)
    assert stability(few, seed=1) == wide
    assert stability(few, seed=2) != wide
    assert sum(row.first for row in wide.models["markov"]) == pytest.approx(1)


def test_stability_needs_thirty_conversions() -> None:
    thin = stability(paths(("a > b", 29, 0, 5)), seed=1)
    assert (thin.reason, thin.models) == (Reason.TOO_FEW_CONVERSIONS, {})


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Journeys drawn from known chances of a, b and a then b; last touch has a share of a half."""
    rng = np.random.default_rng(17)
    held = 0
    for number in range(40):
        counts = rng.multinomial(400, [0.05, 0.1, 0.05, 0.8])
        found = paths(*zip(["b > a", "b", "c > a", "c"], counts, [0] * 4, [0] * 4, strict=True))
        found = replace(
            found,
            conversions=found.conversions * [1, 1, 1, 0],
            nulls=found.conversions * [0, 0, 0, 1],
        )
        share = stability(found, seed=number, draws=60).models["last"][0]
        held += holds(share.interval, 0.5)
    assert 31 <= held <= 40
