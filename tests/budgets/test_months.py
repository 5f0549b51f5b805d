"""Planned, actual and available by month: nothing counted twice, nothing converted without a name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets import services
from budgets.models import BudgetLine
from budgets.rules.actuals import shares
from budgets.selectors import (
    MonthTable,
    grid,
    line_month_table,
    moves_by_place,
    pending_requests,
)
from budgets.services.moves import month_of
from core.models import Organisation
from core.money import Money
from tests.budgets.world import AT, DEC, NOV, World, campaign_line, channel, k, move, plan, rate
from tests.cast import Cast
from tests.world import load_days, load_steady

OCT = "2026-10"


def cell(table: MonthTable, line: BudgetLine, month: str) -> tuple[int, int | None, int]:
    """Planned, actual and available in micros."""
    found = next(row for row in table.lines if row.line == line).cells[month]
    actual = None if found.actual is None else found.actual.micros
    return found.planned.micros, actual, found.available.micros


@pytest.mark.feature("2.1")
def test_actuals_come_from_the_facts_of_the_campaign_lines(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-10-30", 4, spend="1000.25")
    load_days(world.winter_feed, {"2026-11-02": {"spend": "10", "clicks": 4}})
    table = line_month_table(cast.manager, world.year)
    assert cell(table, world.shopping, OCT) == (k(100), 2_000_500_000, k(100) - 2_000_500_000)
    assert cell(table, world.shopping, NOV) == (k(165), 2_010_500_000, k(165) - 2_010_500_000)
    assert cell(table, world.shopping, DEC) == (k(200), None, k(200))
    assert cell(table, world.display, NOV) == (k(124), None, k(124))
    assert table.last_day == date(2026, 11, 2)
    assert table.gaps == []


@pytest.mark.feature("2.1")
def test_a_line_paid_from_two_budgets_is_counted_once(world: World, cast: Cast) -> None:
    services.draws_set(
        line=world.display, user=None, at=AT,
        campaign_lines=[world.winter_display, world.winter_shopping],
    )  # fmt: skip
    plan(world.display, NOV, 24, world.winter_shopping)
    load_days(
        world.winter_shopping, {"2026-11-01": {"spend": "100.01"}, "2026-12-01": {"spend": "9"}}
    )
    table = line_month_table(cast.manager, world.year)
    shopping, display = (cell(table, line, NOV)[1] for line in (world.shopping, world.display))
    assert shopping is not None
    assert display is not None
    assert shopping + display == 100_010_000
    assert shopping == pytest.approx(100_010_000 * 120 // 144, abs=1)
    december = [cell(table, line, DEC)[1] for line in (world.shopping, world.display)]
    assert december == [9_000_000, 0]


@given(
    st.integers(min_value=-(10**15), max_value=10**15),
    st.lists(st.integers(min_value=1, max_value=99), min_size=1, max_size=8, unique=True),
    st.dictionaries(st.integers(1, 99), st.integers(0, 10**14), max_size=8),
)
def test_shares_of_an_actual_always_sum_to_it(
    micros: int, lines: list[int], planned: dict[int, int]
) -> None:
    parts = shares(micros, lines, planned)
    assert sum(parts.values()) == micros
    assert set(parts) == set(lines)
    assert all(part * micros >= 0 for part in parts.values())


def test_spend_in_another_currency_needs_a_named_rate(world: World, cast: Cast) -> None:
    dollars = campaign_line(
        "US Search", cast.dach, cast.manager, channel("search", "Search"), "USD"
    )
    services.draws_set(
        line=world.display, user=None, at=AT, campaign_lines=[world.winter_display, dollars]
    )
    load_days(dollars, {"2026-11-03": {"spend": "100"}})
    table = line_month_table(cast.manager, world.year)
    assert cell(table, world.display, NOV)[1] is None
    assert table.gaps == ["There is no budget rate from USD to EUR for 1 Nov 2026."]
    rate("USD", "EUR", "0.9", date(2026, 1, 1))
    table = line_month_table(cast.manager, world.year)
    assert cell(table, world.display, NOV)[1] == 90_000_000
    assert [used.name for used in table.rates] == ["Budget rate of 1 Jan 2026"]


@pytest.mark.feature("9.6")
def test_each_sees_the_lines_of_their_teams(world: World, cast: Cast) -> None:
    def names(user: object) -> set[str]:
        return {row.line.name for row in line_month_table(user, world.year).lines}  # type: ignore[arg-type]

    assert names(cast.manager) == {"Shopping DE", "Display DE"}
    assert names(cast.uk_manager) == {"Shopping UK"}
    assert names(cast.executive) == {"Shopping DE", "Display DE", "Shopping UK"}
    assert names(cast.admin) == names(cast.other_director) == set()


def test_months_follow_the_organisations_weeks(cast: Cast) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"fiscal_pattern": "445"})
    year = services.year_open(user=None, year=2026, at=AT)
    shop = channel("shopping", "Shopping")
    part = campaign_line("Feed", cast.dach, cast.manager, shop)
    line = services.line_create(
        user=None, fiscal_year=year, team=cast.dach, owner=cast.manager, channel=shop,
        name="Shopping", currency="EUR", campaign_lines=[part], at=AT,
    )  # fmt: skip
    january = month_of(line, "2026-01")
    load_days(
        part,
        {str(january.end): {"spend": "1"}, str(january.end + timedelta(days=1)): {"spend": "2"}},
    )
    table = line_month_table(cast.manager, year)
    assert january.days == 28
    assert cell(table, line, "2026-01")[1] == 1_000_000
    assert cell(table, line, "2026-02")[1] == 2_000_000


@pytest.mark.feature("2.2")
def test_the_grid_adds_up_in_one_currency(world: World, cast: Cast) -> None:
    rate("GBP", "EUR", "1.1628", date(2026, 1, 1))
    table = line_month_table(cast.director, world.year)
    shown = grid(table, table.months[9:12], "EUR")
    assert [row.label for row, _ in shown.channels] == ["Shopping", "Display"]
    (shopping, lines), (display, _) = shown.channels
    assert [row.label for row in lines] == ["Shopping DE", "Shopping UK"]
    uk = Money(93_024_000_000, "EUR")
    assert shopping.cells[1].planned == Money(k(165), "EUR") + uk
    assert shown.whole.planned == Money(k(100 + 165 + 200 + 124 + 100), "EUR") + uk
    assert shown.whole.planned == shopping.cells[-1].planned + display.cells[-1].planned
    assert shown.gaps == []
    empty = grid(line_month_table(cast.admin, world.year), table.months[9:12], "EUR")
    assert (empty.channels, empty.whole.planned) == ([], Money(0, "EUR"))


@pytest.mark.feature("2.2")
def test_what_waits_is_known_by_place(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, 4)
    assert pending_requests(cast.director) == [request]
    assert pending_requests(cast.other_director) == []
    places = moves_by_place([request])
    assert {key: [move.micros for move in found] for key, found in places.items()} == {
        (world.display.pk, DEC): [-k(4)],
        (world.shopping.pk, DEC): [k(4)],
    }
    request.payload = {"moves": "broken"}
    assert moves_by_place([request]) == {}
