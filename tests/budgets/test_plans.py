"""Fiscal years, lines, and setting planned amounts: what a person may do alone."""

from __future__ import annotations

from datetime import date

import pytest

from budgets import services
from budgets.models import BudgetLine, FiscalYear, LedgerTransaction
from budgets.selectors import cell_history, plan_of, planned
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event, Organisation
from core.money import Money
from core.periods import FiscalCalendar, Period
from tests.budgets.world import AT, DEC, NOV, World, channel, k
from tests.cast import Cast


def give(world: World, user: object, thousands: int, month: str = DEC) -> object:
    return services.plan_set(
        user=user,  # type: ignore[arg-type]
        budget_line=world.shopping,
        campaign_line=world.winter_shopping,
        month=month,
        amount_micros=k(thousands),
        reason="More for the feed",
        at=AT,
    )


@pytest.mark.feature("2.1")
def test_the_owner_gives_out_money_of_the_line(world: World, cast: Cast) -> None:
    give(world, cast.manager, 170)
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(170)
    assert world.balance(world.shopping) == k(30)
    assert planned(world.shopping, None, DEC) == k(200)
    newest = cell_history(world.shopping, DEC, world.winter_shopping)[0]
    assert (newest.change, newest.after) == (Money(k(20), "EUR"), Money(k(170), "EUR"))
    said = newest.transaction
    assert (said.actor_name, said.reason, said.at) == ("Jonas Weber", "More for the feed", AT)
    (only,) = cell_history(world.shopping, DEC)
    assert (only.after, only.transaction.reason) == (Money(k(200), "EUR"), "Plan approved")


def test_not_more_than_the_line_has(world: World, cast: Cast) -> None:
    with pytest.raises(Conflict, match="cannot be taken"):
        give(world, cast.manager, 201)


@pytest.mark.feature("2.1", "2.5")
@pytest.mark.parametrize("who", ["manager", "director"])
def test_taking_away_and_adding_to_the_total_need_a_request(
    world: World, cast: Cast, who: str
) -> None:
    user = getattr(cast, who)
    with pytest.raises(NotAllowed, match="needs an approval"):
        give(world, user, 149)
    for thousands in (199, 201):
        with pytest.raises(NotAllowed, match="needs an approval"):
            services.plan_set(
                user=user,
                budget_line=world.shopping,
                campaign_line=None,
                month=DEC,
                amount_micros=k(thousands),
                reason="x",
                at=AT,
            )
    assert planned(world.shopping, None, DEC) == k(200)


@pytest.mark.feature("9.6")
@pytest.mark.parametrize(
    "who", ["executive", "analyst", "admin", "auditor", "uk_manager", "other_director", "nobody"]
)
def test_others_give_out_nothing(world: World, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        give(world, getattr(cast, who), 170)


def test_a_plan_change_says_why_and_when(world: World, cast: Cast) -> None:
    def plan_set(**fields: object) -> None:
        given: dict[str, object] = {
            "user": None, "budget_line": world.shopping, "campaign_line": None, "month": DEC,
            "amount_micros": 1, "reason": "x", "at": AT,
        }  # fmt: skip
        services.plan_set(**{**given, **fields})  # type: ignore[arg-type]

    for wrong in (
        {"reason": " "},
        {"amount_micros": -1},
        {"month": "2027-01"},
        {"campaign_line": world.winter_display},
    ):
        with pytest.raises(Invalid):
            plan_set(**wrong)


def test_setting_what_is_set_does_nothing(world: World) -> None:
    before = LedgerTransaction.objects.count()
    assert give(world, None, 150) is None
    assert LedgerTransaction.objects.count() == before


def test_a_year_is_cut_as_the_organisation_cuts_it_and_opened_once(cast: Cast) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"fiscal_start_month": 4})
    year = services.year_open(user=cast.director, year=2027, at=AT)
    assert (year.starts_on, year.ends_on) == (date(2026, 4, 1), date(2027, 3, 31))
    assert services.year_open(user=cast.auditor, year=2027, at=AT) == year
    assert Event.objects.filter(action="fiscal_year.opened").count() == 1
    for user in (cast.manager, cast.executive, cast.analyst, cast.admin):
        with pytest.raises(NotAllowed):
            services.year_open(user=user, year=2028, at=AT)
    with pytest.raises(Invalid):
        services.year_open(user=None, year=26, at=AT)
    assert FiscalYear.objects.count() == 1


