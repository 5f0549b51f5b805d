"""What an order says, as a form, the API or a request gives it, and whether it can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Team, User
from budgets.choices import OrderKind, OrderState
from budgets.models import BudgetLine, Order, OrderLine, Vendor
from budgets.rules.orders import Where, taken_by_release
from budgets.selectors.orders import used_by_line
from budgets.selectors.rates import budget_rate
from campaigns.models import CampaignLine
from core.errors import Invalid
from core.money import Money, convert

RATE_PLACES = Decimal(1).scaleb(-10)


@dataclass(frozen=True, slots=True)
class LineContent:
    """One month of one budget line in an order: micros of the order's currency.

    ``line`` is the number of the line that it changes, None for a new one.
    """

    description: str
    budget_line: BudgetLine
    month: str
    amount_micros: int
    campaign_line: CampaignLine | None = None
    gl_code: str = ""
    cost_centre: str = ""
    line: int | None = None
    blanket_line: OrderLine | None = None

    @property
    def where(self) -> Where:
        part = self.campaign_line.pk if self.campaign_line else 0
        return (self.budget_line.pk, part, self.month)


@dataclass(frozen=True, slots=True)
class OrderContent:
    """Everything an order says; amounts in its own currency."""

    kind: OrderKind
    title: str
    team: Team
    owner: User
    currency: str
    ordered_on: date
    expected_on: date
    reason: str
    lines: Sequence[LineContent]
    vendor: Vendor | None = None
    blanket: Order | None = None
    replaces: Order | None = None

    @property
    def total(self) -> Money:
        return Money(sum(line.amount_micros for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class Borne:
    """What a budget line bears of an amount: micros of its currency, at a named rate."""

    micros: int
    rate: Decimal
    rate_name: str


def borne(line: LineContent, content: OrderContent) -> Borne:
    """An amount as its budget line bears it, at the budget rate of the order's day.

    Raises ``Invalid`` (``no_rate``) with what to do when there is none. A release takes its
    blanket's rate, and the last one the whole rest.
    """
    amount = Money(line.amount_micros, content.currency)
    if line.blanket_line:
        return _of_blanket(line, line.blanket_line, amount)
    to = line.budget_line.currency
    if to == content.currency:
        return Borne(amount.micros, Decimal(1), "")
    found = budget_rate(content.currency, to, content.ordered_on)
    rate = found.rate.quantize(RATE_PLACES)
    return Borne(_positive(convert(amount, rate, to).micros, amount), rate, found.name)


def borne_by_place(content: OrderContent) -> list[tuple[Where, int]]:
    """Where each line of a content takes its money, and how much the budget line bears."""
    return [(line.where, borne(line, content).micros) for line in content.lines]


def _of_blanket(line: LineContent, blanket: OrderLine, amount: Money) -> Borne:
    """At the blanket's rate; what takes the last of it takes the whole rest."""
    left_amount, left_borne = blanket_left(blanket, but=line.line)
    if amount.micros == left_amount:
        return Borne(left_borne, blanket.rate, blanket.rate_name)
    micros = convert(amount, blanket.rate, blanket.budget_line.currency).micros
    return Borne(_positive(micros, amount), blanket.rate, blanket.rate_name)


def blanket_left(blanket: OrderLine, *, but: int | None = None) -> tuple[int, int]:
    """What releases left of a line of a blanket order: micros of its currency, and as borne.

    ``but`` is the release's own line, when that is about to change.
    """
    amount, micros = (
        blanket.amount_micros,
        blanket.borne_micros - used_by_line([blanket]).get(blanket.pk, 0),
    )
    releases = blanket.release_lines.filter(is_dropped=False).exclude(pk=but or 0)
    taken = list(releases.select_related("order"))
    used = used_by_line(taken)
    for one in taken:
        gone = taken_by_release(OrderState(one.order.state), one.borne_micros, used.get(one.pk, 0))
        micros -= gone
        amount -= one.amount_micros if gone == one.borne_micros else _share(one, gone)
    return amount, micros


