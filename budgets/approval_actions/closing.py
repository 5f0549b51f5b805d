"""Closing a month with what becomes of its open money, and opening it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.choices import Act, Role
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, StepRule
from budgets.choices import CLOSE, REOPEN
from budgets.models import BudgetLine
from budgets.rules.closing import Treatment
from budgets.selectors.closing import LineItem, OrderItem, fiscal_month
from budgets.selectors.closing_work import work_in_words
from budgets.selectors.company import whole_company
from budgets.selectors.rates import local_day, newest_rates
from budgets.services import closing, closing_batch
from core.models import Organisation
from core.money import Money

ORDER_WORDS = {
    Treatment.ROLL: "goes to the next month",
    Treatment.RELEASE: "is let go",
    Treatment.ACCRUE: "is accrued",
}
LINE_WORDS = {
    Treatment.ROLL: "unspent, goes to the next month",
    Treatment.RELEASE: "unspent, goes back to the year’s source",
    Treatment.LEAVE: "the plan stays",
    Treatment.COVER: "overspent, covered from the next month",
    Treatment.FLAG: "overspent, the plan stays",
}


class Close:
    """A month's open orders and unspent plan are dealt with, then nothing of it changes any more."""

    kind = CLOSE
    label = "Month close"
    template = ""
    effects_title = "What becomes of open money"
    proposed_by = Act.CLOSE_PERIOD

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        """The month can be closed, and its figures are those of the request."""
        batch = closing_batch.read_batch(payload)
        closing.require_closable(batch.month, local_day(at))
        closing_batch.items_of(batch)

    def binding(self, payload: Payload) -> Payload:
        """The content; it names every figure, and raises for one that has moved."""
        batch = closing_batch.read_batch(payload)
        items = closing_batch.items_of(batch)
        currencies = {item.line.currency for item in items.lines}
        return {"payload": dict(payload), "rates": newest_rates(currencies, batch.month.period.end)}

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        batch = closing_batch.read_batch(payload)
        return closing_batch.amount_of(closing_batch.items_of(batch), batch.month.period.end)

    def team(self, payload: Payload) -> Team:  # noqa: ARG002
        return whole_company()

    def effects(self, payload: Payload) -> Sequence[Effect]:
        items = closing_batch.items_of(closing_batch.read_batch(payload))
        orders = [_order_effect(item) for item in items.orders]
        return [*orders, *(_line_effect(item) for item in items.lines if item.moved)]

    def evidence(self, payload: Payload, *, user: User, at: datetime) -> Mapping[str, str]:
        """How complete the month is: signatures, bills, data."""
        return work_in_words(fiscal_month(str(payload["month"])), user=user, today=local_day(at))

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        row = closing.batch_execute(request=request, at=at)
        return {"close": row.pk, "month": row.month}


def _order_effect(item: OrderItem) -> Effect:
    order = item.line.order
    words = _where(
        ORDER_WORDS[item.held.treatment], item.line.budget_line, item.held.treatment, item.goes_to
    )
    return Effect(
        label=f"{order.reference} {order.title}",
        before=item.amount,
        after=Money(0, item.amount.currency),
        change=-item.amount,
        owner=order.owner.name,
        note=f"{item.line.budget_line} · {words}",
    )


def _line_effect(item: LineItem) -> Effect:
    change = Money(sum(item.settled.now.values()), item.line.currency)
    return Effect(
        label=item.line.name,
        before=item.planned,
        after=item.planned + change,
        change=change,
        channel=item.line.channel.key,
        owner=item.line.owner.name,
        note=_where(
            LINE_WORDS[item.month.treatment], item.line, item.month.treatment, item.goes_to
        ),
    )


def _where(words: str, line: BudgetLine, treatment: Treatment, to: BudgetLine | None) -> str:
    """The words, with the year and line where the money goes into the next one."""
    if treatment != Treatment.ROLL or to is None or to.pk == line.pk:
        return words
    return f"{words}: {to} of {to.fiscal_year}"


class Reopen:
    """A closed month is opened again; what closing moved stays."""

    kind = REOPEN
    label = "Month opened again"
    template = ""
    proposed_by = Act.REOPEN_PERIOD

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        closing.require_reopenable(fiscal_month(str(payload.get("month"))))

    def binding(self, payload: Payload) -> Payload:
        """The content and the very close that would end."""
        row = closing.require_reopenable(fiscal_month(str(payload.get("month"))))
        return {"payload": dict(payload), "close": row.pk}

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:  # noqa: ARG002
        return whole_company()

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:  # noqa: ARG002
        return (StepRule((Role.EXECUTIVE.value, Role.AUDITOR.value), Act.REOPEN_PERIOD),)

    def effects(self, payload: Payload) -> Sequence[Effect]:
        month = fiscal_month(str(payload.get("month")))
        row = closing.require_reopenable(month)
        before = f"closed by {row.closed_by_name}"
        return [Effect(month.label, before=before, after="open", note=str(month.year))]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        row = closing.month_reopen(request=request, at=at)
        return {"close": row.pk, "month": row.month}
