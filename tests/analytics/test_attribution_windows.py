"""Touches become paths: which touch belongs to which conversion, and which to none."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.attribution import (
    USUAL,
    WHOLE,
    How,
    Lookback,
    accounts,
    attribute,
    grouped,
    joined,
    paths_by_kind,
    paths_from_touches,
    without,
)
from tests.analytics.journeys import conversions, touches, written


def test_a_conversion_ends_a_journey_and_later_touches_begin_the_next() -> None:
    found = paths_from_touches(
        touches((0, 0, "a"), (0, 1, "b"), (0, 3, "c"), (1, 0, "a")), conversions((0, 2, 9))
    )
    assert written(found) == [("a", 0, 0, 1), ("a > b", 1, 9, 0), ("c", 0, 0, 1)]


def test_a_touch_at_the_moment_of_the_conversion_led_to_it() -> None:
    assert written(paths_from_touches(touches((0, 2, "a")), conversions((0, 2, 9)))) == [
        ("a", 1, 9, 0)
    ]


def test_repeat_conversions_share_no_touch() -> None:
    found = paths_from_touches(
        touches((0, 0, "a"), (0, 2, "b")), conversions((0, 1, 5), (0, 3, 7), (0, 4, 1))
    )
    assert written(found) == [("", 1, 1, 0), ("a", 1, 5, 0), ("b", 1, 7, 0)]
    answer = attribute(found)
    assert (answer.conversions, answer.unattributed, answer.unattributed_value) == (3, 1, 1)
    assert answer.models["last"].conversions.sum() == 2


def test_conversions_at_one_moment_share_their_path() -> None:
    found = paths_from_touches(touches((0, 0, "a")), conversions((0, 1, 5), (0, 1, 7)))
    assert written(found) == [("a", 2, 12, 0)]


@pytest.mark.parametrize(("day", "path"), [(0.0, "a > b"), (-1e-6, "b")])
def test_the_last_day_of_the_lookback_counts(day: float, path: str) -> None:
    found = paths_from_touches(
        touches((0, day, "a"), (0, 10, "b")), conversions((0, 30, 1)), lookback=Lookback(click=30)
    )
    assert written(found) == [(path, 1, 1, 0)]


def test_a_lookback_leaves_a_conversion_without_touch_unattributed() -> None:
    seen, won = touches((0, 0, "a"), (1, 0, "a")), conversions((0, 31, 50))
    found = paths_from_touches(seen, won)
    assert written(found) == [("", 1, 50, 0), ("a", 0, 0, 1)]
    assert attribute(found).unattributed_value == 50
    assert written(paths_from_touches(seen, won, lookback=WHOLE))[1] == ("a", 1, 50, 0)


def test_clicks_views_and_calls_have_lookbacks_of_their_own() -> None:
    seen = touches(
        (0, 0, "call", How.OFFLINE), (0, 50, "banner", How.VIEW), (0, 60, "search"),
        (0, 79.5, "video", How.VIEW),
    )  # fmt: skip
    found = paths_from_touches(seen, conversions((0, 80, 1)), lookback=USUAL)
    assert written(found) == [("call > search > video", 1, 1, 0)]


def test_each_kind_of_conversion_has_its_lookback_and_all_touches() -> None:
    found = paths_by_kind(
        touches((0, 0, "a"), (0, 20, "b")),
        {"signup": conversions((0, 10, 0)), "deal": conversions((0, 45, 900))},
        {"deal": Lookback(click=90)},
    )
    assert written(found["signup"]) == [("a", 1, 0, 0), ("b", 0, 0, 1)]
    assert written(found["deal"]) == [("a > b", 1, 900, 0)]


def test_one_person_does_not_see_the_touches_of_another() -> None:
    found = paths_from_touches(touches((0, 0, "a"), (2, 0, "c")), conversions((1, 1, 1)))
    assert written(found) == [("", 1, 1, 0), ("a", 0, 0, 1), ("c", 0, 0, 1)]


def test_accounts_have_one_journey_and_people_of_none_their_own() -> None:
    seen = touches((0, 0, "a"), (1, 1, "b"), (2, 1, "c"))
    won = conversions((0, 2, 1))
    account_of = np.array([0, 0, -1])
    found = paths_from_touches(
        replace(seen, who=accounts(seen.who, account_of)),
        replace(won, who=accounts(won.who, account_of)),
    )
    assert written(found) == [("a > b", 1, 1, 0), ("c", 0, 0, 1)]


def test_own_brand_and_own_staff_are_left_out() -> None:
    seen = touches((0, 0, "search"), (0, 1, "brand"), (1, 0, "search"))
    kept = without(seen, channels=["brand"], people=[1])
    assert kept.channels == ("search",)
    assert written(paths_from_touches(kept, conversions((0, 2, 1)))) == [("search", 1, 1, 0)]


def test_channel_groups_of_ones_own() -> None:
    seen = grouped(
        touches((0, 0, "google"), (0, 1, "bing"), (0, 2, "e-mail")),
        {"google": "search", "bing": "search"},
    )
    assert written(paths_from_touches(seen, conversions((0, 3, 1)))) == [
        ("search > search > e-mail", 1, 1, 0)
    ]


def test_offline_touches_join_the_others() -> None:
    seen = joined(touches((0, 1, "search")), touches((0, 0, "fair", How.OFFLINE)))
    assert written(paths_from_touches(seen, conversions((0, 2, 1)))) == [("fair > search", 1, 1, 0)]


def test_no_touch_at_all() -> None:
    nothing = touches()
    found = paths_from_touches(nothing, conversions((0, 1, 4)), lead=conversions((0, 0, 0)))
    answer = attribute(found)
    assert (answer.channels, answer.unattributed, answer.disagreement) == ((), 1, None)


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (int(rng.integers(0, 20)), float(rng.integers(0, 40)), str(rng.choice(list("abcd"))))
        for _ in range(200)
    ]
    won = [(int(rng.integers(0, 20)), float(rng.integers(0, 40)), 1.5) for _ in range(30)]
    as_given = paths_from_touches(touches(*rows), conversions(*won))
    rng.shuffle(rows)
    rng.shuffle(won)
    shuffled = paths_from_touches(touches(*rows), conversions(*won))
    assert written(as_given) == written(shuffled)
    assert as_given.conversions.sum() == 30
    assert len(as_given.touch) == len(shuffled.touch)
