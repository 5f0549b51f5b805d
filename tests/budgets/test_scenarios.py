"""Plans that might be: made, changed by rule, compared with what they may bring, and adopted once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from approvals.choices import RequestState
from approvals.models import ChangeRequest
from budgets import services
from budgets.models import BudgetLine, MonthClose, Scenario
from budgets.rules.growth import grown, shared_out, shifted
from budgets.selectors import planned
from budgets.services import scenarios
from budgets.services.locks import lock_ask
from campaigns.models import Channel
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from core.money import Money
from tests.approvals.test_api import Api
from tests.budgets.billing import units
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import (
    AT,
    DEC,
    NOV,
    World,
    decide,
    execute,
    k,
    rate,
)  # fmt: skip
from tests.cast import Cast
from tests.world import load_days, load_steady

pytestmark = [pytest.mark.feature("2.8")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(autouse=True)
def _rates(world: World) -> None:
    rate("GBP", "EUR", "1.16", AT.date().replace(month=1, day=1))


def make(world: World, cast: Cast, name: str = "Push shopping", **fields: Any) -> Scenario:
    defaults: dict[str, Any] = {
        "user": cast.director, "fiscal_year": world.year, "team": cast.dach, "at": AT
    }  # fmt: skip
    return scenarios.scenario_create(name=name, **(defaults | fields))


def cells(scenario: Scenario) -> dict[tuple[str, str], int]:
    rows = scenario.lines.values_list("name", "cells__month", "cells__amount_micros")
    return {(name, month): micros for name, month, micros in rows if micros}


def line_of(scenario: Scenario, name: str) -> int:
    return scenario.lines.get(name=name).pk


def test_a_scenario_begins_with_the_plan_and_a_version_of_it(world: World, cast: Cast) -> None:
    from budgets.services.versions import version_take

    version = version_take(user=cast.director, year=world.year, name="Before", at=AT)
    services.plan_set(
        user=None, budget_line=world.display, campaign_line=None, month=DEC,
        amount_micros=k(140), reason="More", at=AT,
    )  # fmt: skip
    now, then = make(world, cast), make(world, cast, "Before", source="version", version=version)
    assert cells(now)["Display DE", DEC] == k(140)
    assert cells(then)["Display DE", DEC] == k(100)
    assert {name for name, _ in cells(now)} == {"Shopping DE", "Display DE"}
    quarter = make(world, cast, "Quarter", quarter="2026-Q4", percent=Decimal(10))
    assert set(cells(quarter)) == {
        ("Shopping DE", "2026-10"), ("Shopping DE", NOV), ("Shopping DE", DEC),
        ("Display DE", NOV), ("Display DE", DEC),
    }  # fmt: skip
    assert cells(quarter)["Shopping DE", DEC] == k(220)


def test_a_scenario_begins_with_what_last_year_spent_and_still_plans(
    world: World, cast: Cast
) -> None:
    load_steady(world.winter_shopping, "2026-10-01", 10, spend="100.50")
    load_steady(world.winter_shopping, f"{NOV}-01", 10, spend="100.50")
    services.year_open(user=None, year=2027, at=AT)
    year = services.year_open(user=None, year=2027, at=AT)
    scenario = make(world, cast, source="actuals", fiscal_year=year, percent=Decimal("12.5"))
    # 1,005.00 + 12.5 % = 1,130.625, half to even at the cent.
    assert cells(scenario) == {
        ("Shopping DE", "2027-10"): 1_130_620_000,
        # November runs and December is to come: as planned, grown alike.
        ("Shopping DE", "2027-11"): units(185_625),
        ("Shopping DE", "2027-12"): k(225),
        ("Display DE", "2027-11"): units(139_500),
        ("Display DE", "2027-12"): units(112_500),
    }
    assert scenario.lines.filter(budget_line=None).count() == 2
    with pytest.raises(Invalid, match="FY2025"):
        make(world, cast, "Nothing", source="actuals")


def test_only_planners_in_their_teams_make_and_change(world: World, cast: Cast) -> None:
    for user in (cast.other_director, cast.analyst, cast.executive):
        with pytest.raises(NotAllowed):
            make(world, cast, user=user)
    scenario = make(world, cast)
    with pytest.raises(NotAllowed):
        scenarios.growth_apply(scenario=scenario, user=cast.manager, percent=Decimal(5), at=AT)
    with pytest.raises(Invalid, match="already"):
        make(world, cast, "push SHOPPING")


def test_tools_grow_move_and_share_out(world: World, cast: Cast) -> None:
    scenario = make(world, cast)
    common: dict[str, Any] = {"scenario": scenario, "user": cast.director, "at": AT}
    changed = scenarios.growth_apply(
        percent=Decimal(-50), channel="display", months=[DEC], **common
    )
    assert (changed, cells(scenario)["Display DE", DEC]) == (1, k(50))
    with pytest.raises(Invalid, match="leave the year"):
        scenarios.months_shift(by=1, **common)
    scenarios.months_shift(by=-1, channel="shopping", **common)
    assert cells(scenario)["Shopping DE", NOV] == k(200)
    total = Money(100_000_000_001, "EUR")
    scenarios.total_spread(total=total, channel="shopping", **common)
    parts = [m for (name, _), m in cells(scenario).items() if name == "Shopping DE"]
    assert (sum(parts), len(parts)) == (total.micros, 12)
    with pytest.raises(Invalid, match="pays in USD"):
        scenarios.total_spread(total=Money(1, "USD"), **common)
    event = Event.objects.filter(action="scenario.changed").latest("pk")
    assert event.after


def test_months_of_last_year_that_are_not_over_count_as_planned(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-10-01", 50, spend="2000")
    year = services.year_open(user=None, year=2027, at=AT)
    scenario = make(world, cast, fiscal_year=year, source="actuals")
    scenarios.total_spread(
        scenario=scenario, user=cast.director, total=Money(k(427), "EUR"), channel="shopping", at=AT
    )
    # October's 62,000 are whole; the 38,000 of a running November say nothing of its season.
    parts = {month: m for (name, month), m in cells(scenario).items() if name == "Shopping DE"}
    assert parts == {"2027-10": k(62), "2027-11": k(165), "2027-12": k(200)}


@given(st.integers(0, 10**15), st.decimals(-100, 1000, places=2))
def test_growth_keeps_whole_cents(micros: int, percent: Decimal) -> None:
    assert grown(micros, percent, "EUR") % 10_000 == 0
    assert grown(micros, percent, "EUR") >= 0
    assert grown(micros, percent, "JPY") % 1_000_000 == 0


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=60))
def test_what_is_shared_out_adds_up(total: int, weights: list[int]) -> None:
    assert sum(shared_out(total, weights)) == total


@given(st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 9)), st.integers(-11, 11))
def test_moving_months_keeps_the_sum_or_refuses(amounts: dict[str, int], by: int) -> None:
    try:
        moved = shifted(amounts, "abcdefghijkl", by)
    except Invalid:
        return
    assert sum(moved.values()) == sum(amounts.values())


def adopt(scenario: Scenario, cast: Cast, **fields: Any) -> scenarios.Adoption:
    return scenarios.scenario_adopt(
        scenario=scenario, user=cast.director, reason="It earns more.", at=AT, **fields
    )


def test_adopting_makes_the_lines_and_one_draft_that_brings_the_plan_to_it(
    world: World, cast: Cast
) -> None:
    scenario = make(world, cast)
    email = scenarios.line_add(
        scenario=scenario, user=cast.director, name="Email DE", team=cast.dach,
        channel=Channel.objects.get_or_create(key="email", defaults={"name": "Email"})[0],
        currency="EUR", at=AT,
    )  # fmt: skip
    shopping, display = line_of(scenario, "Shopping DE"), line_of(scenario, "Display DE")
    amounts = {
        (email.pk, DEC): k(20), (shopping, DEC): k(230), (display, DEC): k(60),
        (display, "2026-10"): k(5),
    }  # fmt: skip
    scenarios.cells_set(scenario=scenario, user=cast.director, amounts=amounts, at=AT)
    done = adopt(scenario, cast)
    assert done.request.state == RequestState.DRAFT
    assert [line.name for line in done.made] == ["Email DE"]
    assert done.staying == ["Display DE, Oct 2026"]
    assert done.request.evidence["Stays as it is"] == "Display DE, Oct 2026"
    assert adopt(scenario, cast).request == done.request
    assert (ChangeRequest.objects.count(), BudgetLine.objects.filter(name="Email DE").count()) == (
        1,
        1,
    )
    scenario.refresh_from_db()
    assert (scenario.state, scenario.request_id) == ("adopted", done.request.pk)
    from approvals.services import request_submit

    sent = request_submit(request=done.request, user=cast.director, at=AT)
    assert execute(decide(sent, cast.executive)).state == RequestState.EXECUTED
    assert planned(world.shopping, None, DEC) == k(230)
    assert planned(world.display, None, DEC) == k(60)
    # 20 lay free, the other 20 came from the campaign line that held 80.
    assert world.balance(world.display, DEC, world.winter_display) == k(60)
    assert planned(BudgetLine.objects.get(name="Email DE"), None, DEC) == k(20)


def test_a_request_that_ended_may_be_asked_again(world: World, cast: Cast) -> None:
    scenario = make(world, cast)
    scenarios.growth_apply(scenario=scenario, user=cast.director, percent=Decimal(1), at=AT)
    first = adopt(scenario, cast, send=True).request
    assert first.state == RequestState.OPEN
    decide(first, cast.executive, "reject", reason="Not this year")
    second = adopt(scenario, cast).request
    assert second != first


def test_locked_and_closed_months_are_refused_or_named(world: World, cast: Cast) -> None:
    scenario = make(world, cast)
    with pytest.raises(Invalid, match="already"):
        adopt(scenario, cast)
    scenarios.growth_apply(scenario=scenario, user=cast.director, percent=Decimal(1), at=AT)
    MonthClose.objects.create(fiscal_year=world.year, month=NOV, closed_at=AT, closed_by_name="F")
    done = adopt(scenario, cast)
    months = {move["month"] for move in done.request.payload["moves"]}
    assert (months, len(done.staying)) == ({DEC}, 3)
    lock = lock_ask(
        user=cast.director,
        year=world.year,
        team_id=cast.europe.pk,
        level="total",
        reason="x",
        at=AT,
    )
    execute(decide(decide(lock, cast.executive), cast.auditor))
    other = make(world, cast, "Other", percent=Decimal(2))
    before = BudgetLine.objects.count()
    with pytest.raises(Conflict) as refused:
        adopt(other, cast)
    assert refused.value.code == "plan_locked"
    assert BudgetLine.objects.count() == before
    other.refresh_from_db()
    assert other.request_id is None


def history(world: World) -> None:
    """Twelve months of Shopping with ups and downs; Display has two."""
    for number in range(12):
        month = (number + 10) % 12 + 1
        year = 2025 if month in (11, 12) else 2026
        spend = 1_000 + 150 * (number % 5)
        load_days(
            world.winter_shopping,
            {f"{year}-{month:02d}-10": {
                "spend": str(spend), "revenue": str(round(90 * spend**0.7)), "conversions": "40",
            }},
        )  # fmt: skip
        if number > 9:
            load_days(
                world.winter_display,
                {f"{year}-{month:02d}-10": {"spend": "100", "revenue": "200", "conversions": "3"}},
            )


@pytest.mark.usefixtures("at")
def test_the_pages_make_change_compare_and_adopt(world: World, cast: Cast) -> None:
    history(world)
    made = send(
        cast.director, "budgets:scenario-create", name="Push", fiscal_year=world.year.pk,
        team=cast.dach.pk, source="plan", percent="0", quarter="Q4",
    )  # fmt: skip
    scenario = Scenario.objects.get()
    assert made.url.endswith(f"/scenarios/{scenario.pk}/")
    page = open_page(cast.manager, "budgets:scenario", scenario.pk)
    assert "as the plan" in text(page)
    assert not page.context["may_change"]
    by_channel = {one["channel"]: one for one in page.context["outlooks"]}
    assert by_channel["shopping"]["why"].startswith("12 months of history")
    assert "2 months with spend and results, 3 are needed" in by_channel["display"]["why"]
    shopping = line_of(scenario, "Shopping DE")
    saved = send(
        cast.director, "budgets:scenario-cells", scenario.pk, **{f"c-{shopping}-{DEC}": "230,000"}
    )
    assert saved.status_code == 302
    assert cells(scenario)["Shopping DE", DEC] == k(230)
    wrong = send(
        cast.director, "budgets:scenario-cells", scenario.pk, **{f"c-{shopping}-{DEC}": "many"}
    )
    assert (wrong.status_code, "is not an amount" in text(wrong)) == (422, True)
    row = next(one for one in wrong.context["rows"] if one.pk == shopping)
    shown = {cell.label: (cell.value, bool(cell.problem)) for cell in row.cells}
    assert shown["Shopping DE, Dec 2026, EUR"] == ("many", True)
    assert shown["Shopping DE, Nov 2026, EUR"][1] is False
    kept = open_page(cast.director, "budgets:scenario", scenario.pk)
    assert 'value="230,000"' in kept.content.decode()
    grow = send(
        cast.director, "budgets:scenario-tool", scenario.pk, tool="grow", percent="10",
        channel="display",
    )  # fmt: skip
    assert grow.status_code == 302
    assert send(cast.director, "budgets:scenario-tool", scenario.pk, tool="grow").status_code == 422
    added = send(
        cast.director, "budgets:scenario-line-add", scenario.pk, name="Email DE",
        team=cast.dach.pk, channel=Channel.objects.get(key="display").pk, currency="EUR",
    )  # fmt: skip
    assert added.status_code == 302
    removed = send(cast.director, "budgets:scenario-line-remove", line_of(scenario, "Email DE"))
    assert removed.status_code == 302
    compared = open_page(cast.manager, "budgets:scenario-compare", year="2026")
    rows = {row["what"]: row for row in compared.context["table"].all_rows}
    total = rows["Total spend"]
    assert total["p1"] - total["p0"] == Money(k(30) + k(224) // 10, "EUR")
    assert (total["d0"], total["d1"]) == ("", "+€52.4k")
    assert rows["Expected revenue, low"]["p1"] < rows["Expected revenue, high"]["p1"]
    adopted = send(
        cast.director, "budgets:scenario-adopt", scenario.pk, reason="Peak", **{
            "case-cost": "40000", "case-low": "2000", "case-mid": "4000", "case-high": "6000",
            "case-months": "12", "case-rate": "8",
        },
    )  # fmt: skip
    request = ChangeRequest.objects.get()
    assert adopted.url == request.get_absolute_url()
    assert request.payload["case"]["yearly_rate"] == "0.08"
    assert "Worth" in text(open_page(cast.director, "approvals:request", request.pk))
    assert request.reference in text(open_page(cast.manager, "budgets:scenario", scenario.pk))
    listed = open_page(cast.manager, "budgets:scenarios", year="2026")
    assert "Adopted" in text(listed)
    assert open_page(cast.other_director, "budgets:scenario", scenario.pk).status_code == 404
    assert send(cast.manager, "budgets:scenario-archive", scenario.pk).status_code == 403
    assert send(cast.director, "budgets:scenario-archive", scenario.pk).status_code == 302


@pytest.mark.usefixtures("at")
def test_scenarios_over_the_api(world: World, cast: Cast) -> None:
    history(world)
    api = Api(cast.director)
    made = api.post("/scenarios/", name="Push", fiscal_year=2026, team=cast.dach.pk, source="plan")
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    body = api.get(f"/scenarios/{pk}/").json()
    assert body["total"] == {"amount": "689000.00", "currency": "EUR"}
    line = next(row for row in body["lines"] if row["name"] == "Shopping DE")
    data = {"cells": [{"line": line["id"], "month": DEC, "amount": "230000.00"}]}
    assert api.send("put", f"/scenarios/{pk}/cells/", data).json() == {"changed": 1}
    assert api.post(f"/scenarios/{pk}/tool/", tool="shift").status_code == 422
    grown_ = api.post(f"/scenarios/{pk}/tool/", tool="grow", percent="5", months=[DEC]).json()
    assert grown_ == {"changed": 2}
    added = api.post(
        f"/scenarios/{pk}/lines/", name="New", team=cast.dach.pk, channel="display", currency="EUR"
    )
    assert added.status_code == 201, added.content
    assert api.send("delete", f"/scenario-lines/{added.json()['id']}/", {}).status_code == 204
    adopted = api.post(f"/scenarios/{pk}/adopt/", reason="Peak").json()
    assert (adopted["lines_made"], adopted["stays"]) == ([], [])
    assert (
        api.post(f"/scenarios/{pk}/adopt/", reason="Peak").json()["request"] == adopted["request"]
    )
    assert api.post(f"/scenarios/{pk}/archive/").json()["state"] == "archived"
    assert [row["name"] for row in api.get("/scenarios/").json()["results"]] == ["Push"]
    assert Api(cast.other_director).get(f"/scenarios/{pk}/").status_code == 404
    assert Api(cast.manager).post(f"/scenarios/{pk}/archive/").status_code == 403
