"""What orders hold, written to the commitment ledger: always the difference to what they held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from approvals.choices import OPEN_STATES, RequestState
from approvals.models import ChangeRequest
from budgets.choices import OrderKind, OrderState
from budgets.models import BudgetLine, HoldingEntry, Order, OrderLine
from budgets.rules.checks import Stage
from budgets.rules.orders import Hold, Where, held_by_line, increases, taken_by_release
from budgets.selectors.orders import used_by_line
from budgets.services.checks import Ask, Warning_, spending_check
from budgets.services.commitments import Change, hold_lines, post
from budgets.services.orders.content import borne_by_place, read_payload
from campaigns.models import CampaignLine
from core.events import Actor

PENDING = (*OPEN_STATES, RequestState.APPROVED)
# order line -> where -> what it holds there
Holds = Mapping[int, Mapping[Where, Hold]]


@dataclass(frozen=True, slots=True)
class Word:
    """Who changes what orders hold, when and why."""

    actor: Actor
    reason: str
    at: datetime


def pending_request(order: Order) -> ChangeRequest | None:
    """The request about an order that is on its way or approved and not carried out."""
    if order.request_id is None:
        return None
    return ChangeRequest.objects.filter(pk=order.request_id, state__in=PENDING).first()


def settle(orders: Sequence[Order], word: Word, stage: Stage | None) -> list[Warning_]:
    """Bring what locked orders hold to what they should; with a stage, checked before it is written.

    Raises ``Conflict`` where a check stops it or a month is closed.
    """
    changes, lines = _changes(orders)
    hold_lines({change.budget_line.pk for change in changes})
    asks = [Ask.of(change) for change in changes]
    warnings = spending_check(asks, stage, at=word.at) if stage and lines else []
    post(changes, reason=word.reason, actor=word.actor, at=word.at)
    return warnings


def changes_of(orders: Sequence[Order]) -> list[Change]:
    """What ``settle`` would write."""
    return _changes(orders)[0]


def _changes(orders: Sequence[Order]) -> tuple[list[Change], list[OrderLine]]:
    rows = OrderLine.objects.filter(order__in=orders).select_related(
        "order", "order__replaces", "budget_line__team", "budget_line__fiscal_year", "campaign_line"
    )
    lines = list(rows.order_by("order_id", "position"))
    wanted, held, counts = _wanted(orders, lines), _held(lines), _counts(lines)
    places = _places(wanted, held)
    changes = []
    for line in lines:
        number = counts.get(line.pk, 0)
        for where in sorted({*wanted[line.pk], *held.get(line.pk, {})}):
            diff = wanted[line.pk].get(where, Hold()) - held.get(line.pk, {}).get(where, Hold())
            if diff:
                number += 1
                changes.append(_change(line, where, diff, number, places))
    return changes, lines


@dataclass(frozen=True, slots=True)
class _Places:
    lines: Mapping[int, BudgetLine]
    parts: Mapping[int, CampaignLine]


def _places(*holds: Holds) -> _Places:
    wheres = [where for one in holds for places in one.values() for where in places]
    lines = BudgetLine.objects.select_related("team", "fiscal_year")
    return _Places(
        lines.in_bulk({where[0] for where in wheres}),
        CampaignLine.objects.in_bulk({where[1] for where in wheres if where[1]}),
    )


def _change(line: OrderLine, where: Where, diff: Hold, number: int, places: _Places) -> Change:
    return Change(
        key=f"order:{line.pk}:{number}",
        budget_line=places.lines[where[0]],
        campaign_line=places.parts.get(where[1]),
        month=where[2],
        order_line=line,
        reserved_micros=diff.reserved,
        committed_micros=diff.committed,
    )


def place_of(line: OrderLine) -> Where:
    """Where a line takes its money."""
    return (line.budget_line_id, line.campaign_line_id or 0, line.month)


def _held(lines: Sequence[OrderLine]) -> Holds:
    """What lines hold now by the entries they wrote."""
    rows = (
        HoldingEntry.objects.filter(order_line__in=lines)
        .values_list(
            "order_line", "holding__budget_line", "holding__campaign_line", "holding__month"
        )
        .annotate(reserved=Sum("reserved_micros"), committed=Sum("committed_micros"))
    )
    found: dict[int, dict[Where, Hold]] = defaultdict(dict)
    for line, budget_line, part, month, reserved, committed in rows.order_by():
        found[line or 0][budget_line, part or 0, month] = Hold(reserved, committed)
    return found


def _counts(lines: Sequence[OrderLine]) -> dict[int, int]:
    """How many entries orders wrote for each line, for the key of the next."""
    rows = HoldingEntry.objects.filter(order_line__in=lines, key__startswith="order:")
    return {pk or 0: n for pk, n in rows.values_list("order_line").annotate(n=Count("id"))}


def _wanted(orders: Sequence[Order], lines: Sequence[OrderLine]) -> dict[int, dict[Where, Hold]]:
    used, taken, given = used_by_line(lines), taken_of(lines), _given(orders)
    wanted: dict[int, dict[Where, Hold]] = {line.pk: {} for line in lines}
    for line in lines:
        where = place_of(line)
        left = given.get((line.order_id, where), 0)
        part = min(left, line.borne_micros)
        given[line.order_id, where] = left - part
        hold = _line_hold(line, used.get(line.pk, 0), taken.get(line.pk, 0), part)
        if hold:
            wanted[line.pk][where] = hold
    for order in orders:
        _add_increases(order, lines, wanted)
    return wanted


def _line_hold(line: OrderLine, used: int, taken: int, given: int) -> Hold:
    if line.is_dropped:
        return Hold()
    kind, state = OrderKind(line.order.kind), OrderState(line.order.state)
    return held_by_line(kind, state, line.borne_micros, used=used, taken=taken, given=given)


def taken_of(lines: Iterable[OrderLine]) -> dict[int, int]:
    """Line of a blanket order -> what releases took out of it."""
    releases = list(
        OrderLine.objects.filter(blanket_line__in=list(lines), is_dropped=False).select_related(
            "order"
        )
    )
    used = used_by_line(releases)
    found: dict[int, int] = defaultdict(int)
    for line in releases:
        found[line.blanket_line_id or 0] += taken_by_release(
            OrderState(line.order.state), line.borne_micros, used.get(line.pk, 0)
        )
    return found


def _given(orders: Sequence[Order]) -> dict[tuple[int, Where], int]:
    """(placeholder, where) -> what an order that waits holds in its place."""
    heirs = OrderLine.objects.filter(
        order__replaces__in=orders, order__state=OrderState.WAITING, is_dropped=False
    ).select_related("order")
    found: dict[tuple[int, Where], int] = defaultdict(int)
    for line in heirs:
        found[line.order.replaces_id or 0, place_of(line)] += line.borne_micros
    return found


def _add_increases(
    order: Order, lines: Sequence[OrderLine], wanted: dict[int, dict[Where, Hold]]
) -> None:
    """An open order whose change waits reserves what the change asks for beyond it."""
    own = [line for line in lines if line.order_id == order.pk and not line.is_dropped]
    asked = pending_request(order) if order.state == OrderState.OPEN else None
    if asked is None or not own:
        return
    _, content = read_payload(asked.payload)
    more = increases(((place_of(line), line.borne_micros) for line in own), borne_by_place(content))
    places = wanted[own[0].pk]
    for where, micros in more.items():
        places[where] = places.get(where, Hold()) + Hold(reserved=micros)
