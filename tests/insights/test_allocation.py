"""Splitting a budget: exact sums, limits kept, floors of orders, and what is made of a split."""

from __future__ import annotations

import random
from datetime import timedelta
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.choices import PLAN_CHANGE, REALLOCATION
from budgets.models import Holding, ScenarioCell
from budgets.services import plan_set, read_proposal
from core.errors import Conflict, Invalid
from core.models import Event, Organisation
from core.money import MICROS
from insights.models import AllocationPlan
from insights.rules.allocation import Bound, amount, counted, taken_and_given
from insights.selectors.allocation import Allocation, Asked, Basis, allocate, basis_of, tried
from insights.selectors.response import board_of, response_versions
from insights.services.allocations import (
    allocation_keep,
    allocation_propose,
    allocation_scenario,
    editing_url,
)
from tests.budgets.world import EARLIER
from tests.cast import Cast
from tests.insights.responding import NOW, TODAY, Planted, budgeted, plant, trained

pytestmark = [pytest.mark.django_db, pytest.mark.feature("2.6")]

AMOUNTS = {"search": 20, "social": 16, "display": 9}


@pytest.fixture
def planted(cast: Cast) -> Planted:
    """Three channels with curves, and 45,000 planned for them in December."""
    found = budgeted(cast, plant(cast), AMOUNTS)
    trained(cast.dach)
    return found


def basis(user: User, cast: Cast) -> Basis:
    board = board_of(response_versions(user), cast.dach, "revenue", day=TODAY)
    found = basis_of(user, board, Organisation.current().calendar.parse("2026-12", today=TODAY))
    assert found is not None
    return found


def split(user: User, cast: Cast, **asked: Any) -> Allocation:
    ground = basis(user, cast)
    return allocate(ground, Asked(ground.period, **asked))


def keep(user: User, cast: Cast, **asked: Any) -> AllocationPlan:
    found = split(user, cast, **asked)
    return allocation_keep(user=user, found=found, name="Winter split", at=NOW)


def test_the_split_moves_money_to_where_the_next_unit_brings_most(
    cast: Cast, planted: Planted
) -> None:
    found = split(cast.manager, cast)
    assert found.best.recommend
    assert found.best.kkt.holds
    change = {share.unit.channel: share.change.micros for share in found.shares}
    assert change["search"] > 0 > change["display"]
    assert found.best.uplift_80.low > 0
    assert str(found.best.robustness.badge) == "robust"
    limits = {one.channel: one.constraint for one in found.best.binding}
    assert limits[found.basis.units[0].key] == "maximum shift"


def test_any_split_sums_to_the_cent_and_keeps_every_limit(cast: Cast, planted: Planted) -> None:
    ground = basis(cast.manager, cast)
    draw = random.Random(5)
    for _ in range(25):
        total = draw.randrange(30_000_00, 60_000_00) * 10_000
        bounds = {
            unit.key: Bound(draw.randrange(0, 80), draw.randrange(140, 320))
            for unit in ground.units
        }
        found = allocate(ground, Asked(ground.period, total=total, shift=None, bounds=bounds))
        assert sum(share.best.micros for share in found.shares) == total
        assert {m: sum(row.values()) for m, row in found.by_month.items()} == {"2026-12": total}
        for share in found.shares:
            bound = bounds[share.unit.key]
            assert bound.low is not None
            assert bound.high is not None
            assert share.best.micros * 100 >= share.now.micros * bound.low
            assert share.best.micros * 100 <= share.now.micros * bound.high
            assert share.best.micros % 10_000 == 0


def test_what_orders_hold_is_never_taken(cast: Cast, planted: Planted) -> None:
    assert {s.unit.channel: s.best.micros for s in split(cast.manager, cast).shares}[
        "display"
    ] < 8_500 * MICROS
    Holding.objects.create(
        budget_line=planted.pots["display"], campaign_line=planted.lines["display"],
        month="2026-12", committed_micros=8_500 * MICROS,
    )  # fmt: skip
    found = {share.unit.channel: share for share in split(cast.manager, cast).shares}
    assert found["display"].held.micros == 8_500 * MICROS
    assert found["display"].best.micros >= 8_500 * MICROS
    assert found["display"].limit == "committed"


