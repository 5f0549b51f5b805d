"""Closing months: what becomes of open money as one batch, then the month is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.choices import OPEN_STATES, RequestState
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import CLOSE, REOPEN
from budgets.models import FiscalYear, MonthClose
from budgets.selectors.closes import closed_months
from budgets.selectors.closing import (
    Choices,
    FiscalMonth,
    fiscal_month,
    missing_rates,
    month_items,
)
from budgets.selectors.rates import local_day
from budgets.services.closing_batch import (
    as_payload,
    items_of,
    read_batch,
    require_choices,
    require_subjects,
)
from budgets.services.closing_moves import carry_out, hold
from budgets.services.signoffs import signatures_keep, signed_subjects
from budgets.services.years import closers_queue
from core import events, formats
from core.errors import Conflict
from core.events import Actor
from core.models import Organisation
from metrics.services import month_close_once

PENDING = (*OPEN_STATES, RequestState.APPROVED)


@transaction.atomic
def close_or_ask(
    *, user: User, month: str, lines: Choices, orders: Choices, reason: str, at: datetime
) -> MonthClose | ChangeRequest:
    """Close a month at once where no money moves, else ask for the batch to be approved.

    What has no choice gets the proposal. Raises ``Conflict`` with what stands against it: of
    two who do this at once the second finds the month closed or asked for.
    """
    require(user, Act.CLOSE_PERIOD)
    found = fiscal_month(month)
    closers_queue(found.year)
    require_closable(found, local_day(at))
    _require_no_other(found)
    items = month_items(found, lines=lines, orders=orders)
    require_subjects(items, lines, orders)
    require_choices(items)
    if items.moves_nothing:
        return month_close(user=user, month=month, lines=lines, reason=reason, at=at)
    return request_create(
        user=user,
        kind=CLOSE,
        payload=as_payload(items),
        title=f"Close {found.label}",
        reason=reason,
        evidence={},
        at=at,
    )


def close_request(month: FiscalMonth) -> ChangeRequest | None:
    """The request to close a month that is on its way to a decision, or to being carried out."""
    return _pending(month, CLOSE)


def _pending(month: FiscalMonth, kind: str) -> ChangeRequest | None:
    rows = ChangeRequest.objects.filter(kind=kind, state__in=PENDING)
    return rows.filter(payload__month=month.key).order_by("pk").first()


def _require_no_other(month: FiscalMonth, kind: str = CLOSE) -> None:
    other = _pending(month, kind)
    if other:
        what = f"close {month.label}" if kind == CLOSE else f"open {month.label} again"
        raise Conflict(
            f"{other.reference} asks to {what} already.",
            code="asked",
            where="month",
            remedy=f"Open {other.reference}: let it be decided, or have it taken back first.",
        )


@transaction.atomic
def month_close(*, user: User, month: str, lines: Choices, reason: str, at: datetime) -> MonthClose:
    """Freeze a month of which no money has to move; one person of finance does."""
    require(user, Act.CLOSE_PERIOD)
    found = fiscal_month(month)
    hold(found, ())
    require_closable(found, local_day(at))
    items = month_items(found, lines=lines)
    if not items.moves_nothing:
        raise Conflict(
            f"Closing {found.label} moves money, so it needs an approval.",
            code="needs_request",
            remedy="Send it as a request.",
        )
    return freeze(found, user.as_actor(), reason=reason, at=at)


@transaction.atomic
def batch_execute(*, request: ChangeRequest, at: datetime) -> MonthClose:
    """Carry an approved batch out, everything or nothing, and freeze the month.

    Signatures that stand stay: what owners signed is followed by what the close made of it.
    """
    batch = read_batch(request.payload)
    hold(batch.month, batch.orders)
    require_closable(batch.month, local_day(at))
    items = items_of(batch)
    user, signed = request.requested_by, signed_subjects(batch.month, items)
    made = carry_out(items, user=user, request=request, at=at)
    kept = signatures_keep(batch.month, signed)
    return freeze(
        batch.month,
        user.as_actor(),
        reason=request.reason,
        at=at,
        request_id=request.pk,
        after={**made, "signatures kept": kept},
    )


def freeze(
    month: FiscalMonth,
    actor: Actor,
    *,
    reason: str,
    at: datetime,
    request_id: int | None = None,
    after: Mapping[str, Any] | None = None,
) -> MonthClose:
    """The row by which a month is closed; the year is held already.

    The month's performance is kept with it, unless it was before.
    """
    row = MonthClose.objects.create(
        fiscal_year=month.year,
        month=month.key,
        closed_at=at,
        closed_by_id=actor.id,
        closed_by_name=actor.name,
        request_id=request_id,
    )
    month_close_once(month=month.period, at=at, actor=actor, reason=reason)
    events.record(
        actor=actor,
        action="month.closed",
        subject=row,
        at=at,
        after={"month": month.key, "request": request_id, **(after or {})},
        reason=reason,
        live=["budgets"],
    )
    return row


def standing_against(month: FiscalMonth, today: date) -> list[str]:
    """What keeps a month from being closed, in sentences; empty when it can be."""
    shut = closed_months(month.year)
    if month.key in shut:
        return [f"{month.label} is closed."]
    found = []
    if not month.is_over(today):
        found.append(f"{month.label} is not over; it ends {formats.day(month.period.end)}.")
    months = Organisation.current().calendar.months(month.year.year)
    earlier = [p.label for p in months if p.key < month.key and p.key not in shut]
    if earlier:
        found.append(
            f"{' and '.join(dict.fromkeys((earlier[0], earlier[-1])))} must be closed before."
        )
    return [*found, *missing_rates(month), *_waiting(month)]


def _waiting(month: FiscalMonth) -> list[str]:
    waiting = [item for item in month_items(month).orders if item.is_waiting]
    return [
        f"{item.line.order.reference} waits for approval and holds {formats.money_exact(item.amount)}."
        for item in waiting
    ]


def require_closable(month: FiscalMonth, today: date) -> None:
    """Raise ``Conflict`` with what stands against closing a month."""
    found = standing_against(month, today)
    if found:
        raise Conflict(
            f"{month.label} cannot be closed: {found[0]}",
            code="not_closable",
            where="month",
            remedy="Settle that first; months are closed in order.",
            details=[{"where": "month", "message": text} for text in found],
        )


@transaction.atomic
def reopen_ask(*, user: User, month: str, reason: str, at: datetime) -> ChangeRequest:
    """Ask for the newest closed month to be opened again; another person decides.

    Raises ``Conflict`` while another request asks for the same.
    """
    require(user, Act.REOPEN_PERIOD)
    found = fiscal_month(month)
    closers_queue(found.year)
    require_reopenable(found)
    _require_no_other(found, REOPEN)
    return request_create(
        user=user,
        kind=REOPEN,
        payload={"year": found.year.year, "month": found.key},
        title=f"Open {found.label} again",
        reason=reason,
        evidence={},
        at=at,
    )


@transaction.atomic
def month_reopen(*, request: ChangeRequest, at: datetime) -> MonthClose:
    """Open a closed month again; what closing moved stays where it is."""
    month = fiscal_month(str(request.payload["month"]))
    FiscalYear.objects.select_for_update().get(pk=month.year.pk)
    row = require_reopenable(month)
    row.reopened_at, row.reopen_request_id = at, request.pk
    row.save(update_fields=["reopened_at", "reopen_request_id"])
    events.record(
        actor=request.requested_by.as_actor(),
        action="month.reopened",
        subject=row,
        at=at,
        after={"month": month.key, "request": request.pk},
        reason=request.reason,
        live=["budgets"],
    )
    return row


def require_reopenable(month: FiscalMonth) -> MonthClose:
    """The close of a month; raises ``Conflict`` unless it is the newest closed one of its year."""
    rows = MonthClose.objects.filter(fiscal_year=month.year, reopened_at__isnull=True)
    newest = rows.order_by("-month").first()
    if newest is None or not rows.filter(month=month.key).exists():
        raise Conflict(f"{month.label} is not closed.", code="not_closed", where="month")
    if newest.month != month.key:
        raise Conflict(
            f"{fiscal_month(newest.month).label} is closed after {month.label}.",
            code="not_newest",
            where="month",
            remedy="Months are opened again from the newest back.",
        )
    return newest
