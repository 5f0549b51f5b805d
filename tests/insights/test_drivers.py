"""Why a metric changed: parts that add up to the last digit, a sentence first, for whatever one may see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from analytics.drivers import Cells, explain
from campaigns.models import CampaignLine
from core.periods import Period
from insights.rules.drivers import Node, exact, share_out, step_size
from insights.selectors.driver_words import told
from insights.selectors.drivers import period_before, why_changed
from metrics.selectors import metric_for
from tests.cast import Cast
from tests.world import load_days, load_steady, make_line

pytestmark = pytest.mark.feature("4.13")

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
BEFORE, AFTER = (
    Period("before", date(2026, 11, 1), date(2026, 11, 7)),
    Period("after", date(2026, 11, 8), date(2026, 11, 14)),
)
amounts = st.lists(st.integers(0, 10**8).map(lambda cents: cents / 100), min_size=12, max_size=12)


def adds_up(node: Node, *, is_ratio: bool, is_root: bool = True) -> bool:
    """Whether parts and children add up at every level."""
    if sum(node.parts) != node.change:
        return False
    inside = node.change if is_root or not is_ratio else node.rate
    if node.children and sum(child.change for child in node.children) != inside:
        return False
    return all(adds_up(child, is_ratio=is_ratio, is_root=False) for child in node.children)


@settings(deadline=None, max_examples=40)
@given(
    amounts,
    amounts,
    amounts,
    amounts,
    st.sampled_from(["revenue", "conversions", "roas", "cpc", "cvr"]),
)
def test_shown_parts_add_up_to_the_shown_change_whatever_the_figures(
    before: list[float], after: list[float], old: list[float], new: list[float], key: str
) -> None:
    metric = metric_for(key)
    labels = {"a": [f"a{n % 4}" for n in range(12)], "b": [f"b{n % 3}" for n in range(12)]}
    cells = Cells(labels, before=before, after=after, volume_before=old, volume_after=new)
    driver = explain(cells, is_ratio=metric.is_ratio, depth=3)
    step = step_size(metric, driver.before, driver.after)
    tree = exact(driver, step, is_ratio=metric.is_ratio)
    assert adds_up(tree, is_ratio=metric.is_ratio)
    if driver.before is not None and driver.after is not None:
        assert tree.before is not None
        assert tree.after is not None
        assert tree.change == tree.after - tree.before


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9))
def test_sharing_out_keeps_the_total_and_moves_nobody_by_more_than_one(parts: list[float]) -> None:
    total = round(sum(parts))
    found = share_out(parts, total)
    assert sum(found) == total
    assert max(abs(a - b) for a, b in zip(found, parts, strict=True)) <= 1.01


@pytest.fixture
def lines(cast: Cast) -> list[CampaignLine]:
    """Shopping loses half its conversions in the second week, search goes on."""
    shopping = make_line(cast, channel="shopping", name="Shopping DE")
    search = make_line(cast, channel="search", name="Search DE")
    steady: dict[str, Any] = {"impressions": 40_000, "clicks": 1000, "spend": "400"}
    load_steady(search, BEFORE.start, 14, conversions="40", revenue="4000", **steady)
    load_steady(shopping, BEFORE.start, 7, conversions="60", revenue="6000", **steady)
    load_steady(shopping, AFTER.start, 7, conversions="30", revenue="3000", **steady)
    return [shopping, search]


@pytest.mark.django_db
def test_the_sentence_names_amount_segment_and_step(lines: list[CampaignLine]) -> None:
    why = why_changed(metric="revenue", before=BEFORE, after=AFTER, viewer=None)
    assert told(why) == "Revenue fell €21k: €21k because Shopping’s conversion rate fell"
    assert [(step.name, step.part) for step in why.chain][2] == (
        "conversions per clicks",
        -2_100_000,
    )
    assert adds_up(why.tree, is_ratio=False)
    assert why.amount(why.change) == why.amount(why.tree.after) - why.amount(why.tree.before)  # type: ignore[operator]


@pytest.mark.django_db
def test_a_ratio_is_told_by_rate_and_mix(lines: list[CampaignLine]) -> None:
    why = why_changed(metric="cpa", before=BEFORE, after=AFTER, viewer=None, first="channel")
    assert adds_up(why.tree, is_ratio=True)
    assert why.tree.children[0].dimension == "channel"
    assert told(why).startswith("Cost per conversion rose €3.43")


@pytest.mark.django_db
def test_thin_data_says_so(lines: list[CampaignLine]) -> None:
    empty = Period("empty", date(2026, 1, 1), date(2026, 1, 7))
    why = why_changed(metric="cpa", before=empty, after=AFTER, viewer=None)
    assert why.tree.children == ()
    assert "nothing to compare" in told(why)


def test_the_period_before_has_the_same_weekdays() -> None:
    days = Period("x", date(2026, 10, 11), date(2026, 10, 14))
    assert period_before(days, "week").start == date(2026, 10, 4)
    assert period_before(days, "month").start == date(2026, 9, 13)
    long = Period("x", date(2026, 9, 1), date(2026, 9, 30))
    assert period_before(long, "week").end < long.start
    for how in ("week", "month", "year"):
        assert period_before(long, how).start.weekday() == long.start.weekday()


def open_page(user: User, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.get(reverse("insights:drivers"), query)


ASKED = {"period": "2026-11-08..2026-11-14", "before": "2026-11-01..2026-11-07"}


@pytest.mark.django_db
def test_the_page_draws_the_bridge_the_funnel_and_every_segment(
    cast: Cast, lines: list[CampaignLine]
) -> None:
    shown = " ".join(open_page(cast.director, **ASKED).content.decode().split())
    assert "Revenue fell €21k" in shown
    assert 'id="drivers-bridge' in shown
    assert 'id="drivers-funnel' in shown
    assert "Shopping" in shown
    file = open_page(cast.director, export="csv", **ASKED).getvalue().decode()
    assert "-21000.00" in file.replace("\u2212", "-").replace(",", "").replace("\xa0", "")


@pytest.mark.django_db
def test_who_sees_no_amounts_is_told_in_counts_and_refused_amounts(
    cast: Cast, lines: list[CampaignLine]
) -> None:
    assert "Conversions fell 210" in open_page(cast.admin, **ASKED).content.decode()
    refused = open_page(cast.admin, metric="revenue", **ASKED).content.decode()
    assert "does not see amounts" in refused


@pytest.mark.django_db
def test_only_what_is_in_sight_is_explained(cast: Cast, lines: list[CampaignLine]) -> None:
    shown = open_page(cast.other_manager, **ASKED).content.decode()
    assert "Shopping" not in shown.split("<main")[1].split("<form")[0]
    assert "There is no revenue in either period." in shown


@pytest.mark.django_db
def test_the_page_is_what_it_was_at_a_moment(cast: Cast, lines: list[CampaignLine]) -> None:
    later = datetime(2026, 11, 21, 6, tzinfo=UTC)
    load_days(lines[0], {AFTER.start + timedelta(days=n): {
        "impressions": 40_000, "clicks": 1000, "spend": "400", "conversions": "60", "revenue": "6000",
    } for n in range(7)}, known_at=later)  # fmt: skip
    assert "Revenue did not change" in open_page(cast.director, **ASKED).content.decode()
    before = open_page(cast.director, as_of="2026-11-20T12:00", **ASKED).content.decode()
    assert "Revenue fell €21k" in before


@pytest.mark.django_db
def test_the_api_gives_whole_steps(cast: Cast, lines: list[CampaignLine]) -> None:
    api = APIClient()
    api.force_authenticate(cast.director)
    with time_machine.travel(NOW, tick=False):
        answer = api.get(reverse("api-drivers"), {"metric": "revenue", **ASKED}).json()
    assert answer["step"] == 10_000
    assert answer["tree"]["change"] == -2_100_000
    assert sum(child["change"] for child in answer["tree"]["children"]) == -2_100_000
    assert np.sign(answer["chain"][2]["part"]) == -1
