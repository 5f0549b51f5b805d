"""Advice in the unit of the finding, and what becomes of it until its effect is measured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from approvals import services as approvals
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from campaigns.models import Campaign, CampaignLine, Optimisation
from core.money import Money
from insights.models import Finding, Recommendation, Verdict
from insights.services import (
    advice_expire,
    measure_verdicts,
    recommend_for,
    recommendation_dismiss,
    recommendation_propose,
)
from insights.services.words import effect_written
from tests.budgets.world import World, create_world, decide, execute
from tests.cast import Cast
from tests.world import load_rows, make_line

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
LAST = date(2026, 11, 21)
State = Recommendation.State


def load(
    line: CampaignLine, spend: float, back: float, *, first: date, last: date, seed: int,
    measure: str = "conversions",
) -> None:  # fmt: skip
    """Spend that varies by the week, and results that follow it with the power of 0.6."""
    luck, rows = np.random.default_rng(seed), []
    days = (last - first).days + 1
    weeks = luck.uniform(0.6, 1.4, days // 7 + 2)
    for number in range(days):
        part = float(weeks[number // 7])
        result = back * part**0.6 * float(luck.normal(1, 0.05))
        row = {"line": line, "day": first + timedelta(days=number), "clicks": 500}
        rows.append(row | {"spend": f"{spend * part:.2f}", measure: f"{result:.3f}"})
    load_rows(rows, label=f"{line.pk}-{first}.csv", known_at=NOW)


@pytest.fixture
def world(cast: Cast) -> World:
    """Display DE pays ten times as much for an order as Shopping DE; nothing reports revenue."""
    made = create_world(cast)
    apart = Campaign.objects.create(
        name="Display", team=cast.dach, owner=cast.manager, status="live", created_at=NOW
    )
    CampaignLine.objects.filter(pk=made.winter_display.pk).update(campaign=apart)
    Campaign.objects.update(status="live")
    first = LAST - timedelta(days=139)
    load(made.winter_display, 2_600, 25, first=first, last=LAST, seed=1)
    load(made.winter_shopping, 4_800, 480, first=first, last=LAST, seed=2)
    return made


@pytest.fixture
def finding(cast: Cast, world: World) -> Finding:
    return make_finding(cast, world, "cpa")


def make_finding(cast: Cast, world: World, metric: str, **given: Any) -> Finding:
    line = CampaignLine.objects.get(pk=world.winter_display.pk)
    fields: dict[str, Any] = {
        "kind": Finding.Kind.TREND, "cause": f"{metric}:{line.pk}", "team": cast.dach,
        "campaign": line.campaign, "metric": metric, "title": "CPA rose", "reason": "Month by month",
        "window_start": date(2026, 8, 1), "window_end": LAST, "evidence": {}, "currency": "EUR",
        "found_at": NOW, "seen_at": NOW,
    }  # fmt: skip
    return Finding.objects.create(**(fields | given))


def advised(finding: Finding) -> Recommendation:
    made = recommend_for(finding, at=NOW)
    assert made is not None, finding.evidence
    return made


def propose(cast: Cast, advice: Recommendation) -> ChangeRequest:
    amount = Money(advice.evidence["amount_micros"], advice.currency)
    return recommendation_propose(
        recommendation=advice, user=cast.manager, amount=amount, reason="It pays", at=NOW
    )


def approve(cast: Cast, request: ChangeRequest) -> None:
    for person in (cast.executive, cast.auditor):
        request.refresh_from_db()
        if request.state == RequestState.OPEN:
            decide(request, person, at=NOW + timedelta(hours=1))


@pytest.mark.feature("8.4")
@pytest.mark.feature("8.5")
def test_a_cost_per_order_is_answered_in_orders(finding: Finding, world: World) -> None:
    advice = advised(finding)
    assert advice.metric == "conversions"
    assert advice.payload["expected"]["metric"] == "conversions"
    assert 0 < advice.effect_low_micros < advice.effect_micros < advice.effect_high_micros
    assert effect_written(advice, advice.effect_micros).endswith(" conversions")
    assert "conversions in Winter Shopping" in advice.payload["hypothesis"]
    assert advice.evidence["giver"]["name"].endswith("Winter Display")


@pytest.mark.parametrize(
    ("metric", "given", "why"),
    [
        ("ctr", {}, "does not say what spend brings back"),
        ("cpc", {}, "does not say what spend brings back"),
        ("revenue", {}, "is an amount"),
        ("cpa", {"currency": ""}, "several currencies"),
        ("cpa", {"campaign": None}, "a whole team"),
        ("roas", {}, "no spend with revenue to go by"),
        ("cpa", {"currency": "USD"}, "no money is planned"),
    ],
)
def test_where_money_is_no_answer_the_reason_is_said(
    cast: Cast, world: World, metric: str, given: dict[str, Any], why: str
) -> None:
    made = make_finding(cast, world, metric, **given)
    assert recommend_for(made, at=NOW) is None
    assert why in made.evidence["no_advice"]


def test_the_best_line_is_told_that_no_other_pays_more(cast: Cast, world: World) -> None:
    made = make_finding(cast, world, "cpa", campaign=world.winter_shopping.campaign)
    assert recommend_for(made, at=NOW) is None
    assert made.evidence["no_advice"] == "no other line returns more on the next unit of spend."


def test_of_two_findings_of_a_campaign_one_carries_the_advice(
    cast: Cast, world: World, finding: Finding
) -> None:
    advised(finding)
    other = make_finding(cast, world, "cpa", cause="other", kind=Finding.Kind.TARGET_MISS)
    assert recommend_for(other, at=NOW) is None
    assert "stands with “CPA rose”" in other.evidence["no_advice"]


@pytest.mark.feature("8.7")
def test_from_advice_to_a_measured_verdict(cast: Cast, world: World, finding: Finding) -> None:
    controls = [make_line(cast, channel="display") for _ in range(6)]
    first = LAST - timedelta(days=69)
    for number, line in enumerate(controls):
        load(line, 300, 10, first=first, last=LAST, seed=20 + number)
    advice = advised(finding)
    request = propose(cast, advice)
    advice.refresh_from_db()
    assert (advice.state, advice.request_id) == (State.PROPOSED, request.pk)
    assert recommend_for(finding, at=NOW) is None
    approve(cast, request)
    done = execute(request, at=NOW + timedelta(hours=2))
    assert done.state == RequestState.EXECUTED
    advice.refresh_from_db()
    assert advice.state == State.DONE
    assert request.reference in advice.state_reason
    assert recommend_for(finding, at=NOW + timedelta(days=9)) is None
    assert "its effect is measured from" in finding.evidence["no_advice"]
    giver = Optimisation.objects.get(line=world.winter_display)
    assert (giver.request_id, giver.expected_metric) == (request.pk, "conversions")
    after, end = LAST + timedelta(days=1), LAST + timedelta(days=40)
    load(world.winter_display, 2_300, 23, first=after, last=end, seed=3)
    load(world.winter_shopping, 5_100, 500, first=after, last=end, seed=4)
    for number, line in enumerate(controls):
        load(line, 300, 10, first=after, last=end, seed=40 + number)
    measure_verdicts(now=NOW + timedelta(days=20))
    assert Verdict.objects.get(optimisation=giver).outcome == Verdict.Outcome.MEASURING
    measure_verdicts(now=NOW + timedelta(days=42))
    verdict = Verdict.objects.get(optimisation=giver)
    assert verdict.metric == "conversions"
    assert verdict.outcome != Verdict.Outcome.MEASURING
    assert verdict.evidence["n_controls"] == 6
    # Free to be advised anew; only that nothing is planned for the new year.
    assert recommend_for(finding, at=NOW + timedelta(days=42)) is None
    assert "no money is planned" in finding.evidence["no_advice"]


def test_a_rejected_request_declines_the_advice_and_it_rests(cast: Cast, finding: Finding) -> None:
    advice = advised(finding)
    request = propose(cast, advice)
    decide(request, cast.executive, outcome="reject", reason="Not before the sale", at=NOW)
    advice.refresh_from_db()
    assert advice.state == State.DISMISSED
    assert advice.state_reason == f"{request.reference} was rejected: Not before the sale"
    assert recommend_for(finding, at=NOW + timedelta(days=1)) is None
    assert "was declined" in finding.evidence["no_advice"]


def test_a_withdrawn_request_leaves_the_advice_open(cast: Cast, finding: Finding) -> None:
    advice = advised(finding)
    request = propose(cast, advice)
    approvals.request_withdraw(request=request, user=cast.manager, reason="Later", at=NOW)
    advice.refresh_from_db()
    assert advice.state == State.OPEN
    again = recommend_for(finding, at=NOW)
    assert again == advice


def test_a_withdrawn_request_of_a_finding_that_is_over_expires(
    cast: Cast, finding: Finding
) -> None:
    advice = advised(finding)
    request = propose(cast, advice)
    Finding.objects.filter(pk=finding.pk).update(ended_at=NOW)
    approvals.request_withdraw(request=request, user=cast.manager, reason="Later", at=NOW)
    advice.refresh_from_db()
    assert advice.state == State.EXPIRED


def test_advice_ends_with_its_finding_or_its_time(cast: Cast, finding: Finding) -> None:
    advice = advised(finding)
    assert advice_expire(at=NOW) == 0
    assert advice_expire(at=NOW + timedelta(days=15)) == 1
    advice.refresh_from_db()
    assert (advice.state, advice.state_reason) == (State.EXPIRED, "Nobody took it up in time.")


def test_what_was_declined_is_not_advised_again_the_next_morning(
    cast: Cast, finding: Finding
) -> None:
    advice = advised(finding)
    recommendation_dismiss(recommendation=advice, user=cast.manager, reason="Sale week", at=NOW)
    assert recommend_for(finding, at=NOW + timedelta(days=1)) is None
    assert recommend_for(finding, at=NOW + timedelta(days=15)) is not None