def _share(line: OrderLine, borne_micros: int) -> int:
    """A part of what a line bears, in the order's currency."""
    return -(-line.amount_micros * borne_micros // line.borne_micros)


def _positive(micros: int, amount: Money) -> int:
    if micros <= 0:
        raise Invalid(f"{amount} is nothing in the budget line's currency.", where="amount")
    return micros


def content_of(order: Order) -> OrderContent:
    """An order as it stands."""
    lines = order.lines.filter(is_dropped=False).select_related(
        "budget_line__team", "budget_line__fiscal_year", "campaign_line", "blanket_line"
    )
    return OrderContent(
        kind=OrderKind(order.kind),
        title=order.title,
        vendor=order.vendor,
        team=order.team,
        owner=order.owner,
        currency=order.currency,
        ordered_on=order.ordered_on,
        expected_on=order.expected_on,
        reason=order.reason,
        blanket=order.blanket,
        replaces=order.replaces,
        lines=[_line_content(line) for line in lines],
    )


def _line_content(line: OrderLine) -> LineContent:
    return LineContent(
        description=line.description,
        budget_line=line.budget_line,
        campaign_line=line.campaign_line,
        month=line.month,
        amount_micros=line.amount_micros,
        gl_code=line.gl_code,
        cost_centre=line.cost_centre,
        line=line.pk,
        blanket_line=line.blanket_line,
    )


def as_payload(order: Order, content: OrderContent) -> dict[str, Any]:
    """What a request to place or change an order holds."""
    return {
        "order": order.pk,
        "title": content.title,
        "vendor": content.vendor.pk if content.vendor else None,
        "team": content.team.pk,
        "owner": content.owner.pk,
        "currency": content.currency,
        "ordered_on": content.ordered_on.isoformat(),
        "expected_on": content.expected_on.isoformat(),
        "reason": content.reason,
        "lines": [_line_payload(line) for line in content.lines],
    }


def _line_payload(line: LineContent) -> dict[str, Any]:
    return {
        "line": line.line,
        "description": line.description,
        "budget_line": line.budget_line.pk,
        "campaign_line": line.campaign_line.pk if line.campaign_line else None,
        "month": line.month,
        "amount_micros": line.amount_micros,
        "gl_code": line.gl_code,
        "cost_centre": line.cost_centre,
    }


def order_of(payload: Mapping[str, Any]) -> Order:
    """The order a request is about; raises ``Invalid`` when there is none."""
    number = payload.get("order")
    rows = Order.objects.select_related("vendor", "team", "owner", "blanket", "replaces")
    order = rows.filter(pk=number).first() if type(number) is int else None
    if order is None:
        raise Invalid("The request names no order.", where="order")
    return order


def read_payload(payload: Mapping[str, Any]) -> tuple[Order, OrderContent]:
    """The order of a request and what it would say; raises ``Invalid`` for what cannot be read.

    Kind, blanket and placeholder are the order's own: no request changes them.
    """
    order = order_of(payload)
    try:
        content = OrderContent(
            kind=OrderKind(order.kind),
            title=str(payload["title"]),
            vendor=Vendor.objects.get(pk=payload["vendor"]) if payload["vendor"] else None,
            team=Team.objects.get(pk=payload["team"]),
            owner=User.objects.get(pk=payload["owner"]),
            currency=str(payload["currency"]),
            ordered_on=date.fromisoformat(payload["ordered_on"]),
            expected_on=date.fromisoformat(payload["expected_on"]),
            reason=str(payload["reason"]),
            blanket=order.blanket,
            replaces=order.replaces,
            lines=_read_lines(payload["lines"]),
        )
    except (KeyError, TypeError, ValueError, Vendor.DoesNotExist, Team.DoesNotExist,
            User.DoesNotExist) as error:  # fmt: skip
        raise Invalid(
            f"What {order.reference} should say cannot be read.", where="order"
        ) from error
    return order, content


def _read_lines(rows: Sequence[Mapping[str, Any]]) -> list[LineContent]:
    lines = BudgetLine.objects.select_related("team", "fiscal_year", "channel").in_bulk(
        [row["budget_line"] for row in rows]
    )
    parts = CampaignLine.objects.in_bulk([r["campaign_line"] for r in rows if r["campaign_line"]])
    return [_read_line(row, lines, parts) for row in rows]


def _read_line(
    row: Mapping[str, Any], lines: Mapping[int, BudgetLine], parts: Mapping[int, CampaignLine]
) -> LineContent:
    if type(row["amount_micros"]) is not int or type(row["line"]) not in (int, type(None)):
        raise TypeError(row)
    return LineContent(
        description=str(row["description"]),
        budget_line=lines[row["budget_line"]],
        campaign_line=parts[row["campaign_line"]] if row["campaign_line"] else None,
        month=str(row["month"]),
        amount_micros=row["amount_micros"],
        gl_code=str(row["gl_code"]),
        cost_centre=str(row["cost_centre"]),
        line=row["line"],
    )
