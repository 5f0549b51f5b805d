"""Bills: what an order covers is posted at once, everything else by a second person, nothing twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from budgets.choices import BillKind, BillState, CheckLevel, OrderState
from budgets.models import Bill, HoldingEntry, MonthClose, Order, SpendingCheck
from budgets.selectors import line_month_table
from budgets.selectors.bills import open_lines
from budgets.services import bills
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.budgets.billing import (
    AT,
    NOV,
    credit,
    held,
    invoice,
    k,
    line,
    open_order,
    spot,
    units,
    vendor,
)
from tests.budgets.world import World, rate
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.feature("2.1")]


def test_an_invoice_within_its_order_is_posted_and_lets_the_order_go(
    world: World, cast: Cast
) -> None:
    ordered = open_order(world.shopping, k(3))
    first = invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)])
    assert first.state == BillState.POSTED
    assert held(world.shopping) == [k(2), 0, k(1)]
    last = invoice(cast.manager, world.shopping, [line(k(2), order_line=ordered)])
    assert last.state == BillState.POSTED
    assert held(world.shopping) == [0, 0, k(3)]
    posted = Event.objects.get(action="bill.posted", subject_id=str(last.pk))
    assert posted.actor_name == "Jonas Weber"


def test_a_foreign_invoice_counts_at_the_spot_rate_of_its_day(world: World, cast: Cast) -> None:
    rate("USD", "EUR", "0.90", date(2026, 1, 1))
    ordered = open_order(world.shopping, units(1_000), currency="USD")
    spot("USD", "EUR", "0.95", date(2026, 11, 1))
    bill = invoice(
        cast.auditor, world.shopping, [line(units(400), order_line=ordered)], currency="USD"
    )
    (posted,) = bill.lines.all()
    assert (posted.borne_micros, posted.rate_name) == (units(380), "Spot rate of 1 Nov 2026")
    # 400 of 1,000 let go 360 of 900: what the rate cost stays visible.
    assert held(world.shopping) == [units(540), 0, units(380)]
    invoice(
        cast.auditor, world.shopping, [line(units(600), order_line=ordered)], currency="USD",
        dated=date(2026, 10, 2),
    )  # fmt: skip
    # Before the first spot rate the budget rate counts.
    assert held(world.shopping) == [0, 0, units(380 + 540)]


def test_what_no_order_covers_is_posted_by_somebody_else(world: World, cast: Cast) -> None:
    bill = invoice(cast.manager, world.shopping, [line(k(2), budget_line=world.shopping)])
    assert bill.state == BillState.TO_MATCH
    assert "second person" in bill.held_because
    assert held(world.shopping) == [0, 0, 0]
    with pytest.raises(NotAllowed, match="You entered this"):
        bills.bill_match(bill=bill, user=cast.manager, at=AT)
    with pytest.raises(NotAllowed):
        bills.bill_match(bill=bill, user=cast.uk_manager, at=AT)
    assert bills.bill_match(bill=bill, user=cast.director, at=AT).state == BillState.POSTED
    assert held(world.shopping) == [0, 0, k(2)]
    with pytest.raises(Conflict, match="posted already"):
        bills.bill_match(bill=bill, user=cast.director, at=AT)


def test_more_than_ordered_waits_with_what_to_do(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    slightly = invoice(
        cast.manager, world.shopping, [line(k(1) + units(20), order_line=ordered)]
    )  # fmt: skip
    assert slightly.state == BillState.TO_MATCH
    assert "€20.00 more than is open of PO-1001" in slightly.held_because
    with pytest.raises(NotAllowed):
        bills.bill_match(bill=slightly, user=cast.manager, at=AT)
    assert bills.bill_match(bill=slightly, user=cast.auditor, at=AT).state == BillState.POSTED
    assert held(world.shopping) == [0, 0, k(1) + units(20)]
    much = invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)])
    with pytest.raises(Conflict, match="more than is open") as error:
        bills.bill_match(bill=much, user=cast.auditor, at=AT)
    assert error.value.code == "over_order"
    assert "raised by a request" in error.value.remedy


def test_what_goes_beyond_an_order_is_tolerated_once(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)])
    first, more = (
        invoice(cast.manager, world.shopping, [line(units(amount), order_line=ordered)])
        for amount in (15, 6)
    )
    assert bills.bill_match(bill=first, user=cast.auditor, at=AT).state == BillState.POSTED
    with pytest.raises(Conflict, match=r"€6\.00 more than is open"):
        bills.bill_match(bill=more, user=cast.auditor, at=AT)
    last = invoice(cast.manager, world.shopping, [line(units(5), order_line=ordered)])
    assert bills.bill_match(bill=last, user=cast.auditor, at=AT).state == BillState.POSTED


def test_what_an_order_holds_after_a_void_is_what_is_open(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    first = invoice(cast.manager, world.shopping, [line(units(300), order_line=ordered)])
    beyond = invoice(
        cast.manager, world.shopping, [line(units(719) + 170_000, order_line=ordered)]
    )  # fmt: skip
    bills.bill_match(bill=beyond, user=cast.auditor, at=AT)
    assert held(world.shopping)[0] == 0
    bills.bill_void(bill=first, user=cast.auditor, reason="Sent twice", at=AT)
    left = units(280) + 830_000
    assert open_lines([ordered])[ordered.pk].open == left
    assert held(world.shopping) == [left, 0, units(719) + 170_000]
    bills.bill_void(bill=beyond, user=cast.auditor, reason="Sent twice", at=AT)
    assert held(world.shopping) == [k(1), 0, 0]


def test_a_credit_note_opens_an_order_no_further_than_it_is_open(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    first = invoice(cast.manager, world.shopping, [line(units(300), order_line=ordered)])
    beyond = invoice(cast.manager, world.shopping, [line(units(710), order_line=ordered)])
    bills.bill_match(bill=beyond, user=cast.auditor, at=AT)
    note = credit(cast.manager, first, units(300), world.shopping, order_line=ordered)
    bills.bill_match(bill=note, user=cast.auditor, at=AT)
    assert open_lines([ordered])[ordered.pk].open == units(290)
    assert held(world.shopping) == [units(290), 0, units(710)]


def test_two_lines_of_one_bill_share_what_is_open(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, units(100))
    parts = [line(units(33), order_line=ordered), line(units(67), order_line=ordered)]
    assert invoice(cast.manager, world.shopping, parts).state == BillState.POSTED
    assert held(world.shopping) == [0, 0, units(100)]
    other = open_order(world.shopping, units(100))
    both = [line(units(60), order_line=other), line(units(60), order_line=other)]
    assert invoice(cast.manager, world.shopping, both).state == BillState.TO_MATCH


def test_an_order_must_fit_its_bill(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("with Kilnwood Media", {"seller": vendor("Somebody Else")}),
        ("neither a spot rate nor a budget rate from USD to EUR", {"currency": "USD"}),
    )
    for wrong, fields in cases:
        with pytest.raises(Invalid, match=wrong):
            invoice(cast.auditor, world.shopping, [line(k(1), order_line=ordered)], **fields)
    Order.objects.filter(pk=ordered.order_id).update(state=OrderState.CLOSED)
    ordered.refresh_from_db()
    with pytest.raises(Invalid, match="cannot be billed"):
        invoice(cast.auditor, world.shopping, [line(k(1), order_line=ordered)])
    assert not Bill.objects.exists()


def test_a_vendors_number_is_entered_once_until_it_is_void(world: World, cast: Cast) -> None:
    parts = [line(k(1), budget_line=world.shopping)]
    first = invoice(cast.manager, world.shopping, parts, number="R-77")
    with pytest.raises(Conflict, match="entered already"):
        invoice(cast.auditor, world.shopping, parts, number="r-77")
    bills.bill_void(bill=first, user=cast.manager, reason="Typed twice", at=AT)
    assert invoice(cast.auditor, world.shopping, parts, number="R-77").state == "to_match"


@pytest.mark.feature("2.4")
def test_beyond_the_budget_line_a_bill_is_held_until_money_comes_or_somebody_answers_for_it(
    world: World, cast: Cast
) -> None:
    SpendingCheck.objects.create(
        budget_line=world.shopping, actuals=CheckLevel.STOP, cumulative=CheckLevel.IGNORE
    )
    bill = invoice(cast.manager, world.shopping, [line(k(170), budget_line=world.shopping)])
    held_bill = bills.bill_match(bill=bill, user=cast.director, at=AT)
    assert held_bill.state == BillState.HELD
    assert "€5,000.00 over" in held_bill.held_because
    assert held(world.shopping) == [0, 0, 0]
    for user, reason, refusal in (
        (cast.manager, "The fair was moved by a month.", NotAllowed),
        (cast.analyst, "The fair was moved by a month.", NotAllowed),
        (cast.director, "too short", Invalid),
    ):
        with pytest.raises(refusal):
            bills.bill_pass(bill=bill, user=user, reason=reason, at=AT)
    passed = bills.bill_pass(
        bill=bill, user=cast.director, reason="The fair was moved by a month.", at=AT
    )
    assert passed.state == BillState.POSTED
    assert held(world.shopping) == [0, 0, k(170)]
    assert Event.objects.get(action="bill.posted").reason == "The fair was moved by a month."


@pytest.mark.feature("2.4")
def test_a_warning_stays_with_the_posted_bill(world: World, cast: Cast) -> None:
    SpendingCheck.objects.create(
        budget_line=world.shopping, actuals=CheckLevel.WARN, cumulative=CheckLevel.IGNORE
    )
    bill = invoice(cast.manager, world.shopping, [line(k(170), budget_line=world.shopping)])
    posted = bills.bill_match(bill=bill, user=cast.auditor, at=AT)
    assert posted.state == BillState.POSTED
    assert "would be €5,000.00 over" in posted.held_because


def test_a_platforms_bill_and_its_imported_spend_are_one_cost(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-11-01", 20, spend="4000")
    part: dict[str, Any] = {
        "budget_line": world.shopping, "campaign_line": world.winter_shopping,
    }  # fmt: skip

    def actual() -> int:
        table = line_month_table(cast.manager, world.year)
        found = next(row for row in table.lines if row.line == world.shopping).cells[NOV].actual
        return found.micros if found else 0

    assert actual() == k(80)
    less = invoice(cast.manager, world.shopping, [line(k(70), **part)])
    bills.bill_match(bill=less, user=cast.auditor, at=AT)
    assert actual() == k(80)
    more = invoice(cast.manager, world.shopping, [line(k(15), **part)])
    bills.bill_match(bill=more, user=cast.auditor, at=AT)
    assert actual() == k(85)
    for bill in (less, more):
        bills.bill_void(bill=bill, user=cast.auditor, reason="One bill for all", at=AT)
    whole = invoice(cast.manager, world.shopping, [line(k(78), is_whole_month=True, **part)])
    bills.bill_match(bill=whole, user=cast.auditor, at=AT)
    assert actual() == k(78)


def test_credit_notes_take_back_what_was_billed_and_no_more(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    billed = invoice(cast.manager, world.shopping, [line(k(3), order_line=ordered)])
    note = credit(cast.manager, billed, k(1), world.shopping)
    assert note.state == BillState.TO_MATCH
    bills.bill_match(bill=note, user=cast.auditor, at=AT)
    # The order stays as it is.
    assert held(world.shopping) == [0, 0, k(2)]
    with pytest.raises(Conflict, match="is left to credit"):
        credit(cast.manager, billed, k(3), world.shopping)
    again = credit(cast.manager, billed, k(2), world.shopping, order_line=ordered)
    bills.bill_match(bill=again, user=cast.auditor, at=AT)
    # Asked to open the order again: it holds what was credited.
    assert held(world.shopping) == [k(2), 0, 0]
    with pytest.raises(Conflict, match="rests on it"):
        bills.bill_void(bill=billed, user=cast.auditor, reason="Wrong", at=AT)


def test_voiding_a_posted_bill_writes_what_undoes_it(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    bill = invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)])
    with pytest.raises(NotAllowed, match="finance or a director"):
        bills.bill_void(bill=bill, user=cast.manager, reason="Not ours", at=AT)
    with pytest.raises(Invalid):
        bills.bill_void(bill=bill, user=cast.auditor, reason=" ", at=AT)
    before = list(HoldingEntry.objects.filter(bill_line__bill=bill))
    assert (
        bills.bill_void(bill=bill, user=cast.auditor, reason="Not ours", at=AT).state
        == BillState.VOID
    )
    entries = HoldingEntry.objects.filter(bill_line__bill=bill)
    assert list(entries)[: len(before)] == before
    assert sum(entry.billed_micros for entry in entries) == 0
    assert held(world.shopping) == [k(3), 0, 0]


def test_an_expense_names_the_person_and_waits(world: World, cast: Cast) -> None:
    parts = [line(units(80), budget_line=world.shopping)]
    spent = invoice(cast.manager, world.shopping, parts, kind=BillKind.EXPENSE, number="Taxi")
    assert (spent.owner, spent.vendor, spent.state) == (cast.manager, None, BillState.TO_MATCH)
    bills.bill_match(bill=spent, user=cast.director, at=AT)
    assert held(world.shopping) == [0, 0, units(80)]


def test_a_closed_month_takes_no_bill_and_gives_none_back(world: World, cast: Cast) -> None:
    bill = invoice(
        cast.auditor, world.shopping, [line(k(1), order_line=open_order(world.shopping, k(1)))]
    )
    MonthClose.objects.create(fiscal_year=world.year, month=NOV, closed_at=AT, closed_by_name="Ben")
    with pytest.raises(Conflict, match="2026-11 of FY2026 is closed") as error:
        invoice(cast.auditor, world.shopping, [line(k(1), budget_line=world.shopping)])
    assert "open month" in error.value.remedy
    with pytest.raises(Conflict, match="2026-11 of FY2026 is closed"):
        bills.bill_void(bill=bill, user=cast.auditor, reason="Wrong", at=AT)
    bill.refresh_from_db()
    assert bill.state == BillState.POSTED


def test_people_enter_bills_of_their_teams_only(world: World, cast: Cast) -> None:
    parts = [line(k(1), budget_line=world.shopping)]
    for user in (cast.uk_manager, cast.other_director, cast.analyst, cast.executive, cast.admin):
        with pytest.raises(NotAllowed):
            invoice(user, world.shopping, parts)
    with pytest.raises(NotAllowed, match="do not see the money"):
        invoice(cast.manager, world.shopping, [line(k(1), budget_line=world.uk)])
    assert not Bill.objects.exists()


def test_a_dispute_holds_the_bill_until_it_is_settled(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    bill = invoice(cast.manager, world.shopping, [line(k(2), order_line=ordered)])
    disputed = bills.bill_dispute(bill=bill, user=cast.manager, comment="Two are billed", at=AT)
    assert (disputed.state, disputed.held_because) == (
        BillState.HELD,
        "Disputed by Jonas Weber: Two are billed",
    )
    matches = [bills.Match(1, budget_line=world.shopping)]
    settled = bills.bill_match(bill=bill, user=cast.auditor, matches=matches, at=AT)
    assert settled.state == BillState.POSTED
    assert held(world.shopping) == [k(1), 0, k(2)]
