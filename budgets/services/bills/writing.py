"""What every change of a bill shares: the lock, the event, and what its order lines hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Sum

from budgets.models import Bill, BillLine, BudgetLine, HoldingEntry, Order, OrderLine
from budgets.selectors.closes import closed_months
from budgets.services.commitments import hold_lines
from campaigns.models import CampaignLine
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor


@dataclass(frozen=True, slots=True)
class Held:
    """What an order line holds in one holding: micros of the budget line's currency."""

    holding: int
    month: str
    campaign_line: CampaignLine | None
    micros: int


def bill_locked(bill: Bill, *states: str) -> Bill:
    """The bill as it is now, kept for this transaction; ``Conflict`` unless it is in one of ``states``."""
    rows = Bill.objects.select_for_update(of=("self",))
    locked = rows.select_related("team", "vendor", "corrects").get(pk=bill.pk)
    if states and locked.state not in states:
        raise Conflict(
            f"{locked} is {locked.get_state_display().lower()} already.",
            code="state",
            remedy="Open it again to see what happened.",
        )
    return locked


def lines_of(bill: Bill) -> list[BillLine]:
    """The lines with everything that posting looks at, in order; ``line.bill`` is this very bill."""
    return lines_by_bill([bill])[bill.pk]


def lines_by_bill(bills: Collection[Bill]) -> dict[int, list[BillLine]]:
    """The same of many bills, by the bill's number."""
    rows = BillLine.objects.filter(bill__in=bills).select_related(
        "budget_line__fiscal_year", "budget_line__team", "campaign_line", "order_line__order",
        "order_line__budget_line__fiscal_year", "order_line__campaign_line",
    )  # fmt: skip
    known = {bill.pk: bill for bill in bills}
    found: dict[int, list[BillLine]] = {pk: [] for pk in known}
    for line in rows.order_by("position"):
        line.bill = known[line.bill_id]
        found[line.bill_id].append(line)
    return found


def budget_line_of(line: BillLine) -> BudgetLine:
    """The budget line that bears a bill line; ``Invalid`` while none was chosen."""
    if line.budget_line is None:
        raise Invalid(
            f"Line {line.position}, {line.description}, has neither an order nor a budget line.",
            code="not_matched",
            where="budget_line",
            remedy="Match it with an order, or choose the budget line that bears it.",
        )
    return line.budget_line


def keep(lines: Iterable[BillLine]) -> None:
    """Keep the orders and budget lines of bill lines for this transaction, always in this order."""
    lines = list(lines)
    orders = {line.order_line.order_id for line in lines if line.order_line}
    if orders:
        locked = Order.objects.filter(pk__in=orders).order_by("pk").select_for_update()
        states = dict(locked.values_list("pk", "state"))
        for line in lines:
            if line.order_line:
                line.order_line.order.state = states[line.order_line.order_id]
    hold_lines({line.budget_line_id for line in lines if line.budget_line_id})


def held_by(line: OrderLine, month: str) -> list[Held]:
    """Where an order line holds committed money in open months, ``month`` first."""
    rows = (
        HoldingEntry.objects.filter(order_line=line)
        .values_list("holding", "holding__month", "holding__campaign_line")
        .annotate(total=Sum("committed_micros"))
        .filter(total__gt=0)
        .order_by("holding__month")
    )
    found = list(rows)
    shut = closed_months(line.budget_line.fiscal_year) if found else set()
    parts = CampaignLine.objects.in_bulk({part for _, _, part, _ in found if part})
    open_rows = [row for row in found if row[1] not in shut]
    ordered = sorted(open_rows, key=lambda row: (row[1] != month, row[1]))
    return [Held(pk, at, parts.get(part or 0), total) for pk, at, part, total in ordered]


def take(held: Sequence[Held], micros: int) -> list[tuple[Held, int]]:
    """``micros`` taken from what is held, one after the other."""
    taken: list[tuple[Held, int]] = []
    for one in held:
        part = min(one.micros, micros)
        if part:
            taken.append((one, part))
        micros -= part
    return taken


def left_of(held: Sequence[Held], taken: Sequence[tuple[Held, int]]) -> list[Held]:
    """What is held once ``taken`` is gone."""
    gone = {one.holding: micros for one, micros in taken}
    return [replace(one, micros=one.micros - gone.get(one.holding, 0)) for one in held]


def record(
    bill: Bill,
    action: str,
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """The event of a change of a bill; open pages of it and of the budgets follow."""
    events.record(
        actor=actor,
        action=action,
        subject=bill,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=bill.team.path,
        live=["bills", f"bill:{bill.pk}", "budgets"],
    )


def state_set(
    bill: Bill,
    state: str,
    actor: Actor,
    at: datetime,
    *,
    because: str = "",
    reason: str = "",
    after: Mapping[str, Any] | None = None,
) -> None:
    """Bring a locked bill into a state, and say so."""
    before = {"state": bill.state}
    bill.state, bill.held_because, bill.version = state, because, bill.version + 1
    bill.save(update_fields=["state", "held_because", "version", "posted_at"])
    told = {"state": state, **({"because": because} if because else {}), **(after or {})}
    record(bill, f"bill.{state}", actor, at, before=before, after=told, reason=reason)
