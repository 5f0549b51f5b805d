"""The last month of a fiscal year: what is left goes into the same line of the next year's plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import User
from approvals.models import ChangeRequest
from budgets import services
from budgets.models import (
    BudgetLine,
    FiscalYear,
    LedgerAccount,
    MonthClose,
    OrderLine,
    PlanLock,
)
from budgets.rules.closing import Treatment
from budgets.selectors.bills import open_lines
from budgets.selectors.closing import fiscal_month, month_items
from budgets.services import bills
from budgets.services.versions import version_take
from core.errors import Conflict, Invalid
from core.invariants import check_all
from tests.approvals.test_api import Api
from tests.budgets.billing import held, invoice, line, open_order
from tests.budgets.closing import close, closed_before, order
from tests.budgets.test_pages import open_page, text
from tests.budgets.world import DEC, EARLIER, World, decide, k, plan, rate
from tests.budgets.world import execute as carry_out
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("2.1")]
T = Treatment
JANUARY = datetime(2027, 1, 8, 9, 0, tzinfo=UTC)
JAN = "2027-01"


@pytest.fixture
def at() -> Iterator[None]:
    with time_machine.travel(JANUARY, tick=False):
        yield


@pytest.fixture
def december(world: World) -> World:
    """Shopping DE spent 170k of 200k; Display DE nothing of 100k. Everything before is closed."""
    rate("GBP", "EUR", "1.16", EARLIER.date().replace(month=1, day=1))
    closed_before(world, DEC)
    load_steady(world.winter_shopping, "2026-12-01", 17, spend="10000")
    return world


@pytest.fixture
def following(december: World, cast: Cast) -> BudgetLine:
    """Next year's Shopping DE, which pays for one of the two campaign lines."""
    services.year_open(user=None, year=2027, at=EARLIER)
    return next_line(december, cast, december.shopping, parts=[december.winter_shopping])


def next_line(
    world: World, cast: Cast, line: BudgetLine, *, name: str = "shopping de", **more: Any
) -> BudgetLine:
    parts = more.pop("parts", [])
    return services.line_create(
        user=None, fiscal_year=FiscalYear.objects.get(year=2027), at=EARLIER, name=name,
        channel=line.channel, team=line.team, owner=cast.manager,
        currency=more.pop("currency", "EUR"), campaign_lines=parts, **more,
    )  # fmt: skip


def ask(user: User, world: World, **choices: Any) -> ChangeRequest:
    lines = {world.shopping.pk: T.ROLL, world.display.pk: T.LEAVE} | choices.pop("lines", {})
    made = close(user, DEC, lines=lines, at=JANUARY, **choices)
    assert isinstance(made, ChangeRequest)
    return made


def done(request: ChangeRequest, cast: Cast, second: User) -> ChangeRequest:
    decided = decide(request, cast.executive, at=JANUARY)
    if decided.state == "open":
        decided = decide(decided, second, at=JANUARY)
    return carry_out(decided, at=JANUARY)


def planned(line: BudgetLine, month: str) -> int:
    rows = LedgerAccount.objects.filter(budget_line=line, month=month)
    return sum(rows.values_list("balance_micros", flat=True))


def source(year: int) -> int:
    return LedgerAccount.objects.get(
        fiscal_year__year=year, budget_line=None, currency="EUR"
    ).balance_micros


def test_unspent_plan_goes_into_the_first_month_of_the_next_year(
    december: World, following: BudgetLine, cast: Cast, auditor2: User
) -> None:
    page = open_page(cast.auditor, "budgets:close", month=DEC)
    rows = {row.item.line.name: row for row in page.context["line_rows"]}
    assert [c.value for c in rows["Shopping DE"].choices] == ["roll", "release", "leave"]
    assert [c.value for c in rows["Display DE"].choices] == ["release", "leave"]
    before = source(2026)
    request = ask(cast.auditor, december)
    effects = text(open_page(cast.executive, "approvals:request", request.pk))
    assert "goes to the next month: shopping de of FY2027" in effects
    assert done(request, cast, auditor2).state == "executed"
    assert (planned(december.shopping, DEC), planned(following, JAN)) == (k(170), k(30))
    # Each year adds up for itself: what one gives back its source, the other takes out of its own.
    assert (source(2026) - before, source(2027)) == (k(30), -k(30))
    assert MonthClose.objects.filter(month=DEC, reopened_at=None).exists()
    assert [held for held in check_all() if not held.is_kept] == []


def test_an_order_goes_along_with_its_plan(
    december: World, following: BudgetLine, cast: Cast, auditor2: User
) -> None:
    film = order(cast, december.shopping, 20, month=DEC, expected=JANUARY.date())
    other = order(cast, december.shopping, 5, month=DEC, part=december.winter_feed, number=1002)
    items = {i.line.pk: i for i in month_items(fiscal_month(DEC)).orders}
    assert T.ROLL in items[film.pk].options
    assert T.ROLL not in items[other.pk].options
    assert "does not pay for Winter Feed" in items[other.pk].why_not
    request = ask(cast.auditor, december, orders={film.pk: T.ROLL, other.pk: T.RELEASE})
    assert done(request, cast, auditor2).state == "executed"
    film.refresh_from_db()
    assert (film.budget_line, film.month) == (following, JAN)
    assert planned(following, JAN) == k(30)
    assert [held for held in check_all() if not held.is_kept] == []


def test_a_line_is_found_again_by_its_code(december: World, cast: Cast) -> None:
    services.year_open(user=None, year=2027, at=EARLIER)
    BudgetLine.objects.filter(pk=december.shopping.pk).update(gl_code="6100")
    named = next_line(december, cast, december.shopping, name="Search and shopping", gl_code="6100")
    item = next(i for i in month_items(fiscal_month(DEC)).lines if i.line == december.shopping)
    assert item.goes_to == named
    next_line(december, cast, december.shopping, name="Another of this code", gl_code="6100")
    item = next(i for i in month_items(fiscal_month(DEC)).lines if i.line == december.shopping)
    assert item.goes_to is None


