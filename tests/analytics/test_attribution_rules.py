"""How the rules share out a path, and where each is easily got wrong."""

from dataclasses import replace
from itertools import permutations
from math import factorial

import numpy as np
import pytest

from analytics.attribution import Paths, Position, paths_from_touches, shares
from tests.analytics.journeys import conversions, credit, paths, touches


def one(text: str) -> Paths:
    return paths((text, 1, 10, 0))


def test_first_and_last() -> None:
    found = one("a > b > c")
    assert credit(found, shares.first(found)) == {"a": 1}
    assert credit(found, shares.last(found)) == {"c": 1}


def last_non_direct(found: Paths, direct: str = "direct") -> dict[str, float]:
    return credit(found, shares.last_non_direct(found, direct=direct))


def test_direct_gives_way_to_the_touch_before_it() -> None:
    assert last_non_direct(one("a > b > direct > direct")) == {"b": 1}
    assert last_non_direct(one("a > Direct")) == {"a": 1}
    assert last_non_direct(one("a > (none)"), direct="(none)") == {"a": 1}


def test_direct_alone_keeps_the_credit() -> None:
    found = paths(("direct > direct", 1, 0, 0), ("a", 0, 0, 1))
    assert last_non_direct(found) == {"direct": 1}


def test_direct_does_not_reach_into_the_path_before() -> None:
    found = paths(("a > b", 0, 0, 1), ("direct", 1, 0, 0))
    assert last_non_direct(found) == {"direct": 1}


def test_a_repeated_channel_counts_each_time_when_linear_and_once_by_shapley() -> None:
    found = one("a > a > a > b")
    assert credit(found, shares.linear(found)) == {"a": 0.75, "b": 0.25}
    assert credit(found, shares.shapley(found)) == {"a": 0.5, "b": 0.5}


def by_definition(found: Paths) -> dict[str, float]:
    """Shapley's formula over all orders in which channels can join."""
    sets = [
        frozenset(found.touch[a:b])
        for a, b in zip(found.starts[:-1], found.starts[1:], strict=True)
    ]
    total = dict.fromkeys(found.channels, 0.0)
    for order in permutations(range(len(found.channels))):
        for place, channel in enumerate(order):
            before, after = set(order[:place]), set(order[: place + 1])
            total[found.channels[channel]] += sum(
                gained
                for these, gained in zip(sets, found.conversions, strict=True)
                if these <= after and not these <= before
            )
    return {name: value / factorial(len(found.channels)) for name, value in total.items()}


def test_shapley_is_what_its_definition_says() -> None:
    rng = np.random.default_rng(3)
    rows = [
        (" > ".join(rng.choice(list("abcde"), rng.integers(1, 6))), float(rng.integers(0, 4)))
        for _ in range(40)
    ]
    found = paths(*((text, gained, 0.0, 1.0) for text, gained in rows))
    assert credit(found, shares.shapley(found)) == pytest.approx(by_definition(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", {"a": 1}),
        ("a > b", {"a": 0.5, "b": 0.5}),
        ("a > b > c", {"a": 0.4, "b": 0.2, "c": 0.4}),
        ("a > b > c > d", {"a": 0.4, "b": 0.1, "c": 0.1, "d": 0.4}),
        ("a > a", {"a": 1}),
    ],
)
def test_u_shape_of_short_and_long_paths(text: str, expected: dict[str, float]) -> None:
    found = one(text)
    assert credit(found, shares.position(found, form=Position.U)) == pytest.approx(expected)


@pytest.fixture
def deal() -> Paths:
    """Six touches; a lead after b, an opportunity after d, won after f."""
    walked = touches(*((0, day, name) for day, name in enumerate("abcdef")))
    return paths_from_touches(
        walked,
        conversions((0, 6, 100)),
        lead=conversions((0, 1.5, 0)),
        opportunity=conversions((0, 3.5, 0)),
    )


@pytest.mark.feature("6.2")
def test_w_shape_and_full_path_follow_the_milestones(deal: Paths) -> None:
    w = credit(deal, shares.position(deal, form=Position.W))
    assert w == pytest.approx({"a": 0.3, "b": 0.3, "d": 0.3, "c": 1 / 30, "e": 1 / 30, "f": 1 / 30})
    full = credit(deal, shares.position(deal, form=Position.FULL))
    keys = dict.fromkeys("abdf", 0.225)
    assert full == pytest.approx({**keys, "c": 0.05, "e": 0.05})


def test_a_touch_that_is_two_milestones_gets_both_shares() -> None:
    walked = touches((0, 0, "a"), (0, 1, "b"), (0, 2, "c"))
    found = paths_from_touches(
        walked,
        conversions((0, 3, 1)),
        lead=conversions((0, 0, 0)),
        opportunity=conversions((0, 1, 0)),
    )
    assert credit(found, shares.position(found, form=Position.W)) == pytest.approx(
        {"a": 0.6, "b": 0.3, "c": 0.1}
    )


def test_a_milestone_after_the_conversion_is_not_of_that_journey() -> None:
    found = paths_from_touches(
        touches((0, 0, "a"), (0, 1, "b")), conversions((0, 2, 1)), lead=conversions((0, 3, 0))
    )
    assert (found.milestones == -1).all()


def test_time_decay_halves_with_each_half_life() -> None:
    found = paths_from_touches(touches((0, 0, "a"), (0, 7, "b")), conversions((0, 9, 1)))
    share = shares.time_decay(found, half_life=7)
    assert credit(found, share) == pytest.approx({"a": 1 / 3, "b": 2 / 3})


def test_time_decay_of_a_very_old_path_still_adds_up() -> None:
    found = paths(("a > b", 1, 0, 0))
    old = Paths(
        channels=found.channels, touch=found.touch, starts=found.starts,
        conversions=found.conversions, value=found.value, nulls=found.nulls,
        age=np.array([90_007.0, 90_000.0]), milestones=found.milestones,
    )  # fmt: skip
    assert credit(old, shares.time_decay(old, half_life=7)) == pytest.approx(
        {"a": 1 / 3, "b": 2 / 3}
    )


def test_paths_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="path 'a > > b': a channel is missing"):
        one("a > > b")
    with pytest.raises(ValueError, match="zero or more"):
        paths(("a", -1, 0, 0))
    with pytest.raises(ValueError, match="value but no conversion"):
        paths(("a", 0, 5, 1))
    found = one("a > b")
    with pytest.raises(ValueError, match="from the first touch to the last"):
        replace(found, starts=np.array([0, 1]))
    with pytest.raises(ValueError, match="one age for each touch"):
        replace(found, age=np.array([1.0]))
