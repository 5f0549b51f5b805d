"""Orders: reserved while they wait, committed when approved, let go when they end; nothing doubled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.services import expire_due, request_create, request_withdraw
from budgets.choices import ORDER, OrderKind, OrderState
from budgets.models import Bill, BillLine, HoldingEntry, MonthClose, Order, OrderLine, SpendingCheck
from budgets.selectors import line_month_table
from budgets.selectors.orders import line_figures
from budgets.services import orders as services
from budgets.services.commitments import Change, post
from budgets.services.orders import content_of
from budgets.services.orders.content import as_payload
from budgets.services.vendors import vendor_archive
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.events import SYSTEM
from core.invariants import check_all
from core.models import Event
from core.money import Money
from tests.approvals.actions import turn
from tests.budgets.orders import (
    EXPECTED,
    draft,
    held,
    make_vendor,
    opened,
    part,
    request_of,
    says,
    sent,
)
from tests.budgets.world import AT, DEC, NOV, World, decide, execute, k, move, rate
from tests.cast import Cast

FEATURE = pytest.mark.feature("2.1")


def available(world: World, month: str = DEC) -> int:
    """What Display DE has left, in thousands."""
    table = line_month_table(None, world.year)
    line = next(one for one in table.lines if one.line == world.display)
    return line.cells[month].available.micros // k(1)


def bill(line: OrderLine, thousands: int) -> None:
    """Something is billed on an order line, as bills write it."""
    post(
        [Change(f"bill:{line.pk}:{thousands}", line.budget_line, line.month, order_line=line,
                bill_line=make_bill_line(line, thousands), committed_micros=-k(thousands),
                billed_micros=k(thousands))],
        reason="Invoice", actor=SYSTEM, at=AT,
    )  # fmt: skip


def make_bill_line(line: OrderLine, thousands: int) -> BillLine:
    order = line.order
    made = Bill.objects.create(
        number=f"I-{line.pk}-{thousands}", vendor=order.vendor, team=order.team, owner=order.owner,
        currency="EUR", dated=AT.date(), entered_at=AT,
    )  # fmt: skip
    return BillLine.objects.create(
        bill=made, position=1, description="Films", budget_line=line.budget_line, month=line.month,
        amount_micros=k(thousands), order_line=line,
    )  # fmt: skip


@FEATURE
def test_an_order_reserves_while_it_waits_and_commits_when_approved(
    world: World, cast: Cast
) -> None:
    order = draft(cast.manager, world, 4)
    assert (order.reference, order.state, held(world.display)) == ("PO-1001", "draft", (0, 0))
    order = services.order_submit(order=order, user=cast.manager, at=AT)
    assert (order.state, held(world.display), available(world)) == ("waiting", (4, 0), 96)
    request = request_of(order)
    assert request.title == "Order from Kestrel Media: Winter films, €4,000"
    done = execute(decide(request, cast.director))
    order.refresh_from_db()
    assert (done.state, order.state) == (RequestState.EXECUTED, OrderState.OPEN)
    assert (held(world.display), available(world)) == ((0, 4), 96)
    execute(request)
    assert held(world.display) == (0, 4)
    assert [e.action for e in Event.objects.filter(subject_type="budgets.order").order_by("id")] == [
        "order.created", "order.sent", "order.opened",
    ]  # fmt: skip
    assert [one for one in check_all() if not one.is_kept] == []


@FEATURE
@pytest.mark.parametrize("end", ["rejected", "withdrawn", "expired"])
def test_what_is_not_approved_lets_its_reservation_go(world: World, cast: Cast, end: str) -> None:
    order = sent(cast.manager, world, 4)
    request = request_of(order)
    if end == "rejected":
        decide(request, cast.director, "reject", reason="Too early.")
    elif end == "withdrawn":
        request_withdraw(request=request, user=cast.manager, reason="Not now.", at=AT)
    else:
        expire_due(AT + timedelta(days=15))
    order.refresh_from_db()
    assert (order.state, held(world.display)) == (OrderState.DRAFT, (0, 0))
    again = services.order_submit(order=order, user=cast.manager, at=AT)
    assert (again.state, held(world.display)) == (OrderState.WAITING, (4, 0))


@FEATURE
def test_an_order_in_another_currency_is_borne_at_the_named_rate(world: World, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        draft(cast.manager, world, 4, currency="USD")
    assert refused.value.code == "no_rate"
    assert "Finance enters it" in refused.value.remedy
    rate("USD", "EUR", "0.9", date(2026, 11, 1))
    rate("USD", "EUR", "0.8", date(2026, 11, 21))
    order = opened(cast.manager, world, cast.director, 4, currency="USD")
    line = order.lines.get()
    assert (line.amount, line.borne) == (Money(k(4), "USD"), Money(3_600_000_000, "EUR"))
    assert line.rate_name == "Budget rate of 1 Nov 2026"
    assert (
        HoldingEntry.objects.filter(order_line=line).latest("id").committed_micros
        == line.borne_micros
    )


@FEATURE
def test_a_waiting_order_changes_with_its_request(world: World, cast: Cast) -> None:
    order = sent(cast.manager, world, 4)
    content = replace(content_of(order), lines=(part(world.shopping, 3), part(world.display, 1)))
    services.order_edit(order=order, user=cast.manager, content=content, at=AT)
    assert (held(world.display), held(world.shopping)) == ((1, 0), (3, 0))
    execute(decide(request_of(order), cast.director))
    assert (held(world.display), held(world.shopping)) == ((0, 1), (0, 3))


@FEATURE
def test_changing_an_open_order_reserves_only_what_it_asks_for_more(
    world: World, cast: Cast
) -> None:
    order = opened(cast.manager, world, cast.director, 4)
    line = order.lines.get()
    content = replace(content_of(order), lines=(part(world.display, 5, line=line.pk),))
    changed = services.order_edit(order=order, user=cast.manager, content=content, at=AT)
    assert (changed.state, held(world.display)) == (OrderState.OPEN, (1, 4))
    request = request_of(changed)
    assert request.own_micros == k(1)
    assert request.amount_micros == k(5)
    with pytest.raises(Conflict, match="waits for CR-"):
        services.order_close(order=changed, user=cast.manager, reason="Done", at=AT)
    execute(decide(request, cast.director))
    assert held(world.display) == (0, 5)
    assert OrderLine.objects.get().amount_micros == k(5)


@FEATURE
def test_a_refused_change_leaves_the_open_order_as_it_was(world: World, cast: Cast) -> None:
    order = opened(cast.manager, world, cast.director, 4)
    content = replace(content_of(order), lines=(part(world.display, 9, line=order.lines.get().pk),))
    changed = services.order_edit(order=order, user=cast.manager, content=content, at=AT)
    decide(request_of(changed), cast.executive, "reject", reason="Enough.")
    changed.refresh_from_db()
    assert (changed.state, held(world.display), changed.lines.get().amount_micros) == (
        OrderState.OPEN, (0, 4), k(4),
    )  # fmt: skip


@FEATURE
def test_nothing_is_ordered_below_what_is_billed(world: World, cast: Cast) -> None:
    order = opened(cast.manager, world, cast.director, 4)
    line = order.lines.get()
    bill(line, 3)
    assert held(world.display) == (0, 1)
    for lines in ((part(world.display, 2, line=line.pk),), (part(world.shopping, 4, line=line.pk),),
                  (part(world.display, 4),)):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            services.order_edit(
                order=order,
                user=cast.manager,
                content=replace(content_of(order), lines=lines),
                at=AT,
            )
        assert refused.value.code == "below_billed"
    with pytest.raises(Conflict, match="billed or released already"):
        services.order_cancel(order=order, user=cast.manager, reason="No", at=AT)
    services.order_close(order=order, user=cast.manager, reason="Delivered", at=AT)
    assert (held(world.display), available(world)) == ((0, 0), 97)
    figures = line_figures([line])[line.pk]
    assert (figures.billed, figures.left) == (Money(k(3), "EUR"), Money(0, "EUR"))
    services.order_reopen(order=order, user=cast.manager, reason="More to come", at=AT)
    assert held(world.display) == (0, 1)


@FEATURE
def test_an_order_opens_again_only_while_its_months_are_open(world: World, cast: Cast) -> None:
    order = opened(cast.manager, world, cast.director, 4)
    services.order_close(order=order, user=cast.manager, reason="Delivered", at=AT)
    MonthClose.objects.create(
        fiscal_year=world.year, month=DEC, closed_by_name=cast.auditor.name, closed_at=AT
    )
    with pytest.raises(Conflict) as refused:
        services.order_reopen(order=order, user=cast.manager, reason="More", at=AT)
    assert refused.value.code == "month_closed"
    with pytest.raises(Conflict, match="closed"):
        draft(cast.manager, world, 4)


@FEATURE
def test_a_placeholder_reserves_at_once_and_goes_over_into_its_order(
    world: World, cast: Cast
) -> None:
    holder = draft(cast.manager, world, 6, kind=OrderKind.PLACEHOLDER)
    assert (holder.reference, holder.state, held(world.display)) == ("PH-1001", "open", (6, 0))
    order = sent(cast.manager, world, 4, replaces=holder)
    assert held(world.display) == (6, 0), "the order stands for a part of the placeholder"
    with pytest.raises(Invalid, match="already used"):
        sent(cast.manager, world, 2, replaces=holder)
    decide(request_of(order), cast.director, "reject", reason="Not this one.")
    assert held(world.display) == (6, 0)
    order.refresh_from_db()
    order = services.order_submit(order=order, user=cast.manager, at=AT)
    execute(decide(request_of(order), cast.director))
    holder.refresh_from_db()
    assert (holder.state, held(world.display)) == (OrderState.CLOSED, (0, 4))
    with pytest.raises(Conflict, match="taken its place"):
        services.order_reopen(order=holder, user=cast.manager, reason="Again", at=AT)


@FEATURE
def test_only_who_plans_a_line_reserves_its_money(world: World, cast: Cast) -> None:
    world.shopping.owner = cast.director
    world.shopping.save()
    with pytest.raises(NotAllowed, match="not yours to plan"):
        draft(cast.manager, world, kind=OrderKind.PLACEHOLDER, lines=(part(world.shopping, 1),))
    SpendingCheck.objects.create(budget_line=world.display, requests="stop")
    lines = (part(world.display, 101),)
    with pytest.raises(Conflict) as stopped:
        draft(cast.manager, world, kind=OrderKind.PLACEHOLDER, lines=lines)
    assert stopped.value.code == "over_budget"


@FEATURE
def test_a_release_takes_its_part_out_of_the_blanket(world: World, cast: Cast) -> None:
    blanket = opened(cast.manager, world, cast.executive, 20, kind=OrderKind.BLANKET)
    source = blanket.lines.get()
    assert held(world.display) == (0, 20)
    first = sent(cast.manager, world, kind=OrderKind.RELEASE, blanket=blanket,
                 lines=(part(world.display, 8, blanket_line=source),))  # fmt: skip
    assert (first.state, held(world.display)) == (OrderState.OPEN, (0, 20))
    assert ChangeRequest.objects.count() == 1, "within an approved blanket nobody is asked again"
    assert line_figures([source])[source.pk].left == Money(k(12), "EUR")
    with pytest.raises(Invalid) as refused:
        draft(cast.manager, world, kind=OrderKind.RELEASE, blanket=blanket,
              lines=(part(world.display, 13, blanket_line=source),))  # fmt: skip
    assert refused.value.code == "beyond_blanket"
    bill(first.lines.get(), 5)
    assert held(world.display) == (0, 15)
    with pytest.raises(Conflict, match="open releases"):
        services.order_close(order=blanket, user=cast.manager, reason="Over", at=AT)
    services.order_close(order=first, user=cast.manager, reason="Delivered", at=AT)
    assert held(world.display) == (0, 15), "what the release did not need is the blanket's again"
    services.order_close(order=blanket, user=cast.manager, reason="Over", at=AT)
    assert held(world.display) == (0, 0)


@FEATURE
def test_two_drafts_cannot_release_the_same_money(world: World, cast: Cast) -> None:
    blanket = opened(cast.manager, world, cast.executive, 20, kind=OrderKind.BLANKET)
    line = part(world.display, 15, blanket_line=blanket.lines.get())
    one, two = (
        draft(cast.manager, world, kind=OrderKind.RELEASE, blanket=blanket, lines=(line,))
        for _ in range(2)
    )
    services.order_submit(order=one, user=cast.manager, at=AT)
    with pytest.raises(Invalid) as refused:
        services.order_submit(order=two, user=cast.manager, at=AT)
    assert refused.value.code == "beyond_blanket"
    assert held(world.display) == (0, 20)


@pytest.mark.feature("2.5")
@pytest.mark.parametrize(("thousands", "role"), [(5, "director"), (6, "executive")])
def test_the_amount_of_an_order_decides_who(
    world: World, cast: Cast, thousands: int, role: str
) -> None:
    order = sent(cast.manager, world, thousands)
    assert role in turn(request_of(order))
    if role == "director":
        assert request_of(sent(cast.manager, world, 1)).amount_micros == k(6), "cut into two"


@pytest.mark.feature("2.5")
def test_nobody_approves_the_order_they_asked_for(world: World, cast: Cast) -> None:
    order = sent(cast.director, world, 4)
    with pytest.raises(NotAllowed) as refused:
        decide(request_of(order), cast.director)
    assert refused.value.code == "own_request"


WRONG: dict[str, dict[str, Any]] = {
    "no lines": {"lines": ()},
    "below zero": {"amount": -1},
    "a month of another year": {"month": "2027-12"},
    "expected before ordered": {"expected_on": date(2026, 11, 1)},
    "no title": {"title": " "},
    "no vendor": {"vendor": None},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_ordered_is_refused_in_words(world: World, cast: Cast, case: str) -> None:
    fields: dict[str, Any] = {**WRONG[case]}
    if "amount" in fields:
        fields["lines"] = (part(world.display, fields.pop("amount")),)
    if "month" in fields:
        fields["lines"] = (part(world.display, 1, fields.pop("month")),)
    with pytest.raises(AdroitError) as refused:
        draft(cast.manager, world, **fields)
    assert refused.value.message
    assert not Order.objects.exists()


def test_a_request_by_another_door_is_held_to_the_same_rules(world: World, cast: Cast) -> None:
    order = draft(cast.manager, world, 4)
    good = as_payload(order, content_of(order))
    common: dict[str, Any] = {
        "kind": ORDER, "title": "Order", "reason": "Why", "evidence": {}, "at": AT,
    }  # fmt: skip
    for wrong in ({**good, "order": 10**6}, {**good, "lines": [{}]}, {**good, "currency": "EURO"}):
        with pytest.raises(Invalid):
            request_create(user=cast.manager, payload=wrong, **common)
    with pytest.raises(AdroitError):
        request_create(user=cast.other_manager, payload=good, **common)
    asked = request_create(user=cast.manager, payload=good, **common)
    assert held(world.display) == (4, 0)
    with pytest.raises(Conflict, match="waits for"):
        request_create(user=cast.manager, payload=good, **common)
    order.refresh_from_db()
    assert (order.state, order.request_id) == (OrderState.WAITING, asked.pk)


def test_an_order_that_changed_after_approval_is_not_opened(world: World, cast: Cast) -> None:
    order = sent(cast.manager, world, 4)
    approved = decide(request_of(order), cast.director)
    Order.objects.filter(pk=order.pk).update(version=9)
    assert execute(approved).state == RequestState.STALE
    order.refresh_from_db()
    assert (order.state, held(world.display)) == (OrderState.DRAFT, (0, 0))


@pytest.mark.feature("2.1", "2.4")
def test_committed_money_cannot_be_moved_away(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, 4), cast.director)
    order = sent(cast.manager, world, 99)
    execute(decide(decide(request_of(order), cast.executive), cast.auditor))
    assert held(world.display) == (0, 99)
    done = execute(request)
    assert done.state == RequestState.STALE
    assert "that money cannot be moved away" in done.outcome_note
    with pytest.raises(Conflict) as refused:
        move(world, cast.manager, 2)
    assert refused.value.code == "committed_floor"


def test_orders_are_seen_by_their_team_only(world: World, cast: Cast) -> None:
    order = draft(cast.manager, world, 4)
    assert list(Order.objects.for_user(cast.director)) == [order]
    assert not Order.objects.for_user(cast.other_director).exists()
    with pytest.raises(NotAllowed):
        services.order_submit(order=order, user=cast.uk_manager, at=AT)


def test_a_vendor_in_the_archive_is_not_ordered_from(world: World, cast: Cast) -> None:
    vendor_archive(vendor=make_vendor(cast.manager), user=cast.manager, at=AT)
    with pytest.raises(Invalid, match="archived"):
        draft(cast.manager, world, 4)
    assert AT.date() < EXPECTED
    assert says(cast.manager, world, part(world.display, 1, NOV)).total == Money(k(1), "EUR")