@pytest.mark.parametrize("missing", ["books", "line", "closed", "locked"])
def test_where_nothing_takes_it_a_sentence_says_what_to_do(
    december: World, cast: Cast, missing: str
) -> None:
    says = _make(december, cast, missing)
    page = text(open_page(cast.auditor, "budgets:close", month=DEC))
    assert "Not everything can be rolled forward" in page
    for words in says:
        assert words in page
    body = {
        "reason": "Year end", "lines": [{"line": december.shopping.pk, "treatment": "roll"}],
    }  # fmt: skip
    refused = Api(cast.auditor).send("post", f"/month-closes/{DEC}/", body)
    assert refused.status_code == 422
    said = refused.json()["error"]
    assert "cannot be treated as “roll”" in said["message"]
    assert says[0] in said["message"]
    with pytest.raises(Invalid):
        ask(cast.auditor, december)
    assert not ChangeRequest.objects.exists()


def _make(world: World, cast: Cast, missing: str) -> tuple[str, ...]:
    if missing == "books":
        return ("its books are not open", "Open them and plan its lines", "or release what is left")
    year = services.year_open(user=None, year=2027, at=EARLIER)
    if missing == "line":
        next_line(world, cast, world.shopping, currency="USD")
        return ("has no line of this name or code in EUR in FY2027", "Create it under Budgets")
    next_line(world, cast, world.shopping)
    if missing == "closed":
        MonthClose.objects.create(
            fiscal_year=year, month=JAN, closed_at=JANUARY, closed_by_name="Ben Okafor"
        )
        return ("Jan 2027 is closed", "Ask for it to be opened again")
    version = version_take(user=cast.director, year=year, name="Board", note="", at=EARLIER)
    PlanLock.objects.create(
        fiscal_year=year, level="total", version=version, locked_by=cast.director,
        locked_at=EARLIER, request_id=1,
    )  # fmt: skip
    return ("The total plan of FY2027 was locked", "Ask to unlock it under Budgets, Versions.")


def test_a_line_that_is_gone_by_then_ends_the_request(
    december: World, following: BudgetLine, cast: Cast, auditor2: User
) -> None:
    request = ask(cast.auditor, december)
    decided = decide(request, cast.executive, at=JANUARY)
    BudgetLine.objects.filter(pk=following.pk).update(name="Renamed")
    assert carry_out(decided, at=JANUARY).state == "stale"
    assert planned(following, JAN) == 0


def test_what_the_next_year_plans_never_covers_this_year(
    december: World, following: BudgetLine, cast: Cast
) -> None:
    plan(following, JAN, 500)
    load_steady(december.winter_feed, "2026-12-01", 10, spend="10000")
    item = next(i for i in month_items(fiscal_month(DEC)).lines if i.line == december.shopping)
    assert item.options == (T.FLAG,)
    with pytest.raises(Invalid, match="cannot be treated as “cover”"):
        close(cast.auditor, DEC, lines={december.shopping.pk: T.COVER}, at=JANUARY)


def test_a_month_in_the_middle_of_the_year_still_goes_to_the_next(
    december: World, following: BudgetLine
) -> None:
    month = fiscal_month("2026-11")
    assert (month.ends_year, month.next and month.next.key) == (False, DEC)
    with pytest.raises(Conflict):
        plan(december.shopping, "2026-11", 1)


def accrued(world: World, cast: Cast) -> OrderLine:
    """An order of 3,000, of which 1,000 is billed and the rest accrued in December; then the year closed."""
    ordered = open_order(world.shopping, k(3), month=DEC)
    invoice(cast.auditor, world.shopping, [line(k(1), month=DEC, order_line=ordered)])
    bills.accrue(
        user=cast.auditor, order_line=ordered, month=DEC, amount_micros=k(2), at=JANUARY
    )  # fmt: skip
    MonthClose.objects.create(
        fiscal_year=world.year, month=DEC, closed_at=JANUARY, closed_by_name="Ben"
    )
    return ordered


def test_what_was_accrued_is_billed_in_the_next_year_against_its_accrual(
    december: World, following: BudgetLine, cast: Cast
) -> None:
    ordered = accrued(december, cast)
    late = line(k(2), month=JAN, order_line=ordered)
    bill = invoice(cast.auditor, december.shopping, [late], dated=JANUARY.date())
    assert (bill.state, bill.lines.get().budget_line) == ("posted", following)
    # The closed year keeps its cost; in the next one bill and reversal cancel out.
    assert held(december.shopping, DEC) == [0, k(2), k(1)]
    assert held(following, JAN) == [0, 0, 0]
    assert open_lines([ordered])[ordered.pk].open == 0
    assert [one for one in check_all() if not one.is_kept] == []
    bills.bill_void(bill=bill, user=cast.auditor, reason="Sent twice", at=JANUARY)
    assert held(following, JAN) == [k(2), 0, -k(2)]


def test_without_a_line_of_the_next_year_the_bill_says_what_is_missing(
    december: World, cast: Cast
) -> None:
    ordered = accrued(december, cast)
    services.year_open(user=None, year=2027, at=EARLIER)
    late = line(k(2), month=JAN, order_line=ordered)
    with pytest.raises(Conflict, match="FY2027 has no line that goes on with Shopping DE"):
        invoice(cast.auditor, december.shopping, [late], dated=JANUARY.date())
    ordered.refresh_from_db()
    assert ordered.month == DEC
