"""The budget centre for a director: periods of the books, what is held, deciding in place, and history."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.models import FiscalYear, Holding
from core.models import Organisation
from core.money import MICROS
from tests.budgets.test_grid import cell, send
from tests.budgets.world import AT, DEC, NOV, World, decide, execute, k, move
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def centre(user: User, **query: str) -> Any:
    return client(user).get(reverse("budgets:centre"), query)


def hold(world: World, micros: int) -> None:
    """Reserve money of December, as a placeholder would."""
    Holding.objects.create(
        budget_line=world.shopping, month=DEC, reserved_micros=micros, committed_micros=k(5)
    )


@pytest.mark.feature("2.1", "2.2")
def test_held_money_is_shown_where_there_is_some(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, f"{NOV}-01", 20, spend="4000")
    empty = centre(cast.director).context["sheet"]
    assert empty.heads == ["Plan", "Actual", "Avail."]
    hold(world, k(20))
    response = centre(cast.director)
    sheet = response.context["sheet"]
    assert sheet.heads == ["Plan", "Held", "Actual", "Avail."]
    (row,) = [r for _, rows in sheet.channels for r in rows if r.label == "Shopping DE"]
    december = row.cells[2]
    assert (december.plan, december.held, december.available) == ("200", "25", "175")
    tiles = {tile.label.split(" to ")[0]: tile.value for tile in response.context["tiles"]}
    assert (tiles["Held by orders"], tiles["Available"]) == ("€25k", "€584k")
    assert "available is plan − held − actual" in response.content.decode()
    assert centre(cast.director, view="compact").context["sheet"].heads == ["Plan", "Avail."]


@pytest.mark.feature("2.1")
@pytest.mark.parametrize(
    ("period", "kind", "months", "before", "after"),
    [
        ("2026-12", "month", 1, "2026-11", None),
        ("2026-Q4", "quarter", 3, "2026-Q3", None),
        ("FY2026", "year", 12, None, None),
        ("2026-11-05", "quarter", 3, "2026-Q3", None),
        ("nonsense", "quarter", 3, "2026-Q3", None),
    ],
)
def test_the_period_is_a_month_quarter_or_year_of_the_books(
    world: World, cast: Cast, period: str, kind: str, months: int, before: str, after: str
) -> None:
    response = centre(cast.director, period=period, view="full")
    chosen = response.context["picker"]
    assert (chosen.kind, len(response.context["sheet"].months)) == (kind, months)
    assert (chosen.before.url if chosen.before else None) == (
        f"?period={before}&view=full" if before else None
    )
    assert chosen.after is None


@pytest.mark.feature("2.1")
@pytest.mark.parametrize("pattern", ["calendar", "445"])
def test_any_fiscal_calendar_cuts_the_periods(cast: Cast, pattern: str) -> None:
    Organisation.objects.update_or_create(
        pk=1, defaults={"fiscal_start_month": 4, "fiscal_pattern": pattern}
    )
    calendar = Organisation.current().calendar
    for year in (2027, 2028):
        span = calendar.year(year)
        FiscalYear.objects.create(year=year, starts_on=span.start, ends_on=span.end)
    chosen = centre(cast.director, period="2027-Q4").context["picker"]
    assert chosen.period == calendar.quarters(2027)[3]
    assert [tab.label for tab in chosen.tabs] == ["Q1 2027", "Q2 2027", "Q3 2027", "Q4 2027"]
    assert chosen.after.url == "?period=2028-Q1"
    month = centre(cast.director, period="2027-03").context["picker"]
    assert month.period == calendar.months(2027)[11]
    assert month.after.url == "?period=2027-04"


@pytest.mark.feature("2.2")
def test_a_director_decides_a_small_change_in_place(world: World, cast: Cast) -> None:
    small, large = move(world, cast.manager, 4), move(world, cast.manager, 48)
    said = centre(cast.director, period="2026-Q4").content.decode()
    assert reverse("budgets:decide", args=[small.pk]) in said
    assert reverse("budgets:decide", args=[large.pk]) not in said
    who = client(cast.director)
    data = {"content_hash": small.content_hash, "outcome": "approve", "back": "?period=2026-Q4"}
    done = who.post(reverse("budgets:decide", args=[small.pk]), data)
    assert done["Location"] == reverse("budgets:centre") + "?period=2026-Q4"
    small.refresh_from_db()
    assert small.state in ("approved", "executed")
    big = who.post(reverse("budgets:decide", args=[large.pk]), data)
    assert big["Location"] == large.get_absolute_url()
    large.refresh_from_db()
    assert large.state == "open"


@pytest.mark.feature("2.2", "9.2")
def test_nobody_decides_in_place_what_they_may_not(world: World, cast: Cast) -> None:
    own = move(world, cast.manager, 4)
    url = reverse("budgets:decide", args=[own.pk])
    data = {"content_hash": own.content_hash, "outcome": "approve"}
    assert client(cast.manager).post(url, data).status_code == 403
    assert client(cast.other_director).post(url, data).status_code == 404
    assert client(cast.director).post(url, data | {"outcome": "later"}).status_code == 422
    no_reason = client(cast.director).post(url, data | {"outcome": "reject"})
    assert no_reason.status_code == 422
    assert url not in centre(cast.manager).content.decode()
    away = client(cast.director).post(
        url, data | {"outcome": "reject", "reason": "Not now", "back": "https://elsewhere.test/"}
    )
    assert away["Location"] == reverse("budgets:centre")
    own.refresh_from_db()
    assert own.state == "rejected"


@pytest.mark.feature("2.1", "2.2")
def test_every_change_stands_in_the_history_with_who_when_why(world: World, cast: Cast) -> None:
    done = execute(decide(move(world, cast.manager, 4), cast.director))
    send(
        cast.manager, cell(cast.manager, world.shopping, "160000.00", part=world.winter_shopping),
        reason="Peak weeks",
    )  # fmt: skip
    page = client(cast.director).get(reverse("budgets:history"))
    said = page.content.decode()
    assert done.get_absolute_url() in said
    assert "Peak weeks" in said
    assert "€4,000.00 moved" in said
    found = client(cast.director).get(reverse("budgets:history"), {"line": world.uk.pk})
    assert "Peak weeks" not in found.content.decode()
    unseen = client(cast.uk_manager).get(reverse("budgets:history")).content.decode()
    assert "Peak weeks" not in unseen
    listed = client(cast.director).get("/api/v1/budgets/history/", {"actor_name": "jonas"}).json()
    newest = listed["results"][0]
    assert (newest["why"], newest["request"]) == ("Peak weeks", None)
    assert {leg["change"]["amount"] for leg in newest["legs"]} <= {"6000.00", "-6000.00"}


@pytest.mark.feature("2.1")
def test_the_history_of_a_cell_is_whole_and_can_be_searched(world: World, cast: Cast) -> None:
    edit = cell(cast.manager, world.shopping, "160000.00", part=world.winter_shopping)
    send(cast.manager, edit, reason="Peak weeks")
    key = f"{world.shopping.pk}/{DEC}"
    totals = centre(cast.director, cell=key).context["panel"]["entries"]
    assert [entry.title for entry in totals] == ["€200,000.00"]
    every = centre(cast.director, cell=key, inside="1").context["panel"]["entries"]
    assert len(every) == 3
    assert (every[0].who, every[0].text) == ("Jonas Weber", "Peak weeks")
    assert "€10,000.00 given out inside the line" in every[0].when
    found = centre(cast.director, cell=key, inside="1", words="PEAK").context["panel"]["entries"]
    assert [entry.text for entry in found] == ["Peak weeks"]


def test_lists_of_changes_cost_the_same_for_one_and_for_many(
    world: World, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for amount in range(151, 161):
        edit = cell(cast.manager, world.shopping, f"{amount}000.00", part=world.winter_shopping)
        send(cast.manager, edit, reason="Step by step")
    assert world.balance(world.shopping, DEC, world.winter_shopping) == 160_000 * MICROS
    who = client(cast.director)
    who.get(reverse("budgets:history"))
    with django_assert_max_num_queries(30):
        who.get(reverse("budgets:history"))
