"""Matching: suggestions say why, exact ones are accepted at once, orders let go exactly what they held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from budgets.choices import BillState
from budgets.models import Bill
from budgets.rules.billing import credited, released
from budgets.rules.matching import Offer, Sought, Tolerance, numbers_in, suggest
from tests.budgets.billing import AT, NOV, held, invoice, k, line, open_order, units, vendor
from tests.budgets.world import World
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1")]

OFFER = Offer(
    key=1, number=1004, reference="PO-1004", vendor=7, currency="EUR", ordered=units(1_000),
    open=units(1_000), month=NOV, text="Winter fair stand",
)  # fmt: skip
SOUGHT = Sought(vendor=7, currency="EUR", micros=units(1_000), month=NOV, text="R-118")


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def client(user: User) -> Client:
    signed_in = Client()
    signed_in.force_login(user)
    return signed_in


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Your PO-1004 of May", {1004}), ("P.O. 1004 / order no. 17", {1004, 17}),
        ("Bestellung Nr. 0012", {12}), ("Invoice 1004", set()), ("po#9,PO 10", {9, 10}),
        ("deposit 1004", set()),
    ],
)  # fmt: skip
def test_order_numbers_are_found_in_text(words: str, found: set[int]) -> None:
    assert numbers_in(words) == found


def test_suggestions_are_ordered_by_reasons_that_are_said() -> None:
    offers = [
        replace(OFFER, key=2, number=1001, reference="PO-1001", month="2026-09", open=units(5_000)),
        OFFER,
        replace(OFFER, key=3, number=1002, reference="PO-1002", open=units(990), month="2026-10"),
        replace(OFFER, key=4, vendor=8),
        replace(OFFER, key=5, currency="USD"),
    ]
    found = suggest(replace(SOUGHT, text="Stand at the fair, see PO-1001"), offers)
    assert [one.offer.reference for one in found] == ["PO-1001", "PO-1004", "PO-1002"]
    assert found[0].reasons == (
        "Same vendor", "The invoice names PO-1001", "Within what is open",
        "Same words: fair, stand",
    )  # fmt: skip
    assert "More than is open, within the tolerance" in found[2].reasons
    assert "One month apart" in found[2].reasons
    # It names another order, so the one of the same amount is not taken by itself.
    assert not any(one.is_exact for one in found)


@pytest.mark.parametrize(
    ("offers", "words", "exact"),
    [
        ([OFFER], "R-118", [1]),
        ([OFFER, replace(OFFER, key=2, number=1005)], "R-118", []),
        ([OFFER, replace(OFFER, key=2, number=1005)], "PO 1005", [2]),
        ([replace(OFFER, open=units(999))], "PO 1004", []),
    ],
)
def test_exact_means_that_nothing_else_can_be_meant(
    offers: Iterable[Offer], words: str, exact: list[int]
) -> None:
    found = suggest(replace(SOUGHT, text=words), offers)
    assert [one.offer.key for one in found if one.is_exact] == exact


def test_the_tolerance_needs_both_limits() -> None:
    tolerance = Tolerance(Decimal(2), units(50))
    assert tolerance.allows(units(50), units(2_500))
    assert not tolerance.allows(units(51), units(10_000))
    assert not tolerance.allows(units(3), units(100))


@given(
    st.integers(1, 10**15),
    st.lists(st.integers(1, 10**12), min_size=1, max_size=12),
)
def test_bills_of_an_order_let_go_exactly_what_it_held(borne: int, amounts: list[int]) -> None:
    held_now, left = borne, sum(amounts)
    for amount in amounts:
        gone = released(held_now, left, amount)
        assert 0 <= gone <= held_now
        held_now, left = held_now - gone, left - amount
    assert held_now == 0


@given(
    st.integers(1, 10**15),
    st.lists(st.integers(1, 10**12), min_size=1, max_size=12),
)
def test_credit_notes_of_a_whole_bill_leave_nothing(borne: int, amounts: list[int]) -> None:
    left, micros = sum(amounts), borne
    for amount in amounts:
        taken = credited(micros, left, amount)
        assert 0 <= taken <= micros
        left, micros = left - amount, micros - taken
    assert (left, micros) == (0, 0)


@pytest.mark.usefixtures("at")
def test_the_queue_shows_one_bill_with_its_orders_and_posts_it(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2), title="Winter fair")
    bill = invoice(cast.manager, world.shopping, [line(k(2))], note="For PO-1001")
    page = client(cast.director).get(reverse("budgets:matching"))
    shown = text(page)
    assert "1 bill waits for a second look" in shown
    assert "The invoice names PO-1001 · Exactly what is open · Same month" in shown
    assert 'data-press="a"' in shown
    posted = client(cast.director).post(
        reverse("budgets:bill-match", args=[bill.pk]),
        {"place-1": f"o{ordered.pk}", "queue": "1"},
        follow=True,
    )
    assert "Every bill is matched" in text(posted)
    bill.refresh_from_db()
    assert bill.state == BillState.POSTED
    assert held(world.shopping) == [0, 0, k(2)]


@pytest.mark.usefixtures("at")
def test_exact_matches_are_posted_together(world: World, cast: Cast) -> None:
    open_order(world.shopping, k(2))
    open_order(world.display, k(3))
    other = vendor("Fernhill Studio")
    open_order(world.shopping, k(1), seller=other)
    open_order(world.shopping, k(1), seller=other)
    for micros, seller in ((k(2), None), (k(3), None), (k(1), other)):
        invoice(cast.auditor, world.shopping, [line(micros)], seller=seller)
    answer = client(cast.auditor).post(reverse("budgets:bills-accept"), follow=True)
    assert "2 bills are posted." in text(answer)
    # Two orders of the same amount: somebody has to look.
    assert list(Bill.objects.values_list("state", flat=True)) == ["to_match", "posted", "posted"]


@pytest.mark.usefixtures("at")
def test_the_queue_says_what_keeps_a_bill_and_takes_disputes(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    bill = invoice(cast.manager, world.shopping, [line(k(2), order_line=ordered)])
    refused = client(cast.director).post(
        reverse("budgets:bill-match", args=[bill.pk]), {"queue": "1"}, follow=True
    )
    assert "€1,000.00 more than is open of PO-1001." in text(refused)
    assert "Have the order raised by a request" in text(refused)
    empty = client(cast.director).post(reverse("budgets:bill-dispute", args=[bill.pk]), {})
    assert empty.status_code == 422
    client(cast.director).post(
        reverse("budgets:bill-dispute", args=[bill.pk]), {"reason": "Only one was ordered"}
    )
    bill.refresh_from_db()
    assert (bill.state, bill.held_because) == (
        "held", "Disputed by Mara Lindqvist: Only one was ordered",
    )  # fmt: skip
    for user, status in ((cast.uk_manager, 404), (cast.analyst, 403), (cast.other_director, 404)):
        answer = client(user).post(reverse("budgets:bill-match", args=[bill.pk]))
        assert answer.status_code == status