def test_limits_that_cannot_be_kept_say_what_to_change(cast: Cast, planted: Planted) -> None:
    ground = basis(cast.manager, cast)
    bounds = {unit.key: Bound(90, None) for unit in ground.units}
    with pytest.raises(
        Invalid, match=r"the lower bounds need 40,500\.00 and the budget is 30,000\.00"
    ):
        allocate(ground, Asked(ground.period, total=30_000 * MICROS, shift=None, bounds=bounds))
    bounds = {unit.key: Bound(None, 100) for unit in ground.units}
    with pytest.raises(Invalid, match=r"raise them or lower the budget by 5,000\.00"):
        allocate(ground, Asked(ground.period, total=50_000 * MICROS, bounds=bounds))
    with pytest.raises(Invalid, match="Search: 120 % to 80 % is no range"):
        allocate(ground, Asked(ground.period, bounds={ground.units[0].key: Bound(120, 80)}))


def test_a_gain_inside_the_noise_recommends_nothing(cast: Cast, planted: Planted) -> None:
    found = split(cast.manager, cast, shift=1)
    assert not found.best.recommend
    assert [share.change.micros for share in found.shares] == [0, 0, 0]
    shown = text(open_page(cast.manager, shift="1"))
    assert "Leave the split as it is: no other gains more than the noise" in shown
    assert "which lies inside the noise" in shown
    with pytest.raises(Conflict, match="Nothing moves"):
        editing_url(keep(cast.manager, cast, shift=1))


def test_months_of_a_quarter_each_keep_their_budget(cast: Cast, planted: Planted) -> None:
    """November is planned with half; every month sums to its own plan."""
    for channel, line in planted.lines.items():
        for part in (None, line):
            plan_set(
                user=None, budget_line=planted.pots[channel], campaign_line=part,
                month="2026-11", amount_micros=AMOUNTS[channel] * 500 * MICROS,
                reason="Plan approved", at=EARLIER,
            )  # fmt: skip
    board = board_of(response_versions(cast.manager), cast.dach, "revenue", day=TODAY)
    period = Organisation.current().calendar.parse("2026-Q4", today=TODAY)
    ground = basis_of(cast.manager, board, period)
    assert ground is not None
    found = allocate(ground, Asked(period))
    sums = {month: sum(row.values()) for month, row in found.by_month.items()}
    assert sums == {"2026-11": 22_500 * MICROS, "2026-12": 45_000 * MICROS}
    assert found.phases is not None
    for share in found.shares:
        for month, plan in (("2026-11", 500), ("2026-12", 1000)):
            planned = AMOUNTS[share.unit.channel] * plan * MICROS
            got = found.by_month[month][share.unit.key]
            assert planned * 0.7 - 10_000 <= got <= planned * 1.3 + 10_000


def test_without_a_plan_todays_spend_stands_in_and_nothing_can_be_asked(cast: Cast) -> None:
    plant(cast)
    trained(cast.dach)
    found = split(cast.manager, cast)
    assert not found.basis.is_planned
    assert sum(s.best.micros for s in found.shares) == found.total.micros
    assert "Today’s spend stands in the plan’s place" in text(open_page(cast.manager))
    with pytest.raises(Conflict, match="Nothing moves"):
        editing_url(keep(cast.manager, cast))


def test_a_kept_split_holds_inputs_curves_and_fingerprint(cast: Cast, planted: Planted) -> None:
    plan = keep(cast.manager, cast)
    assert [version.pk for version in plan.versions.all()] == [
        version.pk for version in response_versions(cast.manager)
    ]
    assert len(plan.sha256) == 64
    assert sum(row["best_micros"] for row in plan.result["shares"]) == 45_000 * MICROS
    event = Event.objects.get(action="allocation.kept")
    assert event.after
    assert event.after["sha256"] == plan.sha256


