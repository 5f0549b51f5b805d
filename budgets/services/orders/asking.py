"""Orders on their way through approval: what waits is reserved, what is approved is committed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Sum

from accounts.models import Team, User
from approvals.choices import OPEN_STATES
from approvals.models import ChangeRequest
from budgets.choices import ORDER, OrderKind, OrderState
from budgets.models import Order, OrderLine
from budgets.rules.checks import Stage
from budgets.rules.moves import shared_path
from budgets.rules.orders import differences
from budgets.selectors.rates import in_reporting, local_day, newest_rates
from budgets.services.checks import Ask, Warning_, foresee, month_books, month_label
from budgets.services.orders.content import (
    LineContent,
    OrderContent,
    borne,
    borne_by_place,
    content_of,
    read_payload,
)
from budgets.services.orders.drafts import DIRECT, write
from budgets.services.orders.ends import end_placeholder
from budgets.services.orders.holding import Word, pending_request, settle
from budgets.services.orders.possible import require_possible
from budgets.services.orders.state import (
    changed,
    lock,
    record,
    require_change,
    require_state,
    summary,
    with_relatives,
)
from core.errors import Conflict, Invalid
from core.events import SYSTEM
from core.money import Money

SENT = ("request.submitted", "request.edited")
ENDED = ("request.rejected", "request.withdrawn", "request.expired", "request.stale")
UNAPPROVED = (OrderState.DRAFT, OrderState.WAITING)


def require_askable(payload: Mapping[str, Any], *, user: User) -> None:
    """Raise ``Invalid`` or ``NotAllowed`` unless the person may ask for this order or change."""
    order, content = read_payload(payload)
    require_change(user, order)
    require_state(order, OrderState.DRAFT, OrderState.WAITING, OrderState.OPEN)
    if order.kind in DIRECT:
        raise Invalid(f"{order.reference} needs no approval.", where="order")
    require_possible(content, user=user, order=order)


def binding_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision covers: every word of the order, its version, and the rates in use."""
    order, content = read_payload(payload)
    currencies = {content.currency, *(line.budget_line.currency for line in content.lines)}
    return {
        "payload": dict(payload),
        "version": order.version,
        "vendor": content.vendor.name if content.vendor else "",
        "rates": newest_rates(currencies, content.ordered_on),
    }


def amount_asked(payload: Mapping[str, Any], *, at: datetime) -> Money:
    """What policy looks at: the whole order; of an open one, what changes of it.

    Another vendor or currency is another order, so all of it counts.
    """
    order, content = read_payload(payload)
    if order.state in UNAPPROVED or _is_another(order, content):
        return in_reporting([content.total], local_day(at))
    before = content_of(order)
    sums = differences(_amounts(before), _amounts(content))
    return in_reporting([Money(sums, content.currency)], local_day(at))


def _is_another(order: Order, content: OrderContent) -> bool:
    vendor = content.vendor.pk if content.vendor else None
    return (order.vendor_id, order.currency) != (vendor, content.currency)


def _amounts(content: OrderContent) -> list[tuple[tuple[int, int, str], int]]:
    return [(line.where, line.amount_micros) for line in content.lines]


def team_of(payload: Mapping[str, Any]) -> Team:
    """The nearest team above the order and all its lines: its people decide."""
    _, content = read_payload(payload)
    paths = [content.team.path, *(line.budget_line.team.path for line in content.lines)]
    team = Team.objects.filter(path=shared_path(paths)).first()
    if team is None:
        raise Invalid("These lines belong to teams that nobody leads together.", where="lines")
    return team


def lines_touched(payload: Mapping[str, Any]) -> set[int]:
    """The budget lines of an order request; nothing for one that cannot be read."""
    rows = payload.get("lines", [])
    return {row["budget_line"] for row in rows if isinstance(row, dict) and "budget_line" in row}


def follow(request: ChangeRequest, action: str, at: datetime) -> None:
    """Listener of approvals: a request about an order reserves when sent, and lets go when it ends."""
    if request.kind != ORDER:
        return
    if action in SENT and request.state in OPEN_STATES:
        _reserve(request, at)
    elif action in ENDED:
        _give_back(request, at)


def _reserve(request: ChangeRequest, at: datetime) -> None:
    found, content = read_payload(request.payload)
    order = lock(found)
    other = pending_request(order)
    if other and other.pk != request.pk:
        raise Conflict(
            f"{order.reference} waits for {other.reference} already.",
            code="already_asked",
            remedy=f"Change or withdraw {other.reference}.",
        )
    if order.state in UNAPPROVED:
        write(order, content)
        order.state = OrderState.WAITING
    order.request_id = request.pk
    order.save()
    word = Word(request.requested_by.as_actor(), f"{request.reference}: {request.title}", at)
    settle(with_relatives(order), word, Stage.ORDERS)
    after = {"state": order.state, "request": request.reference}
    record(order, word.actor, "order.sent", at, after=after, reason=request.reason)


