"""Curves are learnt from what came in morning by morning; young days are carried to their ends."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from analytics.results import Reason
from core.models import Event
from core.periods import Period
from insights.models import MaturityCurve
from insights.selectors import curve_of, curves_known, growth_known, outlook
from insights.services import daily_check
from insights.services.maturity import maturity_learn
from metrics.selectors import query
from tests.cast import Cast
from tests.insights.maturing import FINAL, NOW, SHARES, TODAY, come_in, line_on
from tests.sign_in import signed_in
from tests.world import load_rows

DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY
WEEK = Period("week", TODAY - 7 * DAY, YESTERDAY)


def curve(platform: str = "google_ads", measure: str = "conversions") -> MaturityCurve:
    return MaturityCurve.objects.get(platform=platform, measure=measure)


def browser(user: User) -> Client:
    return signed_in(user)


@pytest.mark.django_db
def test_a_curve_is_learnt_for_each_platform_and_kind_of_result(cast: Cast) -> None:
    come_in([line_on(cast)])
    slow = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0]
    come_in([line_on(cast, "meta_ads")], shares=slow, source=2)
    assert maturity_learn(now=NOW) == {"learnt": 4, "too_thin": 0}
    google, meta = (curve_of(curve(platform)) for platform in ("google_ads", "meta_ads"))
    assert google.share[1:6] == pytest.approx(SHARES[1:])
    assert meta.share[1:6] == pytest.approx(slow[1:])
    assert (google.first, google.settled, google.only_grows) == (1, FINAL, True)
    assert {one.measure for one in curves_known()} == {"conversions", "revenue"}
    after = Event.objects.get(action="maturity.learnt").after
    assert after is not None
    assert after["curves"] == 4


@pytest.mark.django_db
def test_lines_without_a_platform_follow_their_channel(cast: Cast) -> None:
    come_in([line_on(cast, "other", channel="affiliates")])
    maturity_learn(now=NOW)
    assert {one.platform for one in curves_known()} == {"channel:affiliates"}
    assert growth_known()[0].name == "Affiliates"


@pytest.mark.django_db
def test_nothing_is_learnt_twice_from_the_same_facts(cast: Cast) -> None:
    line = line_on(cast)
    come_in([line])
    maturity_learn(now=NOW)
    assert maturity_learn(now=NOW + DAY) == {"learnt": 0, "too_thin": 0}
    load_rows([{"line": line, "day": TODAY, "conversions": 90}], known_at=NOW + DAY, source=1)
    assert daily_check(now=NOW + DAY)["maturity"]["learnt"] == 2
    assert MaturityCurve.objects.count() == 4


@pytest.mark.django_db
def test_what_came_in_once_says_that_nobody_has_seen_it_grow(cast: Cast) -> None:
    come_in([line_on(cast)], mornings=1)
    assert maturity_learn(now=NOW) == {"learnt": 0, "too_thin": 2}
    assert curve().reason == Reason.SEEN_ONCE
    answer = query(metrics=["conversions"], period=WEEK, viewer=None, mature=True)
    assert answer.totals == query(metrics=["conversions"], period=WEEK, viewer=None).totals
    assert answer.notes == []


@pytest.mark.django_db
def test_a_few_mornings_are_too_few(cast: Cast) -> None:
    come_in([line_on(cast)], mornings=5)
    maturity_learn(now=NOW)
    assert curve().reason == Reason.TOO_FEW_DAYS


@pytest.mark.django_db
def test_young_days_stand_at_their_ends_in_a_matured_answer(cast: Cast) -> None:
    line = line_on(cast)
    come_in([line])
    maturity_learn(now=NOW)
    asked: dict[str, Any] = {
        "metrics": ["conversions", "spend", "cpa"],
        "by": ["day"],
        "period": WEEK,
    }
    raw = query(**asked, viewer=None)
    final = query(**asked, viewer=None, mature=True)
    assert [row["conversions"] for row in final.rows] == [200_000_000] * 7
    assert raw.rows[-1]["conversions"] == 100_000_000
    assert final.rows[-1]["spend"] == raw.rows[-1]["spend"]
    assert final.totals["cpa"] == 500_000
    assert final.notes == ["Young days stand at what they are expected to be when final."]
    assert raw.notes == []


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["campaign", "line", "channel", "platform", "creative", "week"])
def test_every_split_of_a_matured_answer_adds_up_to_the_same(cast: Cast, by: str) -> None:
    come_in([line_on(cast), line_on(cast, "meta_ads")])
    maturity_learn(now=NOW)
    answer = query(metrics=["revenue"], by=[by], period=WEEK, viewer=None, mature=True)
    assert sum(row["revenue"] for row in answer.rows) == 2 * 7 * 600_000_000
    assert answer.totals["revenue"] == 2 * 7 * 600_000_000


@pytest.mark.django_db
def test_numbers_can_be_split_and_filtered_by_platform(cast: Cast) -> None:
    come_in([line_on(cast), line_on(cast, "meta_ads")], final=100)
    rows = query(metrics=["clicks"], by=["platform"], period=WEEK, viewer=cast.director).rows
    assert {row["platform_label"] for row in rows} == {"Google Ads", "Meta Ads"}
    only = query(
        metrics=["clicks"], where={"platform": "meta_ads"}, period=WEEK, viewer=cast.director
    )
    assert only.totals["clicks"] == 7_000


@pytest.mark.django_db
def test_the_past_is_matured_by_the_curve_of_then(cast: Cast) -> None:
    line = line_on(cast)
    before = TODAY - 11 * DAY
    come_in([line], today=before)
    maturity_learn(now=NOW - 11 * DAY)
    then = Period("then", before - 3 * DAY, before - DAY)
    asked: dict[str, Any] = {
        "metrics": ["revenue"],
        "by": ["day"],
        "period": then,
        "viewer": None,
        "mature": True,
    }
    said = query(**asked, as_of=NOW - 11 * DAY).rows
    refunds = [0.0, 0.9, 0.8, 0.7, 0.6, 0.5]
    come_in([line], shares=refunds)
    maturity_learn(now=NOW)
    assert query(**asked, as_of=NOW - 11 * DAY).rows == said


@pytest.mark.django_db
def test_refunds_carry_young_days_down(cast: Cast) -> None:
    come_in([line_on(cast)], shares=[0.0, 1.0, 0.95, 0.9, 0.85, 0.8])
    maturity_learn(now=NOW)
    kept = curve_of(curve(measure="revenue"))
    assert not kept.only_grows
    answer = query(metrics=["revenue"], by=["day"], period=WEEK, viewer=None, mature=True)
    assert [row["revenue"] for row in answer.rows] == [480_000_000] * 7


@pytest.mark.django_db
def test_amounts_of_several_currencies_are_learnt_from_together(cast: Cast) -> None:
    come_in([line_on(cast), line_on(cast, currency="USD")])
    maturity_learn(now=NOW)
    assert curve_of(curve(measure="revenue")).share[1] == pytest.approx(0.5)


@pytest.mark.django_db
def test_the_age_of_a_day_is_counted_to_the_last_delivery_of_its_source(cast: Cast) -> None:
    come_in([line_on(cast)], today=TODAY - 2 * DAY)
    maturity_learn(now=NOW)
    days = Period("late", TODAY - 3 * DAY, TODAY - 3 * DAY)
    answer = query(metrics=["conversions"], period=days, viewer=None, mature=True)
    assert answer.totals["conversions"] == 200_000_000


@pytest.mark.django_db
def test_an_outlook_gives_each_young_day_its_end_and_its_range(cast: Cast) -> None:
    come_in([line_on(cast)])
    maturity_learn(now=NOW)
    starts = [TODAY - n * DAY for n in range(10, 0, -1)]
    found = outlook(
        metric="revenue", viewer=cast.director, starts=starts, last_day=YESTERDAY, currency="EUR"
    )
    assert found is not None
    assert list(found.values) == starts[-4:]
    assert found.days == 4
    assert found.values[YESTERDAY].known == 300
    assert found.values[YESTERDAY].value == pytest.approx(600)
    assert found.total.value == pytest.approx(4 * 600)
    assert found.total.interval is not None
    assert found.words == (
        "4 young days: revenue expected €2.4k (€2.4k to €2.4k) when final, €1.8k so far."
    )


@pytest.mark.django_db
def test_an_outlook_of_weeks_holds_their_final_days_too(cast: Cast) -> None:
    come_in([line_on(cast)])
    maturity_learn(now=NOW)
    weeks = [TODAY - 13 * DAY, TODAY - 6 * DAY]
    found = outlook(metric="conversions", viewer=None, starts=weeks, last_day=YESTERDAY)
    assert found is not None
    assert found.values[weeks[1]].value == pytest.approx(6 * 200)
    assert found.days == 4
    cost = outlook(metric="cpa", viewer=None, starts=weeks, last_day=YESTERDAY)
    assert cost is not None
    assert cost.values[weeks[1]].value == pytest.approx(0.5)


@pytest.mark.django_db
def test_what_does_not_grow_has_no_outlook(cast: Cast) -> None:
    come_in([line_on(cast)])
    maturity_learn(now=NOW)
    asked: dict[str, Any] = {"viewer": None, "starts": [YESTERDAY], "last_day": YESTERDAY}
    assert outlook(metric="clicks", **asked) is None
    old = TODAY - 9 * DAY
    assert outlook(metric="revenue", viewer=None, starts=[old], last_day=old) is None


@pytest.mark.django_db
def test_the_page_tells_each_curve_and_the_api_the_same(cast: Cast) -> None:
    come_in([line_on(cast)])
    maturity_learn(now=NOW)
    client = browser(cast.director)
    shown = client.get("/insights/maturity/?measure=revenue").content.decode()
    assert "Google Ads takes longest: 50\u202f% is known the morning after" in shown
    assert "a day is final after 5 days" in shown
    (conversions, revenue) = client.get("/api/v1/maturity/").json()
    assert (conversions["measure"], revenue["measure"]) == ("conversions", "revenue")
    assert revenue["final_after_days"] == FINAL
    assert revenue["shares"][0] == {
        "age": 1, "value": pytest.approx(0.5), "low": pytest.approx(0.5), "high": pytest.approx(0.5)
    }  # fmt: skip


@pytest.mark.django_db
def test_the_page_says_why_there_is_no_curve(cast: Cast) -> None:
    client = browser(cast.director)
    assert "Nobody has seen yet how days grow" in client.get("/insights/maturity/").content.decode()
    come_in([line_on(cast)], mornings=1)
    maturity_learn(now=NOW)
    shown = client.get("/insights/maturity/").content.decode()
    assert "Each day came in once, so nobody has seen how days grow." in shown
    assert client.get("/api/v1/maturity/").json()[0]["shares"] == []


@pytest.mark.django_db
def test_the_query_of_the_api_answers_with_matured_values(cast: Cast) -> None:
    come_in([line_on(cast)])
    maturity_learn(now=NOW)
    client = browser(cast.director)
    asked = f"/api/v1/query/?metrics=conversions,revenue&period={WEEK.start}..{WEEK.end}"
    raw, final = (client.get(f"{asked}&mature={said}").json() for said in ("false", "true"))
    assert Decimal(raw["totals"]["conversions"]) == 1200
    assert Decimal(final["totals"]["conversions"]) == 1400
    assert final["totals"]["revenue"] == "4200.00"
    assert client.get(f"{asked}&mature=perhaps").status_code == 422