def test_the_request_asks_for_exactly_the_split(cast: Cast, planted: Planted) -> None:
    found = split(cast.manager, cast)
    plan = allocation_keep(user=cast.manager, found=found, name="Winter split", at=NOW)
    made = allocation_propose(plan=plan, user=cast.manager, reason="More from search", at=NOW)
    assert made.kind == REALLOCATION
    moved = {move["campaign_line"]: move["amount_micros"] for move in made.payload["moves"]}
    assert moved == {
        planted.lines[share.unit.channel].pk: share.change.micros
        for share in found.shares if share.change
    }  # fmt: skip
    assert sum(moved.values()) == 0
    version = plan.versions.get()
    assert f"#{version.pk}" in made.evidence["Curves"]
    assert made.payload["expected"]["low"] <= made.payload["expected"]["mid"]
    plan.refresh_from_db()
    assert plan.request_id == made.pk


def test_the_page_of_a_proposal_carries_the_same_moves(cast: Cast, planted: Planted) -> None:
    plan = keep(cast.manager, cast)
    token = parse_qs(urlsplit(editing_url(plan)).query)["proposal"][0]
    carried = read_proposal(token)
    assert carried.payload["moves"] == plan.result["moves"]
    client = Client()
    client.force_login(cast.manager)
    with time_machine.travel(NOW, tick=False):
        answer = client.post(reverse("insights:allocation-ask", args=[plan.pk]))
        assert answer.status_code == 302
        shown = client.get(answer["Location"])
    assert shown.status_code == 200
    assert "Search Dach" in text(shown) or "Search DACH" in text(shown)


def test_another_total_is_a_change_of_the_plan(cast: Cast, planted: Planted) -> None:
    plan = keep(cast.manager, cast, total=50_000 * MICROS)
    made = allocation_propose(plan=plan, user=cast.manager, reason="Winter is strong", at=NOW)
    assert made.kind == PLAN_CHANGE
    assert sum(move["amount_micros"] for move in made.payload["moves"]) == 5_000 * MICROS


def test_a_split_becomes_a_scenario_of_the_plan_once(cast: Cast, planted: Planted) -> None:
    plan = keep(cast.manager, cast)
    scenario = allocation_scenario(plan=plan, user=cast.manager, at=NOW)
    cells = {
        cell.line.channel.key: cell.amount_micros
        for cell in ScenarioCell.objects.filter(line__scenario=scenario, month="2026-12")
    }
    assert cells == {row["channel"]: row["best_micros"] for row in plan.result["shares"]}
    with pytest.raises(Conflict, match="made of it already"):
        allocation_scenario(plan=plan, user=cast.manager, at=NOW)


@pytest.mark.feature("5.9")
def test_sliders_answer_in_few_queries_and_under_300_ms(cast: Cast, planted: Planted) -> None:
    ground = basis(cast.manager, cast)
    data = {f"a-{unit.key}": "15000.00" for unit in ground.units}
    client = Client()
    client.force_login(cast.manager)
    given = {**data, "team": str(cast.dach.pk), "of": "revenue", "period": "2026-12"}
    url = reverse("insights:allocation-try")
    with time_machine.travel(NOW, tick=False):
        client.post(url, given)
        began = perf_counter()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.post(url, given)
        took = perf_counter() - began
    assert answer.status_code == 200
    assert "sums to the budget to the cent" in text(answer)
    assert len(asked) <= 24
    assert took < 0.3


@pytest.mark.feature("5.9")
def test_trying_amounts_keeps_nothing_and_says_what_is_wrong(cast: Cast, planted: Planted) -> None:
    ground = basis(cast.manager, cast)
    told = tried(ground, dict(ground.now))
    assert told.change == pytest.approx(0)
    client = Client()
    client.force_login(cast.manager)
    url = reverse("insights:allocation-try")
    given = {f"a-{unit.key}": "20000" for unit in ground.units} | {"period": "2026-12"}
    with time_machine.travel(NOW, tick=False):
        assert "€15,000.00 more than the budget" in text(client.post(url, given))
        first = ground.units[0]
        wrong = text(client.post(url, {**given, f"a-{first.key}": "lots"}))
        below = text(client.post(url, {**given, f"a-{first.key}": "-3"}))
    assert "Search: “lots” is not an amount." in wrong
    assert "Search: less than nothing cannot be spent." in below
    assert not AllocationPlan.objects.exists()