def _give_back(request: ChangeRequest, at: datetime) -> None:
    order = lock(Order.objects.get(pk=request.payload["order"]))
    if order.request_id != request.pk:
        return
    if order.state == OrderState.WAITING:
        order.state = OrderState.DRAFT
        order.save()
    reason = f"{request.reference} {request.get_state_display().lower()}"
    settle(with_relatives(order), Word(SYSTEM, reason, at), None)
    after = {"state": order.state, "request": request.reference}
    record(order, SYSTEM, "order.not_approved", at, after=after, reason=reason)


def carry_out(request: ChangeRequest, at: datetime) -> dict[str, Any]:
    """Commit an approved order, or its approved change: reserved goes back in the same moment."""
    found, content = read_payload(request.payload)
    order = lock(found)
    require_state(order, OrderState.WAITING, OrderState.OPEN)
    before = summary(order)
    write(order, content)
    order.state, order.request_id = OrderState.OPEN, None
    changed(order)
    order.request_id = request.pk
    word = Word(request.requested_by.as_actor(), f"{request.reference}: {request.title}", at)
    relatives = with_relatives(order)
    for other in relatives:
        if other.pk == order.replaces_id and other.state == OrderState.OPEN:
            end_placeholder(other, order, word)
    settle(relatives, word, Stage.ORDERS)
    order.save()
    record(order, word.actor, "order.opened", at, before=before, after=summary(order),
           reason=request.reason)  # fmt: skip
    return {"order": order.pk, "reference": order.reference}


# What an order would do to its lines, before anything is written


def asks_of(order: Order | None, content: OrderContent) -> list[Ask]:
    """What a content asks of its lines beyond what the order and its placeholder hold already."""
    is_placeholder = content.kind == OrderKind.PLACEHOLDER
    wanted = [
        _ask(line, micros, is_placeholder=is_placeholder)
        for line, (_, micros) in zip(content.lines, borne_by_place(content), strict=True)
    ]
    return [*wanted, *_held_already(order, content)]


def _ask(line: LineContent, micros: int, *, is_placeholder: bool) -> Ask:
    held = {"reserved": micros} if is_placeholder else {"committed": micros}
    return Ask(line.budget_line, line.month, line.campaign_line, **held)


def _held_already(order: Order | None, content: OrderContent) -> list[Ask]:
    holders = [one for one in (order, content.replaces, content.blanket) if one and one.pk]
    limit = {
        line.blanket_line.pk: borne(line, content).micros
        for line in content.lines
        if line.blanket_line
    }
    asks = []
    for entry in _sums(holders):
        line, reserved, committed = entry
        if content.blanket and line.order_id == content.blanket.pk:
            committed = min(committed, limit.get(line.pk, 0))
        asks.append(
            Ask(line.budget_line, line.month, line.campaign_line,
                reserved=-reserved, committed=-committed)
        )  # fmt: skip
    return asks


def _sums(orders: list[Order]) -> list[tuple[OrderLine, int, int]]:
    lines = OrderLine.objects.filter(order__in=orders, is_dropped=False).select_related(
        "budget_line__team", "budget_line__fiscal_year", "campaign_line"
    )
    rows = lines.annotate(
        reserved=Sum("entries__reserved_micros"), committed=Sum("entries__committed_micros")
    )
    return [(row, row.reserved or 0, row.committed or 0) for row in rows]


def foreseen(order: Order | None, content: OrderContent) -> list[Warning_]:
    """What the spending checks would say of an order, before it is sent."""
    stage = Stage.REQUESTS if content.kind == OrderKind.PLACEHOLDER else Stage.ORDERS
    return foresee(asks_of(order, content), stage)


def effects_on(payload: Mapping[str, Any]) -> list[tuple[LineContent, Money, Money]]:
    """Each line with what its month has available without this order, and what it takes of it."""
    order, content = read_payload(payload)
    books = month_books({line.budget_line.pk: line.budget_line for line in content.lines}.values())
    released = _held_already(order, content)
    found = []
    for line, (_, micros) in zip(content.lines, borne_by_place(content), strict=True):
        book, place = books[line.budget_line.pk][line.month], (line.budget_line, line.month)
        own = [ask.claim for ask in released if (ask.budget_line, ask.month) == place]
        currency = line.budget_line.currency
        left = Money(book.after(own).available, currency)
        found.append((line, left, Money(micros, currency)))
    return found


def month_of_line(line: LineContent) -> str:
    """ "Dec 2026"."""
    return month_label(line.budget_line, line.month)
