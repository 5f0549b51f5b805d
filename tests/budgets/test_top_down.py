"""Targets from above beside the sums of lines: the difference always visible, spread to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import time_machine

from budgets import services
from budgets.models import TopDownTarget
from budgets.selectors.topdown import top_down_table
from budgets.services.topdown import Spot, target_set, target_spread
from campaigns.models import Channel
from core.errors import Invalid, NotAllowed
from core.models import Event
from core.money import Money
from tests.approvals.test_api import Api
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, DEC, NOV, World, k, plan, rate
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(autouse=True)
def _rates(world: World) -> None:
    rate("GBP", "EUR", "1.16", AT.date().replace(month=1, day=1))


def eur(micros: int) -> Money:
    return Money(micros, "EUR")


def test_the_sum_of_lines_stands_beside_the_target_with_its_difference(
    world: World, cast: Cast
) -> None:
    target_set(user=cast.director, spot=Spot(world.year, cast.europe), amount_micros=k(800), at=AT)
    table = top_down_table(cast.director, world.year)
    europe = next(row for row in table.rows if row.team == cast.europe)
    # 689 in euros and GBP 80 thousand at 1.16.
    lines = eur(k(689) + k(80) * 116 // 100)
    assert (europe.whole.target, europe.whole.planned) == (eur(k(800)), lines)
    assert europe.whole.difference == lines - eur(k(800))
    plan(world.display, DEC, 140)
    again = next(r for r in top_down_table(cast.director, world.year).rows if r.team == cast.europe)
    assert again.whole.difference == lines + eur(k(40)) - eur(k(800))
    month = top_down_table(cast.director, world.year, NOV)
    dach = next(row for row in month.rows if row.team == cast.dach)
    assert (dach.whole.planned, dach.whole.target) == (eur(k(289)), None)
    assert "Budget rate" in "".join(rate.name for rate in table.rates) or table.rates
    assert {row.label for row in top_down_table(cast.uk_manager, world.year).rows} == {"UK"}


def test_directors_set_their_teams_and_executives_any(world: World, cast: Cast) -> None:
    for user in (cast.manager, cast.analyst, cast.auditor, cast.other_director):
        with pytest.raises(NotAllowed):
            target_set(user=user, spot=Spot(world.year, cast.dach), amount_micros=k(1), at=AT)
    with pytest.raises(NotAllowed):
        target_set(user=cast.director, spot=Spot(world.year), amount_micros=k(1), at=AT)
    for _ in range(2):
        target_set(user=cast.executive, spot=Spot(world.year), amount_micros=k(900), at=AT)
    assert TopDownTarget.objects.count() == 1
    assert Event.objects.filter(action="top_down_target.set").count() == 1
    target_set(user=cast.executive, spot=Spot(world.year), amount_micros=None, at=AT)
    assert not TopDownTarget.objects.exists()


@pytest.mark.parametrize(
    ("by", "percents", "expected"),
    [
        ("equal", None, (400_000_000_001, 400_000_000_000)),
        ("percent", (Decimal("62.5"), Decimal("37.5")), (500_000_000_001, 300_000_000_000)),
    ],
)
def test_a_target_is_spread_to_the_micro(
    world: World, cast: Cast, by: str, percents: Any, expected: Any
) -> None:
    spot = Spot(world.year, cast.europe)
    target_set(user=cast.director, spot=spot, amount_micros=800_000_000_001, at=AT)
    named = percents and dict(zip((str(cast.dach.pk), str(cast.uk.pk)), percents, strict=True))
    made = target_spread(user=cast.director, spot=spot, over="teams", by=by, percents=named, at=AT)
    assert tuple(row.amount_micros for row in made) == expected
    with pytest.raises(Invalid, match="not to 100"):
        target_spread(
            user=cast.director, spot=spot, over="teams", by="percent",
            percents={str(cast.dach.pk): Decimal(90)}, at=AT,
        )  # fmt: skip


def test_a_target_is_spread_over_months_as_last_year_was_planned(world: World, cast: Cast) -> None:
    year = services.year_open(user=None, year=2027, at=AT)
    spot = Spot(year, cast.dach)
    with pytest.raises(Invalid, match="no target"):
        target_spread(user=cast.director, spot=spot, over="months", by="last_year", at=AT)
    target_set(user=cast.director, spot=spot, amount_micros=k(1378), at=AT)
    made = target_spread(user=cast.director, spot=spot, over="months", by="last_year", at=AT)
    months = {row.month: row.amount_micros for row in made}
    assert months["2027-10"] == k(200)
    assert (months["2027-11"], months["2027-12"]) == (k(578), k(600))
    assert sum(months.values()) == k(1378)


@pytest.mark.usefixtures("at")
def test_the_page_sets_in_place_spreads_and_exports(world: World, cast: Cast) -> None:
    name = f"t-{cast.europe.pk}-0"
    saved = send(cast.director, "budgets:targets", year="2026", **{name: "800,000"})
    assert saved.status_code == 302
    page = open_page(cast.manager, "budgets:targets", year="2026")
    assert page.context["may_set"] is False
    director = open_page(cast.director, "budgets:targets", year="2026")
    assert "Lines of Europe add up to €18.2k less than the target" in text(director)
    assert "Lines of Europe add up to" in text(open_page(cast.director, "budgets:centre"))
    wrong = send(cast.director, "budgets:targets", year="2026", **{name: "lots"})
    assert (wrong.status_code, "is not an amount" in text(wrong)) == (422, True)
    assert wrong.context["rows"][0]["cells"][0]["value"] == "lots"
    assert wrong.context["heads"][0] == "All channels"
    assert 'value="800,000"' in director.content.decode()
    spread = send(
        cast.director, "budgets:target-spread", year="2026", team=cast.europe.pk, over="teams",
        by="percent", percents="60 40",
    )  # fmt: skip
    assert spread.status_code == 302
    assert TopDownTarget.objects.get(team=cast.uk).amount_micros == k(320)
    few = send(
        cast.director, "budgets:target-spread", year="2026", team=cast.europe.pk, over="teams",
        by="percent", percents="60",
    )  # fmt: skip
    assert (few.status_code, "There are 2 parts and 1 percents" in text(few)) == (422, True)
    export = open_page(cast.director, "budgets:targets", year="2026", export="csv")
    assert "Europe" in export.content.decode()
    refused = send(cast.manager, "budgets:targets", year="2026", **{f"t-{cast.dach.pk}-0": "1"})
    assert refused.status_code == 403


@pytest.mark.usefixtures("at")
def test_targets_over_the_api(world: World, cast: Cast) -> None:
    api = Api(cast.director)
    channel = Channel.objects.get(key="shopping")
    data = {"targets": [
        {"team": cast.dach.pk, "amount": "500000.00"},
        {"team": cast.dach.pk, "channel": channel.key, "month": DEC, "amount": "190000.00"},
    ]}  # fmt: skip
    answer = api.send("put", "/fiscal-years/2026/targets/", data)
    assert answer.json() == {"changed": 2}, answer.content
    body = api.get("/fiscal-years/2026/targets/", month=DEC).json()
    (cell,) = [row for row in body["targets"] if row["target"]]
    assert cell["difference"] == {"amount": "10000.00", "currency": "EUR"}
    spread = api.post(
        "/fiscal-years/2026/targets/spread/", team=cast.dach.pk, over="channels", by="equal"
    )
    assert spread.json() == {"changed": 2}
    assert Api(cast.manager).send("put", "/fiscal-years/2026/targets/", data).status_code == 403
