"""How long data about people is kept: days by kind, forgotten every night, counted before."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Invalid
from core.events import AUTOMATION
from core.personal import ERASED, TOKEN, Kept, all_kept
from customers.models import (
    Contact,
    Lead,
    Payment,
    PersonalView,
    RecordChange,
    RetentionRule,
    Touchpoint,
)
from customers.services.holders import NAMELESS, contacts_forget, touches_forget

_LONGEST = 36_500


@transaction.atomic
def retention_set(*, kind: str, days: int | None, user: User, at: datetime) -> None:
    """Keep a kind for so many days from now on; None keeps it for ever. Nothing goes before night."""
    require(user, Act.INVITE_USER)
    if kind not in {kept.key for kept in all_kept()}:
        raise Invalid("There is no such kind of data.", where="kind")
    if days is not None and not 1 <= days <= _LONGEST:
        raise Invalid(
            "Data is kept for at least a day and at most 36,500 days.",
            where="days",
            remedy="Leave the field empty to keep it for ever.",
        )
    rule = RetentionRule.objects.select_for_update().filter(kind=kind).first()
    before = rule.days if rule else None
    if before == days:
        return
    changed = rule or RetentionRule(kind=kind)
    if days is None:
        RetentionRule.objects.filter(kind=kind).delete()
    else:
        changed.days = days
        changed.save()
    events.record(
        actor=user.as_actor(),
        action="retention.changed",
        subject=changed,
        at=at,
        before={kind: before},
        after={kind: days},
        is_security=True,
    )


def retention_run(*, now: datetime) -> dict[str, int] | None:
    """Schedule: forget what was kept for long enough; each kind is one step of its own."""
    rules = {rule.kind: rule for rule in RetentionRule.objects.all()}
    counts = {}
    for kept in all_kept():
        rule = rules.get(kept.key)
        if rule:
            counts[kept.key] = _forget(kept, rule, now)
    return {key: count for key, count in counts.items() if count} or None


@transaction.atomic
def _forget(kept: Kept, rule: RetentionRule, now: datetime) -> int:
    count = kept.forget(before=now - timedelta(days=rule.days), at=now, dry=False)
    if count:
        events.record(
            actor=AUTOMATION,
            action="retention.forgotten",
            subject=rule,
            at=now,
            after={"kind": kept.key, "entries": count, "days": rule.days},
            is_security=True,
        )
    return count


def _contacts(*, before: datetime, at: datetime, dry: bool) -> int:
    old = Contact.objects.filter(seen_at__lt=before, erased_at=None)
    return old.count() if dry else contacts_forget(old, at)


def _journeys(*, before: datetime, at: datetime, dry: bool) -> int:  # noqa: ARG001
    touches = Touchpoint.objects.filter(at__lt=before).exclude(contact=None, contact_ref="")
    payments = Payment.objects.filter(at__lt=before).exclude(contact_ref="")
    leads = Lead.objects.filter(became_at__lt=before).exclude(contact=None, contact_ref="")
    if dry:
        return touches.count() + payments.count() + leads.count()
    linked = touches_forget(touches) + payments.update(contact_ref="")
    return linked + leads.update(contact=None, contact_ref="", number=NAMELESS)


def _history(*, before: datetime, at: datetime, dry: bool) -> int:  # noqa: ARG001
    old = RecordChange.objects.filter(batch__known_at__lt=before).exclude(before=None)
    named = [change for change in old if TOKEN.search(json.dumps(change.before))]
    if not dry:
        for change in named:
            change.before = json.loads(TOKEN.sub(ERASED, json.dumps(change.before)))
        RecordChange.objects.bulk_update(named, ["before"], batch_size=500)
    return len(named)


def _views(*, before: datetime, at: datetime, dry: bool) -> int:  # noqa: ARG001
    old = PersonalView.objects.filter(at__lt=before)
    return old.count() if dry else old.delete()[0]


KEPT = (
    Kept(
        "contacts",
        "Contacts",
        "Since the last file or touch that named them. Their hashes go, the count stays.",
        _contacts,
    ),
    Kept(
        "journeys",
        "Journeys",
        "Since the touch, lead or payment. The person goes, the account and the totals stay.",
        _journeys,
    ),
    Kept(
        "history",
        "Earlier versions",
        "Since the import that replaced them. Hashes go; undoing such an import leaves them out.",
        _history,
    ),
    Kept("views", "Access log", "Since somebody looked at hidden fields.", _views),
)
