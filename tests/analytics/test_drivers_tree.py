"""The parts of a change add up to it, whatever the segments did."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.drivers import OTHER, Cells, Driver, explain

AMOUNTS = st.one_of(st.just(0.0), st.floats(0.1, 1e5))
CELLS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS),
    min_size=1,
    max_size=12,
)


def cells(rows: list[tuple[str, str, float, float, float, float]]) -> Cells:
    channel, device, before, after, volume_before, volume_after = zip(*rows, strict=True)
    return Cells(
        {"channel": channel, "device": device},
        before=before,
        after=after,
        volume_before=volume_before,
        volume_after=volume_after,
    )


def check(driver: Driver, *, is_ratio: bool, size: float) -> None:
    """Parts add up to the change, and children to what they explain, at every level."""
    close: dict[str, Any] = {"abs": 1e-9 * size, "rel": 1e-9}
    assert driver.volume + driver.rate + driver.mix == pytest.approx(driver.change, **close)
    if driver.children:
        is_root = driver.segment is None
        explained = driver.change if is_root or not is_ratio else driver.rate
        assert sum(one.change for one in driver.children) == pytest.approx(explained, **close)
    for child in driver.children:
        check(child, is_ratio=is_ratio, size=size)


@pytest.mark.feature("4.13")
@settings(max_examples=60, deadline=None)
@given(CELLS, st.booleans())
def test_parts_add_up_to_the_change(
    rows: list[tuple[str, str, float, float, float, float]], is_ratio: bool
) -> None:
    found = explain(cells(rows), is_ratio=is_ratio)
    top, volume = (np.array(rows, dtype=object)[:, at].astype(float) for at in ([2, 3], [4, 5]))
    size = float(top.sum() + 1)
    if is_ratio and volume.sum(axis=0).min() > 0:
        before, after = top.sum(axis=0) / volume.sum(axis=0)
        size = max(before + after, (top.max() + 1) / volume.sum(axis=0).min())
        assert found.change == pytest.approx(after - before, abs=1e-9 * size)
    elif not is_ratio:
        assert found.change == pytest.approx(top[:, 1].sum() - top[:, 0].sum(), abs=1e-9 * size)
    check(found, is_ratio=is_ratio, size=size)


def test_more_of_everything_is_volume() -> None:
    found = explain(
        cells([("a", "x", 10, 20, 100, 200), ("b", "x", 40, 80, 100, 200)]), is_ratio=False
    )
    assert (found.volume, found.rate, found.mix) == pytest.approx((50, 0, 0))


def test_a_segment_that_did_worse_is_rate_and_stands_first() -> None:
    found = explain(
        cells([("a", "x", 50, 10, 100, 100), ("b", "x", 40, 40, 100, 100)]), is_ratio=False
    )
    first = found.children[0]
    assert (first.dimension, first.segment) == ("channel", "a")
    assert (first.rate, found.volume, found.mix) == pytest.approx((-40, 0, 0))
    assert found.children[1].change == pytest.approx(0)


def test_simpsons_paradox_is_mix() -> None:
    """Every segment converts better and the whole worse: the poor one grew."""
    found = explain(
        cells([("good", "x", 90, 11, 900, 100), ("poor", "x", 1, 13.5, 100, 900)]), is_ratio=True
    )
    assert found.change < 0
    assert found.rate > 0
    assert found.mix < -0.05
    by_name = {one.segment: one for one in found.children}
    assert by_name["good"].mix < 0
    assert by_name["poor"].mix < 0


def test_the_dimension_that_says_most_comes_first() -> None:
    rows = [
        (channel, device, 100.0, 20.0 if device == "z" else 100.0, 1000.0, 1000.0)
        for channel in "abc"
        for device in "xyz"
    ]
    found = explain(cells(rows), is_ratio=True)
    assert {one.dimension for one in found.children} == {"device"}
    assert found.children[0].segment == "z"
    assert {one.dimension for one in found.children[0].children} == {"channel"}


def test_small_segments_stand_together() -> None:
    names = [f"c{n}" for n in range(40)]
    change = np.r_[np.full(3, 500.0), np.full(37, 101.0)]
    found = explain(
        Cells(
            {"campaign": names},
            before=np.full(40, 100.0),
            after=change,
            volume_before=np.full(40, 10.0),
            volume_after=np.full(40, 10.0),
        ),
        is_ratio=False,
    )
    assert len(found.children) == 8
    assert {one.segment for one in found.children[:3]} == {"c0", "c1", "c2"}
    # However much they add together, they are nobody's doing and stand last.
    assert found.children[-1].segment == OTHER
    check(found, is_ratio=False, size=5000)


def test_new_and_ended_segments_and_results_without_volume_are_kept() -> None:
    found = explain(
        cells(
            [("new", "x", 0, 50, 0, 100), ("ended", "x", 30, 0, 60, 0), ("odd", "x", 0, 5, 0, 0)]
        ),
        is_ratio=False,
    )
    by_name = {one.segment: one for one in found.children}
    assert by_name["new"].rate == by_name["ended"].rate == 0
    assert by_name["odd"].change == pytest.approx(5)
    check(found, is_ratio=False, size=100)


def test_a_ratio_without_volume_has_no_explanation() -> None:
    found = explain(cells([("a", "x", 5, 5, 100, 0)]), is_ratio=True)
    assert (found.after, found.change, found.children) == (None, 0.0, ())


def test_bad_cells_are_an_error() -> None:
    with pytest.raises(ValueError, match="known"):
        cells([("a", "x", float("nan"), 5, 100, 0)])
    with pytest.raises(ValueError, match="negative"):
        cells([("a", "x", 5, 5, -100, 0)])
    with pytest.raises(ValueError, match="labels"):
        Cells({"a": ["x"]}, before=[1, 2], after=[1, 2], volume_before=[1, 2], volume_after=[1, 2])
