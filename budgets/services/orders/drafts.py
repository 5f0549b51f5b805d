"""Making orders and changing them: drafts at once, what was sent or is open by request."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from approvals.services import request_create, request_edit
from budgets.choices import ORDER, OrderKind, OrderState
from budgets.models import Order, OrderLine
from budgets.rules.checks import Stage
from budgets.services.orders.content import (
    LineContent,
    OrderContent,
    as_payload,
    borne,
    content_of,
)
from budgets.services.orders.holding import Word, pending_request, settle
from budgets.services.orders.possible import require_possible
from budgets.services.orders.state import (
    changed,
    lock,
    next_number,
    record,
    require_change,
    require_state,
    summary,
    with_relatives,
)
from core import formats
from core.errors import Conflict, Invalid
from core.money import Money

DIRECT = (OrderKind.PLACEHOLDER, OrderKind.RELEASE)


@transaction.atomic
def order_create(*, user: User, content: OrderContent, at: datetime) -> Order:
    """A draft that holds nothing yet; a placeholder reserves its money at once.

    Raises ``Invalid`` or ``NotAllowed`` when it cannot be, ``Conflict`` (``over_budget``)
    where a check stops a placeholder.
    """
    require_possible(content, user=user)
    is_placeholder = content.kind == OrderKind.PLACEHOLDER
    order = Order(
        kind=content.kind,
        number=next_number(),
        blanket=content.blanket,
        replaces=content.replaces,
        state=OrderState.OPEN if is_placeholder else OrderState.DRAFT,
        created_at=at,
    )
    write(order, content)
    if is_placeholder:
        settle([order], Word(user.as_actor(), content.reason, at), Stage.REQUESTS)
    record(order, user.as_actor(), "order.created", at, after=summary(order), reason=content.reason)
    return order


def write(order: Order, content: OrderContent) -> None:
    """Let an order say what a content says (saved); lines that held something stay, dropped."""
    order.title, order.vendor = content.title.strip(), content.vendor
    order.team, order.owner = content.team, content.owner
    order.currency, order.reason = content.currency, content.reason.strip()
    order.ordered_on, order.expected_on = content.ordered_on, content.expected_on
    order.save()
    known = {line.pk: line for line in order.lines.filter(is_dropped=False)}
    position = max((line.position for line in order.lines.all()), default=0)
    for line in content.lines:
        row = known.pop(line.line or 0, None)
        if row is None:
            position += 1
            row = OrderLine(order=order, position=position)
        _write_line(row, line, content)
    for gone in known.values():
        _drop(gone)


def _write_line(row: OrderLine, line: LineContent, content: OrderContent) -> None:
    bears = borne(line, content)
    row.description = line.description.strip()
    row.budget_line, row.campaign_line, row.month = (
        line.budget_line,
        line.campaign_line,
        line.month,
    )
    row.amount_micros, row.borne_micros = line.amount_micros, bears.micros
    row.rate, row.rate_name = bears.rate, bears.rate_name
    row.gl_code, row.cost_centre = line.gl_code.strip(), line.cost_centre.strip()
    row.blanket_line = line.blanket_line
    row.save()


def _drop(row: OrderLine) -> None:
    if row.entries.exists():
        row.is_dropped = True
        row.save()
    else:
        row.delete()


def order_edit(
    *, order: Order, user: User, content: OrderContent, at: datetime, version: int | None = None
) -> Order:
    """Change an order.

    A draft, a placeholder and a release change at once; a waiting order changes its
    request, an open one asks anew. ``version`` is the one that the person saw.
    """
    content = replace(
        content, kind=OrderKind(order.kind), blanket=order.blanket, replaces=order.replaces
    )
    asked = pending_request(order)
    if asked:
        request_edit(
            request=asked, user=user, payload=as_payload(order, content),
            title=title_of(order, content), reason=content.reason, at=at,
        )  # fmt: skip
        order.refresh_from_db()
        return order
    if order.state == OrderState.OPEN and order.kind not in DIRECT:
        return _ask_change(order, user, content, at, version)
    return _edit_now(order, user, content, at, version)


@transaction.atomic
def _edit_now(
    order: Order, user: User, content: OrderContent, at: datetime, version: int | None
) -> Order:
    locked = lock(order)
    require_change(user, locked)
    require_state(locked, OrderState.DRAFT, OrderState.OPEN)
    require_version(locked, version)
    require_possible(content, user=user, order=locked)
    before = summary(locked)
    write(locked, content)
    changed(locked)
    if locked.state == OrderState.OPEN:
        stage = Stage.REQUESTS if locked.kind == OrderKind.PLACEHOLDER else Stage.ORDERS
        settle(with_relatives(locked), Word(user.as_actor(), content.reason, at), stage)
    record(locked, user.as_actor(), "order.edited", at, before=before, after=summary(locked),
           reason=content.reason)  # fmt: skip
    return locked


@transaction.atomic
def _ask_change(
    order: Order, user: User, content: OrderContent, at: datetime, version: int | None
) -> Order:
    locked = lock(order)
    require_change(user, locked)
    require_version(locked, version)
    request_create(
        user=user,
        kind=ORDER,
        payload=as_payload(locked, content),
        title=title_of(locked, content),
        reason=content.reason,
        evidence={},
        at=at,
    )
    locked.refresh_from_db()
    return locked


@transaction.atomic
def order_submit(*, order: Order, user: User, at: datetime) -> Order:
    """Send a draft for approval: its money is reserved until somebody decides.

    A release opens at once, within what its approved blanket has left.
    """
    locked = lock(order)
    require_change(user, locked)
    require_state(locked, OrderState.DRAFT)
    content = content_of(locked)
    if locked.kind == OrderKind.RELEASE:
        return _release(locked, user, content, at)
    request_create(
        user=user,
        kind=ORDER,
        payload=as_payload(locked, content),
        title=title_of(locked, content),
        reason=content.reason,
        evidence={},
        at=at,
    )
    locked.refresh_from_db()
    return locked


@transaction.atomic
def order_place(*, user: User, content: OrderContent, at: datetime) -> Order:
    """Make an order and send it, both or neither."""
    made = order_create(user=user, content=content, at=at)
    if made.kind == OrderKind.PLACEHOLDER:
        return made
    return order_submit(order=made, user=user, at=at)


def _release(order: Order, user: User, content: OrderContent, at: datetime) -> Order:
    require_possible(content, user=user, order=order)
    write(order, content)
    order.state = OrderState.OPEN
    changed(order)
    settle(with_relatives(order), Word(user.as_actor(), content.reason, at), Stage.ORDERS)
    record(order, user.as_actor(), "order.released", at, after=summary(order))
    return order


def require_version(order: Order, version: int | None) -> None:
    """Raise ``Conflict`` when the order changed since the person opened it."""
    if version is not None and version != order.version:
        raise Conflict(
            f"{order.reference} was changed since you opened it.",
            code="changed",
            remedy="Open it again; what you entered is still here.",
        )


def title_of(order: Order, content: OrderContent) -> str:
    """ "Order from Kestrel Media: Winter films, €48,000"."""
    amount = formats.money_whole(Money(content.total.micros, content.currency))
    if order.state == OrderState.OPEN:
        return f"Change {order.reference} to {amount}: {content.title}"[:200]
    if content.vendor is None:
        raise Invalid("Choose whom to order from.", where="vendor")
    verb = "Blanket order from" if content.kind == OrderKind.BLANKET else "Order from"
    return f"{verb} {content.vendor}: {content.title}, {amount}"[:200]
