"""Entering exchange rates. They are dated; an older one is never changed, and two people enter one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import RATES
from budgets.models import FiscalYear, FxRate
from budgets.rules.rate_rows import RateRow, as_payload, read_rate
from budgets.selectors.rate_checks import rate_problems
from core import events
from core.errors import Conflict, NotAllowed
from core.events import SYSTEM, Actor

NEVER_CHANGED = "Rates are never changed; enter one from a later day."


@transaction.atomic
def rate_enter(
    *,
    user: User | None,
    kind: str,
    base: str,
    quote: str,
    valid_from: date,
    rate: Decimal,
    source: str,
    at: datetime,
    actor: Actor = SYSTEM,
) -> FxRate:
    """A rate from a day on, entered by the product itself (as ``actor``).

    ``rate`` is units of ``quote`` for one of ``base``. A person asks by ``rates_ask``, so
    that a second one confirms. Raises ``Invalid`` for the same currency twice or a rate
    that is not positive, ``Conflict`` when the day has one or lies in a closed month.
    """
    if user:
        require(user, Act.CHANGE_FX)
        raise NotAllowed(
            "A second person of finance confirms an exchange rate.",
            code="needs_request",
            remedy="Send it as a request.",
        )
    given = {
        "kind": kind, "base": base, "quote": quote, "valid_from": valid_from, "rate": rate,
        "source": source,
    }  # fmt: skip
    return rates_store(rows=[read_rate(given)], by=None, actor=actor, at=at)[0]


def rates_ask(*, user: User, rows: Sequence[RateRow], reason: str, at: datetime) -> ChangeRequest:
    """Ask for rates to be entered; they are in force once another person of finance confirms them.

    All of them or none: raises ``Conflict`` with every rate that cannot be entered.
    """
    require(user, Act.CHANGE_FX)
    return request_create(
        user=user,
        kind=RATES,
        payload={"rates": as_payload(rows)},
        title=_title(rows),
        reason=reason.strip() or f"Rates of {', '.join(sorted({row.source for row in rows}))}",
        evidence={},
        at=at,
    )


def _title(rows: Sequence[RateRow]) -> str:
    if len(rows) == 1:
        return f"{rows[0].kind.capitalize()} rate: {rows[0]}"
    pairs = sorted({f"{row.base}/{row.quote}" for row in rows})
    shown = ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more pairs" if len(pairs) > 4 else "")
    return f"{len(rows):,} exchange rates: {shown}"


def require_possible(rows: Sequence[RateRow]) -> None:
    """Raise ``Conflict`` unless every rate can be entered now."""
    problems = rate_problems(rows)
    if not problems:
        return
    _, first = min(problems.items())
    more = f" {len(problems) - 1:,} more cannot be entered." if len(problems) > 1 else ""
    raise Conflict(
        f"{first}{more}",
        where="valid_from",
        remedy=NEVER_CHANGED,
        details=[{"where": f"rates.{n}", "message": text} for n, text in sorted(problems.items())],
    )


@transaction.atomic
def rates_store(
    *,
    rows: Sequence[RateRow],
    by: User | None,
    at: datetime,
    request_id: int | None = None,
    actor: Actor = SYSTEM,
) -> list[FxRate]:
    """Put rates in force, all or none; no month is closed at the same moment."""
    # A close takes a year's row for itself: it is before these rates, or after them.
    list(FiscalYear.objects.order_by("pk").select_for_update(no_key=True))
    require_possible(rows)
    made = [_new(row, by, at, request_id) for row in rows]
    try:
        with transaction.atomic():
            stored = FxRate.objects.bulk_create(made)
    except IntegrityError as error:
        raise Conflict(
            "Somebody entered one of these rates in the meantime already.",
            where="valid_from",
            remedy=NEVER_CHANGED,
        ) from error
    for row in stored:
        _record(row, by.as_actor() if by else actor, at)
    return stored


def _new(row: RateRow, by: User | None, at: datetime, request_id: int | None) -> FxRate:
    return FxRate(
        kind=row.kind,
        base=row.base,
        quote=row.quote,
        valid_from=row.valid_from,
        rate=row.rate,
        source=row.source,
        entered_by=by,
        entered_at=at,
        request_id=request_id,
    )


def _record(row: FxRate, actor: Actor, at: datetime) -> None:
    events.record(
        actor=actor,
        action="fx_rate.entered",
        subject=row,
        at=at,
        after={
            "kind": row.kind, "pair": f"{row.base}/{row.quote}", "from": row.valid_from,
            "rate": row.rate, "request": row.request_id,
        },
        reason=row.source,
        live=["budgets"],
    )  # fmt: skip