def line(world: World, cast: Cast, user: object, **fields: object) -> BudgetLine:
    given = {
        "fiscal_year": world.year, "team": cast.dach, "owner": cast.manager,
        "channel": channel("email", "Email"), "name": "Email DE", "currency": "EUR", "at": AT,
    }  # fmt: skip
    return services.line_create(user=user, **{**given, **fields})  # type: ignore[arg-type]


def test_directors_and_owners_make_lines_without_money(world: World, cast: Cast) -> None:
    made = line(world, cast, cast.manager)
    assert planned(made, None, DEC) == 0
    line(world, cast, cast.director, name="Email UK", team=cast.uk, owner=cast.uk_manager)
    for user in (cast.uk_manager, cast.other_director, cast.analyst, cast.executive, cast.auditor):
        with pytest.raises(NotAllowed):
            line(world, cast, user, name="Another")
    with pytest.raises(Invalid, match="of this name"):
        line(world, cast, cast.manager, name="email de")


def test_lines_are_seen_by_those_who_see_the_teams_money(world: World, cast: Cast) -> None:
    seen = {
        name: {row.name for row in BudgetLine.objects.for_user(getattr(cast, name))}
        for name in ("executive", "auditor", "director", "analyst", "manager", "uk_manager",
                     "other_director", "admin", "nobody")
    }  # fmt: skip
    everything = {"Shopping DE", "Display DE", "Shopping UK"}
    dach = {"Shopping DE", "Display DE"}
    assert seen == {
        "executive": everything, "auditor": everything, "director": everything,
        "analyst": everything, "manager": dach, "uk_manager": {"Shopping UK"},
        "other_director": set(), "admin": set(), "nobody": set(),
    }  # fmt: skip


def test_a_line_is_handed_on_and_the_trail_says_so(world: World, cast: Cast) -> None:
    services.line_edit(
        line=world.shopping, user=cast.director, name="Shopping Germany", owner=cast.director,
        gl_code="6601", at=AT,
    )  # fmt: skip
    event = Event.objects.get(action="budget_line.edited")
    assert event.before == {"name": "Shopping DE", "owner": "Jonas Weber", "gl_code": ""}
    with pytest.raises(NotAllowed):
        services.line_edit(
            line=world.shopping, user=cast.manager, name="Mine again", owner=cast.manager,
            gl_code="", at=AT,
        )  # fmt: skip


def test_a_campaign_line_with_money_stays_on_its_budget_line(world: World, cast: Cast) -> None:
    with pytest.raises(Conflict, match="still has money"):
        services.draws_set(
            line=world.shopping, user=cast.manager, campaign_lines=[world.winter_feed], at=AT
        )
    services.draws_set(
        line=world.uk,
        user=cast.uk_manager,
        campaign_lines=[world.winter_feed],
        at=AT,
    )
    assert [str(draw.campaign_line) for draw in world.uk.draws.all()] == ["Winter Feed"]


def test_the_plan_of_a_campaign_line_for_a_period(world: World) -> None:
    calendar = FiscalCalendar()
    quarter = calendar.parse("2026-Q4", today=AT.date())
    assert plan_of(world.winter_shopping, quarter) == [Money(k(270), "EUR")]
    november = calendar.parse(NOV, today=AT.date())
    assert plan_of(world.winter_shopping, november) == [Money(k(120), "EUR")]
    assert plan_of(world.winter_shopping, Period("x", date(2026, 1, 1), date(2026, 2, 1))) == []
