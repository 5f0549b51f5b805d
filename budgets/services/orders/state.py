"""Holding an order, who may change it, its number, and its trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may, require
from budgets.choices import OrderState
from budgets.models import Order
from core import events
from core.errors import Conflict
from core.events import Actor

FIRST_NUMBER = 1001
NUMBER_LOCK = 7_402_414


def next_number() -> int:
    """The number of the next order; two people never get the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])
        cursor.execute("SELECT max(number) FROM budgets_order")
        (highest,) = cursor.fetchone()
    return max((highest or 0) + 1, FIRST_NUMBER)


def lock(order: Order) -> Order:
    """The order as it is now, held for this transaction with its blanket and placeholder."""
    ids = {order.pk, order.blanket_id, order.replaces_id} - {None}
    return lock_all(ids)[order.pk]


def lock_all(ids: Iterable[int | None]) -> dict[int, Order]:
    """Orders held in one order, so that no two wait for each other in a ring."""
    rows = Order.objects.select_for_update(of=("self",)).filter(pk__in=list(ids)).order_by("pk")
    related = rows.select_related("vendor", "team", "owner", "blanket", "replaces")
    return {order.pk: order for order in related}


def with_relatives(order: Order) -> list[Order]:
    """The order, the blanket it draws on and the placeholder it replaces, as they are now."""
    ids = {order.blanket_id, order.replaces_id} - {None}
    return [order, *Order.objects.filter(pk__in=ids)]


def may_change(user: User, order: Order) -> bool:
    """Planners of its team: directors any order, managers their own."""
    return may(user, Act.DRAFT_REQUEST, team=order.team, owner_id=order.owner_id)


def require_change(user: User, order: Order) -> None:
    """Raise ``NotAllowed`` unless ``may_change``."""
    require(user, Act.DRAFT_REQUEST, team=order.team, owner_id=order.owner_id)


def require_state(order: Order, *states: OrderState) -> None:
    """Raise ``Conflict`` unless the order is in one of ``states``."""
    if order.state not in states:
        now = order.get_state_display().lower()
        raise Conflict(
            f"{order.reference} is {now}, so this cannot be done.",
            code="wrong_state",
            where=order.reference,
            remedy="Open it again to see how it stands.",
        )


def changed(order: Order) -> None:
    """Save an order as its next version: what was approved of an earlier one is void."""
    order.version += 1
    order.save()


def record(
    order: Order,
    actor: Actor,
    action: str,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write what happened to an order into the trail."""
    events.record(
        actor=actor,
        action=action,
        subject=order,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=order.team.path,
        live=["budgets"],
    )


def summary(order: Order) -> dict[str, Any]:
    """The fields of an order that the trail keeps."""
    lines = order.lines.filter(is_dropped=False).select_related("budget_line")
    return {
        "title": order.title,
        "vendor": order.vendor.name if order.vendor else "",
        "owner": order.owner.name,
        "currency": order.currency,
        "expected on": order.expected_on,
        "state": order.state,
        "lines": [
            f"{line.budget_line} {line.month} {line.amount}"
            + (f" {line.gl_code}" if line.gl_code else "")
            + (f" {line.cost_centre}" if line.cost_centre else "")
            for line in lines
        ],
    }
