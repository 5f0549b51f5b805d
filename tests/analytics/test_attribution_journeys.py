"""What journeys look like: top paths, steps, what comes next, the funnel, the Sankey."""

import numpy as np
import pytest

from analytics.attribution import (
    funnel,
    links,
    next_steps,
    paths_from_touches,
    steps,
    top_paths,
)
from analytics.attribution.flows import CONVERTED, LATER, NOT_CONVERTED
from analytics.attribution.journeys import rate_interval
from analytics.results import Reason
from tests.analytics.journeys import conversions, holds, paths, touches

pytestmark = pytest.mark.feature("6.6")


def test_top_paths_take_the_same_path_of_several_rows_together() -> None:
    found = top_paths(
        paths(("a > b", 3, 30, 1), ("c", 4, 8, 0), ("a > b", 2, 20, 4), ("", 9, 9, 0)), 2
    )
    assert [(row.path, row.conversions, row.value, row.n) for row in found] == [
        (("a", "b"), 5, 50, 10),
        (("c",), 4, 8, 4),
    ]
    assert found[0].rate == 0.5
    assert holds(found[0].interval, 0.5)


def test_wilson_against_a_published_interval() -> None:
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I.
    measured, none = rate_interval(81, 263), rate_interval(0, 20)
    assert measured is not None
    assert none is not None
    assert (round(measured.low, 4), round(measured.high, 4)) == (0.2553, 0.3662)
    assert (round(none.low, 4), round(none.high, 4)) == (0, 0.1611)
    assert rate_interval(0, 0) is None


def test_steps_and_days_to_a_conversion() -> None:
    rows = [(who, day, "a") for who in range(40) for day in range(who % 2 + 1)]
    found = steps(
        paths_from_touches(touches(*rows), conversions(*((who, 5, 1) for who in range(40))))
    )
    assert (found.n, found.reason) == (40, None)
    assert found.by_touches == ((1, 20), (2, 20))
    assert found.touches is not None
    assert found.days is not None
    assert found.touches.mean == 1.5
    assert (found.days.p10, found.days.p90) == (5, 5)
    assert steps(paths(("a", 2, 0, 0))).reason is Reason.TOO_FEW_CONVERSIONS
    assert steps(paths(("a", 0, 0, 3))).touches is None


def test_next_steps_are_probabilities_that_lead_to_the_end() -> None:
    found = {row.channel: row for row in next_steps(paths(("a > b", 1, 0, 1), ("a", 0, 0, 2)))}
    a, b = found["a"], found["b"]
    assert (a.n, a.converts, a.ends, dict(a.then)["b"]) == (4, 0, 0.5, 0.5)
    assert (b.n, b.converts, b.eventually, a.eventually) == (2, 0.5, 0.5, 0.25)
    for row in found.values():
        assert sum(dict(row.then).values()) + row.converts + row.ends == pytest.approx(1)


def test_the_sankey_loses_nobody() -> None:
    rng = np.random.default_rng(4)
    found = paths(
        *(
            (" > ".join(rng.choice(list("abc"), rng.integers(1, 7))), float(k % 3), 0.0, 1.0)
            for k in range(80)
        )
    )
    flows = links(found, depth=3)
    for step in (1, 2):
        for name in "abc":
            entered = sum(x.times for x in flows if (x.step, x.target) == (step - 1, name))
            left = sum(x.times for x in flows if (x.step, x.source) == (step, name))
            assert entered == left
    ended = sum(x.times for x in flows if x.is_end)
    assert ended == found.conversions.sum() + found.nulls.sum()
    assert {x.target for x in flows if x.step == 2} == {LATER, CONVERTED, NOT_CONVERTED}


def test_a_funnel_counts_people_who_came_in_order() -> None:
    found = funnel({
        "touched": touches((0, 0, "a"), (1, 0, "a"), (2, 5, "a"), (0, 1, "b"), (3, 0, "a")),
        "lead": conversions((0, 1, 0), (1, 2, 0), (2, 3, 0)),
        "customer": conversions((0, 0.5, 9), (0, 4, 9), (2, 9, 9), (1, 1, 9)),
    })  # fmt: skip
    # Person 2 became a lead before the first touch, person 1 a customer before the lead.
    assert [stage.people for stage in found] == [4, 2, 1]
    assert [stage.of_previous for stage in found] == [1, 0.5, 0.5]
    assert found[2].of_first == 0.25
    assert holds(found[2].interval, 0.5)


def test_a_funnel_that_nobody_entered() -> None:
    empty = funnel({"touched": touches(), "lead": conversions((0, 1, 0))})
    assert [(stage.people, stage.of_previous) for stage in empty] == [(0, None), (0, None)]
