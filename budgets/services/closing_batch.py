"""What a request to close a month holds: figures as they were and choices, checked against today's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from budgets.rules.closing import Treatment, fitting
from budgets.selectors.closing import (
    Choices,
    FiscalMonth,
    LineItem,
    MonthItems,
    OrderItem,
    fiscal_month,
    month_items,
)
from budgets.selectors.rates import in_reporting
from core import formats
from core.errors import Conflict, Invalid
from core.money import Money


@dataclass(frozen=True, slots=True)
class Batch:
    """What a request to close a month holds: figures as they were, and what was chosen for each."""

    month: FiscalMonth
    lines: Mapping[int, Mapping[str, Any]]
    orders: Mapping[int, Mapping[str, Any]]

    @property
    def choices(self) -> tuple[Choices, Choices]:
        """(for lines, for orders)."""
        both = (self.lines, self.orders)
        lines, orders = ({k: Treatment(v["treatment"]) for k, v in rows.items()} for rows in both)
        return lines, orders


def require_choices(items: MonthItems) -> None:
    """Raise ``Invalid`` for a treatment that a line or order does not offer."""
    for order in items.orders:
        if order.held.treatment not in order.options:
            name = order.line.order.reference
            raise _not_offered(name, order, order.held.treatment, f"order-{order.line.pk}")
    for line in items.lines:
        treatment = line.month.treatment
        fits = line.settled.rest and fitting(treatment, line.settled.rest) == treatment
        if fits and treatment not in line.options:
            raise _not_offered(line.line.name, line, treatment, f"line-{line.line.pk}")


def require_subjects(items: MonthItems, lines: Choices, orders: Choices) -> None:
    """Raise ``Invalid`` for a choice about a line or order that the month does not have."""
    _require_there("line", lines, {item.line.pk for item in items.lines}, items.month)
    _require_there("order line", orders, {item.line.pk for item in items.orders}, items.month)


def _require_there(kind: str, chosen: Choices, there: set[int], month: FiscalMonth) -> None:
    gone = sorted(set(chosen) - there)
    if gone:
        raise Invalid(
            f"{month.label} has no {kind} {gone[0]} with money left to treat.",
            code="nothing_to_treat",
            where=kind.replace(" ", "_"),
            remedy="Look at the month again, then choose.",
        )


def _not_offered(
    name: str, item: LineItem | OrderItem, treatment: Treatment, where: str
) -> Invalid:
    why = f" {item.why_not}" if treatment == Treatment.ROLL and item.why_not else ""
    return Invalid(
        f"{name} cannot be treated as “{treatment}”.{why}",
        code="no_next_month" if why else "not_offered",
        where=where,
        remedy=f"Choose one of: {', '.join(item.options)}.",
    )


def as_payload(items: MonthItems) -> dict[str, Any]:
    """A batch as a request holds it."""
    return {
        "year": items.month.year.year,
        "month": items.month.key,
        "lines": [
            _line_payload(item) for item in items.lines if item.month.planned or item.has_actual
        ],
        "orders": [_order_payload(item) for item in items.orders],
    }


def _line_payload(item: LineItem) -> dict[str, Any]:
    return {
        "line": item.line.pk,
        "planned": item.month.planned,
        "actual": item.month.actual,
        "rest": item.settled.rest,
        "moved": item.settled.own,
        "treatment": str(item.month.treatment),
        **_onward(item, item.month.treatment),
    }


def _order_payload(item: OrderItem) -> dict[str, Any]:
    return {
        "order_line": item.line.pk,
        "version": item.line.order.version,
        "held": item.held.micros,
        "left": item.held.left,
        "treatment": str(item.held.treatment),
        **_onward(item, item.held.treatment),
    }


def _onward(item: LineItem | OrderItem, treatment: Treatment) -> dict[str, int]:
    """Which line of the next year takes it, where it goes that far."""
    own = item.line if isinstance(item, LineItem) else item.line.budget_line
    to = item.goes_to
    goes = treatment == Treatment.ROLL and to is not None and to.pk != own.pk
    return {"to": to.pk} if goes and to else {}


def read_batch(payload: Mapping[str, Any]) -> Batch:
    """The batch of a payload; raises ``Invalid`` for one that cannot be read."""
    try:
        month = fiscal_month(str(payload["month"]))
        lines = {int(row["line"]): dict(row) for row in payload["lines"]}
        orders = {int(row["order_line"]): dict(row) for row in payload["orders"]}
        batch = Batch(month, lines, orders)
        _ = batch.choices
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("What is to be closed cannot be read.", where="month") from error
    return batch


def items_of(batch: Batch) -> MonthItems:
    """The month as it stands now; raises ``Conflict`` naming what is not as it was when asked."""
    lines, orders = batch.choices
    items = month_items(batch.month, lines=lines, orders=orders)
    require_choices(items)
    now = as_payload(items)
    _require_same(
        batch.orders, {row["order_line"]: row for row in now["orders"]}, _order_names(items)
    )
    _require_same(batch.lines, {row["line"]: row for row in now["lines"]}, _line_names(items))
    return items


def _order_names(items: MonthItems) -> dict[int, tuple[str, str]]:
    return {i.line.pk: (i.line.order.reference, i.line.budget_line.currency) for i in items.orders}


def _line_names(items: MonthItems) -> dict[int, tuple[str, str]]:
    return {item.line.pk: (item.line.name, item.line.currency) for item in items.lines}


FIGURES = {
    "planned": "planned", "actual": "spent", "held": "held by it", "left": "left of it",
    "rest": "left over", "moved": "to be moved",
}  # fmt: skip


def _require_same(
    asked: Mapping[int, Mapping[str, Any]],
    now: Mapping[int, Mapping[str, Any]],
    names: Mapping[int, tuple[str, str]],
) -> None:
    for pk in sorted({*asked, *now}):
        name, currency = names.get(pk, ("An order", ""))
        before, after = asked.get(pk), now.get(pk)
        if before is None or after is None:
            what = "is new in the month" if before is None else "holds nothing there any more"
            raise _moved(f"{name} {what}.")
        for key, word in FIGURES.items():
            if before.get(key) != after.get(key):
                was, is_ = (Money(row[key], currency) for row in (before, after))
                raise _moved(
                    f"{name} has {formats.money_exact(is_)} {word}, not {formats.money_exact(was)}."
                )
        if before.get("version") != after.get("version"):
            raise _moved(f"{name} was changed.")
        if before.get("to") != after.get("to"):
            raise _moved(f"{name} would go on to another line.")


def _moved(text: str) -> Conflict:
    return Conflict(
        f"{text} It has moved since the close was asked for.",
        code="stale",
        remedy="Ask again with today’s figures.",
    )


def amount_of(items: MonthItems, day: date) -> Money:
    """What closing moves, absolute, in the reporting currency at the budget rates of a day."""
    return in_reporting((item.moved for item in items.lines if item.moved), day)


def chosen(values: Iterable[tuple[str, str]], kind: str) -> dict[int, Treatment]:
    """Choices out of a form: ``line-12=roll``; raises ``Invalid`` for what is no treatment."""
    found = {}
    for name, value in values:
        prefix, _, pk = name.partition("-")
        if prefix != kind or not pk.isdecimal():
            continue
        try:
            found[int(pk)] = Treatment(value)
        except ValueError as error:
            raise Invalid(f"“{value[:20]}” is not a treatment.", where=name) from error
    return found
