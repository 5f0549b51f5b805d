"""A new key on top: tokens of earlier keys are carried on, so that people stay recognised."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import events
from core.events import AUTOMATION
from core.models import Organisation
from core.personal import holders, is_outdated, renew
from customers.models import (
    Contact,
    Lead,
    Opportunity,
    Payment,
    RecordChange,
    Touchpoint,
)

_FIELDS: dict[Any, tuple[str, ...]] = {
    Contact: ("number", "email", "phone", "name"),
    Lead: ("number", "contact_ref"),
    Touchpoint: ("contact_ref",),
    Payment: ("contact_ref",),
    Opportunity: ("owner",),
}
_AT_ONCE = 1_000


def tokens_renew(*, now: datetime) -> dict[str, int] | None:
    """Schedule: whatever was hashed under an earlier key is hashed on, in every room."""
    if len(settings.PERSONAL_KEYS) < 2:
        return None
    counts = {}
    for holder in holders():
        with transaction.atomic():
            counts[holder.key] = holder.renew()
    changed = {key: count for key, count in counts.items() if count}
    if changed:
        events.record(
            actor=AUTOMATION,
            action="personal.renewed",
            subject=Organisation.current(),
            at=now,
            after={"generation": len(settings.PERSONAL_KEYS), **changed},
            is_security=True,
        )
    return changed


@transaction.atomic
def records_renew() -> int:
    """Every customer record under the newest key; answers how many were not."""
    if len(settings.PERSONAL_KEYS) < 2:
        return 0
    return (
        sum(_renew(model, fields) for model, fields in _FIELDS.items()) + _renew_people_of_deals()
    )


def _renew(model: Any, fields: tuple[str, ...]) -> int:
    former = range(1, len(settings.PERSONAL_KEYS))
    wanted = Q(pk__in=[])
    for name in fields:
        for generation in former:
            wanted |= Q(**{f"{name}__regex": f"^p{generation}[enpi]-"})
    count = 0
    while some := list(model.objects.filter(wanted)[:_AT_ONCE]):
        for record in some:
            for name in fields:
                setattr(record, name, renew(getattr(record, name)))
        model.objects.bulk_update(some, fields)
        count += len(some)
    return count


def _renew_people_of_deals() -> int:
    deals = [
        deal
        for deal in Opportunity.objects.exclude(contact_refs=[]).only("contact_refs")
        if is_outdated(" ".join(deal.contact_refs))
    ]
    for deal in deals:
        deal.contact_refs = [renew(one) for one in deal.contact_refs]
    Opportunity.objects.bulk_update(deals, ["contact_refs"], batch_size=_AT_ONCE)
    return len(deals)


def history_renew() -> int:
    """What records were before, under the newest key."""
    changes = [
        change
        for change in RecordChange.objects.exclude(before=None).iterator(_AT_ONCE)
        if is_outdated(json.dumps(change.before))
    ]
    for change in changes:
        change.before = json.loads(renew(json.dumps(change.before)))
    RecordChange.objects.bulk_update(changes, ["before"], batch_size=_AT_ONCE)
    return len(changes)
