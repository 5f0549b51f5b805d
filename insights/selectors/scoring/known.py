"""Up to when customer records say what happened."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from customers.models import Account, Contact, Lead, Opportunity, Payment, Usage

_BROUGHT = (Account, Contact, Lead, Opportunity, Payment, Usage)


def known_until(path: str, now: datetime) -> datetime:
    """When records of a team last came in: what is not there by then has not happened by then.

    Nobody knows what happened since, so no outcome is counted as "no" for days after it.
    """
    newest = [
        model.objects.filter(team__path__startswith=path, batch__known_at__lte=now)
        .order_by()
        .aggregate(at=Max("batch__known_at"))["at"]
        for model in _BROUGHT
    ]
    return min(max(filter(None, newest), default=now), now)
