"""How orders end: closed (what is left is let go), cancelled, and opened again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from budgets.choices import OrderKind, OrderState
from budgets.models import Order
from budgets.rules.checks import Stage
from budgets.selectors.closes import require_open
from budgets.selectors.orders import used_by_line
from budgets.services.orders.content import blanket_left
from budgets.services.orders.holding import Word, pending_request, settle
from budgets.services.orders.state import (
    changed,
    lock,
    record,
    require_change,
    require_state,
    with_relatives,
)
from core.errors import Conflict, Invalid


@transaction.atomic
def order_close(*, order: Order, user: User, reason: str, at: datetime) -> Order:
    """Close an open order: what is left of it is let go, a release's rest goes back to its blanket."""
    locked = lock(order)
    require_change(user, locked)
    close_locked(locked, user, reason, at)
    return locked


def close_locked(order: Order, user: User, reason: str, at: datetime) -> None:
    """The same for an order that is held already."""
    _require_reason(reason)
    require_state(order, OrderState.OPEN)
    require_nothing_pending(order)
    if order.releases.filter(state=OrderState.OPEN).exists():
        raise Conflict(
            f"{order.reference} still has open releases.",
            code="open_releases",
            where=order.reference,
            remedy="Close them first.",
        )
    _end(order, OrderState.CLOSED, Word(user.as_actor(), reason.strip(), at), "order.closed")


@transaction.atomic
def order_cancel(*, order: Order, user: User, reason: str, at: datetime) -> Order:
    """Cancel an order of which nothing was billed or released."""
    locked = lock(order)
    require_change(user, locked)
    _require_reason(reason)
    require_state(locked, OrderState.DRAFT, OrderState.OPEN)
    require_nothing_pending(locked)
    lines = list(locked.lines.all())
    if any(used_by_line(lines).values()) or _has_releases(locked):
        raise Conflict(
            f"Something of {locked.reference} is billed or released already.",
            code="already_used",
            remedy="Close it instead: what is left is let go.",
        )
    _end(locked, OrderState.CANCELLED, Word(user.as_actor(), reason.strip(), at), "order.cancelled")
    return locked


def _has_releases(order: Order) -> bool:
    return order.releases.exclude(state__in=[OrderState.DRAFT, OrderState.CANCELLED]).exists()


@transaction.atomic
def order_reopen(*, order: Order, user: User, reason: str, at: datetime) -> Order:
    """Open a closed order again, if its months are open and its lines can still bear it."""
    locked = lock(order)
    require_change(user, locked)
    _require_reason(reason)
    require_state(locked, OrderState.CLOSED)
    _require_free(locked)
    lines = locked.lines.filter(is_dropped=False).select_related("budget_line__fiscal_year")
    require_open((line.budget_line.fiscal_year, line.month) for line in lines)
    locked.state, locked.closed_at = OrderState.OPEN, None
    changed(locked)
    stage = Stage.REQUESTS if locked.kind == OrderKind.PLACEHOLDER else Stage.ORDERS
    settle(with_relatives(locked), Word(user.as_actor(), reason.strip(), at), stage)
    record(locked, user.as_actor(), "order.reopened", at, reason=reason)
    return locked


def _require_free(order: Order) -> None:
    """A placeholder that became an order stays closed; a release needs its blanket open."""
    heir = order.replaced_by.filter(state__in=[OrderState.WAITING, OrderState.OPEN]).first()
    if heir:
        raise Conflict(f"{heir.reference} has taken its place.", code="replaced")
    if order.blanket and order.blanket.state != OrderState.OPEN:
        raise Conflict(
            f"Its blanket order {order.blanket.reference} is not open.",
            code="blanket_closed",
            remedy="Open the blanket order first.",
        )
    if order.blanket:
        _require_room(order)


def _require_room(order: Order) -> None:
    for line in order.lines.filter(is_dropped=False).select_related("blanket_line"):
        source = line.blanket_line
        if source and blanket_left(source, but=line.pk)[0] < line.amount_micros:
            raise Conflict(
                f"The blanket order has less left than {order.reference} takes.",
                code="beyond_blanket",
                remedy="Release anew, with less.",
            )


def require_nothing_pending(order: Order) -> None:
    """Raise ``Conflict`` while a request about the order is on its way."""
    asked = pending_request(order)
    if asked:
        raise Conflict(
            f"{order.reference} waits for {asked.reference}.",
            code="pending",
            where=order.reference,
            remedy=f"Withdraw {asked.reference} first, or wait for its decision.",
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Say why.", where="reason")


def _end(order: Order, state: OrderState, word: Word, action: str) -> None:
    before = {"state": order.state}
    order.state, order.closed_at = state, word.at
    changed(order)
    settle(with_relatives(order), word, None)
    record(order, word.actor, action, word.at, before=before, after={"state": order.state},
           reason=word.reason)  # fmt: skip


def end_placeholder(placeholder: Order, heir: Order, word: Word) -> None:
    """An order took a placeholder's place: it is closed, what the order does not need is let go."""
    placeholder.state, placeholder.closed_at = OrderState.CLOSED, word.at
    changed(placeholder)
    record(placeholder, word.actor, "order.replaced", word.at, after={"by": heir.reference})