def test_sliders_are_kept_and_lead_to_a_proposal(cast: Cast, planted: Planted) -> None:
    ground = basis(cast.manager, cast)
    amounts = dict(
        zip((unit.key for unit in ground.units), ("21000", "16000", "8000"), strict=True)
    )
    given = {f"a-{key}": value for key, value in amounts.items()}
    given |= {"team": str(cast.dach.pk), "period": "2026-12", "name": "By hand", "then": "propose"}
    client = Client()
    client.force_login(cast.manager)
    with time_machine.travel(NOW, tick=False):
        answer = client.post(reverse("insights:allocation-save"), given)
    assert "/budgets/" in answer["Location"]
    plan = AllocationPlan.objects.get()
    assert plan.inputs["by_hand"]
    assert {row["unit"]: row["best_micros"] // MICROS for row in plan.result["shares"]} == {
        key: int(value) for key, value in amounts.items()
    }
    shown = text(open_page(cast.manager, "insights:allocation-kept", plan.pk))
    assert "By hand" in shown


def test_others_see_neither_split_nor_plan(cast: Cast, planted: Planted) -> None:
    plan = keep(cast.manager, cast)
    assert open_page(cast.other_manager, "insights:allocation-kept", plan.pk).status_code == 404
    assert "Winter split" not in text(open_page(cast.other_manager))
    client = Client()
    client.force_login(cast.other_manager)
    for name in ("insights:allocation-ask", "insights:allocation-scenario"):
        assert client.post(reverse(name, args=[plan.pk])).status_code == 404
    client.force_login(cast.auditor)
    assert client.post(reverse("insights:allocation-ask", args=[plan.pk])).status_code == 403
    assert not ChangeRequest.objects.exists()


def test_the_api_works_out_tries_keeps_and_proposes(cast: Cast, planted: Planted) -> None:
    api = APIClient()
    api.force_authenticate(cast.manager)
    with time_machine.travel(NOW, tick=False):
        body = {"team": cast.dach.pk, "period": "2026-12"}
        told = api.post(reverse("api-allocation"), body, format="json").json()
        assert sum(float(share["best"]["amount"]) for share in told["shares"]) == 45_000
        amounts = {share["key"]: share["best"]["amount"] for share in told["shares"]}
        trying = api.post(
            reverse("api-allocation-try"), {**body, "amounts": amounts}, format="json"
        ).json()
        assert trying["over"]["amount"] == "0.00"
        assert trying["change"]["value"] == pytest.approx(told["gain"]["value"])
        kept = api.post(
            reverse("api-allocations"), {**body, "name": "By API"}, format="json"
        ).json()
        asked = api.post(
            reverse("api-allocation-propose", args=[kept["id"]]), {"reason": "Better"},
            format="json",
        )  # fmt: skip
        assert asked.status_code == 201
        assert asked.json()["kind"] == REALLOCATION
        made = api.post(reverse("api-allocation-scenario", args=[kept["id"]]))
        assert made.status_code == 201
        wrong = api.post(reverse("api-allocation"), {**body, "period": "2031-01"}, format="json")
        assert wrong.status_code == 422
        unknown = {**body, "amounts": {"9-search": "1"}}
        assert api.post(reverse("api-allocation-try"), unknown, format="json").status_code == 422
        api.force_authenticate(cast.other_manager)
        assert api.post(reverse("api-allocation"), body, format="json").status_code == 422


def test_amounts_go_to_the_optimiser_and_back_unchanged() -> None:
    for currency, micros in (("EUR", 1_234_560_000), ("JPY", 78_000_000), ("BHD", 5_001_000)):
        assert amount(counted(micros, currency), currency) == micros


def test_a_channels_change_is_shared_over_its_lines_exactly() -> None:
    cent = 10_000
    assert taken_and_given(7 * cent, [300, 100], [0, 0], cent) == [5 * cent, 2 * cent]
    taken = taken_and_given(-50 * cent, [60 * cent, 40 * cent], [40 * cent, 0], cent)
    assert sum(taken) == -50 * cent
    assert taken[0] >= -20 * cent
    with pytest.raises(Invalid, match="Orders hold more"):
        taken_and_given(-2, [1], [1], 1)


def open_page(
    user: User, name: str = "insights:allocation", pk: int | None = None, **query: str
) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        return client.get(reverse(name, args=[pk] if pk else []), query)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())
