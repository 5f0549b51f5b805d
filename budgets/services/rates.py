"""Entering exchange rates. They are dated; an older one is never changed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from budgets.models import FxRate
from core import events
from core.errors import Conflict, Invalid
from core.events import SYSTEM, Actor


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
    """A rate from a day on: ``rate`` units of ``quote`` for one of ``base``.

    ``user`` None is the product itself (as ``actor``). Raises ``Invalid`` for the same
    currency twice or a rate that is not positive, ``Conflict`` when the day has one.
    """
    if user:
        require(user, Act.CHANGE_FX)
    base, quote = base.upper(), quote.upper()
    if base == quote or len(base) != 3 or len(quote) != 3:
        raise Invalid("Choose two different currencies.", where="quote")
    if rate <= 0 or not rate.is_finite():
        raise Invalid("A rate is larger than zero.", where="rate")
    row = FxRate(
        kind=kind,
        base=base,
        quote=quote,
        valid_from=valid_from,
        rate=rate,
        source=source,
        entered_by=user,
        entered_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            f"There is a rate from {base} to {quote} for {valid_from} already.",
            where="valid_from",
            remedy="Rates are never changed; enter one from a later day.",
        ) from error
    events.record(
        actor=user.as_actor() if user else actor,
        action="fx_rate.entered",
        subject=row,
        at=at,
        after={"kind": kind, "pair": f"{base}/{quote}", "from": valid_from, "rate": rate},
        reason=source,
        live=["budgets"],
    )
    return row
