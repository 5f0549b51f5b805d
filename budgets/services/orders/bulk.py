"""Changing many orders at once: all of them or none, with the reason for each that refuses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from budgets.choices import OrderState
from budgets.models import Order
from budgets.services.orders.ends import close_locked, require_nothing_pending
from budgets.services.orders.state import (
    changed,
    lock_all,
    may_change,
    record,
    require_change,
    require_state,
    summary,
)
from core.errors import AdroitError, Conflict, Invalid

MOST = 500


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What changes of every chosen order; None leaves a field as it is."""

    expected_on: date | None = None
    owner: User | None = None
    cost_centre: str | None = None
    gl_code: str | None = None
    close: bool = False

    @property
    def is_empty(self) -> bool:
        values = (self.expected_on, self.owner, self.cost_centre, self.gl_code)
        return not self.close and all(value is None for value in values)


@transaction.atomic
def orders_change(
    *, user: User, orders: Collection[Order], change: BulkChange, reason: str, at: datetime
) -> int:
    """Change orders in one transaction; returns how many.

    When one of them refuses nothing changes: ``Conflict`` (``bulk_refused``) with every
    refusal in ``details``, by reference.
    """
    _require_sense(orders, change, reason)
    locked = lock_all({pk for order in orders for pk in (order.pk, order.blanket_id)})
    chosen = sorted((locked[order.pk] for order in orders), key=lambda order: order.number)
    refusals = []
    for order in _releases_first(chosen):
        try:
            with transaction.atomic():
                _change(order, user, change, reason, at)
        except AdroitError as error:
            refusals.append((order, f"{error.message} {error.remedy}".strip()))
    if refusals:
        raise _refused(refusals, len(chosen))
    return len(chosen)


def _releases_first(orders: Collection[Order]) -> list[Order]:
    """A blanket closes after its releases, when both are chosen."""
    return sorted(orders, key=lambda order: order.blanket_id is None)


def _require_sense(orders: Collection[Order], change: BulkChange, reason: str) -> None:
    if not orders:
        raise Invalid("No order is chosen.", where="ids", remedy="Tick the orders to change.")
    if len(orders) > MOST:
        raise Invalid(f"At most {MOST} orders change at once.", where="ids")
    if change.is_empty:
        raise Invalid(
            "Nothing would change.", where="expected_on", remedy="Fill in what should change."
        )
    if not reason.strip():
        raise Invalid("Say why; it stands in the history of every order.", where="reason")


def _refused(refusals: list[tuple[Order, str]], count: int) -> Conflict:
    details = [
        {"where": order.reference, "order": order.pk, "message": text} for order, text in refusals
    ]
    details.sort(key=lambda row: str(row["where"]))
    one = len(refusals) == 1
    return Conflict(
        f"{len(refusals)} of {count} {'order refuses' if one else 'orders refuse'}, so none was changed.",
        code="bulk_refused",
        where="ids",
        remedy="Take them out of the selection, or settle what they wait for.",
        details=details,
    )


def _change(order: Order, user: User, change: BulkChange, reason: str, at: datetime) -> None:
    require_change(user, order)
    require_state(order, OrderState.DRAFT, OrderState.OPEN)
    require_nothing_pending(order)
    before = summary(order)
    if change.expected_on is not None:
        _expect(order, change.expected_on)
    if change.owner is not None:
        _hand_over(order, change.owner)
    codes = {"cost_centre": change.cost_centre, "gl_code": change.gl_code}
    given = {name: text.strip() for name, text in codes.items() if text is not None}
    if given:
        order.lines.filter(is_dropped=False).update(**given)
    changed(order)
    after = summary(order)
    if after != before:
        record(
            order, user.as_actor(), "order.edited", at, before=before, after=after, reason=reason
        )
    if change.close:
        close_locked(order, user, reason, at)


def _expect(order: Order, day: date) -> None:
    if day < order.ordered_on:
        raise Invalid(
            f"{order.reference} cannot be expected before it was ordered.", where="expected_on"
        )
    order.expected_on = day


def _hand_over(order: Order, owner: User) -> None:
    order.owner = owner
    if not owner.is_active or not may_change(owner, order):
        raise Invalid(f"{owner} does not plan budgets for {order.team}.", where="owner")
