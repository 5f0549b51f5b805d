"""A bill in another currency than its order: converted at the named rate of its day, both amounts kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.choices import BillState
from budgets.models import Bill
from budgets.selectors.bills import open_lines, suggestions
from budgets.services import bills
from budgets.services.bills import Match
from core.errors import Conflict, Invalid, NotAllowed
from core.money import Money
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
)  # fmt: skip
from tests.budgets.world import World, rate
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1"), pytest.mark.usefixtures("at")]
BEFORE = date(2026, 11, 1)


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def looked_at(bill: Bill, cast: Cast) -> Bill:
    """The bill, posted by a second person."""
    assert bill.state == BillState.TO_MATCH
    return bills.bill_match(bill=bill, user=cast.auditor, at=AT)


def test_a_bill_in_another_currency_waits_for_a_second_person(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.25", BEFORE)
    ordered = open_order(world.shopping, k(2))
    made = invoice(
        cast.manager, world.shopping, [line(units(1_000), order_line=ordered)], currency="USD"
    )
    assert made.state == BillState.TO_MATCH
    assert f"in USD and {ordered.order.reference} in EUR" in made.held_because
    assert held(world.shopping) == [k(2), 0, 0]
    with pytest.raises(NotAllowed, match="You entered this"):
        bills.bill_match(bill=made, user=cast.manager, at=AT)
    assert bills.bill_match(bill=made, user=cast.auditor, at=AT).state == BillState.POSTED


def test_a_bill_uses_its_order_at_the_spot_rate_of_its_day(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.25", BEFORE)
    ordered = open_order(world.shopping, k(2))
    made = invoice(
        cast.manager, world.shopping, [line(units(1_000), order_line=ordered)], currency="USD"
    )
    made = looked_at(made, cast)
    kept = made.lines.get()
    assert made.state == BillState.POSTED
    assert (kept.amount, kept.used) == (Money(k(1), "USD"), Money(units(800), "EUR"))
    assert kept.order_rate_name.startswith("Spot rate of 1 Nov 2026")
    assert held(world.shopping) == [units(1_200), 0, units(800)]
    assert open_lines([ordered])[ordered.pk].open == units(1_200)
    shown = text(client(cast.manager).get(made.get_absolute_url()))
    assert "$1,000.00" in shown
    assert f"Uses €800.00 of {ordered.order.reference}, converted at 0.8" in shown
    assert "€1,200.00 of it stays open until it is billed or closed" in shown


def test_what_is_left_is_let_go_exactly_once_all_is_billed(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.10", BEFORE)
    ordered = open_order(world.shopping, k(2))
    for amount in (units(1_000), units(1_200)):
        looked_at(
            invoice(
                cast.manager, world.shopping, [line(amount, order_line=ordered)], currency="USD"
            ),
            cast,
        )
    assert held(world.shopping) == [0, 0, k(2)]


def test_more_than_is_open_after_conversion_is_not_posted(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.25", BEFORE)
    ordered = open_order(world.shopping, k(2))
    made = invoice(cast.manager, world.shopping, [line(k(3), order_line=ordered)], currency="USD")
    assert made.state == BillState.TO_MATCH
    assert "€400.00 more than is open" in made.held_because
    with pytest.raises(Conflict, match=r"€400\.00 more than is open"):
        bills.bill_match(bill=made, user=cast.auditor, at=AT)


def test_a_full_credit_note_gives_back_what_its_invoice_used(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.10", BEFORE)
    ordered = open_order(world.shopping, k(2))
    billed = invoice(
        cast.manager, world.shopping, [line(units(1_000), order_line=ordered)], currency="USD",
        dated=date(2026, 11, 12),
    )  # fmt: skip
    looked_at(billed, cast)
    spot("EUR", "USD", "1.50", AT.date())
    note = credit(cast.manager, billed, units(1_000), world.shopping, order_line=ordered)
    bills.bill_match(bill=note, user=cast.auditor, at=AT)
    assert held(world.shopping) == [k(2), 0, 0]
    assert open_lines([ordered])[ordered.pk].open == k(2)


def test_voiding_puts_everything_back(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.10", BEFORE)
    ordered = open_order(world.shopping, k(2))
    made = invoice(
        cast.manager, world.shopping, [line(units(1_000), order_line=ordered)], currency="USD"
    )
    looked_at(made, cast)
    bills.bill_void(bill=made, user=cast.auditor, reason="Sent twice", at=AT)
    assert held(world.shopping) == [k(2), 0, 0]


def test_an_order_in_another_currency_takes_a_bill_in_the_budget_line_s(
    world: World, cast: Cast
) -> None:
    rate("CHF", "EUR", "1.00", BEFORE)
    spot("EUR", "CHF", "0.80", BEFORE)
    ordered = open_order(world.shopping, k(1), currency="CHF")
    made = looked_at(
        invoice(cast.manager, world.shopping, [line(units(500), order_line=ordered)]), cast
    )
    assert made.lines.get().used == Money(units(400), "CHF")
    assert held(world.shopping) == [units(600), 0, units(500)]
    shown = text(client(cast.manager).get(made.get_absolute_url()))
    assert "The rate made €100.00 of difference to the order." in shown


def test_without_a_rate_it_is_refused_with_the_way_to_the_rates(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    with pytest.raises(Invalid, match="neither a spot rate nor a budget rate from USD to EUR"):
        invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)], currency="USD")
    assert not Bill.objects.exists()
    waiting = invoice(cast.manager, world.shopping, [line(k(1))], currency="USD")
    answer = client(cast.manager).post(
        reverse("budgets:bill-match", args=[waiting.pk]),
        {"queue": "1", "place-1": f"o{ordered.pk}"},
    )
    assert answer.status_code == 422
    shown = text(answer)
    assert "There is neither a spot rate nor a budget rate from USD to EUR" in shown
    assert f'href="{reverse("budgets:rates")}">Open exchange rates</a>' in shown
    waiting.refresh_from_db()
    assert waiting.state == BillState.TO_MATCH


def test_the_queue_offers_it_with_the_rate_but_never_as_exact(world: World, cast: Cast) -> None:
    spot("EUR", "USD", "1.25", BEFORE)
    ordered = open_order(world.shopping, k(2))
    waiting = invoice(cast.manager, world.shopping, [line(units(2_500))], currency="USD")
    (found,) = suggestions(waiting, cast.manager)[1]
    assert found.offer.key == ordered.pk
    assert not found.is_exact
    assert {"Exactly what is open", "Same month"} <= set(found.reasons)
    assert any(one.startswith("Converted at Spot rate of 1 Nov 2026") for one in found.reasons)
    bills.bill_match(
        bill=waiting, user=cast.auditor, matches=[Match(1, order_line=ordered, month=NOV)], at=AT
    )
    assert held(world.shopping) == [0, 0, k(2)]


def test_the_form_says_where_the_rate_is_entered(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    answer = client(cast.manager).post(
        reverse("budgets:bill-create"),
        {
            "kind": "invoice", "vendor": vendor().pk, "number": "R-9", "dated": "2026-11-12",
            "currency": "USD", "team": world.shopping.team_id, "owner": world.shopping.owner_id,
            "rows-TOTAL_FORMS": 1, "rows-INITIAL_FORMS": 0,
            "rows-0-place": f"o{ordered.pk}", "rows-0-month": NOV, "rows-0-amount": "10",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "Open exchange rates" in text(answer)
