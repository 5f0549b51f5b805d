"""Whether an order can say what somebody wants it to say."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from budgets.choices import OrderKind, OrderState
from budgets.models import BudgetLine, Order, OrderLine
from budgets.rules.moves import MOST
from budgets.selectors.closes import require_open
from budgets.selectors.orders import used_by_line
from budgets.services.moves import month_of
from budgets.services.orders.content import (
    LineContent,
    OrderContent,
    blanket_left,
    borne,
    borne_by_place,
)
from budgets.services.orders.holding import place_of, taken_of
from core import formats
from core.errors import Invalid, NotAllowed
from core.money import Money

MOST_LINES = 200


def require_possible(content: OrderContent, *, user: User, order: Order | None = None) -> None:
    """Raise ``Invalid`` (or ``NotAllowed``) with the line and what to do unless it can be."""
    _words(content)
    _require_vendor(content, order)
    _require_in_sight(content, user)
    for number, line in enumerate(content.lines, 1):
        _require_line(line, number)
    _require_total(content)
    _require_own_lines(content, order)
    if content.kind == OrderKind.PLACEHOLDER:
        _require_planner(content, user)
    if content.kind == OrderKind.RELEASE:
        _require_within(content)
    _require_replaceable(content, order)
    borne_by_place(content)
    if order:
        _require_not_below_used(content, order)
    changed = [line for line in content.lines if _is_new(line, order)]
    require_open((line.budget_line.fiscal_year, line.month) for line in changed)


def _words(content: OrderContent) -> None:
    if not content.title.strip():
        raise Invalid("Give the order a title.", where="title")
    if not content.reason.strip():
        raise Invalid("Say what it is for, so that somebody can decide.", where="reason")
    if content.expected_on < content.ordered_on:
        raise Invalid(
            "It cannot be expected before it is ordered.",
            where="expected_on",
            remedy="Choose a later day.",
        )
    if not content.lines:
        raise Invalid("An order needs at least one line.", where="lines")
    if len(content.lines) > MOST_LINES:
        raise Invalid(f"An order has at most {MOST_LINES} lines.", where="lines")
    if len(content.currency) != 3 or not content.currency.isupper():
        raise Invalid(f"“{content.currency}” is not a currency.", where="currency")


def _require_vendor(content: OrderContent, order: Order | None) -> None:
    vendor = content.vendor
    if vendor is None:
        if content.kind == OrderKind.PLACEHOLDER:
            return
        raise Invalid("Choose whom to order from.", where="vendor", remedy="Or make a placeholder.")
    if vendor.is_archived and not (order and order.vendor_id == vendor.pk):
        raise Invalid(
            f"{vendor} is archived.", where="vendor", remedy="Choose another, or restore it first."
        )


def _require_in_sight(content: OrderContent, user: User) -> None:
    ids = {line.budget_line.pk for line in content.lines}
    if BudgetLine.objects.for_user(user).filter(pk__in=ids).count() < len(ids):
        raise Invalid("A budget line does not exist, or you may not see it.", where="lines")
    if not may(user, Act.DRAFT_REQUEST, team=content.team, owner_id=content.owner.pk):
        raise NotAllowed(
            f"You do not plan budgets for {content.team} on behalf of {content.owner}.",
            remedy="Choose a team and an owner for whom you plan.",
        )


def _require_line(line: LineContent, number: int) -> None:
    where = f"lines.{number}"
    if not line.description.strip():
        raise Invalid(f"Line {number} needs a description.", where=where)
    if not 0 < line.amount_micros <= MOST:
        raise Invalid(f"The amount of line {number} is not one that can be ordered.", where=where)
    month_of(line.budget_line, line.month)
    part = line.campaign_line
    if part and not line.budget_line.draws.filter(campaign_line=part).exists():
        raise Invalid(
            f"{part} is not paid from {line.budget_line}.",
            where=where,
            remedy="Choose the budget line that pays for it.",
        )


def _require_total(content: OrderContent) -> None:
    if content.total.micros > MOST:
        raise Invalid("The order is larger than any plan.", where="lines")


def _require_own_lines(content: OrderContent, order: Order | None) -> None:
    named = [line.line for line in content.lines if line.line is not None]
    own = set(order.lines.filter(is_dropped=False).values_list("pk", flat=True)) if order else set()
    if len(named) != len(set(named)) or not set(named) <= own:
        raise Invalid("A line of the order was changed by somebody else.", where="lines",
                      remedy="Open the order again.")  # fmt: skip


def _require_planner(content: OrderContent, user: User) -> None:
    """Who reserves money without asking must plan the lines it comes from."""
    for line in content.lines:
        owned = line.budget_line
        if not may(user, Act.DRAFT_REQUEST, team=owned.team, owner_id=owned.owner_id):
            raise NotAllowed(
                f"{owned} is not yours to plan, so you cannot reserve its money.",
                remedy=f"Ask {owned.owner}, or send an order for approval.",
            )


def _require_within(content: OrderContent) -> None:
    """A release takes from the lines of its blanket, and no more than they have left."""
    blanket = content.blanket
    if blanket is None or blanket.state != OrderState.OPEN:
        raise Invalid("A release needs an open blanket order.", where="blanket")
    if (blanket.currency, blanket.vendor_id) != (
        content.currency,
        content.vendor.pk if content.vendor else None,
    ):
        raise Invalid(
            f"A release keeps the vendor and the currency of {blanket.reference}.", where="vendor"
        )
    named = [line.blanket_line.pk for line in content.lines if line.blanket_line]
    if len(named) < len(content.lines) or len(set(named)) < len(named):
        raise Invalid(
            f"Each line of a release takes from one line of {blanket.reference}.", where="lines"
        )
    for number, line in enumerate(content.lines, 1):
        if line.blanket_line:
            _require_part(line, line.blanket_line, blanket, number)


def _require_part(line: LineContent, source: OrderLine, blanket: Order, number: int) -> None:
    if source.order_id != blanket.pk or source.is_dropped or place_of(source) != line.where:
        raise Invalid(
            f"Line {number} does not take from a line of {blanket.reference}.",
            where=f"lines.{number}",
            remedy="Keep its budget line, campaign line and month.",
        )
    left, _ = blanket_left(source, but=line.line)
    if line.amount_micros > left:
        has = formats.money_exact(Money(max(0, left), blanket.currency))
        raise Invalid(
            f"{blanket.reference} has {has} left for “{source.description}”.",
            code="beyond_blanket",
            where=f"lines.{number}",
            remedy="Release less, or ask for a larger blanket order.",
        )


def _require_replaceable(content: OrderContent, order: Order | None) -> None:
    placeholder = content.replaces
    if placeholder is None or (order and order.state == OrderState.OPEN):
        return
    if content.kind not in (OrderKind.ORDER, OrderKind.BLANKET):
        raise Invalid("Only an order takes the place of a placeholder.", where="replaces")
    heirs = placeholder.replaced_by.filter(state__in=[OrderState.WAITING, OrderState.OPEN])
    taken = heirs.exclude(pk=order.pk if order else 0).first()
    if placeholder.kind != OrderKind.PLACEHOLDER or placeholder.state != OrderState.OPEN or taken:
        by = f" by {taken.reference}" if taken else ""
        raise Invalid(f"{placeholder.reference} is already used or closed{by}.", where="replaces")


def _require_not_below_used(content: OrderContent, order: Order) -> None:
    """What is billed, or taken by releases, stays ordered where it is."""
    lines = list(order.lines.filter(is_dropped=False).select_related("budget_line"))
    bound = _bound(lines)
    kept: Mapping[int | None, LineContent] = {line.line: line for line in content.lines}
    for line in lines:
        micros = bound.get(line.pk, 0)
        if not micros:
            continue
        new = kept.get(line.pk)
        if new is None or new.where != place_of(line) or borne(new, content).micros < micros:
            amount = formats.money_exact(Money(micros, line.budget_line.currency))
            raise Invalid(
                f"{amount} of “{line.description}” is billed or released already.",
                code="below_billed",
                where="lines",
                remedy="Keep the line where it is, and at least that amount.",
            )


def _bound(lines: list[OrderLine]) -> dict[int, int]:
    used, taken = used_by_line(lines), taken_of(lines)
    return {line.pk: used.get(line.pk, 0) + taken.get(line.pk, 0) for line in lines}


def _is_new(line: LineContent, order: Order | None) -> bool:
    """Whether a line would hold something elsewhere or more than before."""
    before = order.lines.filter(pk=line.line).first() if order and line.line else None
    return (
        before is None
        or place_of(before) != line.where
        or before.amount_micros != line.amount_micros
    )
